//! The problems of a day: over all shards, in one order.

use serde_json::{Value, json};
use tests::stack::Running;

use crate::{bounce, event, get, kinds, store, unsaid};

/// How many hard bounces there are. Sixteen shards have them.
const BOUNCES: i64 = 60;

#[tokio::test]
async fn the_problems_of_a_day_are_all_there_the_newest_first() {
    let running = Running::with_outlets().await;
    let mut events: Vec<Value> = (0..BOUNCES)
        .map(|number| bounce(&format!("p{number}@mail.test"), number))
        .collect();
    let mut blocked = bounce("blocked@mail.test", 90);
    blocked["type"] = json!("blocked");
    blocked["reason"] = json!("421 4.7.0 try again later");
    blocked["status"] = json!("4.7.0");
    events.extend([
        blocked,
        event("spamreport", "kim@mail.test", 5),
        event("spamreport", "kim@mail.test", 90_000),
        event("delivered", "kim@mail.test", 6),
    ]);
    store(&running, &events).await;
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/problems/bounced/2026-01-02?class=hard&limit=25{cursor}");
        let page = get(&running, &path).await.ok();
        assert!(page["events"].as_array().expect("events").len() <= 25);
        let times = page["events"].as_array().expect("events").iter();
        all.extend(times.map(|event| event["occurred_at"].as_str().expect("a time").to_owned()));
        let Some(next) = page["next"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    let newest: Vec<String> = all.iter().rev().cloned().collect();
    assert!(newest.is_sorted());
    assert_eq!(all.len(), usize::try_from(BOUNCES).expect("a number"));
    let found = async |path: &str| get(&running, &format!("/problems/{path}")).await.ok();
    let every = found("bounced/2026-01-02?limit=200").await;
    assert_eq!(every["events"].as_array().expect("events").len(), 61);
    let first = &every["events"][0];
    assert_eq!(first["address"], "blocked@mail.test");
    assert_eq!(
        (&first["provider"], &first["kind"]),
        (&json!("sendgrid"), &json!("bounced"))
    );
    assert_eq!(first.get("raw"), None);
    for (path, wanted) in [
        ("complained/2026-01-02", &["complained"][..]),
        ("complained/2026-01-03?provider=sendgrid", &["complained"]),
        ("complained/2026-01-02?provider=resend,ses", &[]),
        (
            "complained/2026-01-02?provider=ses,sendgrid",
            &["complained"],
        ),
        ("complained/2026-01-04", &[]),
        ("failed/today", &[]),
        ("rejected/yesterday", &[]),
        ("unsubscribed/2026-01-02", &[]),
    ] {
        assert_eq!(kinds(&found(path).await["events"]), wanted, "{path}");
    }
    let soft = found("bounced/2026-01-02?class=block").await;
    let undetermined = found("bounced/2026-01-02?class=undetermined").await;
    let others = [&soft, &undetermined].map(|page| kinds(&page["events"]).len());
    let soft = kinds(&found("bounced/2026-01-02?class=soft").await["events"]).len();
    assert_eq!(others.iter().sum::<usize>() + soft, 1);
    unsaid(&running, &["mail.test", "2026-01-03"]);
}
