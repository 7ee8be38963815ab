//! Keys are used to the letter, whatever characters are in them, alone and in a JSON object; where a provider's keys have a form,
//! a receiver does not start with any other.

use consumer::PROVIDERS;
use local::lambda::Lambda;
use local::terminal::now;
use serde_json::{Map, Value, json};
use shared::provider::Provider;
use shared::secrets::SECRETS_VARIABLE;
use tests::stack::Running;
use tests::{another_key, gateway_event, receiver_key};

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

/// The code with which a receiver does not start, of a provider whose keys have a form.
fn form(provider: &dyn Provider) -> Option<&'static str> {
    match provider.name() {
        "resend" => Some("secrets_key_not_base64"),
        "sendgrid" => Some("secrets_key_not_public"),
        _ => None,
    }
}

/// The providers whose keys can be any text.
fn any_text() -> impl Iterator<Item = &'static dyn Provider> {
    let all = PROVIDERS.iter().copied();
    all.filter(|provider| form(*provider).is_none())
}

/// The others, with their code.
fn of_a_form() -> impl Iterator<Item = (&'static dyn Provider, &'static str)> {
    let all = PROVIDERS.iter().copied();
    all.filter_map(|provider| Some((provider, form(provider)?)))
}

/// A receiver process with these secrets.
async fn receiver(running: &Running, provider: &dyn Provider, secrets: &str) -> Lambda {
    let environment = [(SECRETS_VARIABLE, secrets)];
    let receiver = running.function(provider.name(), &environment).await;
    receiver.expect("a receiver")
}

/// What a receiver answers to a webhook that is signed with this key.
async fn answer(receiver: &Lambda, provider: &dyn Provider, key: &str) -> (Value, Value) {
    let body = format!(r#"{{"note":"{MARK}"}}"#);
    let signed = provider.signed(key, body.as_bytes(), now());
    let mut event = gateway_event(&signed.headers, &signed.body);
    event["requestContext"]["timeEpoch"] = now().as_millisecond().into();
    let answer = receiver.invoke(event.to_string().into()).await;
    let answer: Value = serde_json::from_slice(&answer.expect("an answer")).expect("JSON");
    (answer["statusCode"].clone(), answer["body"].clone())
}

fn accepted(provider: &dyn Provider) -> (Value, Value) {
    (json!(200), json!(provider.reply()))
}

fn refused() -> (Value, Value) {
    (json!(401), json!(""))
}

/// These keys in an object, each with a label of its own.
fn labelled(keys: &[&str]) -> String {
    let pairs = keys
        .iter()
        .map(|key| (format!("label of {key}"), json!(key)));
    Value::from(pairs.collect::<Map<String, Value>>()).to_string()
}

/// None of these secrets lets the function start, each with this code.
async fn do_not_start(running: &Running, provider: &dyn Provider, secrets: &[String], code: &str) {
    let of_code = |running: &Running| -> Vec<String> {
        let codes = crate::codes(running).into_iter();
        codes.filter(|logged| logged == code).collect()
    };
    let before = of_code(running).len();
    for secret in secrets {
        let environment = [(SECRETS_VARIABLE, secret.as_str())];
        let started = running.function(provider.name(), &environment).await;
        assert!(started.is_err(), "{}: {secret:?}", provider.name());
    }
    let wanted = before + secrets.len();
    let logged = running.logged(wanted, of_code).await.len();
    assert_eq!(logged, wanted, "{}: {code}", provider.name());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_used_to_the_letter_alone_and_in_an_object() {
    let running = Running::new().await;
    let labelled_keys = labelled(&KEYS);
    for provider in any_text() {
        let name = provider.name();
        for key in KEYS {
            let receiver = receiver(&running, provider, key).await;
            let answered = answer(&receiver, provider, key).await;
            assert_eq!(answered, accepted(provider), "{name}: {key:?}");
            for nearly in [key.trim(), key.trim_end(), &key.replace("\\n", "\n"), MARK] {
                if nearly != key {
                    let answered = answer(&receiver, provider, nearly).await;
                    assert_eq!(answered, refused(), "{name}: {key:?}, {nearly:?}");
                }
            }
        }
        let receiver = receiver(&running, provider, &labelled_keys).await;
        for key in KEYS {
            let answered = answer(&receiver, provider, key).await;
            assert_eq!(answered, accepted(provider), "{name}: {key:?}");
        }
        let answered = answer(&receiver, provider, &labelled_keys).await;
        assert_eq!(answered, refused(), "{name}: the object is no key");
    }
    for (provider, code) in of_a_form() {
        let (one, other) = (tests::key(provider), another_key(provider));
        let [for_one, for_other] = [one, other].map(|key| receiver_key(provider, key));
        let alone = receiver(&running, provider, &for_one).await;
        let both = receiver(&running, provider, &labelled(&[&for_other, &for_one])).await;
        for (receiver, key, wanted) in [
            (&alone, one, accepted(provider)),
            (&alone, other, refused()),
            (&both, one, accepted(provider)),
            (&both, other, accepted(provider)),
        ] {
            assert_eq!(answer(receiver, provider, key).await, wanted);
        }
        let nearly = [format!(" {for_one}"), format!("{for_one}\n")];
        let odd = KEYS.map(str::to_owned);
        let among_good = labelled(&[&for_one, KEYS[6]]);
        let secrets = [&nearly[..], &odd, &[among_good]].concat();
        do_not_start(&running, provider, &secrets, code).await;
    }
}

/// A label is the operator's word and in the logs; a key, a body and a signature are not.
#[tokio::test(flavor = "multi_thread")]
async fn no_key_is_logged_whatever_is_in_it() {
    let running = Running::new().await;
    for provider in any_text() {
        for key in KEYS {
            let labelled = json!({"eu": key}).to_string();
            let receiver = receiver(&running, provider, &labelled).await;
            let answered = answer(&receiver, provider, key).await;
            assert_eq!(answered, accepted(provider));
            assert_eq!(answer(&receiver, provider, MARK).await, refused());
        }
    }
    for (provider, code) in of_a_form() {
        let labelled = KEYS.map(|key| json!({"eu": key}).to_string());
        do_not_start(&running, provider, &labelled, code).await;
    }
    let broken = [
        format!("{{{MARK}"),
        format!(r#"{{"{MARK}":"{MARK}"}} {MARK}"#),
        format!(r#"{{"eu":["{MARK}"]}}"#),
    ];
    for provider in PROVIDERS {
        do_not_start(&running, *provider, &broken, "secrets_not_an_object").await;
    }
    nothing_is_logged(&running);
}
