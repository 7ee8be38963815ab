//! The table of the outlets.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use jiff::SignedDuration;
use outlets::breaker::{Outcome, State};
use outlets::endpoint::{Endpoint, MOST};
use outlets::hour::{Hour, whole};
use outlets::parked::{NEVER, Parked, SHARDS};
use outlets::store::{COUNTS_AFTER, Cached, Counted};
use tokio::time::Duration;

use crate::house::{House, deadline, endpoint, held, in_seconds, now, parked};

#[tokio::test]
async fn an_endpoint_is_added_replaced_and_removed_with_all_that_is_its_own() {
    let house = House::new().await;
    let (first, second) = (house.endpoint().await, house.endpoint().await);
    assert_eq!((first.id, second.id), (1, 2));
    let outlets = house.outlets();
    assert!(outlets.endpoints().await.unwrap() == [first.clone(), second.clone()]);

    let off = Endpoint {
        active: false,
        ..first.clone()
    };
    assert!(outlets.replace(&first, &off).await.unwrap());
    assert!(
        !outlets.replace(&first, &off).await.unwrap(),
        "it is another revision"
    );
    let read = outlets.endpoint(1).await.unwrap().unwrap();
    assert_eq!((read.active, read.revision), (false, 1));

    house.park(&held(1, 40)).await;
    house.park(&held(2, 1)).await;
    house.set(1, &crate::house::open()).await;
    assert!(outlets.remove(1, deadline()).await.unwrap());
    assert!(!outlets.remove(1, deadline()).await.unwrap());
    assert!(!outlets.replace(&read, &off).await.unwrap(), "it is gone");
    assert_eq!(outlets.count(1, 100).await.unwrap(), Counted::default());
    assert_eq!(outlets.state(1).await.unwrap(), State::default());
    assert_eq!(outlets.count(2, 100).await.unwrap().waiting, 1);
    assert_eq!(outlets.next_id().await.unwrap(), 3, "no id is given twice");
}

#[tokio::test]
async fn there_are_never_more_than_a_hundred_endpoints_not_even_by_a_race() {
    let house = House::new().await;
    let outlets = house.outlets();
    for id in 1..=97 {
        assert!(outlets.add(&endpoint(id, "s1.v.x")).await.unwrap());
    }
    let racing = (98..108).map(|id| async move { outlets.add(&endpoint(id, "s1.v.x")).await });
    let added = join_all(racing).await;
    let added = added.into_iter().filter(|added| *added.as_ref().unwrap());
    let count = outlets.endpoints().await.unwrap().len();
    assert_eq!(count, 97 + added.count());
    assert!(count <= MOST, "{count}");
}

#[tokio::test]
async fn what_cannot_be_read_hides_nothing_else() {
    let house = House::new().await;
    let one = house.endpoint().await;
    house.put_odd("endpoint", "0000000000").await;
    house.put_odd("endpoint", "odd").await;
    assert!(house.outlets().endpoints().await.unwrap() == [one.clone()]);
    let all = held(1, 8);
    house.park(&all).await;
    for shard in 0..SHARDS {
        for place in 0..40 {
            house
                .put_odd(&format!("parked#1#{shard}"), &format!("2020#{place}"))
                .await;
        }
    }
    let read = house.outlets().parked(1, None, 5).await.unwrap();
    assert!(read == all[..5]);
    house.put_odd("state#1", "state").await;
    assert_eq!(house.outlets().state(1).await.unwrap(), State::default());
    house.set(1, &crate::house::open()).await;
    assert!(house.outlets().state(1).await.unwrap().is_open());
    assert_eq!(house.outlets().clear(1, deadline()).await.unwrap(), 8 + 160);
}

#[tokio::test]
async fn of_many_who_change_a_state_at_once_each_counts() {
    let house = House::new().await;
    let failed = Outcome::Failed {
        code: "status".to_owned(),
        wasted: Duration::ZERO,
        retry_after: None,
        is_probe: false,
    };
    let (hour, at) = (Hour::default(), now());
    let changing = (0..20).map(|_| {
        let change = |state: &State| state.after(&failed, at, &hour);
        house.outlets().change_state(7, change)
    });
    let changed = join_all(changing).await;
    assert!(changed.iter().all(Result::is_ok));
    let ids = BTreeSet::from([7, 8]);
    let states = house.outlets().states(&ids, deadline()).await.unwrap();
    assert_eq!(states[&7].failures, 20);
    assert_eq!(states[&8], State::default());
    let outcome = house.outlets().change_state(7, |_| crate::house::open());
    assert_eq!(outcome.await.unwrap().outcome(), Some("opened"));
    let same = house.outlets().change_state(7, State::clone).await.unwrap();
    assert_eq!(same.outcome(), None);
}

#[tokio::test]
async fn the_oldest_are_read_first_over_all_shards_page_by_page() {
    let house = House::new().await;
    let mut all = held(1, 60);
    all.push(parked(1, "later", 600));
    all.push(Parked {
        due: NEVER,
        ..parked(1, "lost", 0)
    });
    house.park(&all).await;
    house.park(&held(11, 3)).await;
    let outlets = house.outlets();
    assert!(outlets.parked(1, None, 1_000).await.unwrap() == all);
    assert!(outlets.parked(1, Some(now()), 1_000).await.unwrap() == all[..60]);
    let mut paged = Vec::new();
    let mut after = String::new();
    loop {
        let page = outlets.parked_after(1, &after, 7).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.key().1;
        paged.extend(page);
    }
    assert!(paged == all);
    let counted = outlets.count(1, 1_000).await.unwrap();
    assert_eq!((counted.waiting, counted.undelivered), (61, 1));
    let lost = all.last().unwrap();
    assert!(outlets.find(1, &lost.webhook_id).await.unwrap() == [lost.clone()]);
    assert!(outlets.find(1, "evt_").await.unwrap().is_empty());
    let keys = outlets.parked_of("email#lost@mail.test").await.unwrap();
    assert_eq!(keys, BTreeSet::from([lost.key()]));
    assert!(outlets.delete(keys, deadline()).await.is_empty());
    assert_eq!(outlets.count(1, 1_000).await.unwrap().undelivered, 0);
}

#[tokio::test]
async fn one_of_many_leases_and_what_was_parked_anew_is_not_removed() {
    let house = House::new().await;
    let one = parked(1, "kim", 0);
    house.park(std::slice::from_ref(&one)).await;
    let outlets = house.outlets();
    let (at, until) = (now(), in_seconds(300));
    let leasing = (0..10).map(|_| outlets.lease(&one, until, at));
    let leased = join_all(leasing).await;
    assert_eq!(
        leased
            .iter()
            .filter(|leased| *leased.as_ref().unwrap())
            .count(),
        1
    );
    let after = until + SignedDuration::from_secs(1);
    assert!(
        outlets.lease(&one, after, after).await.unwrap(),
        "it has ended"
    );
    let read = outlets.parked(1, None, 1).await.unwrap().remove(0);
    assert_eq!(read.leases, 2);
    assert!(outlets.lease_for_probe(&one, until).await.unwrap());
    outlets.release(&[one.held()], deadline()).await;
    assert!(outlets.parked(1, None, 1).await.unwrap() == [one.clone()]);

    let anew = Parked {
        since: whole(now()),
        ..one.clone()
    };
    house.park(std::slice::from_ref(&anew)).await;
    assert!(!outlets.lease(&one, until, at).await.unwrap());
    assert!(outlets.unpark(&[one.held()], deadline()).await.is_empty());
    assert!(outlets.parked(1, None, 1).await.unwrap() == [anew.clone()]);
    assert!(outlets.unpark(&[anew.held()], deadline()).await.is_empty());
    assert!(outlets.parked(1, None, 1).await.unwrap().is_empty());
    assert!(
        !outlets.lease_for_probe(&anew, until).await.unwrap(),
        "nothing is made"
    );
    assert!(outlets.parked(1, None, 1).await.unwrap().is_empty());
}

#[tokio::test]
async fn endpoints_are_read_again_after_a_second() {
    let house = House::new().await;
    let cached = Cached::new(house.outlets().clone(), None);
    let start = now();
    let count = |millis| {
        let at = start + SignedDuration::from_millis(millis);
        let cached = &cached;
        async move { cached.endpoints(at).await.unwrap().len() }
    };
    assert_eq!(count(0).await, 0);
    house.endpoint().await;
    assert_eq!(count(999).await, 0);
    assert_eq!(count(1_000).await, 1);
    // Whoever has changed one waits so long that everybody reads it again.
    assert!(COUNTS_AFTER > std::time::Duration::from_secs(1));
}
