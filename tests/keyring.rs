//! Secrets that are rotated while a receiver runs, against a Secrets Manager that does as it is
//! told.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use jiff::SignedDuration;
use runtime::keyring::{Keyring, KeyringError, Store};
use serde_json::{Value, json};
use shared::admit::{Admitted, admit};
use shared::rejection::Rejection;
use shared::secrets::{Secrets, SecretsError, Stage};
use tests::{gateway_event, received_at, request};
use tokio::net::TcpListener;

/// What the service has, and how often it was asked for the current version.
#[derive(Default)]
struct Service {
    versions: HashMap<&'static str, String>,
    /// The code with which it refuses everything.
    down: Option<&'static str>,
    /// It takes the request, and never answers.
    is_hanging: bool,
    /// The one version that cannot be had.
    failing: Option<&'static str>,
    asked: usize,
}

type Shared = Arc<Mutex<Service>>;

/// What was logged of the secret.
type Troubles = Arc<Mutex<Vec<Value>>>;

async fn service(current: &str) -> (Shared, Store) {
    service_of("inboxroad", current).await
}

/// The store, and what it tells.
fn watched(store: Store) -> (Troubles, Store) {
    let troubles = Troubles::default();
    let told = Arc::clone(&troubles);
    let store = store.reporting(move |trouble| {
        let line = serde_json::to_value(trouble).expect("a line");
        told.lock().expect("troubles").push(line);
    });
    (troubles, store)
}

/// What was told since the last time: outcome, code, Secrets Manager's error or the version.
fn told(troubles: &Troubles) -> Vec<String> {
    let lines = std::mem::take(&mut *troubles.lock().expect("troubles"));
    let lines = lines.iter().map(|line| {
        let fields = ["outcome", "code", "secrets_error", "stage"];
        let fields = fields.iter().filter_map(|field| line[field].as_str());
        fields.collect::<Vec<_>>().join(" ")
    });
    lines.collect()
}

/// The service that holds the secret of this provider.
async fn service_of(provider: &str, current: &str) -> (Shared, Store) {
    let provider = registry::sender(provider).expect("a provider");
    let service = Shared::default();
    set(&service, "AWSCURRENT", current);
    let answering = Arc::clone(&service);
    let router = Router::new().route(
        "/",
        post(move |body: String| async move {
            let is_hanging = answering.lock().expect("a service").is_hanging;
            if is_hanging {
                std::future::pending::<()>().await;
            }
            answer(&answering, &body)
        }),
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (
        service,
        Store::new(
            tests::secrets_manager::client(endpoint),
            format!("postern/{}", provider.name()),
            provider,
        ),
    )
}

fn answer(service: &Shared, body: &str) -> (StatusCode, String) {
    let request: Value = serde_json::from_str(body).expect("JSON");
    let stage = request["VersionStage"].as_str().expect("a stage");
    let mut service = service.lock().expect("a service");
    service.asked += usize::from(stage == "AWSCURRENT");
    let error = |code: &str| {
        (
            StatusCode::BAD_REQUEST,
            json!({"__type": code, "message": ""}).to_string(),
        )
    };
    if let Some(code) = service.down {
        return error(code);
    }
    if service.failing == Some(stage) {
        return error("InternalServiceError");
    }
    match service.versions.get(stage) {
        Some(secret) => (StatusCode::OK, json!({"SecretString": secret}).to_string()),
        None => error("ResourceNotFoundException"),
    }
}

fn set(service: &Shared, stage: &'static str, secret: &str) {
    service
        .lock()
        .expect("a service")
        .versions
        .insert(stage, secret.to_owned());
}

fn rotate(service: &Shared, to: &str) {
    let mut service = service.lock().expect("a service");
    if let Some(current) = service.versions.insert("AWSCURRENT", to.to_owned()) {
        service.versions.insert("AWSPREVIOUS", current);
    }
}

fn asked(service: &Shared) -> usize {
    service.lock().expect("a service").asked
}

/// Which version of the secret a webhook signed with `key` matches.
fn stage(secrets: &Secrets, key: &str) -> Result<Stage, Rejection> {
    let provider = registry::sender("inboxroad").expect("a provider");
    let headers = provider.sign(key, b"{}", received_at());
    let event = request(gateway_event(&headers, b"{}"));
    admit(provider, secrets, None, &event, received_at()).map(|Admitted { stage, .. }| stage)
}

fn after(seconds: i64) -> jiff::Timestamp {
    received_at() + SignedDuration::from_secs(seconds)
}

#[tokio::test]
async fn both_versions_are_accepted_and_told_apart() {
    let (service, store) = service("key-number-new").await;
    set(&service, "AWSPREVIOUS", "key-number-old");
    let keyring = Keyring::open(store, after(0)).await;
    let secrets = keyring.secrets(after(1)).await.expect("keys");
    assert_eq!(stage(&secrets, "key-number-new"), Ok(Stage::Current));
    assert_eq!(stage(&secrets, "key-number-old"), Ok(Stage::Previous));
    assert_eq!(
        stage(&secrets, "key-number-older"),
        Err(Rejection::SignatureMismatch)
    );
}

#[tokio::test]
async fn a_rotation_is_seen_after_a_failed_check_but_not_more_than_once_a_minute() {
    let (service, store) = service("key-number-one").await;
    let keyring = Keyring::open(store, after(0)).await;
    rotate(&service, "key-number-two");
    let known = keyring.secrets(after(10)).await.expect("keys");
    assert_eq!(
        stage(&known, "key-number-two"),
        Err(Rejection::SignatureMismatch)
    );
    assert_eq!(
        keyring.others(&known, after(59)).await,
        None,
        "asked 59 s ago"
    );
    assert_eq!(asked(&service), 1);
    let others = keyring.others(&known, after(60)).await.expect("other keys");
    assert_eq!(stage(&others, "key-number-two"), Ok(Stage::Current));
    assert_eq!(stage(&others, "key-number-one"), Ok(Stage::Previous));
    for second in 61..120 {
        assert_eq!(keyring.others(&others, after(second)).await, None);
    }
    assert_eq!(asked(&service), 2, "forged requests are not passed on");
}

#[tokio::test]
async fn keys_are_read_again_every_five_minutes() {
    let (service, store) = service("key-number-one").await;
    let keyring = Keyring::open(store, after(0)).await;
    rotate(&service, "key-number-two");
    let before = keyring.secrets(after(299)).await.expect("keys");
    assert_eq!(
        stage(&before, "key-number-two"),
        Err(Rejection::SignatureMismatch)
    );
    let then = keyring.secrets(after(300)).await.expect("keys");
    assert_eq!(stage(&then, "key-number-two"), Ok(Stage::Current));
    assert_eq!(asked(&service), 2);
}

#[tokio::test]
async fn an_outage_after_the_start_keeps_the_keys_and_is_not_asked_at_every_webhook() {
    let (service, store) = service("key-number-one").await;
    let keyring = Keyring::open(store, after(0)).await;
    service.lock().expect("a service").down = Some("InternalServiceError");
    for second in [300, 301, 400, 599] {
        let secrets = keyring.secrets(after(second)).await.expect("keys");
        assert_eq!(stage(&secrets, "key-number-one"), Ok(Stage::Current));
    }
    assert_eq!(asked(&service), 2);
}

#[tokio::test]
async fn a_reading_that_lacks_one_version_keeps_both() {
    let (service, store) = service("key-number-one").await;
    rotate(&service, "key-number-two");
    let keyring = Keyring::open(store, after(0)).await;
    service.lock().expect("a service").failing = Some("AWSPREVIOUS");
    let secrets = keyring.secrets(after(300)).await.expect("keys");
    assert_eq!(stage(&secrets, "key-number-one"), Ok(Stage::Previous));
    assert_eq!(stage(&secrets, "key-number-two"), Ok(Stage::Current));
}

#[tokio::test]
async fn a_rotation_to_something_unusable_keeps_the_keys() {
    let (service, store) = service("key-number-one").await;
    let keyring = Keyring::open(store, after(0)).await;
    set(&service, "AWSCURRENT", "  ");
    let secrets = keyring.secrets(after(300)).await.expect("keys");
    assert_eq!(stage(&secrets, "key-number-one"), Ok(Stage::Current));
}

/// A receiver that goes on with old keys says so, each time: the code, what Secrets Manager said,
/// and never a secret.
#[tokio::test]
async fn a_reading_that_fails_is_logged() {
    let (service, store) = service("key-number-one-of-all").await;
    let (troubles, store) = watched(store);
    let keyring = Keyring::open(store, after(0)).await;
    assert_eq!(told(&troubles), [""; 0]);

    service.lock().expect("a service").down = Some("InternalServiceError");
    keyring.secrets(after(299)).await.expect("keys");
    assert_eq!(told(&troubles), [""; 0], "nothing was read");
    keyring.secrets(after(300)).await.expect("keys");
    let line = troubles.lock().expect("troubles")[0].clone();
    let wanted = json!({
        "timestamp": "2026-01-02T03:10:00.678Z", "level": "error", "provider": "inboxroad",
        "outcome": "secret_refresh_failed", "code": "secret_unavailable",
        "secrets_error": "InternalServiceError",
        "message": "Secrets Manager did not give the secret: InternalServiceError",
    });
    assert_eq!(line, wanted);
    let down = "secret_refresh_failed secret_unavailable InternalServiceError";
    assert_eq!(told(&troubles), [down]);
    let known = keyring.secrets(after(301)).await.expect("keys");
    assert_eq!(told(&troubles), [""; 0], "not asked again so soon");
    // Also after a signature that matches nothing.
    assert_eq!(keyring.others(&known, after(360)).await, None);
    assert_eq!(told(&troubles), [down]);

    set(&service, "AWSCURRENT", "key number one");
    service.lock().expect("a service").down = None;
    keyring.secrets(after(660)).await.expect("keys");
    let unusable = "secret_refresh_failed secrets_key_white_space";
    assert_eq!(told(&troubles), [unusable]);

    set(&service, "AWSCURRENT", "key-number-two");
    let secrets = keyring.secrets(after(960)).await.expect("keys");
    assert_eq!(stage(&secrets, "key-number-two"), Ok(Stage::Current));
    assert_eq!(told(&troubles), ["secret_odd secrets_key_weak"]);

    service.lock().expect("a service").versions.clear();
    keyring.secrets(after(1260)).await.expect("keys");
    let gone = "secret_refresh_failed secret_unavailable ResourceNotFoundException";
    assert_eq!(told(&troubles), [gone]);
}

#[tokio::test]
async fn a_reading_that_takes_too_long_is_logged() {
    let (service, store) = service("key-number-one-of-all").await;
    let (troubles, store) = watched(store);
    let keyring = Keyring::open(store, after(0)).await;
    service.lock().expect("a service").is_hanging = true;
    let secrets = keyring.secrets(after(300)).await.expect("keys");
    assert_eq!(stage(&secrets, "key-number-one-of-all"), Ok(Stage::Current));
    let late = "secret_refresh_failed secret_unavailable timeout";
    assert_eq!(told(&troubles), [late]);
}

/// The version before must not keep the current one out, and is not passed over in silence: once,
/// not every five minutes.
#[tokio::test]
async fn a_previous_version_that_cannot_be_used_is_told_once() {
    let (service, store) = service("key-number-one-of-all").await;
    set(&service, "AWSPREVIOUS", r#"{"note": "key-number-zero"}"#);
    let (troubles, store) = watched(store);
    let keyring = Keyring::open(store, after(0)).await;
    let unusable = |code: &str| [format!("secret_previous_unusable {code} AWSPREVIOUS")];
    assert_eq!(told(&troubles), unusable("secrets_label_names_no_key"));
    let secrets = keyring.secrets(after(300)).await.expect("keys");
    assert_eq!(told(&troubles), [""; 0]);
    assert_eq!(stage(&secrets, "key-number-one-of-all"), Ok(Stage::Current));
    assert_eq!(
        stage(&secrets, "key-number-zero"),
        Err(Rejection::SignatureMismatch)
    );
    set(&service, "AWSPREVIOUS", "short");
    keyring.secrets(after(600)).await.expect("keys");
    assert_eq!(told(&troubles), unusable("secrets_key_short"));
    set(&service, "AWSPREVIOUS", "key-number-zero-of-all");
    keyring.secrets(after(900)).await.expect("keys");
    assert_eq!(told(&troubles), [""; 0]);
    // And again, if it is so again.
    set(&service, "AWSPREVIOUS", "short");
    keyring.secrets(after(1200)).await.expect("keys");
    assert_eq!(told(&troubles), unusable("secrets_key_short"));
}

/// A key that is short, or looks like another one, is used, and told once.
#[tokio::test]
async fn an_odd_key_is_told_once() {
    for (provider, key, code) in [
        ("inboxroad", "eight-ch", "secrets_key_weak"),
        (
            "mailgun",
            "key-0123456789abcdef0123456789abcdef",
            "secrets_key_like_api",
        ),
        (
            "mailgun",
            "0123456789abcdef0123456789abcdef-01234567-89abcdef",
            "secrets_key_like_api",
        ),
    ] {
        let (_service, store) = service_of(provider, key).await;
        let (troubles, store) = watched(store);
        let keyring = Keyring::open(store, after(0)).await;
        assert_eq!(told(&troubles), [format!("secret_odd {code}")], "{key}");
        keyring.secrets(after(300)).await.expect("keys");
        assert_eq!(told(&troubles), [""; 0]);
    }
}

/// A key in the form of no key of this provider's is as bad as a blank one: it would refuse
/// everything.
#[tokio::test]
async fn a_rotation_to_a_key_of_another_form_keeps_the_keys() {
    let provider = registry::sender("sendgrid").expect("a provider");
    let public = tests::receiver_key(provider, tests::key(provider));
    let (service, store) = service_of("sendgrid", &public).await;
    let keyring = Keyring::open(store, after(0)).await;
    let before = keyring.secrets(after(1)).await.expect("keys");
    for unusable in ["no-key-at-all", tests::key(provider)] {
        rotate(&service, unusable);
        assert_eq!(keyring.secrets(after(300)).await.expect("keys"), before);
        assert_eq!(keyring.secrets(after(600)).await.expect("keys"), before);
    }
    let other = tests::receiver_key(provider, tests::another_key(provider));
    rotate(&service, &other);
    assert_ne!(keyring.secrets(after(900)).await.expect("keys"), before);
}

/// A keyring of this secret at the start, and what it told.
async fn opened(provider: &str, secret: &str) -> (Shared, Keyring, Troubles) {
    let (service, store) = service_of(provider, secret).await;
    let (troubles, store) = watched(store);
    let keyring = Keyring::open(store, after(0)).await;
    (service, keyring, troubles)
}

#[tokio::test]
async fn with_an_unusable_key_at_the_start_there_are_no_keys_and_the_line_says_why() {
    for (provider, secret, code) in [
        ("inboxroad", "", "secrets_blank"),
        ("inboxroad", " ", "secrets_blank"),
        ("inboxroad", r#"{"eu":7}"#, "secrets_not_an_object"),
        ("sendgrid", "no-key-at-all", "secrets_key_not_public"),
        ("resend", "no-key-at-all", "secrets_key_not_base64"),
    ] {
        let (_service, keyring, troubles) = opened(provider, secret).await;
        let line = troubles.lock().expect("troubles")[0].clone();
        assert_eq!(line["level"], "error");
        assert_eq!(line["timestamp"], "2026-01-02T03:05:00.678Z");
        assert_eq!(
            told(&troubles),
            [format!("secret_refresh_failed {code}")],
            "{secret:?}"
        );
        let refused = keyring.secrets(after(1)).await.expect_err("no keys");
        assert_eq!(refused.code(), code);
    }
}

/// AWS answers that the function may not, where the secret is not there and the role may read one
/// name with any suffix.
#[tokio::test]
async fn a_secret_that_is_not_made_yet_says_how_it_is_made() {
    for code in ["ResourceNotFoundException", "AccessDeniedException"] {
        let (service, store) = service_of("insider", "key-number-one-of-all").await;
        service.lock().expect("a service").down = Some(code);
        let (troubles, store) = watched(store);
        let keyring = Keyring::open(store, after(0)).await;
        let line = troubles.lock().expect("troubles")[0].clone();
        let message = format!(
            "Secrets Manager has no secret postern/insider, or the function may not read it ({code}): make it with aws secretsmanager create-secret --name postern/insider --secret-string 'THE KEY'; if it is there, look at the function's role"
        );
        let wanted = json!({
            "timestamp": "2026-01-02T03:05:00.678Z", "level": "error", "provider": "insider",
            "outcome": "secret_refresh_failed", "code": "secret_unavailable",
            "secrets_error": code, "message": message,
        });
        assert_eq!(line, wanted);
        let refused = keyring.secrets(after(1)).await.expect_err("no keys");
        let missing = KeyringError::Missing {
            name: "postern/insider".to_owned(),
            code: code.to_owned(),
        };
        assert_eq!(refused, missing);
    }
}

#[tokio::test]
async fn without_keys_the_secret_is_read_again_once_a_minute_however_many_ask() {
    let (service, keyring, troubles) = opened("inboxroad", " ").await;
    assert_eq!(told(&troubles), ["secret_refresh_failed secrets_blank"]);
    set(&service, "AWSCURRENT", "short");
    for second in [1, 30, 59] {
        let refused = keyring.secrets(after(second)).await;
        let blank = KeyringError::Unusable(SecretsError::Blank);
        assert_eq!(refused, Err(blank), "asked {second} s ago");
    }
    assert_eq!((asked(&service), told(&troubles).len()), (1, 0));
    // One reads; who comes meanwhile has the answer of before.
    let many = (0..50).map(|_| keyring.secrets(after(60)));
    let refused = futures_util::future::join_all(many).await;
    assert!(refused.iter().all(Result::is_err));
    assert_eq!(asked(&service), 2);
    assert_eq!(told(&troubles), ["secret_refresh_failed secrets_key_short"]);
    let refused = keyring.secrets(after(61)).await;
    let short = KeyringError::Unusable(SecretsError::KeyShort);
    assert_eq!(refused, Err(short), "the reason of the last reading");

    service.lock().expect("a service").down = Some("InternalServiceError");
    for second in 61..180 {
        assert!(keyring.secrets(after(second)).await.is_err());
    }
    assert_eq!(asked(&service), 3);
    let down = "secret_refresh_failed secret_unavailable InternalServiceError";
    assert_eq!(told(&troubles), [down]);

    service.lock().expect("a service").down = None;
    set(&service, "AWSCURRENT", "key-number-one-of-all");
    let secrets = keyring.secrets(after(180)).await.expect("keys");
    assert_eq!(stage(&secrets, "key-number-one-of-all"), Ok(Stage::Current));
    assert_eq!((asked(&service), told(&troubles).len()), (4, 0));
    // From then on as ever: they are kept, and read again after five minutes.
    service.lock().expect("a service").down = Some("InternalServiceError");
    for second in [181, 240, 479] {
        keyring.secrets(after(second)).await.expect("keys");
    }
    assert_eq!(asked(&service), 4);
    let kept = keyring.secrets(after(480)).await.expect("keys");
    assert_eq!((asked(&service), kept), (5, secrets));
}

#[tokio::test]
async fn without_keys_a_webhook_waits_for_a_reading_and_not_for_long() {
    let (service, keyring, troubles) = opened("inboxroad", " ").await;
    told(&troubles);
    service.lock().expect("a service").is_hanging = true;
    let started = Instant::now();
    let refused = keyring.secrets(after(60)).await;
    let late = KeyringError::Unavailable("timeout".to_owned());
    assert_eq!(refused, Err(late));
    let waited = started.elapsed();
    let patience = Duration::from_millis(900)..Duration::from_millis(1_400);
    assert!(patience.contains(&waited), "{waited:?}");
    let late = "secret_refresh_failed secret_unavailable timeout";
    assert_eq!(told(&troubles), [late]);
}

/// A start has more time than a webhook, and ends.
#[tokio::test]
async fn a_service_that_hangs_at_the_start_does_not_keep_the_receiver_from_starting() {
    let (service, store) = service("key-number-one-of-all").await;
    service.lock().expect("a service").is_hanging = true;
    let (troubles, store) = watched(store);
    let started = Instant::now();
    let keyring = Keyring::open(store, after(0)).await;
    let waited = started.elapsed();
    let patience = Duration::from_secs(3)..Duration::from_secs(4);
    assert!(patience.contains(&waited), "{waited:?}");
    let late = "secret_refresh_failed secret_unavailable timeout";
    assert_eq!(told(&troubles), [late]);
    service.lock().expect("a service").is_hanging = false;
    let secrets = keyring.secrets(after(60)).await.expect("keys");
    assert_eq!(stage(&secrets, "key-number-one-of-all"), Ok(Stage::Current));
}

/// What the environment gives cannot change, so nothing is read.
#[tokio::test]
async fn what_was_given_stays_as_it_is() {
    let secrets = Secrets::parse("key-number-one").expect("a secret");
    let keyring = Keyring::given(Ok(secrets));
    let known = keyring.secrets(after(0)).await.expect("keys");
    assert_eq!(stage(&known, "key-number-one"), Ok(Stage::Current));
    assert_eq!(keyring.others(&known, after(86_400)).await, None);
    let short = KeyringError::Unusable(SecretsError::KeyShort);
    let keyring = Keyring::given(Err(short.clone()));
    assert_eq!(keyring.secrets(after(86_400)).await, Err(short));
}
