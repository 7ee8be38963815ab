//! A hundred endpoints, and not one more, whoever asks at the same time.

use futures_util::future::join_all;
use serde_json::json;
use tests::stack::Running;

use crate::{ask, get};

/// How many are asked for beyond those that there may be.
const BEYOND: usize = 12;

#[tokio::test]
async fn there_are_a_hundred_endpoints_and_no_more_by_any_race() {
    let running = Running::with_outlets().await;
    let body =
        json!({ "url": "https://crm.example.com/", "events": "*", "secret": "0123456789abcdef" });
    for _ in 0..5 {
        let added = join_all((0..19).map(|_| ask(&running, "POST", "", &body))).await;
        assert!(added.iter().all(|answer| answer.status == 200));
    }
    let added = join_all((0..5 + BEYOND).map(|_| ask(&running, "POST", "", &body))).await;
    let (good, bad): (Vec<_>, Vec<_>) = added.iter().partition(|answer| answer.status == 200);
    // Each of those that are one too many removes itself, and no other. So two that race may both
    // give up.
    assert!(good.len() <= 5, "{} were added", good.len());
    for answer in bad {
        assert_eq!(answer.refused(), (409, "too_many"));
    }
    let ids = |list: &serde_json::Value| -> Vec<u64> {
        let webhooks = list["webhooks"].as_array().expect("a list").iter();
        webhooks.filter_map(|shown| shown["id"].as_u64()).collect()
    };
    let listed = ids(&get(&running, "").await.ok());
    assert_eq!(listed.len(), 95 + good.len());
    assert!(listed.is_sorted());
    for answer in good {
        let id = answer.body["id"].as_u64().expect("an id");
        assert!(listed.contains(&id), "what was answered is there");
    }
    // One after the other, the rest is added, and then one is too many.
    for count in listed.len()..101 {
        let answer = ask(&running, "POST", "", &body).await;
        assert_eq!(
            answer.status == 200,
            count < 100,
            "{count}: {}",
            answer.text
        );
    }
    let removed = ask(&running, "DELETE", &format!("/{}", listed[0]), &json!({})).await;
    assert_eq!(removed.status, 200);
    assert_eq!(ask(&running, "POST", "", &body).await.status, 200);
}
