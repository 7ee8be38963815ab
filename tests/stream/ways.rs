//! What comes through.

use serde_json::json;
use tests::stack::Running;

use super::{batches, folder, open, passed, sum};

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_announced_once_though_it_is_delivered_twice() {
    let running = Running::with_outlets().await;
    for _ in 0..2 {
        open(&running, 1).await;
        running.told().await;
    }
    open(&running, 2).await;
    let lines = passed(&running, 3).await;
    // The local table tells of a write that changes nothing, and AWS's does not.
    assert_eq!(sum(&lines, "records"), 3, "{lines:?}");
    assert_eq!(sum(&lines, "announced"), 2, "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tables_own_notes_are_not_passed_on() {
    let running = Running::with_outlets().await;
    // An event without a time, whose first sight is remembered; then one that a token signs.
    let undated = json!({"type": "open", "email_id": "m1", "recipient": "kim@mail.test"});
    running
        .send("mailpanda", undated.to_string().as_bytes())
        .await;
    let signed = std::fs::read(stack::build::root().join("events/mailgun/delivered.json"));
    running.send("mailgun", &signed.expect("a sample")).await;
    running.told().await;
    let items = running.events.scan().await.expect("items");
    let sort_keys = items.iter().filter_map(|item| item["sk"].as_s().ok());
    let (notes, events): (Vec<&String>, Vec<&String>) =
        sort_keys.partition(|sk| ["undated", "token"].contains(&sk.as_str()));
    assert_eq!((notes.len(), events.len()), (2, 2), "{notes:?} {events:?}");
    let lines = passed(&running, 2).await;
    assert_eq!(sum(&lines, "records"), 2, "{lines:?}");
    assert_eq!(sum(&lines, "announced"), 2, "{lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stack_goes_on_from_where_it_was() {
    let folder = folder("position");
    for n in 1..=2 {
        let running = Running::telling(|options| options.data = Some(folder.clone())).await;
        open(&running, n).await;
        let lines = passed(&running, 1).await;
        assert_eq!(sum(&lines, "records"), 1, "run {n}: {lines:?}");
        assert_eq!(running.stored().await.len(), n);
    }
    // A table that had no stream gets one.
    let other = self::folder("without");
    let running = Running::with(|options| options.data = Some(other.clone())).await;
    open(&running, 1).await;
    assert_eq!(
        (running.stored().await.len(), batches(&running).len()),
        (1, 0)
    );
    drop(running);
    let running = Running::telling(|options| options.data = Some(other.clone())).await;
    open(&running, 2).await;
    let lines = passed(&running, 1).await;
    assert_eq!(sum(&lines, "records"), 1, "{lines:?}");
    drop(running);
    for folder in [folder, other] {
        std::fs::remove_dir_all(folder).expect("removed");
    }
}
