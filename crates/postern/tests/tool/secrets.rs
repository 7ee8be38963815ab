//! `secret`: a key comes from standard input, is checked before it is put, and is never shown.

use serde_json::{Value, json};

use crate::running::{Done, Up, finished, tool};
use crate::schema::check;

const KEY: &str = "abc-test-key-0123456789";

/// Runs `secret …` on a stack, with a key on standard input.
fn secret(stack: &Up, line: &str, key: &str) -> Done {
    let port = stack.ports[0].to_string();
    let mut command = tool();
    command
        .arg("secret")
        .args(line.split(' '))
        .args(["--port", &port]);
    finished(&mut command, key)
}

#[test]
fn a_key_is_put_compared_and_retired() {
    let stack = Up::start(&[]);
    let put = secret(&stack, "set customerio", &format!("{KEY}\n"));
    assert_eq!(put.code, Some(0), "{put:?}");
    assert_eq!(
        put.stdout,
        "customerio: put as the current key; the one until now stays accepted; in use within 5 minutes\n"
    );
    let again = secret(&stack, "set customerio", KEY);
    assert_eq!((again.code, again.stdout.as_str()), (Some(1), ""));
    let port = stack.ports[0];
    assert_eq!(
        again.stderr,
        format!(
            "error: this is the current key of customerio already; nothing was put\nhint: to end what the one before may do: postern secret retire customerio --port {port}\n"
        )
    );
    let soon = secret(&stack, "set customerio --json", "another-key-0123456789");
    assert_eq!((soon.code, soon.stdout.as_str()), (Some(1), ""), "{soon:?}");
    assert_eq!(soon.error()["code"], "secret_too_soon");

    let checked = secret(&stack, "check customerio", &format!("{KEY}\r\n"));
    assert_eq!(
        (checked.code, checked.stdout.as_str()),
        (Some(0), "customerio: the current key\n")
    );
    let checked = secret(&stack, "check customerio --json", "another-key-0123456789");
    assert_eq!(checked.code, Some(1), "{checked:?}");
    assert_eq!(
        checked.json(),
        [json!({"provider": "customerio", "key": "neither", "label": null, "is_url_key": false})]
    );

    let put = secret(
        &stack,
        "set resend --json",
        "whsec_dGhlIGtleSB0aGF0IHRlc3RzIHNpZ24=",
    )
    .json();
    assert_eq!(check("secret-put.json", &put[0]), Ok(()), "{put:?}");
    assert_eq!(check("secret-check.json", &checked.json()[0]), Ok(()));

    let before = secret(&stack, "status customerio --json", "");
    assert_eq!(
        check("secret.json", &before.json()[0]),
        Ok(()),
        "{before:?}"
    );
    assert_eq!(before.json()[0]["previous"], "another_key", "{before:?}");
    let retired = secret(&stack, "retire customerio --drop-previous --json", "");
    assert_eq!(
        retired.json(),
        [json!({"provider": "customerio", "is_retired": true})]
    );
    assert_eq!(check("secret-retired.json", &retired.json()[0]), Ok(()));
    let after = secret(&stack, "status customerio --json", "");
    assert_eq!(after.json()[0]["previous"], "nothing", "{after:?}");
}

#[test]
fn what_is_no_key_is_refused_and_what_the_shell_would_remember_is_no_argument() {
    let stack = Up::start(&[]);
    let port = stack.ports[0];
    let refused = secret(&stack, "set sendgrid", "SG.abcdefghijklmnop.qrstuvwxyz\n");
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""));
    assert_eq!(
        refused.stderr,
        "error: this is a SendGrid API key (SG.…), not the webhook's verification key; nothing was put\nhint: SendGrid > Settings > Mail Settings > Event Webhooks > your webhook > Security features: it starts with MFkw\n"
    );
    // The object of cases/cli/secret_every_text_is_a_key.sh
    let object = r#"{"signing_key": "abc-test-key-0123456789", "note": "prod"}"#;
    let refused = secret(&stack, "set customerio --json", object);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert_eq!(refused.error()["code"], "secrets_label_names_no_key");
    let blank = secret(&stack, "set customerio --json", "");
    assert_eq!(
        (blank.code, &blank.error()["code"]),
        (Some(1), &"secrets_blank".into())
    );
    // What PowerShell pipes is UTF-16.
    let mut utf16 = vec![0xff, 0xfe];
    utf16.extend(KEY.encode_utf16().flat_map(u16::to_le_bytes));
    let utf16 = String::from_utf8_lossy(&utf16).into_owned();
    let refused = secret(&stack, "set customerio --json", &utf16);
    assert_eq!(
        refused.error()["code"],
        "secrets_key_unprintable",
        "{refused:?}"
    );

    for line in [
        "set customerio the-key-itself",
        "set customerio --key k",
        "set nobody",
    ] {
        let wrong = secret(&stack, line, KEY);
        assert_eq!((wrong.code, wrong.stdout.as_str()), (Some(2), ""), "{line}");
    }
    let put = secret(&stack, "set inboxroad --label shop", KEY);
    assert_eq!(put.code, Some(1), "{put:?}");
    let hint = format!(
        "hint: give that key a label first, by putting it once more: postern secret set inboxroad --label NAME --port {port}\n"
    );
    assert!(put.stderr.ends_with(&hint), "{put:?}");
    let held = secret(&stack, "check customerio", KEY);
    assert_eq!(held.code, Some(1), "nothing was put: {held:?}");
}

#[test]
fn a_key_that_is_made_is_shown_once_and_never_in_json() {
    let stack = Up::start(&[]);
    let made = secret(&stack, "set insider --make", "");
    assert_eq!(made.code, Some(0), "{made:?}");
    let key = made.stdout.trim_end();
    assert_eq!(
        (key.len(), made.stdout.lines().count()),
        (64, 1),
        "{made:?}"
    );
    assert!(!made.stderr.contains(key), "{made:?}");
    assert!(
        made.stderr.starts_with("insider: put as the current key"),
        "{made:?}"
    );
    let checked = secret(&stack, "check insider", key);
    assert_eq!(
        (checked.code, checked.stdout.as_str()),
        (Some(0), "insider: the current key\n")
    );
    for (line, code) in [
        ("set resend --make --json", "secret_not_chosen"),
        ("set mailpanda --make --json", "secret_never_in_json"),
    ] {
        let refused = secret(&stack, line, "");
        assert_eq!(
            (refused.code, refused.stdout.as_str()),
            (Some(2), ""),
            "{line}"
        );
        assert_eq!(refused.error()["code"], code);
    }
    let in_url = secret(&stack, "set mailgun --url-key --make --label mg", "");
    assert_eq!(in_url.code, Some(0), "{in_url:?}");
    let said = format!(
        "mailgun: put as the current URL key; the URL until now stays accepted; in use within 5 minutes\nlabels: mg\nthe URL at Mailgun is now http://127.0.0.1:{}/webhooks/mailgun?key=THE-KEY\n",
        stack.ports[0]
    );
    assert_eq!(in_url.stderr, said);
}

#[test]
fn a_status_is_a_row_for_each_provider() {
    let stack = Up::start(&[]);
    let all = secret(&stack, "status", "");
    assert_eq!((all.code, all.stderr.as_str()), (Some(0), ""), "{all:?}");
    let rows: Vec<Vec<&str>> = all
        .stdout
        .lines()
        .map(|line| line.split('\t').collect())
        .collect();
    let providers: Vec<&str> = rows.iter().map(|row| row[0]).collect();
    let names: Vec<&str> = registry::SENDERS.iter().map(|p| p.name()).collect();
    assert_eq!(providers, names);
    for row in &rows {
        assert_eq!(
            (row.len(), row[1], &row[4..]),
            (7, "ok", &["-", "-", "-"][..]),
            "{row:?}"
        );
    }
    let json = secret(&stack, "status resend --json", "").json();
    assert_eq!(json[0]["state"], "ok");
    assert_eq!(json[0]["signed_24h"], Value::Null);
}
