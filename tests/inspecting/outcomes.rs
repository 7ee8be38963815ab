//! What is caught of each outcome, and in whose words it is told.

use operator::explain::{explain, in_a_line};
use serde_json::{Value, json};
use tests::page::Paged;

use super::{get, in_state, listed, sample, with_code};

/// The words under `why`, which have to be the operator's.
fn assert_explained(webhook: &Value) {
    let text = |name: &str| webhook[name].as_str().expect("a text");
    let (code, provider) = (text("code"), text("provider"));
    let why = explain(code, Some(provider)).expect("an explanation");
    let wanted = json!({"cause": why.cause, "cure": why.cure, "page": why.page});
    assert_eq!(webhook["why"], wanted, "{code} of {provider}");
    let line = in_a_line(code).expect("words");
    assert_eq!(text("summary"), line, "{code}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stored_is_shown_with_its_way_and_its_item() {
    let paged = Paged::new().await;
    let name = sample(&paged, "sendgrid/bounce", None).await;
    let webhook = in_state(&paged, &name, "stored").await;
    assert_eq!(webhook["verdict"], "200");
    assert_eq!(webhook["is_bad"], false);
    let steps = webhook["way"].as_array().expect("a way").iter();
    let mut steps: Vec<&str> = steps.map(|step| step["step"].as_str().expect("")).collect();
    steps.sort_unstable();
    assert_eq!(steps, ["answered", "queued", "stored"]);

    let stored = paged.running.stored().await;
    let [item] = &stored[..] else {
        panic!("{} items", stored.len());
    };
    let items = get(&paged, &format!("webhooks/{name}/items")).await;
    assert_eq!(items["items"], json!([table::read::plain(item)]));
    let event = &webhook["events"][0];
    assert_eq!(event["kind"], "bounced");
    assert_eq!(event["suppression"], "suppressed");
    assert_eq!(event["key"]["pk"], items["items"][0]["pk"]);
    assert_eq!(event["key"]["sk"], items["items"][0]["sk"]);
    let recipient = event["recipient"].as_str().expect("a recipient");
    let summary = format!("bounced hard {recipient} -> suppresses");
    assert_eq!(webhook["summary"], summary);
    let suppression = &items["suppression"][0];
    assert_eq!(suppression["address"], recipient);
    let register = &suppression["registers"]["bounced"];
    assert_eq!(register["event"], event["key"]["sk"]);

    // It is found by whom it is about, and by nobody else's name.
    let found = listed(&paged, &format!("?q={}", recipient.to_uppercase())).await;
    assert_eq!(found, [name]);
    assert_eq!(listed(&paged, "?q=somebody.else").await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_refusal_is_told_in_the_operators_words() {
    let paged = Paged::new().await;
    for (sent, wrong, code, status) in [
        ("sendgrid/bounce", "key", "signature_mismatch", 401),
        ("mailpanda/click", "signature", "signature_mismatch", 401),
        ("insider/batch", "body", "signature_mismatch", 401),
        ("resend/email_bounced", "time", "timestamp_stale", 401),
        ("brevo/hard_bounce", "key", "credential_mismatch", 401),
    ] {
        let name = sample(&paged, sent, Some(wrong)).await;
        let webhook = with_code(&paged, &name).await;
        assert_eq!(webhook["code"], code, "{sent}");
        assert_eq!(webhook["status"], status, "{sent}");
        assert_eq!(webhook["verdict"], status.to_string(), "{sent}");
        assert_eq!(webhook["state"], "answered", "{sent}");
        assert_eq!(webhook["is_bad"], true, "{sent}");
        assert_explained(&webhook);
        assert_eq!(webhook["events"], json!([]), "nothing of it is stored");
        let would = webhook["would"]["events"].as_array().expect("events");
        assert!(!would.is_empty(), "{sent}");
        let names_signature = webhook["signature"].as_array().expect("parts").iter();
        assert!(names_signature.len() >= 2, "{sent}");
    }
    for (headers, code) in [
        (vec![], "signature_missing"),
        (
            vec![("x-twilio-email-event-webhook-signature", "###".to_owned())],
            "timestamp_missing",
        ),
    ] {
        let reply = paged
            .running
            .post("/webhooks/sendgrid", &headers, b"[]")
            .await;
        let id = reply.request_id.expect("an id");
        let [name] = &listed(&paged, &format!("?q={id}")).await[..] else {
            panic!("{id} is not found by its id");
        };
        let webhook = with_code(&paged, name).await;
        assert_eq!(webhook["code"], code);
        assert_explained(&webhook);
    }
    assert_eq!(listed(&paged, "?show=refused").await.len(), 7);
    assert_eq!(
        listed(&paged, "?show=refused&provider=sendgrid")
            .await
            .len(),
        3
    );
    assert_eq!(listed(&paged, "?q=timestamp_stale").await.len(), 1);
    assert_eq!(listed(&paged, "?limit=2").await, ["w7", "w6"]);
    assert_eq!(listed(&paged, "?limit=2&before=w6").await, ["w5", "w4"]);
    assert!(paged.running.stored().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_function_answers_is_shown_with_what_was_meant() {
    let paged = Paged::new().await;
    let ask = async |method: &str, path: &str| {
        let reply = paged.running.ask(method, path, &[], b"{}").await;
        reply.status.as_u16()
    };
    for (method, path, hint) in [
        (
            "POST",
            "/webhooks/sendgrd",
            "did you mean /webhooks/sendgrid?",
        ),
        (
            "POST",
            "/webhooks/resend/",
            "did you mean /webhooks/resend?",
        ),
        ("POST", "/nowhere", ""),
    ] {
        assert_eq!(ask(method, path).await, 404, "{path}");
        let row = &get(&paged, "webhooks?limit=1").await["webhooks"][0];
        assert_eq!(row["verdict"], "404", "{path}");
        assert_eq!(row["path"], path);
        assert_eq!(row["is_bad"], true);
        assert_eq!(row["provider"], Value::Null);
        assert_eq!(row["hint"].as_str().unwrap_or_default(), hint);
    }
    let lost = get(&paged, "webhooks/w1").await;
    assert_eq!(lost["body"]["text"], "{}", "its body is shown, too");

    let large = vec![b' '; 10 * 1024 * 1024 + 1];
    let reply = paged.running.post("/webhooks/resend", &[], &large).await;
    assert_eq!(reply.status.as_u16(), 413);
    let row = &get(&paged, "webhooks?limit=1").await["webhooks"][0];
    assert_eq!(row["verdict"], "413");
    assert_eq!(row["summary"], "larger than API Gateway accepts");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handshake_and_what_says_nothing_make_no_event() {
    let paged = Paged::new().await;
    let head = paged.running.ask("HEAD", "/webhooks/mandrill", &[], b"");
    assert_eq!(head.await.status.as_u16(), 200);
    let webhook = in_state(&paged, "w1", "ping").await;
    assert_eq!(webhook["provider"], "mandrill");
    assert_eq!(webhook["method"], "HEAD");
    let name = sample(&paged, "insider/batch_empty", None).await;
    let webhook = in_state(&paged, &name, "ping").await;
    assert_eq!(webhook["summary"], "without an event");
    let stored = sample(&paged, "mailpanda/click", None).await;
    in_state(&paged, &stored, "stored").await;
    assert_eq!(listed(&paged, "?show=none").await, [name.as_str(), "w1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_shown_and_stored_when_the_table_is_back() {
    let faults = ["table:error=1".parse().expect("a fault")];
    let paged = Paged::new().await;
    paged.running.stack.faults.set(faults.into());
    let name = sample(&paged, "mailpanda/click", None).await;
    let webhook = in_state(&paged, &name, "waiting").await;
    assert_eq!(webhook["verdict"], "wait");
    assert_explained(&webhook);
    paged.running.stack.faults.clear();
    let webhook = in_state(&paged, &name, "stored").await;
    assert_eq!(webhook["code"], Value::Null);
    assert!(
        webhook["attempts"].as_u64() > Some(1),
        "{}",
        webhook["attempts"]
    );
    let way = webhook["way"].as_array().expect("a way").iter();
    let tried = way.filter(|step| step["step"] == "tried");
    assert!(tried.count() >= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_a_providers_own_queue_is_one_too() {
    let paged = Paged::new().await;
    let asked = json!({"sample": "ses/bounce_at_simulator"});
    let (status, sent) = super::post(&paged, "send", &asked).await;
    assert_eq!(status, 200, "{sent}");
    paged.running.stored().await;
    let webhook = in_state(&paged, "w1", "stored").await;
    assert_eq!(webhook["provider"], "ses");
    assert_eq!(webhook["method"], "SQS");
    assert_eq!(webhook["path"], "SesQueue");
    assert_eq!(webhook["events"][0]["kind"], "bounced");
}
