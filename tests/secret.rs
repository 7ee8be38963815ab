//! `operator::secret` over the local stack's secrets service, and what a receiver makes of what it
//! puts there.

use axum::Router;
use axum::routing::get;
use jiff::{SignedDuration, Timestamp};
use operator::print::now;
use operator::secret::{
    Ask, Before, Checked, Put, SecretError, Signed, State, Which, check, retire, set, status,
};
use operator::{Exit, Target};
use runtime::keyring::{Keyring, Store};
use serde_json::json;
use shared::admit::{Admitted, admit};
use shared::rejection::Rejection;
use shared::secrets::{KeyWarning, Stage};
use shared::sender::Sender;
use stack::secrets_manager::{Value, Vault, router};
use tests::{gateway_event, received_at, request};
use tokio::net::TcpListener;

const ONE: &str = "abc-test-key-0123456789";
const TWO: &str = "another-key-0123456789";
const THREE: &str = "a-third-key-0123456789";

/// A stack that has nothing but secrets.
struct Secrets {
    target: Target,
    vault: Vault,
    endpoint: String,
}

impl Secrets {
    /// Customer.io, Insider and Resend are on, and have no key.
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let endpoint = format!("http://{address}");
        let receiver = |provider: &str| {
            let url = format!("{endpoint}/webhooks/{provider}");
            json!({"url": url, "secret": format!("local/{provider}")})
        };
        let status = json!({
            "dynamodb": endpoint,
            "secretsmanager": endpoint,
            "sqs": endpoint,
            "outputs": {"Table": "table", "QueueUrl": endpoint, "DeadLetterQueueUrl": endpoint},
            "receivers": {
                "customerio": receiver("customerio"),
                "insider": receiver("insider"),
                "resend": receiver("resend"),
            },
            "retention_days": 400,
            "version": "0.1.0",
            "pid": 1,
            "since": "2026-01-02T03:04:05Z",
            "data": null,
        });
        let vault = Vault::default();
        let status = get(move || async move { status.to_string() });
        let status = Router::new().route("/_postern/status", status);
        let service = router(&vault).merge(status);
        tokio::spawn(async move { axum::serve(listener, service).await });
        let target = Target::local(address).await.expect("a stack");
        Self {
            target,
            vault,
            endpoint,
        }
    }

    async fn set(&self, provider: &str, text: &str, ask: &Ask) -> Result<Put, SecretError> {
        set(&self.target, sender(provider), text, ask, now()).await
    }

    /// Puts a key of Customer.io, and drops whatever there is.
    async fn put(&self, text: &str) {
        let ask = Ask {
            drops_previous: true,
            ..Ask::default()
        };
        let put = self.set("customerio", text, &ask).await;
        put.expect("put");
    }

    async fn refused(&self, provider: &str, text: &str, ask: &Ask) -> SecretError {
        let put = self.set(provider, text, ask).await;
        put.expect_err(provider)
    }

    /// What stands in a version.
    fn held(&self, provider: &str, stage: &str) -> Option<String> {
        let name = format!("local/{provider}");
        self.vault.get(&name, None, Some(stage)).ok()?.value.text
    }

    fn current(&self) -> Option<String> {
        self.held("customerio", "AWSCURRENT")
    }

    fn previous(&self) -> Option<String> {
        self.held("customerio", "AWSPREVIOUS")
    }

    /// How a receiver of Customer.io that starts now judges a webhook signed with this key.
    async fn receives(&self, key: &str) -> Result<(Stage, String), Rejection> {
        let provider = sender("customerio");
        let client = tests::secrets_manager::client(self.endpoint.clone());
        let store = Store::new(client, "local/customerio".to_owned(), provider);
        let keyring = Keyring::open(store, received_at()).await;
        let secrets = keyring.secrets(received_at()).await.expect("keys");
        let body = br#"{"event_id":"s1","object_type":"email","metric":"delivered"}"#;
        let headers = provider.sign(key, body, received_at());
        let event = request(gateway_event(&headers, body));
        let admitted = admit(provider, &secrets, None, &event, received_at());
        admitted.map(
            |Admitted {
                 stage, delivery, ..
             }| (stage, delivery.source().unwrap_or_default().to_owned()),
        )
    }
}

fn sender(provider: &str) -> &'static dyn Sender {
    registry::sender(provider).expect("a provider")
}

fn under(label: &str) -> Ask {
    Ask {
        label: Some(label.to_owned()),
        ..Ask::default()
    }
}

fn is_in_url() -> Ask {
    Ask {
        is_url_key: true,
        ..Ask::default()
    }
}

fn after(hours: i64) -> Timestamp {
    now() + SignedDuration::from_hours(hours)
}

/// `cases/cli/secret_trailing_newline.sh`: a key from echo, a file or an editor.
#[tokio::test]
async fn a_line_break_behind_a_key_is_no_part_of_it() {
    for end in ["\n", "\r\n", " \n", "\n\n"] {
        let secrets = Secrets::new().await;
        let text = format!("{ONE}{end}");
        let put = secrets.set("customerio", &text, &Ask::default()).await;
        assert!(put.expect("put").is_first);
        assert_eq!(secrets.current().as_deref(), Some(ONE), "{end:?}");
        let accepted = (Stage::Current, String::new());
        assert_eq!(secrets.receives(ONE).await, Ok(accepted), "{end:?}");
    }
}

/// `cases/cli/secret_every_text_is_a_key.sh`: an object of the console's editor, with a note.
#[tokio::test]
async fn an_object_with_a_row_that_is_no_key_is_not_put() {
    let secrets = Secrets::new().await;
    secrets.put(ONE).await;
    let long = "prod-and-long-enough-to-be-a-key";
    for (object, code) in [
        (
            json!({"signing_key": ONE, "note": "prod"}),
            "secrets_label_names_no_key",
        ),
        (
            json!({"signing_key": ONE, "note": long}),
            "secrets_label_names_no_key",
        ),
        (json!({"eu": ONE, "us": "prod"}), "secrets_key_short"),
        (json!({"eu": ONE, "us": ONE}), "secrets_key_repeated"),
        (json!({"eu": ONE, "us": 7}), "secrets_not_an_object"),
        (json!({"eu": ONE, "?other": TWO}), "secrets_label_reserved"),
        (json!({"?key": TWO}), "secrets_url_key_alone"),
        (json!({"eu": ONE, "?key": ONE}), "secrets_url_key_signs"),
        (
            json!({"eu": ONE, "?key": "a&b=c-and-more"}),
            "secrets_url_key_unfit",
        ),
    ] {
        let text = object.to_string();
        let error = secrets.refused("customerio", &text, &Ask::default()).await;
        assert_eq!((error.code(), error.exit()), (code, Exit::No), "{object}");
        for key in [ONE, "prod"] {
            let said = format!("{error} {:?}", error.hint());
            assert!(!said.contains(key), "{said}");
        }
    }
    assert_eq!(secrets.current().as_deref(), Some(ONE));
    assert_eq!(secrets.previous(), None);
    for word in ["prod", long] {
        let refused = secrets.receives(word).await;
        assert_eq!(refused, Err(Rejection::SignatureMismatch), "{word}");
    }
}

#[tokio::test]
async fn what_is_no_key_is_refused_in_the_words_of_its_provider() {
    let secrets = Secrets::new().await;
    for (provider, text, code, said, place) in [
        (
            "sendgrid",
            "SG.abcdefghijklmnop.qrstuvwxyz",
            "secrets_key_of_api",
            "this is a SendGrid API key (SG.…), not the webhook's verification key; nothing was put",
            "SendGrid > Settings > Mail Settings > Event Webhooks > your webhook > Security features: it starts with MFkw",
        ),
        (
            "resend",
            "re_abcdefgh_0123456789",
            "secrets_key_of_api",
            "this is a Resend API key (re_…), not the webhook's signing secret; nothing was put",
            "Resend > Webhooks > your webhook > Signing Secret: it starts with whsec_",
        ),
        (
            "mailgun",
            "key-0123456789abcdef0123456789abcdef",
            "secrets_key_like_api",
            "this is a Mailgun API key (key-…), not the HTTP webhook signing key; nothing was put",
            "Mailgun > Account settings > API Security > HTTP webhook signing key (an old account that shows this very key there: aws secretsmanager put-secret-value)",
        ),
        (
            "mailgun",
            "pubkey-0123456789abcdef0123456789abcdef",
            "secrets_key_of_api",
            "this is a Mailgun API key, not the HTTP webhook signing key; nothing was put",
            "Mailgun > Account settings > API Security > HTTP webhook signing key",
        ),
        (
            "resend",
            "whsec_no base64 at all",
            "secrets_key_white_space",
            "a key in the secret has white space or a line break inside; nothing was put",
            "put the key alone, as one line      (Resend > Webhooks > your webhook > Signing Secret: it starts with whsec_)",
        ),
        (
            "insider",
            "seven-7",
            "secrets_key_short",
            "a key in the secret has fewer than 8 characters; nothing was put",
            "put the whole signing key, as the provider shows it      (Insider > Inone Settings > Email Settings > Webhook for Email Events > Secret key: you choose it)",
        ),
    ] {
        let error = secrets.refused(provider, text, &Ask::default()).await;
        assert_eq!((error.code(), error.exit()), (code, Exit::No), "{provider}");
        assert_eq!(error.to_string(), said);
        assert_eq!(error.hint().as_deref(), Some(place));
    }
    for (text, code) in [
        ("", "secrets_blank"),
        ("\"9f86d081884c7d659a2feaa0", "secrets_key_quoted"),
        (
            "-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----",
            "secrets_key_pem",
        ),
        (
            "9f86d081884c7d65\u{fffd}9a2feaa0",
            "secrets_key_unprintable",
        ),
    ] {
        let error = secrets.refused("customerio", text, &Ask::default()).await;
        assert_eq!((error.code(), error.exit()), (code, Exit::No), "{text:?}");
    }
    assert_eq!(secrets.current(), None, "nothing was put");
}

#[tokio::test]
async fn a_weak_key_is_put_with_a_warning() {
    let secrets = Secrets::new().await;
    let put = secrets
        .set("insider", "fifteen-chars-1", &Ask::default())
        .await;
    let warnings = put.expect("put").warnings.into_iter();
    let codes: Vec<&str> = warnings.map(KeyWarning::code).collect();
    assert_eq!(codes, ["secrets_key_weak"]);
    let all = status(&secrets.target, &[sender("insider")]).await;
    assert_eq!(all.expect("a status")[0].warnings, ["secrets_key_weak"]);
}

#[tokio::test]
async fn a_key_that_is_put_is_current_and_the_one_until_now_stays_accepted() {
    let secrets = Secrets::new().await;
    secrets.put(ONE).await;
    let put = secrets.set("customerio", TWO, &Ask::default()).await;
    let put = put.expect("put");
    assert!(!put.is_first);
    assert!(!put.is_one_dropped);
    let accepted = |stage| Ok((stage, String::new()));
    assert_eq!(secrets.receives(TWO).await, accepted(Stage::Current));
    assert_eq!(secrets.receives(ONE).await, accepted(Stage::Previous));
    let json = serde_json::to_value(&put).expect("JSON");
    let wanted = json!({
        "provider": "customerio", "labels": [], "is_first": false, "is_one_dropped": false,
        "labels_gone": [], "warnings": [],
    });
    assert_eq!(json, wanted, "never a key");
}

#[tokio::test]
async fn the_key_that_is_there_is_not_put_a_second_time() {
    let secrets = Secrets::new().await;
    secrets.put(ONE).await;
    secrets.put(TWO).await;
    for text in [TWO, " \"another-key-0123456789\"\n"] {
        let error = secrets.refused("customerio", text, &Ask::default()).await;
        assert_eq!((error.code(), error.exit()), ("secret_same", Exit::No));
    }
    assert_eq!(secrets.previous().as_deref(), Some(ONE));
}

#[tokio::test]
async fn a_second_put_within_the_retries_would_drop_a_key_in_use() {
    for (provider, hours, is_documented) in [("customerio", 7 * 24, true), ("insider", 24, false)] {
        let secrets = Secrets::new().await;
        let put = |text, ask, at| {
            let target = &secrets.target;
            async move { set(target, sender(provider), text, &ask, at).await }
        };
        put(ONE, Ask::default(), now()).await.expect("the first");
        put(TWO, Ask::default(), now()).await.expect("the second");
        let early = put(THREE, Ask::default(), after(hours - 1)).await;
        let error = early.expect_err("too soon");
        assert_eq!((error.code(), error.exit()), ("secret_too_soon", Exit::No));
        let hint = "wait; or drop it: {line} --drop-previous";
        assert_eq!(error.hint().as_deref(), Some(hint));
        let cause = error.cause().expect("a cause");
        assert_eq!(cause.contains("not documented"), !is_documented, "{cause}");
        assert_eq!(secrets.held(provider, "AWSPREVIOUS").as_deref(), Some(ONE));

        // The one before is put again: nothing is lost by it.
        let back = put(ONE, Ask::default(), after(1)).await.expect("back");
        assert!(!back.is_one_dropped);
        put(TWO, Ask::default(), after(1)).await.expect("forth");

        let drops = Ask {
            drops_previous: true,
            ..Ask::default()
        };
        let dropped = put(THREE, drops, after(1)).await.expect("on purpose");
        assert!(dropped.is_one_dropped);
        let late = put("a-fourth-key-0123456789", Ask::default(), after(hours + 1)).await;
        assert!(late.expect("late").is_one_dropped);
        assert_eq!(
            secrets.held(provider, "AWSPREVIOUS").as_deref(),
            Some(THREE)
        );
    }
}

#[tokio::test]
async fn a_key_stands_beside_others_under_its_label() {
    let secrets = Secrets::new().await;
    secrets.put(ONE).await;
    let error = secrets.refused("customerio", TWO, &under("us")).await;
    assert_eq!(
        (error.code(), error.exit()),
        ("secret_label_needed", Exit::No)
    );
    // The same key under a label: nothing is lost, and another may stand beside it.
    let named = secrets.set("customerio", ONE, &under("eu")).await;
    assert_eq!(named.expect("put").labels, ["eu"]);
    let beside = secrets.set("customerio", TWO, &under("us")).await;
    assert_eq!(beside.expect("put").labels, ["eu", "us"]);
    let object = format!(r#"{{"eu":"{ONE}","us":"{TWO}"}}"#);
    assert_eq!(secrets.current(), Some(object));
    for (key, label) in [(ONE, "eu"), (TWO, "us")] {
        let accepted = (Stage::Current, label.to_owned());
        assert_eq!(secrets.receives(key).await, Ok(accepted));
    }
    // Which one a key without a label replaces is not clear.
    let error = secrets.refused("customerio", THREE, &Ask::default()).await;
    assert_eq!(error.code(), "secret_label_needed");
    assert_eq!(
        error.to_string(),
        "customerio has keys under the labels eu, us: which one is this?; nothing was put"
    );
    let replaced = secrets.set("customerio", THREE, &under("us")).await;
    assert_eq!(replaced.expect("put").labels, ["eu", "us"]);
    let object = format!(r#"{{"eu":"{ONE}","us":"{THREE}"}}"#);
    assert_eq!(secrets.current(), Some(object));

    for (label, code, exit) in [
        ("note", "secrets_label_unfit", Exit::Line),
        ("?key", "secrets_label_unfit", Exit::Line),
        ("EU", "secrets_label_unfit", Exit::Line),
    ] {
        let error = secrets.refused("customerio", TWO, &under(label)).await;
        assert_eq!((error.code(), error.exit()), (code, exit), "{label}");
    }
    let whole = json!({"eu": ONE}).to_string();
    let error = secrets.refused("customerio", &whole, &under("eu")).await;
    assert_eq!(
        (error.code(), error.exit()),
        ("secret_label_with_object", Exit::Line)
    );
}

#[tokio::test]
async fn a_key_without_a_label_takes_the_place_of_the_only_one() {
    let secrets = Secrets::new().await;
    secrets.put(&json!({"shop": ONE}).to_string()).await;
    let put = secrets.set("customerio", TWO, &Ask::default()).await;
    assert_eq!(put.expect("put").labels, ["shop"]);
    assert_eq!(secrets.current(), Some(json!({"shop": TWO}).to_string()));
}

#[tokio::test]
async fn an_object_is_the_whole_secret() {
    let secrets = Secrets::new().await;
    secrets
        .put(&json!({"eu": ONE, "us": TWO}).to_string())
        .await;
    let text = json!({"us": TWO}).to_string();
    let put = secrets.set("customerio", &text, &Ask::default()).await;
    let put = put.expect("put");
    assert_eq!(
        (put.labels, put.labels_gone),
        (vec!["us".to_owned()], vec!["eu".to_owned()])
    );
    let same = json!({"us": TWO}).to_string();
    let error = secrets.refused("customerio", &same, &Ask::default()).await;
    assert_eq!(error.code(), "secret_same");
}

#[tokio::test]
async fn a_url_key_stands_beside_signing_keys_that_have_labels() {
    let secrets = Secrets::new().await;
    let url_key = "0123456789abcdef0123456789abcdef";
    let error = secrets.refused("mandrill", url_key, &is_in_url()).await;
    assert_eq!(error.code(), "secret_url_is_signed");
    let error = secrets.refused("customerio", url_key, &is_in_url()).await;
    assert_eq!(error.code(), "secret_not_set");
    secrets.put(ONE).await;
    let error = secrets.refused("customerio", url_key, &is_in_url()).await;
    assert_eq!(error.code(), "secret_label_needed");
    let hint = "postern secret set customerio --url-key --label NAME {target}";
    assert_eq!(error.hint().as_deref(), Some(hint));
    let named = Ask {
        is_url_key: true,
        ..under("eu")
    };
    let put = secrets
        .set("customerio", url_key, &named)
        .await
        .expect("put");
    assert_eq!(put.labels, ["eu"]);
    let object = format!(r#"{{"eu":"{ONE}","?key":"{url_key}"}}"#);
    assert_eq!(secrets.current(), Some(object));
    // A signing key leaves it where it is.
    let drops = Ask {
        drops_previous: true,
        ..Ask::default()
    };
    let put = secrets.set("customerio", TWO, &drops).await.expect("put");
    assert!(put.is_one_dropped, "the URL without a key counted, too");
    let all = status(&secrets.target, &[sender("customerio")]).await;
    assert!(all.expect("a status")[0].url_key);
    for (text, code) in [
        ("a&b=c-and-more", "secrets_url_key_unfit"),
        (TWO, "secrets_url_key_signs"),
        (r#"{"eu":"abc-test-key-0123456789"}"#, "secret_one_key"),
    ] {
        let error = secrets.refused("customerio", text, &is_in_url()).await;
        assert_eq!(error.code(), code, "{text}");
    }
    let checked = check(&secrets.target, sender("customerio"), url_key).await;
    let checked = checked.expect("checked");
    assert_eq!(
        (checked.key, checked.is_url_key, checked.label),
        (Which::Current, true, None)
    );
}

#[tokio::test]
async fn nothing_is_added_to_what_cannot_be_used_and_a_whole_key_replaces_it() {
    let secrets = Secrets::new().await;
    let broken = r#"{"eu": "abc-test-key-0123456789", "note": "prod"}"#;
    let value = Value::text(broken);
    secrets
        .vault
        .create("local/customerio", None, value)
        .expect("created");
    let error = secrets.refused("customerio", TWO, &under("us")).await;
    assert_eq!(
        (error.code(), error.exit()),
        ("secrets_label_names_no_key", Exit::No)
    );
    let all = status(&secrets.target, &[sender("customerio")])
        .await
        .expect("a status");
    assert_eq!(
        (all[0].state, all[0].code),
        (State::Unusable, Some("secrets_label_names_no_key"))
    );
    let put = secrets.set("customerio", TWO, &Ask::default()).await;
    assert!(!put.expect("put").is_first);
    assert_eq!(secrets.current().as_deref(), Some(TWO));
}

#[tokio::test]
async fn a_provider_that_is_not_on_has_its_key_first() {
    let secrets = Secrets::new().await;
    let put = secrets.set("mailgun", ONE, &Ask::default()).await;
    assert!(put.expect("put").is_first);
    assert_eq!(secrets.held("mailgun", "AWSCURRENT").as_deref(), Some(ONE));
}

#[tokio::test]
async fn a_key_is_told_by_its_version_and_label_and_never_shown() {
    let secrets = Secrets::new().await;
    let provider = sender("customerio");
    let none = check(&secrets.target, provider, ONE).await;
    let error = none.expect_err("no key");
    assert_eq!((error.code(), error.exit()), ("secret_not_set", Exit::No));
    secrets.put(ONE).await;
    secrets
        .put(&json!({"eu": TWO, "us": THREE}).to_string())
        .await;
    for (text, key, label) in [
        (ONE, Which::Previous, None),
        (TWO, Which::Current, Some("eu")),
        (
            " \"a-third-key-0123456789\"\r\n",
            Which::Current,
            Some("us"),
        ),
        ("a-fourth-key-0123456789", Which::Neither, None),
    ] {
        let checked = check(&secrets.target, provider, text).await;
        let wanted = Checked {
            provider: "customerio",
            key,
            label: label.map(str::to_owned),
            is_url_key: false,
        };
        assert_eq!(checked.expect("checked"), wanted, "{text:?}");
    }
    for (text, code) in [("seven-7", "secrets_key_short"), ("{}", "secrets_blank")] {
        let error = check(&secrets.target, provider, text).await;
        assert_eq!(error.expect_err("no key").code(), code);
    }
}

#[tokio::test]
async fn a_key_is_retired_unless_the_provider_is_known_to_sign_with_it() {
    let secrets = Secrets::new().await;
    let provider = sender("customerio");
    let retiring = |signed, drops| retire(&secrets.target, provider, signed, drops);
    let error = retiring(None, false).await.expect_err("no key");
    assert_eq!(error.code(), "secret_not_set");
    secrets.put(ONE).await;
    let nothing = retiring(None, false).await.expect("nothing to do");
    assert!(!nothing.is_retired);
    secrets.put(TWO).await;
    let signed = |previous| {
        Some(Signed {
            current: 7,
            previous,
        })
    };
    let error = retiring(signed(Some(3)), false).await.expect_err("in use");
    assert_eq!(
        (error.code(), error.exit()),
        ("secret_still_signs", Exit::No)
    );
    assert_eq!(secrets.previous().as_deref(), Some(ONE));

    let since = status(&secrets.target, &[provider])
        .await
        .expect("a status")[0]
        .current_since;
    // Where nobody counts, the time within which the provider sends again decides.
    let error = retiring(None, false).await.expect_err("may come again");
    assert_eq!((error.code(), error.exit()), ("secret_too_soon", Exit::No));
    assert_eq!(secrets.previous().as_deref(), Some(ONE));
    let retired = retiring(signed(Some(0)), false).await.expect("retired");
    assert!(retired.is_retired);
    assert_eq!(secrets.current().as_deref(), Some(TWO));
    assert_eq!(secrets.previous().as_deref(), Some(TWO));
    let refused = secrets.receives(ONE).await;
    assert_eq!(refused, Err(Rejection::SignatureMismatch));
    let after = status(&secrets.target, &[provider])
        .await
        .expect("a status");
    assert_eq!(after[0].current_since, since, "the key is as old as it was");
    assert!(!retiring(None, false).await.expect("again").is_retired);

    for signed in [signed(None), None, signed(Some(3))] {
        secrets
            .put(if signed.is_none() { ONE } else { THREE })
            .await;
        assert!(retiring(signed, true).await.expect("dropped").is_retired);
    }
}

#[tokio::test]
async fn a_status_says_what_is_set_and_what_the_one_before_lets_in() {
    let secrets = Secrets::new().await;
    secrets
        .put(&json!({"eu": ONE, "us": TWO}).to_string())
        .await;
    let providers = [sender("customerio"), sender("insider")];
    let all = status(&secrets.target, &providers).await.expect("a status");
    assert_eq!(
        (all[0].state, all[0].previous),
        (State::Ok, Before::Nothing)
    );
    assert_eq!(
        (all[0].name.as_str(), all[1].name.as_str()),
        ("local/customerio", "local/insider")
    );
    assert_eq!(all[0].labels, ["eu", "us"]);
    assert_eq!((all[1].state, all[1].current_since), (State::NotSet, None));
    secrets.put(&json!({"eu": ONE}).to_string()).await;
    let all = status(&secrets.target, &providers).await.expect("a status");
    assert_eq!(
        (all[0].state, all[0].previous),
        (State::Ok, Before::AnotherKey)
    );
    let json = serde_json::to_string(&all).expect("JSON");
    for key in [ONE, TWO] {
        assert!(!json.contains(key), "{json}");
    }
}
