//! What a receiver does without a key, and with little time: real processes, and a real SDK on both
//! sides.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_secretsmanager::Client;
use futures_util::future::join_all;
use jiff::SignedDuration;
use operator::print::now;
use registry::{SENDERS, sender};
use serde_json::{Value, json};
use shared::rejection::Rejection;
use shared::sender::Sender;
use stack::lambda::Lambda;
use table::read::text;
use tests::stack::Running;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep};

/// One function of the template with this variable.
async fn receiver(running: &Running, name: &str, variable: &str, value: &str) -> Lambda {
    let receiver = running.function(name, &[(variable, value)]).await;
    receiver.expect("a receiver starts")
}

/// A webhook that is signed with a provider's sample key, and came to the gateway so long ago.
fn webhook(provider: &dyn Sender, body: &str, ago: SignedDuration) -> String {
    let key = operator::secrets::signing_key(provider, &BTreeMap::new()).expect("a key");
    let at = now() - ago;
    let signed = provider.signed(&key, body.as_bytes(), at);
    let mut event = tests::gateway_event(&signed.headers, &signed.body);
    event["requestContext"]["timeEpoch"] = at.as_millisecond().into();
    event.to_string()
}

/// The status and the body of the answer.
async fn answer(receiver: &Lambda, event: String) -> (u64, String) {
    let answer = receiver.invoke(event.into()).await.expect("an answer");
    let answer: Value = serde_json::from_slice(&answer).expect("JSON");
    let body = answer["body"].as_str().expect("a body");
    (
        answer["statusCode"].as_u64().expect("a status"),
        body.to_owned(),
    )
}

/// The answer of a receiver that cannot do its work: what makes this provider send again.
fn unavailable(provider: &dyn Sender) -> (u64, String) {
    let status = provider.answers().status(Rejection::KeyUnavailable);
    (status.into(), String::new())
}

/// The functions' lines of this outcome.
fn lines(running: &Running, outcome: &str) -> Vec<Value> {
    let lines = running.lines.lock().expect("lines");
    let lines = lines.iter().map(|line| serde_json::from_str::<Value>(line));
    let lines = lines.filter_map(Result::ok);
    lines.filter(|line| line["outcome"] == outcome).collect()
}

/// A line without what differs from run to run.
fn plain(line: &Value) -> Value {
    let mut line = line.clone();
    let fields = line.as_object_mut().expect("fields");
    for name in ["timestamp", "request_id"] {
        let text = fields.remove(name).unwrap_or_default();
        assert!(name == "request_id" || text.is_string(), "{name}: {text}");
    }
    line
}

/// Given keys cannot change, so what is wrong with them is said once, and every webhook is refused.
#[tokio::test(flavor = "multi_thread")]
async fn with_a_secret_that_is_blank_or_broken_a_receiver_starts_and_answers_503() {
    let running = Running::new().await;
    let mut wanted = Vec::new();
    for provider in SENDERS {
        for (secret, code) in [
            ("", "secrets_blank"),
            (" ", "secrets_blank"),
            ("\n", "secrets_blank"),
            ("{}", "secrets_blank"),
            ("{\"eu\":\"\"}", "secrets_blank"),
            ("{\"eu\":7}", "secrets_not_an_object"),
            ("{\"eu\":\"a\",\"eu\":\"b\"}", "secrets_not_an_object"),
            ("{\"?key\":\"a-key-of-a-url\"}", "secrets_url_key_alone"),
        ] {
            let receiver = receiver(&running, provider.name(), "WEBHOOK_SECRETS", secret).await;
            for _ in 0..2 {
                let signed = webhook(*provider, "{}", SignedDuration::ZERO);
                assert_eq!(
                    answer(&receiver, signed).await,
                    unavailable(*provider),
                    "{secret:?}"
                );
            }
            wanted.push(json!([provider.name(), code]));
        }
    }
    let failed = |running: &Running| lines(running, "secret_refresh_failed");
    let failed = running.logged(wanted.len(), failed).await;
    let said: Vec<Value> = failed
        .iter()
        .map(|line| json!([line["provider"], line["code"]]))
        .collect();
    assert_eq!(said, wanted);
    let rejected = |running: &Running| lines(running, "rejected");
    let rejected = running.logged(2 * wanted.len(), rejected).await;
    assert_eq!(rejected.len(), 2 * wanted.len());
    assert_eq!(
        plain(&rejected[0]),
        json!({"level": "warn", "provider": SENDERS[0].name(), "outcome": "rejected", "status": unavailable(SENDERS[0]).0, "code": "key_unavailable"})
    );
    assert_eq!(running.stored().await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_key_that_could_match_nothing_a_receiver_starts_and_answers_503() {
    let running = Running::new().await;
    let sendgrid = sender("sendgrid").expect("a provider");
    let cases = [
        ("resend", "whsec_not-base64", "secrets_key_not_base64"),
        ("sendgrid", "not-a-key", "secrets_key_not_public"),
        ("sendgrid", tests::key(sendgrid), "secrets_key_private"),
    ];
    let mut wanted = Vec::new();
    for (name, key, code) in cases {
        // The provider's own variable comes first, before the good key of all.
        let own = format!("WEBHOOK_SECRETS_{}", name.to_uppercase());
        for variable in ["WEBHOOK_SECRETS", &own] {
            let receiver = receiver(&running, name, variable, key).await;
            let provider = sender(name).expect("a provider");
            let signed = webhook(provider, "{}", SignedDuration::ZERO);
            assert_eq!(
                answer(&receiver, signed).await,
                unavailable(provider),
                "{name}"
            );
            wanted.push(json!([name, code]));
        }
    }
    let failed = |running: &Running| lines(running, "secret_refresh_failed");
    let failed = running.logged(wanted.len(), failed).await;
    let said = failed
        .iter()
        .map(|line| json!([line["provider"], line["code"]]));
    assert_eq!(said.collect::<Vec<_>>(), wanted);
}

/// A template without the variable, or a function that was made by hand.
#[tokio::test(flavor = "multi_thread")]
async fn without_any_secret_a_receiver_starts_and_says_what_to_set() {
    let running = Running::new().await;
    let receiver = receiver(&running, "insider", "WEBHOOK_SECRET_NAME", " ").await;
    let insider = sender("insider").expect("a provider");
    let signed = webhook(insider, "{}", SignedDuration::ZERO);
    assert_eq!(answer(&receiver, signed).await, unavailable(insider));
    let failed = running.logged(1, |running| lines(running, "secret_refresh_failed"));
    let failed = failed.await;
    assert_eq!(failed.len(), 1);
    assert_eq!(
        plain(&failed[0]),
        json!({
            "level": "error", "provider": "insider", "outcome": "secret_refresh_failed",
            "code": "secrets_unset",
            "message": "neither WEBHOOK_SECRET_NAME nor WEBHOOK_SECRETS is set: set the first to the name of a secret in Secrets Manager that holds the provider's signing key, or a JSON object of label -> key; or the second to either",
        })
    );
}

/// What still stops a receiver is not a key: without a queue it could only lose what it accepts.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_queue_or_with_an_unreadable_window_a_receiver_does_not_start() {
    let running = Running::new().await;
    for (variable, value, code) in [
        ("QUEUE_URL", " ", "queue_url_unset"),
        ("SIGNATURE_WINDOW", "soon", "signature_window_unreadable"),
    ] {
        let started = running.function("insider", &[(variable, value)]).await;
        assert!(started.is_err(), "{variable}");
        let stops = |running: &Running| -> Vec<Value> {
            let lines = running.lines.lock().expect("lines");
            let lines = lines.iter().map(|line| serde_json::from_str::<Value>(line));
            let lines = lines.filter_map(Result::ok);
            lines.filter(|line| line["code"] == code).collect()
        };
        let stops = running.logged(1, stops).await;
        assert_eq!(stops[0]["function"], "insider");
        assert_eq!(stops[0]["level"], "error");
        assert!(stops[0]["timestamp"].is_string());
    }
}

/// The address of a part of the stack, as its status says it.
async fn address(running: &Running, part: &str) -> String {
    let mut stream = TcpStream::connect(running.stack.api)
        .await
        .expect("a stack");
    let host = running.stack.api;
    let ask = format!("GET /_postern/status HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    let asked = stream.write_all(ask.as_bytes()).await;
    asked.expect("asked");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
    let status: Value = serde_json::from_str(body).expect("JSON");
    status[part].as_str().expect("an address").to_owned()
}

async fn secrets_manager(running: &Running) -> Client {
    let address = address(running, "secretsmanager").await;
    assert_eq!(address, format!("http://{}", running.stack.secrets_manager));
    tests::secrets_manager::client(address)
}

/// As on AWS: deployed first, and the secret made afterwards. It takes a minute, as there.
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_made_after_the_start_is_used_after_a_minute() {
    let running = Running::new().await;
    let client = secrets_manager(&running).await;
    let insider = sender("insider").expect("a provider");
    let opened = Instant::now();
    let receiver = receiver(&running, "insider", "WEBHOOK_SECRET_NAME", "local/late").await;
    let signed = || webhook(insider, "[]", SignedDuration::ZERO);
    assert_eq!(answer(&receiver, signed()).await, unavailable(insider));
    let key = operator::secrets::for_receiver(insider, &BTreeMap::new());
    let key = key.expect("a key");
    let creating = client.create_secret().name("local/late");
    creating.secret_string(key).send().await.expect("created");
    // Nothing is read for a webhook, and be it signed.
    for _ in 0..20 {
        assert_eq!(answer(&receiver, signed()).await, unavailable(insider));
    }
    let failed = lines(&running, "secret_refresh_failed");
    assert_eq!(failed.len(), 1);
    assert_eq!(
        plain(&failed[0]),
        json!({
            "level": "error", "provider": "insider", "outcome": "secret_refresh_failed",
            "code": "secret_unavailable", "secrets_error": "ResourceNotFoundException",
            "message": "Secrets Manager has no secret local/late, or the function may not read it (ResourceNotFoundException): make it with aws secretsmanager create-secret --name local/late --secret-string 'THE KEY'; if it is there, look at the function's role",
        })
    );
    while answer(&receiver, signed()).await != (200, insider.answers().accepted.to_owned()) {
        assert!(opened.elapsed() < Duration::from_secs(90), "not read again");
        sleep(Duration::from_millis(500)).await;
    }
    assert!(
        opened.elapsed() > Duration::from_secs(55),
        "{:?}",
        opened.elapsed()
    );
    assert_eq!(lines(&running, "secret_refresh_failed").len(), 1);
}

/// The template names each receiver's secret, and the stack puts it there.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_value_is_current_and_the_one_before_still_counts() {
    let running = Running::new().await;
    let client = secrets_manager(&running).await;
    for provider in SENDERS {
        let name = provider.name();
        let id = format!("local/{name}");
        let variable = &running.stack.functions[name].settings().environment;
        assert_eq!(variable["WEBHOOK_SECRET_NAME"], id);
        assert!(!variable.contains_key("WEBHOOK_SECRETS"), "{name}");
        let other = tests::receiver_key(*provider, tests::another_key(*provider));
        let putting = client.put_secret_value().secret_id(&id);
        putting.secret_string(other).send().await.expect("put");
        // A process that starts now, with the environment of the others.
        let receiver = running.function(name, &[]).await.expect("a receiver");
        let body = br#"{"event-data":{"event":"a word"}}"#;
        let sample = operator::secrets::signing_key(*provider, &BTreeMap::new());
        let sample = sample.expect("a key");
        for (key, stage) in [
            (tests::another_key(*provider), Value::Null),
            (sample.as_str(), json!("AWSPREVIOUS")),
        ] {
            let before = lines(&running, "accepted").len();
            let signed = provider.signed(key, body, now());
            let mut event = tests::gateway_event(&signed.headers, &signed.body);
            event["requestContext"]["timeEpoch"] = now().as_millisecond().into();
            let accepted = answer(&receiver, event.to_string()).await;
            assert_eq!(
                accepted,
                (200, provider.answers().accepted.to_owned()),
                "{name}"
            );
            let accepted = |running: &Running| lines(running, "accepted");
            let accepted = running.logged(before + 1, accepted).await;
            assert_eq!(accepted[before]["stage"], stage, "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_hangs_or_is_down_is_503_in_time_for_the_provider() {
    let running = Running::new().await;
    // accepts, and never answers
    let hanging = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let hanging = format!("http://{}", hanging.local_addr().expect("an address"));
    let running = &running;
    for endpoint in [hanging.as_str(), "http://127.0.0.1:1"] {
        let refusals = SENDERS.iter().map(|provider| async move {
            let key = operator::secrets::signing_key(*provider, &BTreeMap::new()).expect("a key");
            let signed = provider.signed(&key, b"{}", tests::received_at());
            let event = tests::gateway_event(&signed.headers, &signed.body).to_string();
            let environment = [("AWS_ENDPOINT_URL_SQS", endpoint)];
            let lambda = running
                .function(provider.name(), &environment)
                .await
                .expect("a function");
            let started = Instant::now();
            let answer = lambda.invoke(event.into()).await.expect("an answer");
            (*provider, answer, started.elapsed())
        });
        for (provider, answer, elapsed) in join_all(refusals).await {
            let name = provider.name();
            let answer: Value = serde_json::from_slice(&answer).expect("JSON");
            let (status, body) = unavailable(provider);
            assert_eq!(
                (&answer["statusCode"], &answer["body"]),
                (&json!(status), &json!(body)),
                "{name}"
            );
            let within = Duration::from_millis(provider.answers().within_ms + 500);
            assert!(elapsed < within, "{name}: {elapsed:?}");
        }
    }
}

/// The provider's patience began when the gateway had the webhook. Whatever is left of it, one
/// attempt of a second is made.
#[tokio::test(flavor = "multi_thread")]
async fn the_time_to_answer_counts_from_the_gateways_time() {
    let running = Running::new().await;
    // accepts, and never answers
    let hanging = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let hanging = format!("http://{}", hanging.local_addr().expect("an address"));
    let mailpanda = sender("mailpanda").expect("a provider");
    for (ago, wanted) in [
        (0, 3_000),
        (1_000, 2_000),
        (2_500, 1_000),
        (9_500, 1_000),
        // Another clock's: then it counts from the function's start.
        (10_500, 3_000),
        (-2_000, 3_000),
    ] {
        let receiver = receiver(&running, "mailpanda", "AWS_ENDPOINT_URL_SQS", &hanging).await;
        let signed = webhook(mailpanda, "{}", SignedDuration::from_millis(ago));
        let started = Instant::now();
        assert_eq!(answer(&receiver, signed).await, unavailable(mailpanda));
        let elapsed = started.elapsed().as_millis();
        let around = wanted - 100..wanted + 800;
        assert!(around.contains(&elapsed), "{ago} ms ago: {elapsed}");
    }
    let rejected = running
        .logged(6, |running| lines(running, "rejected"))
        .await;
    assert_eq!(rejected.len(), 6);
    for line in &rejected {
        assert_eq!(
            plain(line),
            json!({"level": "warn", "provider": "mailpanda", "outcome": "rejected", "status": 503, "code": "queue_unavailable", "queue_error": "timeout", "body_bytes": 2})
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_is_late_already_is_sent_all_the_same() {
    let running = Running::new().await;
    let slow = "queue:slow=1,600".parse().expect("a fault");
    running.stack.faults.set(vec![slow]);
    let mailpanda = sender("mailpanda").expect("a provider");
    let receiver = &running.stack.functions["mailpanda"];
    let opened = json!({"type": "open", "email_id": "m", "recipient": "kim@mail.test", "timestamp": "2026-01-02T03:04:05Z"});
    let late = webhook(mailpanda, &opened.to_string(), SignedDuration::from_secs(9));
    assert_eq!(
        answer(receiver, late).await,
        (200, mailpanda.answers().accepted.to_owned())
    );
    running.stack.faults.clear();
    let stored = running.stored().await;
    assert_eq!(stored.len(), 1);
    assert_eq!(text(&stored[0], "pk"), "email#kim@mail.test");
}

/// Every byte of a line is billed, so one of a real process is measured.
#[tokio::test(flavor = "multi_thread")]
async fn the_line_of_an_accepted_webhook_is_short_and_has_these_fields() {
    let running = Running::new().await;
    let opened = json!({"event_id": "e1", "object_type": "email", "metric": "opened", "timestamp": 1_767_323_045, "data": {"recipient": "kim@mail.test"}});
    let body = opened.to_string();
    let sent = running.send("customerio", body.as_bytes()).await;
    assert_eq!(sent.status, 200);
    let raw = |running: &Running| -> Vec<String> {
        let lines = running.lines.lock().expect("lines");
        let accepted = |line: &&String| line.contains(r#""outcome":"accepted""#);
        lines.iter().filter(accepted).cloned().collect()
    };
    let lines = running.logged(1, raw).await;
    let line: Value = serde_json::from_str(&lines[0]).expect("JSON");
    let id = |name: &str| line[name].as_str().expect("an id").to_owned();
    let (request, message) = (id("request_id"), id("message_id"));
    assert_eq!((request.len(), message.len()), (36, 36));
    let timestamp = id("timestamp");
    let bytes = body.len();
    assert_eq!(
        lines[0],
        format!(
            r#"{{"timestamp":"{timestamp}","level":"info","provider":"customerio","outcome":"accepted","request_id":"{request}","body_bytes":{bytes},"message_id":"{message}"}}"#
        )
    );
    assert!(
        lines[0].len() < 235,
        "{} bytes, and a line break",
        lines[0].len()
    );
}

/// What runs is known by the version that each function says once, however many webhooks come.
#[tokio::test(flavor = "multi_thread")]
async fn each_function_says_its_version_once() {
    let running = Running::new().await;
    for body in ["[]", "{}"] {
        running.send("insider", body.as_bytes()).await;
    }
    let all = running.stack.functions.len();
    let started = |running: &Running| -> Vec<Value> {
        let lines = running.lines.lock().expect("lines");
        let lines = lines.iter().map(|line| serde_json::from_str::<Value>(line));
        let lines = lines.filter_map(Result::ok);
        lines.filter(|line| line["code"] == "started").collect()
    };
    let started = running.logged(all, started).await;
    let mut names: Vec<&str> = Vec::new();
    for line in &started {
        names.extend(line["function"].as_str());
        let wanted = json!({
            "level": "info", "function": line["function"], "code": "started",
            "version": env!("CARGO_PKG_VERSION"),
        });
        assert_eq!(plain(line), wanted);
    }
    names.sort_unstable();
    let functions: Vec<&str> = running.stack.functions.keys().map(String::as_str).collect();
    assert_eq!(names, functions);
}
