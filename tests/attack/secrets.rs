//! Keys of every sort of character, alone and in a JSON object: what stands around one is taken
//! off, what cannot be one is none, so that nothing is let in, and where a provider's keys have a
//! form, so is every other text.

use operator::print::now;
use registry::SENDERS;
use serde_json::{Map, Value, json};
use shared::provider::Strength;
use shared::rejection::Rejection;
use shared::secrets::SECRETS_VARIABLE;
use shared::sender::Sender;
use stack::lambda::Lambda;
use tests::stack::Running;
use tests::{another_key, gateway_event, receiver_key};

use crate::{MARK, nothing_is_logged};

/// Odd, and used to the letter.
const KEYS: [&str; 4] = [
    "back\\slash\\name-attackmark7f3a",
    "Zoë-密钥-🔑-attackmark7f3a",
    "$HOME;{id}|%00<&>attackmark7f3a",
    "[=+/]_-attackmark7f3a",
];

/// What is no key, with the code.
const NO_KEYS: [(&str, &str); 6] = [
    ("two\nlines-attackmark7f3a\r\n", "secrets_key_white_space"),
    ("with space in it attackmark7f3a", "secrets_key_white_space"),
    ("\"quoted\"twice\"attackmark7f3a", "secrets_key_quoted"),
    ("\u{7f}\u{1}-attackmark7f3a", "secrets_key_unprintable"),
    ("-----BEGIN attackmark7f3a-----", "secrets_key_pem"),
    ("7f3a", "secrets_key_short"),
];

/// The code of a text that is no key, of a provider whose keys have a form.
fn form(provider: &dyn Sender) -> Option<&'static str> {
    match (provider.name(), provider.strength()) {
        ("mandrill", _) => Some("secrets_key_no_url"),
        ("resend", _) => Some("secrets_key_not_base64"),
        ("sendgrid", _) => Some("secrets_key_not_public"),
        (_, Strength::SharedSecret) => Some("secrets_key_shared_short"),
        _ => None,
    }
}

/// The providers whose keys can be any text.
fn any_text() -> impl Iterator<Item = &'static dyn Sender> {
    let all = SENDERS.iter().copied();
    all.filter(|provider| form(*provider).is_none())
}

/// The others, with their code.
fn of_a_form() -> impl Iterator<Item = (&'static dyn Sender, &'static str)> {
    let all = SENDERS.iter().copied();
    all.filter_map(|provider| Some((provider, form(provider)?)))
}

/// A receiver process with these secrets.
async fn receiver(running: &Running, provider: &dyn Sender, secrets: &str) -> Lambda {
    let environment = [(SECRETS_VARIABLE, secrets)];
    let receiver = running.function(provider.name(), &environment).await;
    receiver.expect("a receiver")
}

/// What a receiver answers to a webhook that is signed with this key.
async fn answer(receiver: &Lambda, provider: &dyn Sender, key: &str) -> (Value, Value) {
    let body = format!(r#"{{"note":"{MARK}"}}"#);
    let signed = provider.signed(key, body.as_bytes(), now());
    let mut event = gateway_event(&signed.headers, &signed.body);
    event["requestContext"]["timeEpoch"] = now().as_millisecond().into();
    let answer = receiver.invoke(event.to_string().into()).await;
    let answer: Value = serde_json::from_slice(&answer.expect("an answer")).expect("JSON");
    (answer["statusCode"].clone(), answer["body"].clone())
}

fn accepted(provider: &dyn Sender) -> (Value, Value) {
    (json!(200), json!(provider.answers().accepted))
}

fn refused() -> (Value, Value) {
    (json!(401), json!(""))
}

/// These keys in an object, each with a label of its own.
fn labelled(keys: &[&str]) -> String {
    let pairs = keys
        .iter()
        .enumerate()
        .map(|(place, key)| (format!("label-{place}"), json!(key)));
    Value::from(pairs.collect::<Map<String, Value>>()).to_string()
}

/// With none of these secrets is anything let in, each with this code: the function starts, and has
/// no key.
async fn are_no_keys(running: &Running, provider: &dyn Sender, secrets: &[String], code: &str) {
    let of_code = |running: &Running| -> Vec<String> {
        let codes = crate::codes(running).into_iter();
        codes.filter(|logged| logged == code).collect()
    };
    let before = of_code(running).len();
    for secret in secrets {
        let receiver = receiver(running, provider, secret).await;
        let answered = answer(&receiver, provider, tests::key(provider)).await;
        let name = provider.name();
        let busy = provider.answers().status(Rejection::KeyUnavailable);
        assert_eq!(answered, (json!(busy), json!("")), "{name}: {secret:?}");
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
            // As `echo` and an editor leave it.
            let given = format!(" {key}\r\n");
            let receiver = receiver(&running, provider, &given).await;
            let answered = answer(&receiver, provider, key).await;
            assert_eq!(answered, accepted(provider), "{name}: {key:?}");
            for nearly in [&given, &key.replace('\\', ""), &key.to_lowercase(), MARK] {
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
        let alone = receiver(&running, provider, &format!("{for_one}\n")).await;
        let both = receiver(&running, provider, &labelled(&[&for_other, &for_one])).await;
        for (receiver, key, wanted) in [
            (&alone, one, accepted(provider)),
            (&alone, other, refused()),
            (&both, one, accepted(provider)),
            (&both, other, accepted(provider)),
        ] {
            assert_eq!(answer(receiver, provider, key).await, wanted);
        }
        let odd = KEYS.map(str::to_owned);
        let among_good = labelled(&[&for_one, KEYS[1]]);
        let secrets = [&odd[..], &[among_good]].concat();
        are_no_keys(&running, provider, &secrets, code).await;
    }
}

/// Every text in a secret is a signing key: with what is none in it there is no key at all, before
/// somebody signs with it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_key_lets_nothing_in_and_its_code_is_logged() {
    let running = Running::new().await;
    for provider in SENDERS.iter().copied() {
        let good = receiver_key(provider, tests::key(provider));
        for (key, code) in NO_KEYS {
            let among_good = json!({"eu": good, "us": key}).to_string();
            are_no_keys(&running, provider, &[key.to_owned(), among_good], code).await;
        }
        for (secret, code) in [
            (
                json!({"signing_key": good, "note": "production"}),
                "secrets_label_names_no_key",
            ),
            (
                json!({"signing_key": good, "Backup": MARK}),
                "secrets_label_unfit",
            ),
            (json!({"eu": good, "us": good}), "secrets_key_repeated"),
            (json!([good]), "secrets_not_an_object"),
        ] {
            are_no_keys(&running, provider, &[secret.to_string()], code).await;
        }
    }
    nothing_is_logged(&running);
}

/// Long enough, and with a character that a header or a URL would write otherwise.
#[tokio::test(flavor = "multi_thread")]
async fn a_shared_secret_of_other_characters_is_no_key() {
    let running = Running::new().await;
    let by_secret = |p: &&&'static dyn Sender| p.strength() == Strength::SharedSecret;
    for provider in SENDERS.iter().filter(by_secret) {
        let odd = KEYS.map(|key| format!("{key}-{key}"));
        let code = "secrets_key_shared_unfit";
        are_no_keys(&running, *provider, &odd, code).await;
    }
    nothing_is_logged(&running);
}

/// A key that is short is used, and said to be.
#[tokio::test(flavor = "multi_thread")]
async fn a_weak_key_is_warned_of() {
    let running = Running::new().await;
    for provider in any_text() {
        let weak = receiver(&running, provider, "fifteen-chars-1").await;
        assert_eq!(
            answer(&weak, provider, "fifteen-chars-1").await,
            accepted(provider)
        );
    }
    let warned = |running: &Running| -> Vec<String> {
        let lines = running.lines.lock().expect("lines");
        let lines = lines
            .iter()
            .filter(|line| line.contains("secrets_key_weak"));
        lines.cloned().collect()
    };
    let wanted = any_text().count();
    let warnings = running.logged(wanted, warned).await;
    assert_eq!(warnings.len(), wanted);
    assert!(warnings.iter().all(|line| !line.contains("fifteen-chars")));
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
        are_no_keys(&running, provider, &labelled, code).await;
    }
    let broken = [
        format!("{{{MARK}"),
        format!(r#"{{"{MARK}":"{MARK}"}} {MARK}"#),
        format!(r#"{{"eu":["{MARK}"]}}"#),
    ];
    for provider in SENDERS {
        are_no_keys(&running, *provider, &broken, "secrets_not_an_object").await;
    }
    nothing_is_logged(&running);
}
