//! An event has one time, whichever copy of it comes first, and a time that nobody can believe is
//! not believed.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::sample::select;
use shared::event::{Address, Event, Kind, OccurredAt, Scope};
use table::sight::{self, Dated, Seen, Wanted};

use crate::cases;
use crate::event::{LAST_MS, at, bare};

const HOUR_MS: i64 = 60 * 60 * 1000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// The first copy comes at this time: 2026-01-02T03:05:00.678Z.
const FIRST_MS: i64 = 1_767_323_100_678;

fn event(kind: Kind, own: Option<i64>, received: i64) -> Event {
    Event {
        kind,
        recipient: Address::new("kim@mail.test"),
        occurred_at: own.map_or(OccurredAt::Received(at(received)), |own| {
            OccurredAt::Event(at(own))
        }),
        ..bare("{}")
    }
}

/// What the table does: the first value under a key stays.
fn receive(seen: &mut Seen, event: &Event, received_at: Timestamp) -> Dated {
    let mut wanted = Wanted::new();
    sight::want(&mut wanted, event, received_at, 400);
    for (key, first) in wanted {
        let time = sight::time_of(&first.value).expect("a time");
        seen.entry(key).or_insert(time);
    }
    sight::dated(event.clone(), received_at, seen).expect("a time")
}

fn own() -> impl Strategy<Value = Option<i64>> {
    prop_oneof![
        1 => Just(None),
        4 => (-30 * DAY_MS..30 * DAY_MS).prop_map(|ms| Some(FIRST_MS + ms)),
        2 => (-3 * HOUR_MS..3 * HOUR_MS).prop_map(|ms| Some(FIRST_MS + ms)),
        1 => Just(Some(LAST_MS)),
        1 => Just(Some(1)),
    ]
}

fn kind() -> impl Strategy<Value = Kind> {
    select(vec![
        Kind::Delivered,
        Kind::Complained,
        Kind::Subscribed(Scope::Global),
    ])
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn every_copy_within_the_retries_of_any_provider_has_the_time_of_the_first(
        kind in kind(),
        own in own(),
        later in prop::collection::vec(0i64..=8 * DAY_MS, 0..6),
    ) {
        let mut seen = Seen::new();
        let first = receive(&mut seen, &event(kind.clone(), own, FIRST_MS), at(FIRST_MS));
        for later in later {
            let received = FIRST_MS + later;
            let copy = receive(&mut seen, &event(kind.clone(), own, received), at(received));
            prop_assert_eq!(copy.event.occurred_at, first.event.occurred_at);
            if kind != Kind::Delivered {
                prop_assert_eq!(copy.counts_at, first.counts_at);
            }
        }
    }

    #[test]
    fn no_event_is_stored_or_counts_far_ahead_of_its_first_sight(kind in kind(), own in own()) {
        let dated = receive(&mut Seen::new(), &event(kind.clone(), own, FIRST_MS), at(FIRST_MS));
        let ahead = dated.event.occurred_at.time().duration_since(at(FIRST_MS));
        prop_assert!(ahead <= SignedDuration::from_hours(8 * 24 + 1));
        if kind != Kind::Delivered {
            prop_assert!(dated.counts_at <= at(FIRST_MS));
        }
        match own {
            Some(own) if own <= FIRST_MS + 8 * DAY_MS + HOUR_MS => {
                prop_assert_eq!(dated.event.occurred_at, OccurredAt::Event(at(own)));
            }
            _ => prop_assert_eq!(dated.event.occurred_at, OccurredAt::Received(at(FIRST_MS))),
        }
    }
}

#[test]
fn only_what_needs_it_costs_a_look_up() {
    let key = |kind: Kind, own: Option<i64>| {
        sight::key(&event(kind, own, FIRST_MS), at(FIRST_MS)).map(|(_, sk)| sk)
    };
    let id = bare("{}").id;
    let seen = Some(format!("seen#customerio#{}", id.as_str()));
    let undated = Some("undated".to_owned());
    for (own, of_an_open, of_a_complaint) in [
        (Some(1), None, &seen),
        (Some(FIRST_MS), None, &seen),
        (Some(FIRST_MS + HOUR_MS), None, &seen),
        (Some(FIRST_MS + HOUR_MS + 1), undated.clone(), &seen),
        (Some(LAST_MS), undated.clone(), &seen),
        (None, undated.clone(), &seen),
    ] {
        assert_eq!(key(Kind::Delivered, own), of_an_open, "{own:?}");
        assert_eq!(&key(Kind::Complained, own), of_a_complaint, "{own:?}");
    }
}

#[test]
fn what_speaks_is_remembered_for_ever_and_the_rest_as_long_as_its_event() {
    let expires_at = |kind: Kind, retention_days: u32| {
        let mut wanted = Wanted::new();
        let event = event(kind, None, FIRST_MS);
        sight::want(&mut wanted, &event, at(FIRST_MS), retention_days);
        let (_, first) = wanted.pop_first().expect("a first sight");
        first.expires_at
    };
    assert_eq!(expires_at(Kind::Complained, 400), None);
    let kept = FIRST_MS / 1000 + 400 * 86_400;
    assert_eq!(expires_at(Kind::Delivered, 400), Some(kept));
    assert_eq!(expires_at(Kind::Delivered, 0), None);
}
