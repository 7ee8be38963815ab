use std::time::Duration;

use jiff::SignedDuration;
use outlets::breaker::{Disabled, Outcome};
use outlets::fact::Fact;
use outlets::message::Message;
use outlets::parked::NEVER;

use super::*;

const NOW: Timestamp = Timestamp::constant(1_767_323_045, 678_000_000);

fn at(seconds: i64) -> Timestamp {
    NOW + SignedDuration::from_secs(seconds)
}

/// One that was first tried, and parked, so many seconds ago, and is due in so many.
fn parked(name: &str, ago: i64, due_in: i64) -> Parked {
    let fact = Fact::event("email#kim@mail.test", name);
    let message = Message::first(3, fact, at(-ago));
    Parked::new(&message, format!("evt_{name}"), at(due_in), 1, at(-ago)).unwrap()
}

fn held(count: usize) -> Vec<Parked> {
    let each = (0..count).map(|place| {
        let ago = 10_000 - i64::try_from(place).unwrap();
        parked(&format!("{place}"), ago, -ago)
    });
    each.collect()
}

fn open() -> State {
    let failed = Outcome::Failed {
        code: "status".to_owned(),
        wasted: Duration::ZERO,
        retry_after: None,
        is_probe: false,
    };
    (0..10).fold(State::default(), |state, place| {
        state.after(&failed, at(-600 + 4 * place), &Hour::default())
    })
}

fn plan(parked: Vec<Parked>, state: &State) -> Plan {
    Plan::new(parked, true, state, NOW, &Hour::default())
}

fn names(turn: &Turn) -> Vec<String> {
    let Turn::Send(sent) = turn else {
        return Vec::new();
    };
    sent.iter().map(|one| one.webhook_id.clone()).collect()
}

#[test]
fn what_is_due_is_sent_and_what_is_not_waits() {
    let all = vec![parked("a", 60, -1), parked("b", 60, 0), parked("c", 60, 1)];
    let plan = plan(all, &State::default());
    assert_eq!(names(&plan.turn), ["evt_a", "evt_b"]);
    assert_eq!((plan.swept.parked, plan.swept.oldest_s), (3, Some(60)));
    assert_eq!(plan.swept.failing_s, None);
    assert!(!plan.swept.is_quiet());
}

#[test]
fn nothing_is_sent_twice_while_it_is_leased() {
    let mut leased = parked("a", 60, -1);
    leased.leased_until = Some(at(1));
    let mut ended = parked("b", 60, -1);
    ended.leased_until = Some(at(0));
    let plan = plan(vec![leased, ended], &State::default());
    assert_eq!(names(&plan.turn), ["evt_b"]);
}

#[test]
fn an_endpoint_gets_three_thousand_at_most_with_those_on_their_way() {
    let mut all = held(4_000);
    let sent = |all: &[Parked]| names(&plan(all.to_vec(), &State::default()).turn).len();
    assert_eq!(sent(&all), 3_000);
    for one in all.iter_mut().take(2_990) {
        one.leased_until = Some(at(60));
    }
    assert_eq!(sent(&all), 10);
}

#[test]
fn a_spared_endpoint_gets_one_of_its_ten_oldest_in_turn() {
    let state = open();
    let probes = (0..12).map(|probes| {
        let state = State {
            probes,
            ..state.clone()
        };
        match plan(held(30), &state).turn {
            Turn::Probe(probe) => probe.webhook_id,
            other => panic!("{other:?}"),
        }
    });
    let wanted = (0..12).map(|place| format!("evt_{}", place % 10));
    assert!(probes.eq(wanted));
    let early = State {
        probe_at: Some(at(1)),
        ..state.clone()
    };
    assert_eq!(plan(held(30), &early).turn, Turn::Nothing);
    assert_eq!(plan(Vec::new(), &state).turn, Turn::Nothing);
    // A single one is probed again, although it is leased for the last probe.
    let mut only = parked("only", 60, 600);
    only.leased_until = Some(at(60));
    assert_eq!(
        plan(vec![only.clone()], &state).turn,
        Turn::Probe(Box::new(only))
    );
    assert!(plan(held(1), &state).swept.open);
}

#[test]
fn an_endpoint_that_is_back_gets_all_that_was_parked_before_oldest_first() {
    let back = open().after(&Outcome::Delivered, at(-30), &Hour::default());
    let before = parked("before", 60, 80_000);
    let since = parked("since", 20, 600);
    let plan_of = |parked, state: &State| plan(parked, state).turn;
    let all = vec![since.clone(), before.clone()];
    assert_eq!(names(&plan_of(all, &back)), ["evt_before"]);
    assert_eq!(names(&plan_of(held(500), &back)).len(), 100);
    let sent = back.sending(100);
    assert_eq!(plan_of(held(500), &sent), Turn::Nothing);
    assert_eq!(plan_of(vec![since], &back), Turn::Drained);
    assert_eq!(plan_of(Vec::new(), &back), Turn::Drained);
}

#[test]
fn what_is_held_for_an_inactive_or_disabled_endpoint_stays() {
    let hour = Hour::default();
    let inactive = Plan::new(held(5), false, &State::default(), NOW, &hour);
    assert_eq!((inactive.turn, inactive.swept.parked), (Turn::Nothing, 5));
    for why in [Disabled::Gone, Disabled::Failing] {
        let plan = plan(held(5), &open().disabled(why));
        assert_eq!(plan.turn, Turn::Nothing);
        assert_eq!(plan.swept.failing_s, Some(600));
    }
}

#[test]
fn an_endpoint_is_disabled_after_five_days_unless_nothing_waits_for_it() {
    let state = State {
        failing_since: Some(at(-5 * 86_400)),
        ..open()
    };
    assert_eq!(plan(held(1), &state).turn, Turn::Disable);
    assert_eq!(plan(Vec::new(), &state).turn, Turn::Nothing);
}

#[test]
fn what_is_over_is_counted_or_forgotten_and_never_sent() {
    let mut lost = parked("lost", 60, 0);
    lost.due = NEVER;
    let old = parked("old", 14 * 86_400, -1);
    let plan = plan(vec![old.clone(), lost], &State::default());
    assert_eq!((plan.turn, plan.expired), (Turn::Nothing, vec![old]));
    assert_eq!((plan.swept.undelivered, plan.swept.expired), (1, 1));
    assert_eq!(plan.swept.parked, 0);
}

#[test]
fn of_a_healthy_endpoint_there_is_nothing_to_say() {
    assert!(plan(Vec::new(), &State::default()).swept.is_quiet());
}
