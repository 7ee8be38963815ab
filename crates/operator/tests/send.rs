//! What a user wants to send is found before anything is sent, and what is wrong on purpose is
//! refused for that.
#![expect(clippy::expect_used, reason = "a test that fails may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use operator::Exit;
use operator::samples;
use operator::secrets::{for_receiver, signing_key};
use operator::send::{Break, Chosen, How, SendError, base_url, chosen, curl, prepared};
use registry::{PROVIDERS, SENDERS};
use shared::admit::admit;
use shared::provider::Strength;
use shared::request::Request;
use shared::secrets::Secrets;
use shared::sender::Sender;

const NOW: Timestamp = Timestamp::constant(1_795_694_400, 250_000_000);

/// A folder of a test, as `events/insider` is.
fn folder(name: &str) -> PathBuf {
    let folder = format!("postern-send-{name}-{}", std::process::id());
    let folder = std::env::temp_dir().join(folder).join("insider");
    fs::create_dir_all(&folder).expect("a folder");
    for (file, body) in [
        ("click.json", r#"{"event":"click"}"#),
        ("click.expected.json", "[]"),
        (
            "request.json",
            r#"{"version":"2.0","requestContext":{},"body":"{}"}"#,
        ),
    ] {
        fs::write(folder.join(file), body).expect("written");
    }
    folder
}

fn names(arguments: &[&str], provider: Option<&str>) -> Result<Vec<String>, SendError> {
    let arguments: Vec<String> = arguments.iter().map(|name| (*name).to_owned()).collect();
    let chosen = chosen(&arguments, provider)?;
    Ok(chosen.into_iter().map(|chosen| chosen.name).collect())
}

fn refused(arguments: &[&str]) -> (String, Option<String>, &'static str) {
    let error = names(arguments, None).expect_err("refused");
    assert_eq!(error.exit(), Exit::Line);
    (error.to_string(), error.hint(), error.code())
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[test]
fn an_expectation_is_not_sent_and_nothing_beside_it_is() {
    let folder = folder("expectation");
    let file = shown(&folder.join("click.expected.json"));
    let (message, hint, code) = refused(&[&file]);
    assert_eq!(
        message,
        format!("{file} is an expectation, not a webhook's body")
    );
    assert_eq!(hint.as_deref(), Some("postern send insider/click"));
    assert_eq!(code, "file_is_expectation");
    // As the shell fills in events/insider/*.json.
    let body = shown(&folder.join("click.json"));
    let (_, hint, code) = refused(&[&body, &file]);
    assert_eq!(code, "file_is_expectation");
    assert_eq!(hint, Some(format!("postern send {}", folder.display())));

    let request = shown(&folder.join("request.json"));
    let (message, _, code) = refused(&[&request]);
    assert_eq!(
        message,
        format!("{request} is a recorded request, not a webhook's body")
    );
    assert_eq!(code, "file_is_request");
    fs::remove_dir_all(folder.parent().expect("a parent")).expect("removed");
}

#[test]
fn of_a_folder_its_bodies_are_sent() {
    let folder = folder("folder");
    let all = names(&[&shown(&folder)], None).expect("bodies");
    assert_eq!(all, [shown(&folder.join("click.json"))]);
    let empty = folder.join("empty");
    fs::create_dir(&empty).expect("a folder");
    let (message, _, code) = refused(&[&shown(&empty)]);
    let wanted = format!("{} has no webhook's body in it", empty.display());
    assert_eq!((message, code), (wanted, "folder_empty"));
    fs::remove_dir_all(folder.parent().expect("a parent")).expect("removed");
}

#[test]
fn a_file_says_its_provider_or_its_folder_does() {
    let folder = folder("provider").parent().expect("a parent").join("foo");
    fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("x.json");
    fs::write(&file, "{}").expect("written");
    let file = shown(&file);
    let (message, hint, code) = refused(&[&file]);
    assert_eq!(
        message,
        format!("{file} does not say its provider; `foo` is none")
    );
    let names_of_all: Vec<&str> = PROVIDERS.iter().map(|p| p.name()).collect();
    let wanted = format!("--provider, one of: {}", names_of_all.join(" "));
    assert_eq!((hint, code), (Some(wanted), "provider_unknown"));
    let named = names(&[&file], Some("resend")).expect("named");
    assert_eq!(named, [file]);
    fs::remove_dir_all(folder.parent().expect("a parent")).expect("removed");
}

#[test]
fn a_sample_has_a_name_and_a_slip_of_it_is_understood() {
    for (typed, name) in [
        ("insider/click", "insider/click"),
        ("insider/click.json", "insider/click"),
        ("resend/bounced", "resend/email_bounced"),
        ("customerio/clicked", "customerio/email_clicked"),
    ] {
        assert_eq!(names(&[typed], None).expect(typed), [name]);
    }
    for (typed, message, hint) in [
        (
            "insider/clik",
            "`insider/clik` is no sample, and there is no such file",
            "did you mean `insider/click`?  all of them: postern send --list",
        ),
        (
            "no/such.json",
            "`no/such.json` is no sample, and there is no such file",
            "one of: postern send --list",
        ),
        (
            "nowhere/*.json",
            "no file is like `nowhere/*.json`",
            "name a sample (postern send --list), a file, or a folder",
        ),
    ] {
        let (said, hinted, code) = refused(&[typed]);
        assert_eq!(said, message);
        assert_eq!((hinted.as_deref(), code), (Some(hint), "sample_unknown"));
    }
    assert_eq!(refused(&[]).2, "nothing_named");
}

#[test]
fn a_url_has_a_scheme_and_may_be_a_webhooks_own() {
    for (url, base) in [
        ("http://127.0.0.1:3400", "http://127.0.0.1:3400"),
        ("http://127.0.0.1:3400/", "http://127.0.0.1:3400"),
        (
            "http://127.0.0.1:3400/webhooks/insider",
            "http://127.0.0.1:3400",
        ),
        (
            "https://api.test/prod/webhooks/resend/",
            "https://api.test/prod",
        ),
        (
            "https://api.test/webhooks/nobody",
            "https://api.test/webhooks/nobody",
        ),
    ] {
        assert_eq!(base_url(url).expect(url), base);
    }
    for (url, message, hint) in [
        (
            "127.0.0.1:3400",
            "`127.0.0.1:3400` is no URL: http:// or https:// is missing",
            "--to http://127.0.0.1:3400",
        ),
        (
            "ftp://api.test",
            "`ftp://api.test` is no URL: http:// or https:// is missing",
            "--to http://127.0.0.1:3000",
        ),
        (
            "https://api.test/webhooks/insider?key=K",
            "`https://api.test/webhooks/insider?key=K` is no URL: it has a query (a URL's key is in --key FILE)",
            "--to https://api.test/webhooks/insider",
        ),
        (
            "http://",
            "`http://` is no URL: it names no host",
            "--to http://127.0.0.1:3000",
        ),
    ] {
        let error = base_url(url).expect_err("refused");
        assert_eq!(error.to_string(), message);
        assert_eq!(error.hint().as_deref(), Some(hint));
        assert_eq!((error.code(), error.exit()), ("url_unreadable", Exit::Line));
    }
}

fn sample(sender: &'static dyn Sender, name: &str) -> Chosen {
    let sample = samples::find(name).expect("a sample");
    Chosen {
        name: name.to_owned(),
        sender,
        body: sample.body.to_vec(),
    }
}

/// What the provider's receiver says of a webhook: a code, or `accepted`.
fn verdict(sample: &Chosen, how: &How) -> Result<&'static str, SendError> {
    let sender = sample.sender;
    let given = std::collections::BTreeMap::new();
    let key = signing_key(sender, &given).expect("a key");
    let sent = prepared(sample, &key, how, NOW)?;
    let headers = sent.headers.into_iter();
    let headers = headers.map(|(name, value)| (name.to_owned(), value.into()));
    let headers: serde_json::Map<String, serde_json::Value> = headers.collect();
    let body = String::from_utf8(sent.body).expect("text");
    let request = serde_json::json!({"headers": headers, "body": body});
    let request: Request = serde_json::from_value(request).expect("a request");
    let secret = for_receiver(sender, &given).expect("a secret");
    let secrets = Secrets::parse(&secret).expect("a secret");
    let provider = PROVIDERS.iter().find(|p| p.name() == sender.name());
    let admitted = admit(*provider.expect("it"), &secrets, None, &request, NOW);
    Ok(admitted.map_or_else(shared::rejection::Rejection::code, |_| "accepted"))
}

#[test]
fn what_is_wrong_on_purpose_is_refused_for_it() {
    for sender in SENDERS {
        let name = sender.name();
        let clicks = ["click", "clicked", "email_clicked"];
        let names = clicks.map(|click| format!("{name}/{click}"));
        let known = names.iter().find(|name| samples::find(name).is_some());
        let sample = sample(*sender, known.expect("a sample of a click"));
        let (mismatch, missing) = match sender.strength() {
            Strength::SharedSecret => ("credential_mismatch", "credential_missing"),
            _ => ("signature_mismatch", "signature_missing"),
        };
        let verdict = |wrong| {
            let how = How {
                wrong,
                ..How::default()
            };
            verdict(&sample, &how)
        };
        let said = |wrong| verdict(wrong).expect("sent");
        assert_eq!(said(None), "accepted", "{name}");
        assert_eq!(said(Some(Break::Signature)), mismatch, "{name}");
        assert_eq!(said(Some(Break::Key)), mismatch, "{name}");
        assert_eq!(said(Some(Break::None)), missing, "{name}");
        let of_body = verdict(Some(Break::Body));
        match sender.strength() {
            Strength::Signed => assert_eq!(of_body.expect("sent"), mismatch, "{name}"),
            Strength::Token => assert_eq!(of_body.expect("sent"), "accepted", "{name}"),
            Strength::SharedSecret | Strength::Transport => {
                assert_eq!(of_body.expect_err("refused").code(), "nothing_signed");
            }
        }
        let of_time = verdict(Some(Break::Time));
        match sender.name() {
            "customerio" | "mailgun" | "resend" | "sendgrid" => {
                assert_eq!(of_time.expect("sent"), "timestamp_stale", "{name}");
            }
            _ => assert_eq!(of_time.expect_err("refused").code(), "time_unsigned"),
        }
    }
}

#[test]
fn a_webhook_is_about_whom_one_likes_and_as_old_as_one_likes() {
    let sender = registry::sender("resend").expect("a sender");
    let sample = sample(sender, "resend/email_bounced");
    let key = signing_key(sender, &std::collections::BTreeMap::new()).expect("a key");
    let body = |how: &How| {
        let sent = prepared(&sample, &key, how, NOW).expect("prepared");
        String::from_utf8(sent.body).expect("text")
    };
    let how = How {
        recipient: Some(" you@example.test".to_owned()),
        ..How::default()
    };
    let now = body(&how);
    assert!(now.contains(r#""to":["you@example.test"]"#), "{now}");
    assert!(
        now.contains(r#""created_at":"2026-11-26T12:00:00.250Z""#),
        "{now}"
    );
    let as_is = How {
        as_is: true,
        ..How::default()
    };
    assert_eq!(body(&as_is).as_bytes(), sample.body);
    for (text, code) in [
        ("nobody", "recipient_unreadable"),
        ("a@x.test, b@x.test", "recipient_unreadable"),
    ] {
        let how = How {
            recipient: Some(text.to_owned()),
            ..How::default()
        };
        let refused = prepared(&sample, &key, &how, NOW).err();
        assert_eq!(refused.map(|error| error.code()), Some(code), "{text}");
    }
}

#[test]
fn a_curl_line_can_be_pasted_and_shows_no_key() {
    let sent = operator::send::Prepared {
        content_type: "application/json",
        headers: vec![("x-signature", "ab".to_owned())],
        body: br#"{"text":"it's"}"#.to_vec(),
        travels: Vec::new(),
    };
    assert_eq!(
        curl(
            "x",
            "http://127.0.0.1:3000/webhooks/insider?key=s3cr3t",
            &sent
        )
        .expect("text"),
        r#"curl -i 'http://127.0.0.1:3000/webhooks/insider?key=THE-URL-KEY' -H 'content-type: application/json' -H 'x-signature: ab' --data-binary '{"text":"it'\''s"}'"#
    );
    for body in [&b"\xff"[..], b"{\"a\":\"\x1b[2J\"}"] {
        let sent = operator::send::Prepared {
            body: body.to_vec(),
            ..sent.clone()
        };
        let refused = curl("x", "http://h", &sent).err();
        assert_eq!(refused.map(|error| error.code()), Some("body_not_text"));
    }
}
