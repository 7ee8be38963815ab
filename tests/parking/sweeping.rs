//! The sweep.

use std::collections::BTreeSet;

use outlets::breaker::{Disabled, Outcome, State};
use outlets::endpoint::Endpoint;
use outlets::hour::Hour;
use outlets::message::Message;
use outlets::parked::place_of;

use crate::house::{House, deadline, held, in_seconds, now, open, parked};

fn places(sent: &[Message]) -> BTreeSet<String> {
    let places = sent.iter().map(|message| place_of(message).unwrap().0.1);
    places.collect()
}

#[tokio::test]
async fn what_is_due_is_sent_once_and_again_when_its_lease_has_ended() {
    let house = House::new().await;
    let id = house.endpoint().await.id;
    let (due, later) = (parked(id, "due", -1), parked(id, "later", 60));
    house.park(&[due.clone(), later]).await;
    house.sweeps().await;
    let sent = house.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(
        (sent[0].outlet, sent[0].attempt, sent[0].probe),
        (id, 2, false)
    );
    assert_eq!(sent[0].first_at, due.first_at);
    assert_eq!(place_of(&sent[0]).unwrap(), due.held());
    house.sweeps().await;
    assert!(house.sent().is_empty(), "it is leased");
    let outlets = house.outlets();
    outlets.release(&[due.held()], deadline()).await;
    house.sweeps().await;
    assert_eq!(house.sent().len(), 1);
    outlets.unpark(&[due.held()], deadline()).await;
    house.sweeps().await;
    assert!(house.sent().is_empty(), "it is delivered");
}

#[tokio::test]
async fn two_sweeps_at_once_send_each_of_thousands_once() {
    let house = House::new().await;
    let id = house.endpoint().await.id;
    house.park(&held(id, 700)).await;
    let other = house.again().await;
    let (one, two) = tokio::join!(
        sweep::sweep::sweep(&house.sweep, "a", deadline()),
        sweep::sweep::sweep(&other, "b", deadline())
    );
    one.and(two).unwrap();
    let sent = house.sent();
    assert_eq!((sent.len(), places(&sent).len()), (700, 700));
}

#[tokio::test]
async fn a_spared_endpoint_gets_one_probe_from_however_many_sweeps() {
    let house = House::new().await;
    let id = house.endpoint().await.id;
    house.park(&held(id, 30)).await;
    house.set(id, &open()).await;
    let other = house.again().await;
    let (one, two) = tokio::join!(
        sweep::sweep::sweep(&house.sweep, "a", deadline()),
        sweep::sweep::sweep(&other, "b", deadline())
    );
    one.and(two).unwrap();
    let first = house.sent();
    assert_eq!(first.len(), 1);
    assert!(first[0].probe);
    house.sweeps().await;
    assert!(house.sent().is_empty(), "the next one is due in a minute");
    let state = house.outlets().state(id).await.unwrap();
    let due = State {
        probe_at: Some(in_seconds(-1)),
        ..state
    };
    house.set(id, &due).await;
    house.sweeps().await;
    let second = house.sent();
    assert_eq!(second.len(), 1);
    assert!(
        places(&first).is_disjoint(&places(&second)),
        "it is the next one's turn"
    );
}

#[tokio::test]
async fn an_endpoint_that_is_back_gets_a_hundred_of_the_oldest_and_then_all() {
    let house = House::new().await;
    let id = house.endpoint().await.id;
    let all = held(id, 150);
    house.park(&all).await;
    let back = open().after(&Outcome::Delivered, now(), &Hour::default());
    house.set(id, &back).await;
    let other = house.again().await;
    let (one, two) = tokio::join!(
        sweep::sweep::sweep(&house.sweep, "a", deadline()),
        sweep::sweep::sweep(&other, "b", deadline())
    );
    one.and(two).unwrap();
    let oldest: BTreeSet<String> = all[..100].iter().map(|one| one.key().1).collect();
    assert!(
        places(&house.sent()).is_subset(&oldest),
        "two sweeps share the pace"
    );
    let minute = State {
        back_since: Some(in_seconds(-61)),
        ..house.outlets().state(id).await.unwrap()
    };
    // A minute later. What was parked is so from before the return still.
    house.set(id, &minute).await;
    house.sweeps().await;
    house.sweeps().await;
    let left = house.outlets().parked(id, None, 1_000).await.unwrap();
    assert!(
        left.iter().all(|one| one.is_leased(now())),
        "all are on their way"
    );
    house.sent();
    house.outlets().clear(id, deadline()).await.unwrap();
    house.sweeps().await;
    let state = house.outlets().state(id).await.unwrap();
    assert_eq!((state.back_since, state.paced), (None, 0));
}

#[tokio::test]
async fn what_is_held_stays_until_somebody_wants_it() {
    let house = House::new().await;
    let endpoint = house.endpoint().await;
    let id = endpoint.id;
    house.park(&held(id, 3)).await;
    house.set(id, &open().disabled(Disabled::Gone)).await;
    house.sweeps().await;
    assert!(house.sent().is_empty());
    let enabling = house
        .outlets()
        .change_state(id, |state| state.enabled(now()));
    enabling.await.unwrap();
    let off = Endpoint {
        active: false,
        ..endpoint.clone()
    };
    house.outlets().replace(&endpoint, &off).await.unwrap();
    house.sweeps().await;
    assert!(house.sent().is_empty());
    let off = house.outlets().endpoint(id).await.unwrap().unwrap();
    let on = Endpoint {
        active: true,
        ..off.clone()
    };
    house.outlets().replace(&off, &on).await.unwrap();
    house.sweeps().await;
    assert_eq!(house.sent().len(), 3);
}

#[tokio::test]
async fn an_endpoint_is_disabled_after_five_days_of_failures() {
    let house = House::new().await;
    let id = house.endpoint().await.id;
    house.park(&held(id, 1)).await;
    let failing = State {
        failing_since: Some(in_seconds(-5 * 86_400 - 1)),
        ..open()
    };
    house.set(id, &failing).await;
    house.sweeps().await;
    assert!(house.sent().is_empty());
    let state = house.outlets().state(id).await.unwrap();
    assert_eq!(state.disabled, Some(Disabled::Failing));
}

#[tokio::test]
async fn a_sweep_that_is_stopped_loses_nothing() {
    let house = House::new().await;
    let id = house.endpoint().await.id;
    house.park(&held(id, 50)).await;
    for millis in [0, 1, 5, 20, 50] {
        let stop = tokio::time::Duration::from_millis(millis);
        let sweeping = sweep::sweep::sweep(&house.sweep, "r", deadline());
        let _ = tokio::time::timeout(stop, sweeping).await;
    }
    let mut sent = places(&house.sent());
    // All leases end.
    let all: Vec<_> = house.outlets().parked(id, None, 100).await.unwrap();
    assert_eq!(all.len(), 50, "nothing is removed by a sweep");
    let all: Vec<_> = all.iter().map(outlets::parked::Parked::held).collect();
    house.outlets().release(&all, deadline()).await;
    house.sweeps().await;
    sent.extend(places(&house.sent()));
    assert_eq!(sent.len(), 50);
}
