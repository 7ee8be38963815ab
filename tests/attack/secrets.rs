//! Keys are used to the letter, whatever characters are in them, alone and in a JSON object.

use consumer::PROVIDERS;
use local::terminal::now;
use serde_json::{Value, json};
use shared::provider::Provider;
use shared::secrets::SECRETS_VARIABLE;
use tests::gateway_event;
use tests::stack::Running;

use crate::{MARK, nothing_is_logged};

const KEYS: [&str; 7] = [
    "two\nlines attackmark7f3a\r\n",
    "\"quoted\" 'twice' attackmark7f3a",
    "back\\slash\\n attackmark7f3a",
    " with space around it attackmark7f3a ",
    "Zoë-密钥-🔑-attackmark7f3a",
    "\u{7f}\u{1}\t attackmark7f3a",
    "$HOME `id` %00 attackmark7f3a",
];

/// The answer of a receiver process with these secrets, to a webhook signed with this key.
async fn answer(
    running: &Running,
    provider: &dyn Provider,
    secrets: &str,
    key: &str,
) -> (Value, Value) {
    let body = format!(r#"{{"note":"{MARK}"}}"#);
    let headers = provider.sign(key, body.as_bytes(), now());
    let mut event = gateway_event(&headers, body.as_bytes());
    event["requestContext"]["timeEpoch"] = now().as_millisecond().into();
    let environment = [(SECRETS_VARIABLE, secrets)];
    let function = running.function(provider.name(), &environment).await;
    let answer = function
        .expect("a receiver")
        .invoke(event.to_string().into())
        .await;
    let answer: Value = serde_json::from_slice(&answer.expect("an answer")).expect("JSON");
    (answer["statusCode"].clone(), answer["body"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_used_to_the_letter_alone_and_in_an_object() {
    let running = Running::new().await;
    for provider in PROVIDERS {
        let labelled: serde_json::Map<String, Value> = KEYS
            .iter()
            .map(|key| (format!("label of {key}"), json!(key)))
            .collect();
        let labelled = Value::from(labelled).to_string();
        for key in KEYS {
            let context = format!("{}: {key:?}", provider.name());
            let accepted = (json!(200), json!(provider.reply()));
            assert_eq!(
                answer(&running, *provider, key, key).await,
                accepted,
                "{context}"
            );
        }
        let context = provider.name();
        let last = KEYS[KEYS.len() - 1];
        let accepted = (json!(200), json!(provider.reply()));
        assert_eq!(
            answer(&running, *provider, &labelled, last).await,
            accepted,
            "{context}"
        );
        let refused = (json!(401), json!(""));
        for (secrets, key) in [
            (KEYS[0], KEYS[0].trim_end()),
            (KEYS[3], KEYS[3].trim()),
            (KEYS[2], "back\\slash\n attackmark7f3a"),
            (labelled.as_str(), labelled.as_str()),
            ("a-key", MARK),
        ] {
            assert_eq!(
                answer(&running, *provider, secrets, key).await,
                refused,
                "{context}: {key:?}"
            );
        }
    }
}

/// A label is the operator's word and in the logs; a key, a body and a signature are not.
#[tokio::test(flavor = "multi_thread")]
async fn no_key_is_logged_whatever_is_in_it() {
    let running = Running::new().await;
    for provider in PROVIDERS {
        for key in KEYS {
            let labelled = json!({"eu": key}).to_string();
            let (status, _) = answer(&running, *provider, &labelled, key).await;
            assert_eq!(status, 200);
            answer(&running, *provider, &labelled, MARK).await;
        }
        for broken in [
            format!("{{{MARK}"),
            format!(r#"{{"{MARK}":"{MARK}"}} {MARK}"#),
            format!(r#"{{"eu":["{MARK}"]}}"#),
        ] {
            let started = running
                .function(provider.name(), &[(SECRETS_VARIABLE, &broken)])
                .await;
            assert!(started.is_err(), "{broken}");
        }
    }
    let refused = |running: &Running| {
        let codes = crate::codes(running).into_iter();
        codes
            .filter(|code| code == "secrets_not_an_object")
            .collect()
    };
    let wanted = 3 * PROVIDERS.len();
    assert_eq!(running.logged(wanted, refused).await.len(), wanted);
    nothing_is_logged(&running);
}
