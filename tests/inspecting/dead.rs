//! Dead letters: looked at, downloaded, and moved back, one of them or all.

use operator::explain::explain;
use serde_json::{Value, json};
use tests::page::Paged;

use super::{PATIENCE, get, in_state, listed, post, sample};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Returns the dead letters, once there are so many of them.
async fn letters(paged: &Paged, count: usize) -> Vec<Value> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let dead = get(paged, "dead").await;
        let dead = dead["dead"].as_array().expect("letters");
        if dead.len() == count {
            return dead.clone();
        }
        assert!(Instant::now() < deadline, "{} letters", dead.len());
        sleep(Duration::from_millis(20)).await;
    }
}

/// How often a webhook was put aside.
async fn put_aside(paged: &Paged, name: &str) -> usize {
    let webhook = get(paged, &format!("webhooks/{name}")).await;
    let way = webhook["way"].as_array().expect("a way").iter();
    way.filter(|step| step["step"] == "put aside").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_looked_at_and_stays() {
    let paged = Paged::new().await;
    let name = sample(&paged, "brevo/body_not_json", None).await;
    let webhook = in_state(&paged, &name, "dead").await;
    assert_eq!(webhook["verdict"], "dead");
    assert_eq!(webhook["dead"]["codes"], json!(["body_not_json"]));
    assert_eq!(webhook["dead"]["would_be_stored"], false);
    assert_eq!(listed(&paged, "?show=dead").await, [name.as_str()]);
    for _ in 0..3 {
        let letter = letters(&paged, 1).await.remove(0);
        assert_eq!(letter["codes"], json!(["body_not_json"]));
        assert_eq!(letter["webhook"], *name);
        assert_eq!(letter["queue"], "DeadLetterQueue");
        assert_eq!(letter["visible"], true);
        assert_eq!(letter["would_be_stored"], false);
        assert_eq!(letter["body"], webhook["body"]);
        let why = explain("body_not_json", Some("brevo")).expect("words");
        assert_eq!(letter["why"]["cure"], why.cure);
        let path = format!("/_postern/dead/{}/body", letter["id"].as_str().expect(""));
        let file = paged.running.ask("GET", &path, &[], b"").await;
        assert_eq!(json!(file.body), webhook["body"]["text"]);
    }
    // Nobody has received it by being looked at.
    let queue = paged.running.stack.queues.queue("DeadLetterQueue");
    let counts = queue.expect("a queue").counts().expect("counts");
    assert_eq!((counts.visible, counts.in_flight), (1, 0));
    let list = get(&paged, "webhooks").await;
    assert_eq!(
        list["counts"],
        json!({"webhooks": 1, "dead": 1, "outbound": 0})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_is_moved_back_or_all() {
    let paged = Paged::new().await;
    let mut names = Vec::new();
    for sent in [
        "brevo/body_not_json",
        "mandrill/body_not_json",
        "resend/body_not_json",
    ] {
        let name = sample(&paged, sent, None).await;
        in_state(&paged, &name, "dead").await;
        names.push(name);
    }
    let dead = letters(&paged, 3).await;
    let of = |name: &String| {
        let letter = dead.iter().find(|letter| letter["webhook"] == **name);
        letter.expect("a letter")["id"].clone()
    };
    let first = of(&names[0]);
    let (status, moved) = post(&paged, "dead/redrive", &json!({"ids": [first]})).await;
    assert_eq!((status, &moved), (200, &json!({"moved": 1, "left": 0})));
    // It is as bad as before, and so it is back, as another message of the same webhook.
    let deadline = Instant::now() + PATIENCE;
    let again = loop {
        let dead = letters(&paged, 3).await;
        let letter = dead.iter().find(|letter| letter["webhook"] == *names[0]);
        if let Some(id) = letter.map(|letter| &letter["id"])
            && *id != first
        {
            break id.clone();
        }
        assert!(Instant::now() < deadline, "it is not back");
        sleep(Duration::from_millis(20)).await;
    };
    assert_ne!(again, first);
    // The consumer says so a moment after the letter is there.
    let deadline = Instant::now() + PATIENCE;
    while put_aside(&paged, &names[0]).await < 2 {
        assert!(Instant::now() < deadline, "it is put aside once");
        sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(listed(&paged, "").await.len(), 3, "no webhook is new");

    let (_, moved) = post(&paged, "dead/redrive", &json!({"ids": ["no such"]})).await;
    assert_eq!(moved, json!({"moved": 0, "left": 0}));
    let (_, moved) = post(&paged, "dead/redrive", &json!({"ids": null})).await;
    assert_eq!(moved, json!({"moved": 3, "left": 0}));
}

/// A fault of ours that is over: what was put aside is stored after a redrive, and its webhook says
/// so.
#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_stored_is_stored_after_a_redrive() {
    let paged = Paged::new().await;
    // put aside by hand, as SQS does after too many receives
    let body = br#"{"type":"email.click","email_id":"m1","recipient":"kim@mail.test"}"#;
    let provider = registry::sender("mailpanda").expect("a provider");
    let message = tests::deliver(provider, body).encode().expect("a message");
    let queues = &paged.running.stack.queues;
    let queue = queues.queue("DeadLetterQueue").expect("a queue");
    let sent = queue.send(message).expect("sent");
    let letter = letters(&paged, 1).await.remove(0);
    assert_eq!(letter["would_be_stored"], true);
    assert_eq!(letter["codes"], json!([]));
    assert_eq!(letter["provider"], "mailpanda");
    let ids = json!({"ids": [sent.message_id]});
    let (_, moved) = post(&paged, "dead/redrive", &ids).await;
    assert_eq!(moved, json!({"moved": 1, "left": 0}));
    assert_eq!(paged.running.stored().await.len(), 1);
    letters(&paged, 0).await;
}
