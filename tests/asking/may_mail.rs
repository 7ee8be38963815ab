//! Whether an address may be mailed: one, and many.

use operator::events::Of;
use operator::may_mail::Question;
use operator::recipient::Recipient;
use serde_json::{Value, json};
use shared::event::Channel;
use tests::stack::Running;

use crate::table::Counter;
use crate::{asked, bounce, event, get, of, store, unsaid};

/// Kim may be mailed, Lee must not, and Sam wants nothing of group 10.
async fn history() -> Running {
    let running = Running::with_outlets().await;
    let mut group = event("group_unsubscribe", "sam@mail.test", 9);
    group["asm_group_id"] = json!(10);
    let events = [
        event("delivered", "kim+news@b\u{fc}cher.test", 0),
        event("delivered", "a/b@mail.test", 0),
        bounce("lee@mail.test", 5),
        event("unsubscribe", "lee@mail.test", 7),
        group,
    ];
    store(&running, &events).await;
    running
}

fn row(address: &str) -> Value {
    json!({ "address": address, "may_mail": true, "reasons": [] })
}

/// A reason that stands, as the only event of this kind says it that Lee has.
async fn because(running: &Running, reason: &str, kind: &str) -> Value {
    let path = format!("/recipients/lee@mail.test/events?kind={kind}");
    let events = get(running, &path).await.ok();
    let event = &events["events"][0];
    let [time, id] = ["occurred_at", "id"].map(|name| event[name].as_str().expect("a text"));
    json!({ "reason": reason, "since": time, "event": format!("{time}#{id}") })
}

#[tokio::test]
async fn an_address_may_be_mailed_unless_a_reason_stands_that_counts() {
    let running = history().await;
    let lee = "lee@mail.test";
    let bounced = because(&running, "bounced", "bounced").await;
    let unsubscribed = because(&running, "unsubscribed", "unsubscribed").await;
    one(&running, lee, &bounced, &unsubscribed).await;
    spellings(&running).await;
    many(&running, &bounced, &unsubscribed).await;
    as_the_tool_says(&running).await;
    reads(&running).await;
    unsaid(&running, &["lee@mail.test", "mail.test", "sam", "cher"]);
}

async fn one(running: &Running, lee: &str, bounced: &Value, unsubscribed: &Value) {
    let may = async |path: &str| get(running, &format!("/recipients/{path}")).await.ok();
    assert_eq!(may("new@mail.test").await, row("new@mail.test"));
    let no = json!({ "address": lee, "may_mail": false, "reasons": [bounced, unsubscribed] });
    assert_eq!(may(lee).await, no);
    let ignored = may("lee@mail.test?ignore=unsubscribed").await;
    let wanted = json!({ "address": lee, "may_mail": false, "reasons": [bounced],
        "ignored": [unsubscribed] });
    assert_eq!(ignored, wanted);
    let ignored = may("lee@mail.test?ignore=unsubscribed,bounced").await;
    assert_eq!(ignored["may_mail"], true);
    let sam = "sam@mail.test";
    assert_eq!(may(sam).await, row(sam));
    assert_eq!(may("sam@mail.test?scope=group:11").await, row(sam));
    let group = may("sam@mail.test?scope=group:10").await;
    assert_eq!(group["may_mail"], false);
    assert_eq!(group["reasons"][0]["scope"], "group#sendgrid#10");
    // In another channel nothing is known of them.
    assert_eq!(may("lee@mail.test?channel=sms").await, row(lee));
    assert_eq!(may("%2B15550100?channel=sms").await, row("+15550100"));
}

/// The path is decoded once, and then it is any spelling of the address.
async fn spellings(running: &Running) {
    let kim = "kim+news@xn--bcher-kva.test";
    for path in [
        "kim+news@b%C3%BCcher.test",
        "kim%2Bnews@xn--bcher-kva.test",
        "KIM%2BNews%40B%C3%9CCHER.TEST.",
        "%22Ode%2C%20Kim%22%20%3Ckim+news@b%C3%BCcher.test%3E",
        "mailto%3Akim+news@bu%CC%88cher.test",
        "%20kim+news@b%C3%BCcher.test%20",
    ] {
        let answer = get(running, &format!("/recipients/{path}")).await.ok();
        assert_eq!(answer, row(kim), "{path}");
        let events = get(running, &format!("/recipients/{path}/events")).await;
        let events = events.ok();
        assert_eq!(events["events"][0]["address"], kim, "{path}");
    }
    // Twice encoded is another address: decoded once, it has a per cent sign.
    let other = get(running, "/recipients/kim%252Bnews@mail.test")
        .await
        .ok();
    assert_eq!(other, row("kim%2bnews@mail.test"));
    let slash = get(running, "/recipients/a%2Fb@mail.test/events")
        .await
        .ok();
    assert_eq!(slash["events"][0]["address"], "a/b@mail.test");
}

async fn many(running: &Running, bounced: &Value, unsubscribed: &Value) {
    let check = async |body: &Value| {
        let answer = asked(running, "POST", "/recipients/check", &body.to_string()).await;
        answer.ok()
    };
    let body = json!({ "addresses": [" LEE@mail.test.", "no zq7 address", "kim@mail.test", "",
        "lee@mail.test"], "ignore": ["unsubscribed"] });
    let message = "the address is not that of one recipient";
    let none = json!({ "address": null, "may_mail": false, "reasons": [],
        "error": { "code": "address_unreadable", "message": message } });
    let lee = json!({ "address": "lee@mail.test", "may_mail": false, "reasons": [bounced],
        "ignored": [unsubscribed] });
    let wanted = json!({ "recipients": [lee, none, row("kim@mail.test"), none, lee] });
    assert_eq!(check(&body).await, wanted);
    assert_eq!(
        check(&json!({ "addresses": [] })).await,
        json!({ "recipients": [] })
    );
    let hundred: Vec<String> = (0..100)
        .map(|number| format!("p{number}@mail.test"))
        .collect();
    let answer = check(&json!({ "addresses": hundred })).await;
    let rows = answer["recipients"].as_array().expect("rows");
    assert_eq!(rows.len(), 100);
    for (address, answered) in hundred.iter().zip(rows) {
        assert_eq!(*answered, row(address));
    }
    let scoped = json!({ "addresses": ["sam@mail.test"], "scope": "group:10", "channel": "email" });
    assert_eq!(check(&scoped).await["recipients"][0]["may_mail"], false);
}

/// The tool has the same answer, and knows more of the event that a reason rests on.
async fn as_the_tool_says(running: &Running) {
    let lee = Of::Recipient(Recipient::parse("lee@mail.test").expect("a recipient"));
    let question = Question {
        channel: Channel::Email,
        scope: None,
        ignore: Vec::new(),
    };
    let answer = question
        .one(&running.events, &lee)
        .await
        .expect("an answer");
    let mut told = serde_json::to_value(&answer).expect("JSON");
    for reason in told["reasons"].as_array_mut().expect("reasons") {
        let reason = reason.as_object_mut().expect("a reason");
        assert_eq!(reason.remove("provider"), Some(json!("sendgrid")));
        reason.remove("text");
    }
    assert_eq!(get(running, "/recipients/lee@mail.test").await.ok(), told);
}

/// One address takes one read, and what is not read is no answer.
async fn reads(running: &Running) {
    let (lambda, counter) = Counter::before(running).await;
    let path = "/recipients/lee@mail.test";
    assert_eq!(of(&lambda, path, &Value::Null).await.status, 200);
    let requests = counter.requests();
    let [(operation, asked)] = requests.as_slice() else {
        panic!("{requests:?}");
    };
    assert_eq!(
        (operation.as_str(), &asked["ConsistentRead"]),
        ("GetItem", &json!(true))
    );
    let scope = json!({ "scope": "list:a" });
    assert_eq!(of(&lambda, path, &scope).await.status, 200);
    assert_eq!(counter.operations(), ["BatchGetItem"]);
    counter.hold_back(true);
    let unknown = of(&lambda, path, &scope).await;
    assert_eq!(unknown.refused(), (503, "unavailable"));
    assert!(
        counter.operations().len() > 2,
        "what was left out is asked for again"
    );
}
