//! The whole stack: HTTP in, real function processes, real SDK calls, the table out. Every test has
//! a stack of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use registry::{SENDERS, sender};
use serde_json::{Value, json};
use shared::provider::Strength;
use shared::sender::Sender;
use stack::{Options, Stack};
use table::item::Item;
use table::read::text;
use tests::checks;
use tests::stack::{Running, options};
use tokio::net::TcpListener;
use tokio::time::sleep;

#[tokio::test(flavor = "multi_thread")]
async fn every_sample_goes_through_to_the_table_once() {
    // Every provider with a second secret in its URL, which is in no line either.
    let running = Running::with(|options| options.secrets = with_url_keys("sample")).await;
    let wanted = checks::send_every_sample_twice(&running.sender).await;
    let wanted = wanted.under("sample");
    let items = running.stored().await;
    wanted.are(&items);
    assert_eq!(running.dead().await.len(), wanted.poison);
    let refused = refuse_one_of_each(&running).await;
    nothing_personal(&running, &items, &refused);
    let tokens = running.events.scan().await.expect("items");
    let tokens = tokens.iter().map(|item| text(item, "pk"));
    let tokens: Vec<&str> = tokens
        .filter_map(|pk| pk.strip_prefix("token#mailgun#"))
        .collect();
    assert!(tokens.len() > 50, "Mailgun's samples were signed");
    let log = running.lines.lock().expect("lines").join("\n");
    assert!(
        tokens.iter().all(|token| !log.contains(token)),
        "a token is in the log"
    );
}

/// Every provider's sample key under this label, and a URL key.
fn with_url_keys(label: &str) -> BTreeMap<String, String> {
    let secrets = SENDERS.iter().map(|provider| {
        let key = operator::secrets::of(provider.name(), &BTreeMap::new()).expect("a secret");
        let secret = json!({label: key, "?key": url_key(*provider)});
        (provider.name().to_owned(), secret.to_string())
    });
    secrets.collect()
}

fn url_key(provider: &dyn Sender) -> String {
    format!("url-key-of-{}-4.7~1", provider.name())
}

/// Sends every provider a forged webhook, and a signed one to a URL with another key, and returns
/// what was in them.
async fn refuse_one_of_each(running: &Running) -> Vec<String> {
    let mut sent = Vec::new();
    for provider in SENDERS {
        let body = format!(r#"{{"recipient":"forged.{}@mail.test"}}"#, provider.name());
        let path = format!("/webhooks/{}", provider.name());
        let forged = provider.signed(
            tests::another_key(*provider),
            body.as_bytes(),
            tests::received_at(),
        );
        let reply = running.post(&path, &forged.headers, &forged.body).await;
        assert_eq!(reply.status, 401);
        let signed = running.sender.signed(*provider, body.as_bytes());
        let signed = signed.expect("signed");
        let wrong = format!("another-url-key-of-{}", provider.name());
        let path = format!("{path}?key={wrong}");
        let reply = running.post(&path, &signed.headers, &signed.body).await;
        assert_eq!((reply.status.as_u16(), reply.body.as_str()), (401, ""));
        sent.extend([format!("forged.{}@mail.test", provider.name()), wrong]);
        sent.extend([tests::signature(&forged), tests::signature(&signed)]);
        // of the other one not all: a signed time of now is the time of any line
        sent.extend(forged.headers.into_iter().map(|(_, value)| value));
    }
    sent
}

/// No log line of the run has in it what somebody sent, or a secret.
fn nothing_personal(running: &Running, items: &[Item], refused: &[String]) {
    let lines = running.lines.lock().expect("lines");
    assert!(lines.len() > 100, "the functions log a line per webhook");
    let log = lines.join("\n").to_lowercase();
    let absent = |what: &str| {
        // what is shorter could be in any line by chance
        let is_telling = what.len() >= 8;
        assert!(
            !is_telling || !log.contains(&what.to_lowercase()),
            "{what} is in the log"
        );
    };
    for item in items {
        absent(
            text(item, "pk")
                .split_once('#')
                .map_or("", |(_, rest)| rest),
        );
        for name in ["recipient", "subject", "url", "reason", "raw"] {
            absent(text(item, name));
        }
    }
    for provider in SENDERS {
        absent(&operator::secrets::of(provider.name(), &BTreeMap::new()).expect("a secret"));
        absent(&url_key(*provider));
        for (body, _) in tests::cases(*provider) {
            let body = std::fs::read(body).expect("a sample");
            let signed = running.sender.signed(*provider, &body).expect("signed");
            if !signed.headers.is_empty() || signed.body != body {
                // the signature of this second, and for most providers of any
                absent(&tests::signature(&signed));
            }
        }
    }
    for what in refused {
        absent(what);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn poison_ends_in_the_dead_letter_queue_and_its_neighbours_in_the_table() {
    let running = Running::new().await;
    let open = |n: u32| {
        json!({"type": "open", "email_id": format!("m{n}"), "recipient": format!("p{n}@mail.test"), "timestamp": "2026-01-02T03:04:05Z"}).to_string()
    };
    running.send("mailpanda", open(1).as_bytes()).await;
    assert_eq!(running.send("mailpanda", b"not json").await.status, 200);
    running.send("mailpanda", open(2).as_bytes()).await;
    let queue = running
        .stack
        .queues
        .queue("DeliveriesQueue")
        .expect("a queue");
    queue.send("not even a delivery".to_owned()).expect("sent");
    running.send("mailpanda", open(3).as_bytes()).await;
    let items = running.stored().await;
    let stored: BTreeSet<&str> = items.iter().map(|item| text(item, "pk")).collect();
    assert_eq!(
        stored,
        BTreeSet::from([
            "email#p1@mail.test",
            "email#p2@mail.test",
            "email#p3@mail.test"
        ])
    );
    let dead = running.dead().await;
    assert_eq!(dead.len(), 2);
    assert!(dead.iter().any(|body| body == "not even a delivery"));
    assert!(
        dead.iter()
            .any(|body| body.contains(r#""body":"not json""#))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_comes_again_with_another_body_ends_in_the_dead_letter_queue() {
    let running = Running::new().await;
    let provider = sender("mailgun").expect("a provider");
    let event = json!({"event-data": {"id": "e1", "timestamp": 1_767_323_045.25, "event": "complained", "recipient": "kim@mail.test"}});
    let signed = running
        .sender
        .signed(provider, event.to_string().as_bytes());
    let signed = signed.expect("signed").body;
    let post = async |body: &[u8]| running.post("/webhooks/mailgun", &[], body).await.status;
    assert_eq!(post(&signed).await, 200);
    assert_eq!(running.stored().await.len(), 1);
    // Whoever saw it: let in, for the signature is right; and not stored.
    let forged = tests::replaced(&signed, "kim@mail.test", "forged.lou@mail.test");
    assert_eq!(post(&forged).await, 200);
    assert_eq!(post(&signed).await, 200, "a retry");
    let items = running.stored().await;
    let stored: Vec<&str> = items.iter().map(|item| text(item, "pk")).collect();
    assert_eq!(stored, ["email#kim@mail.test"]);
    let suppressed = running.events.suppressed().await.expect("suppressions");
    assert_eq!(suppressed.len(), 1);
    let dead = running.dead().await;
    assert_eq!(dead.len(), 1);
    assert!(
        dead[0].contains("forged.lou@mail.test"),
        "the evidence is kept"
    );
    let lines = running.lines.lock().expect("lines").join("\n");
    assert!(lines.contains(r#""codes":["token_reused"]"#), "{lines}");
    assert!(!lines.contains("lou@mail.test") && !lines.contains("kim@mail.test"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_url_key_comes_as_the_gateway_hands_it_over_and_is_on_nobodys_screen() {
    let secrets = with_url_keys("sample");
    let running = Running::with(|options| options.secrets = secrets.clone()).await;
    for provider in SENDERS {
        let key = url_key(*provider);
        let path = format!("/webhooks/{}", provider.name());
        let signed = running.sender.signed(*provider, b"{}").expect("signed");
        let post = async |query: String| {
            let path = format!("{path}{query}");
            running
                .post(&path, &signed.headers, &signed.body)
                .await
                .status
                .as_u16()
        };
        assert_eq!(post(format!("?key={key}")).await, 200);
        assert_eq!(
            post(format!("?a=1&key={}", key.replace('~', "%7E"))).await,
            200,
            "decoded"
        );
        for refused in [
            String::new(),
            "?".to_owned(),
            "?key".to_owned(),
            format!("?key={key}&key={key}"),
            format!("?k={key}"),
            format!("?key={key}+"),
        ] {
            assert_eq!(post(refused.clone()).await, 401, "{refused}");
        }
        // Nothing listens there: what a user would see.
        let nowhere = operator::send::Poster::to("http://127.0.0.1:1", secrets.clone());
        let error = nowhere.send(*provider, b"{}".to_vec()).await;
        let error = error.expect_err("no answer");
        assert_eq!(error.code(), "api_unreachable");
        let said = format!("{error} {:?}", error.hint());
        assert!(said.contains(&path) && !said.contains(&key), "{said}");
    }
    let lines = running.lines.lock().expect("lines").join("\n");
    assert!(lines.contains(r#""code":"url_key_mismatch""#));
    assert!(!lines.contains("url-key-of-"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_outcome_has_its_answer() {
    let running = Running::new().await;
    checks::every_outcome_has_its_answer(&running.sender).await;
    let not_found = running.post("/webhooks/nobody", &[], b"{}").await;
    assert_eq!(
        (not_found.status.as_u16(), not_found.body.as_str()),
        (404, r#"{"message":"Not Found"}"#)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_published_vectors_are_accepted_with_the_window_off_and_one_byte_changed_they_are_not()
{
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let file = std::fs::read_to_string(vectors.join("vectors.json")).expect("vectors");
    let file: Value = serde_json::from_str(&file).expect("vectors");
    // Who shows a secret signs nothing that could be published.
    let signs = |p: &&&'static dyn Sender| p.strength() != Strength::SharedSecret;
    let keys = SENDERS.iter().filter(signs).map(|provider| {
        let key = file[provider.name()]["key"].as_str().expect("a key");
        (provider.name().to_owned(), key.to_owned())
    });
    let keys: BTreeMap<String, String> = keys.collect();
    let running = Running::with(|options| {
        options.secrets = keys;
        let window_off = ("SignatureWindow".to_owned(), "0".to_owned());
        options.parameters.push(window_off);
    })
    .await;
    for provider in SENDERS.iter().filter(signs) {
        let vector = &file[provider.name()];
        let body =
            std::fs::read(vectors.join(vector["body"].as_str().expect("a file"))).expect("a body");
        let hex = json!({"X-INS-AUTH": vector["x_ins_auth_hex"]});
        let headers = vector
            .get("headers")
            .unwrap_or(&hex)
            .as_object()
            .expect("headers");
        let headers: Vec<(&str, String)> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str().expect("text").to_owned()))
            .collect();
        let path = format!("/webhooks/{}", provider.name());
        assert_eq!(
            running.post(&path, &headers, &body).await.status,
            200,
            "{path}"
        );
        let mut changed = body.clone();
        changed[body.len() / 2] ^= 1;
        assert_eq!(
            running.post(&path, &headers, &changed).await.status,
            401,
            "{path}"
        );
    }
    let items = running.stored().await;
    let kinds: BTreeMap<&str, &str> = items
        .iter()
        .map(|i| (text(i, "provider"), text(i, "kind")))
        .collect();
    let wanted = [
        ("customerio", "delivered"),
        ("inboxroad", "bounced"),
        ("insider", "clicked"),
        ("mailersend", "bounced"),
        ("mailgun", "complained"),
        ("mailpanda", "bounced"),
        ("mailtrap", "delivered"),
        ("mandrill", "clicked"),
        ("resend", "unknown"),
        ("sendgrid", "rejected"),
    ];
    assert_eq!(kinds, BTreeMap::from(wanted));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_of_five_megabytes_arrives_whole_and_noise_of_that_size_is_413() {
    let running = Running::new().await;
    let rows = (0..2000_u32).map(|n| format!("<tr><td style='padding:4px'>Offer {n}</td></tr>"));
    let row = rows.collect::<Vec<_>>().join("\r\n");
    let html = row.repeat(5 * 1024 * 1024 / row.len());
    let body = json!({"event_id": "e1", "object_type": "email", "metric": "sent", "timestamp": 1_767_323_045, "data": {"recipient": "kim@mail.test", "content": html}});
    let reply = running
        .send("customerio", body.to_string().as_bytes())
        .await;
    assert_eq!(reply.status, 200);
    let noise: String = (0..60_000_u32)
        .map(|n| shared::auth::fingerprint(&[Some(&n.to_string())]))
        .collect();
    let reply = running
        .send(
            "customerio",
            json!({"content": noise}).to_string().as_bytes(),
        )
        .await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (413, ""));
    let items = running.stored().await;
    assert_eq!(items.len(), 1);
    assert_eq!(text(&items[0], "sk"), "2026-01-02T03:04:05.000Z#e1");
    assert!(
        items[0]["raw"].is_b(),
        "5 MB of mail in 400 KB of item: compressed"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_is_killed_is_replaced_and_nothing_is_lost() {
    let running = Running::new().await;
    for round in 0..3 {
        for lambda in running.stack.functions.values() {
            for process in lambda.idle_processes() {
                let killed = std::process::Command::new("kill")
                    .args(["-9", &process.to_string()])
                    .status();
                assert!(killed.expect("kill").success());
            }
        }
        sleep(Duration::from_millis(50)).await;
        let body = json!({"type": "open", "email_id": "m", "recipient": format!("p{round}@mail.test"), "timestamp": 1_767_323_045});
        assert_eq!(
            running
                .send("mailpanda", body.to_string().as_bytes())
                .await
                .status,
            200
        );
        assert_eq!(running.stored().await.len(), round + 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_data_folder_the_table_outlives_the_stack() {
    let folder = std::env::temp_dir().join(format!("postern-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    for _ in 0..2 {
        let running = Running::with(|options| options.data = Some(folder.clone())).await;
        running
            .send(
                "insider",
                br#"{"event":"open","email":"kim@mail.test","iid":"i","timestamp":1767323045}"#,
            )
            .await;
        assert_eq!(running.stored().await.len(), 1);
    }
    std::fs::remove_dir_all(&folder).expect("removed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_port_is_named() {
    let busy = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = busy.local_addr().expect("an address").port();
    let started = Stack::start(Options { port, ..options() }).await;
    let error = started.err().expect("refused");
    assert_eq!(error.code(), "port_taken");
    let said = format!("port {port} is in use");
    assert!(error.to_string().starts_with(&said), "{error}");
    let hint = format!("choose another one: --port {}", port + 100);
    assert_eq!(error.hint(), Some(hint));
}
