//! Samples and webhooks that are sent by the page.

use operator::send::Break;
use serde_json::{Value, json};
use tests::page::Paged;

use super::{get, in_state, listed, post, sample, with_code};

#[tokio::test(flavor = "multi_thread")]
async fn a_sample_that_is_sent_twice_is_stored_once() {
    let paged = Paged::new().await;
    let asked = json!({
        "sample": "resend/email_bounced", "recipient": "kim@mail.test", "break": null, "times": 2,
    });
    let (status, sent) = post(&paged, "send", &asked).await;
    assert_eq!(status, 200, "{sent}");
    let sent = sent["sent"].as_array().expect("two");
    assert_eq!(sent.len(), 2);
    for one in sent {
        assert_eq!(one["status"], 200);
        let name = one["webhook"].as_str().expect("a name");
        let webhook = in_state(&paged, name, "stored").await;
        assert_eq!(webhook["request_id"], one["request_id"]);
        assert_eq!(webhook["events"][0]["recipient"], "kim@mail.test");
    }
    assert_eq!(paged.running.stored().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_sent_again_signed_anew_or_unchanged() {
    let paged = Paged::new().await;
    for sent in [
        "mandrill/hard_bounce",
        "resend/email_bounced",
        "brevo/hard_bounce",
    ] {
        let first = sample(&paged, sent, None).await;
        let before = get(&paged, &format!("webhooks/{first}")).await;
        for unchanged in [false, true] {
            let path = format!("webhooks/{first}/send");
            let (status, again) = post(&paged, &path, &json!({"unchanged": unchanged})).await;
            assert_eq!(status, 200, "{sent}: {again}");
            assert_eq!(again["sent"][0]["status"], 200, "{sent}: {again}");
            let name = again["sent"][0]["webhook"].as_str().expect("a name");
            let after = in_state(&paged, name, "stored").await;
            if unchanged {
                assert_eq!(after["body"], before["body"], "{sent}");
                assert_eq!(
                    after["signature"][0]["value"],
                    before["signature"][0]["value"]
                );
            }
        }
    }
    // A forgery stays one if it is sent unchanged, and none if it is signed anew.
    let forged = sample(&paged, "mailpanda/click", Some("key")).await;
    with_code(&paged, &forged).await;
    let path = format!("webhooks/{forged}/send");
    for (unchanged, status) in [(true, 401), (false, 200)] {
        let (_, again) = post(&paged, &path, &json!({"unchanged": unchanged})).await;
        assert_eq!(again["sent"][0]["status"], status, "{again}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_a_command_line_too() {
    let paged = Paged::new().await;
    let name = sample(&paged, "mailpanda/click", None).await;
    let line = get(&paged, &format!("webhooks/{name}/curl")).await;
    let line = line["text"].as_str().expect("a line");
    let url = format!("curl -i '{}webhooks/mailpanda'", paged.url());
    assert!(line.starts_with(&url), "{line}");
    assert!(line.contains("--data-binary '"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_sent_says_why() {
    let paged = Paged::new().await;
    paged.running.post("/webhooks/sendgrd", &[], b"{}").await;
    for (path, asked, status, code) in [
        (
            "send",
            json!({"sample": "resend/nothing"}),
            400,
            "sample_unknown",
        ),
        (
            "send",
            json!({"sample": "/etc/hostname"}),
            400,
            "sample_unknown",
        ),
        (
            "send",
            json!({"sample": "mailpanda/click", "times": 3}),
            400,
            "times_unreadable",
        ),
        (
            "send",
            json!({"name": "mailpanda/click"}),
            400,
            "body_unreadable",
        ),
        (
            "send",
            json!({"sample": "mailpanda/click", "recipient": "nobody"}),
            400,
            "recipient_unreadable",
        ),
        (
            "send",
            json!({"sample": "mailpanda/click", "break": "time"}),
            400,
            "time_unsigned",
        ),
        ("webhooks/w1/send", json!({}), 400, "provider_unknown"),
        ("webhooks/w99/send", json!({}), 404, "not_here"),
    ] {
        let (answered, answer) = post(&paged, path, &asked).await;
        assert_eq!(answer["error"]["code"], code, "{path} {asked}: {answer}");
        assert_eq!(answered, status, "{path} {asked}");
        let message = answer["error"]["message"].as_str();
        assert!(message.is_some_and(|message| !message.is_empty()), "{path}");
    }
    assert_eq!(listed(&paged, "").await, ["w1"]);
}

/// Every sample has a button, and every way to break one that the command line has but that of no
/// signature at all.
#[tokio::test(flavor = "multi_thread")]
async fn every_sample_can_be_chosen() {
    let paged = Paged::new().await;
    let all = get(&paged, "samples").await;
    let all = all["samples"].as_object().expect("providers").iter();
    let names = all.flat_map(|(provider, cases)| {
        let cases = cases.as_array().expect("cases").iter();
        cases.map(move |case| format!("{provider}/{}", case.as_str().expect("a name")))
    });
    let known = operator::samples::all().iter();
    let known: Vec<&str> = known.map(|sample| sample.name).collect();
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    let mut wanted = known.clone();
    wanted.sort_unstable();
    assert_eq!(names, wanted);
    for wrong in [Break::Signature, Break::Key, Break::Body, Break::Time] {
        let word = format!("{wrong:?}").to_lowercase();
        let asked = json!({"sample": "resend/email_bounced", "break": word});
        let (_, sent) = post(&paged, "send", &asked).await;
        assert_eq!(
            sent["sent"][0]["status"],
            Value::from(401),
            "{word}: {sent}"
        );
    }
}
