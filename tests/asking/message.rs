//! What happened to a message, for all of its recipients.

use serde_json::{Value, json};
use tests::stack::Running;

use crate::table::Counter;
use crate::{bounce, event, get, kinds, of, store, unsaid};

#[tokio::test]
async fn a_message_is_found_by_either_name_with_all_of_its_recipients() {
    let running = Running::with_outlets().await;
    let events = [
        event("processed", "kim@mail.test", 0),
        event("processed", "lee@mail.test", 0),
        event("delivered", "kim@mail.test", 2),
        bounce("lee@mail.test", 5),
    ];
    store(&running, &events).await;
    let id = "abc.def";
    for path in [
        "abc.def",
        "abc.def.filter0001-7",
        "%3Cabc.def@geopod.sendgrid.net%3E",
    ] {
        let found = get(&running, &format!("/messages/sendgrid/{path}"))
            .await
            .ok();
        assert_eq!(
            (&found["provider"], &found["id"]),
            (&json!("sendgrid"), &json!(id)),
            "{path}"
        );
        let recipients = found["recipients"].as_array().expect("recipients");
        let [kim, lee] = recipients.as_slice() else {
            panic!("{found}");
        };
        assert_eq!(kim["address"], "kim@mail.test");
        assert_eq!(kinds(&kim["events"]), ["queued", "delivered"]);
        assert_eq!(kinds(&lee["events"]), ["queued", "bounced"]);
        // The index has no subject and no codes: these are the events themselves.
        assert_eq!(lee["events"][1]["enhanced_code"], "5.1.1");
        assert_eq!(lee["events"][1].get("raw"), None);
        assert_eq!(found.get("truncated"), None);
    }
    let raw = get(&running, "/messages/sendgrid/abc.def?raw=1").await.ok();
    let sent = raw["recipients"][1]["events"][1]["raw"]
        .as_str()
        .expect("what was sent");
    let sent: Value = serde_json::from_str(sent).expect("JSON");
    assert_eq!(sent, bounce("lee@mail.test", 5));
    for (path, id) in [
        ("sendgrid/abc", "abc"),
        ("ses/%3Cabc.def@x%3E", "abc.def@x"),
    ] {
        let (provider, _) = path.split_once('/').expect("a provider");
        let none = get(&running, &format!("/messages/{path}")).await.ok();
        assert_eq!(
            none,
            json!({ "provider": provider, "id": id, "recipients": [] })
        );
    }
    much(&running).await;
    unsaid(&running, &["abc.def", "mail.test"]);
}

/// A thousand events are answered, and that there are more is said.
async fn much(running: &Running) {
    let of_one = |number: i64| {
        let mut event = event("open", &format!("p{}@mail.test", number % 7), number);
        event["sg_message_id"] = json!("many");
        event
    };
    for start in [0, 500] {
        let events: Vec<Value> = (start..start + 501).map(of_one).collect();
        store(running, &events).await;
    }
    let (lambda, counter) = Counter::before(running).await;
    let found = of(&lambda, "/messages/sendgrid/many", &Value::Null)
        .await
        .ok();
    assert_eq!(found["truncated"], true);
    let recipients = found["recipients"].as_array().expect("recipients").iter();
    let events = recipients.map(|recipient| recipient["events"].as_array().expect("events").len());
    assert_eq!(events.sum::<usize>(), 1_000);
    let batches = counter
        .operations()
        .into_iter()
        .filter(|one| one == "BatchGetItem");
    assert_eq!(batches.count(), 10);
    counter.hold_back(true);
    let unknown = of(&lambda, "/messages/sendgrid/many", &Value::Null).await;
    assert_eq!(unknown.refused(), (503, "unavailable"));
}
