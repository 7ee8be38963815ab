//! Every event becomes an item that DynamoDB takes.

use aws_sdk_dynamodb::types::AttributeValue;
use proptest::prelude::*;
use shared::event::Event;
use shared::time::rfc3339_ms;
use table::item::item;
use table::keys::{partition_key, sort_key};
use table::shard::{PROBLEMS, problem_key, shard_of};
use tests::laws::fits_the_table;

use crate::cases;
use crate::event::{bare, event};

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn any_event_fits(event in event(), retention_days in any::<u32>()) {
        let item = item(&event, retention_days);
        fits_the_table(&item);
        prop_assert_eq!(item.get("pk"), Some(&AttributeValue::S(partition_key(&event))));
        prop_assert_eq!(item.get("sk"), Some(&AttributeValue::S(sort_key(&event))));
        let problem = item.get("problem").map(|key| key.as_s().expect("text").as_str());
        let shard = shard_of(event.id.as_str());
        let day = rfc3339_ms(event.occurred_at.time());
        let is_problem = PROBLEMS.contains(&event.kind.name());
        let key = is_problem.then(|| problem_key(event.kind.name(), &day[..10], shard));
        prop_assert_eq!(problem, key.as_deref());
        let expires_at = item.get("expires_at").map(|at| at.as_n().expect("a number").parse());
        let from = event.occurred_at.time().as_second();
        let kept = i64::from(retention_days) * 86_400;
        prop_assert_eq!(expires_at, (retention_days > 0).then(|| Ok(from + kept)));
    }

    #[test]
    fn sort_keys_sort_as_time_does(one in event(), other in event()) {
        let times = one.occurred_at.time().cmp(&other.occurred_at.time());
        prop_assume!(times.is_ne());
        prop_assert_eq!(sort_key(&one).cmp(&sort_key(&other)), times);
    }
}

#[test]
fn many_long_tags_fit() {
    fits_the_table(&item(
        &Event {
            tags: (0..64)
                .map(|n| format!("{n}{}", "😀".repeat(2_100)))
                .collect(),
            ..bare("{}")
        },
        30,
    ));
}

#[test]
fn much_metadata_fits() {
    let long = "😀".repeat(2_100);
    let entry = |n: usize| (format!("{n}{long}"), long.as_str().into());
    fits_the_table(&item(
        &Event {
            metadata: (0..64).map(entry).collect(),
            ..bare("{}")
        },
        30,
    ));
}

#[test]
fn metadata_without_a_name_is_left_out() {
    let item = item(
        &Event {
            metadata: [(String::new(), 1.into()), ("a".to_owned(), 2.into())].into(),
            ..bare("{}")
        },
        30,
    );
    fits_the_table(&item);
    let two = AttributeValue::N("2".to_owned());
    let metadata = AttributeValue::M([("a".to_owned(), two)].into());
    assert_eq!(item.get("metadata"), Some(&metadata));
}
