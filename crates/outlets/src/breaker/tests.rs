use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;

const NOW: Timestamp = Timestamp::constant(1_767_323_045, 678_000_000);

fn at(seconds: i64) -> Timestamp {
    NOW + SignedDuration::from_secs(seconds)
}

fn failed(millis: u64) -> Outcome {
    Outcome::Failed {
        code: "status".to_owned(),
        wasted: Duration::from_millis(millis),
        retry_after: None,
        is_probe: false,
    }
}

fn probe() -> Outcome {
    Outcome::Failed {
        code: "timeout".to_owned(),
        wasted: Duration::from_secs(15),
        retry_after: None,
        is_probe: true,
    }
}

/// Returns the state after so many failures, each so many seconds after the one before.
fn failures(count: i64, apart: i64) -> State {
    let hour = Hour::default();
    let each = (0..count).map(|place| at(place * apart));
    each.fold(State::default(), |state, now| {
        state.after(&failed(10), now, &hour)
    })
}

fn minutes_until_probe(state: &State, now: Timestamp) -> i64 {
    let due = state.next_probe().unwrap();
    due.duration_since(now).as_secs() / 60
}

#[test]
fn ten_failures_in_a_row_over_half_a_minute_open_it_and_a_burst_does_not() {
    assert!(!failures(9, 60).is_open());
    assert!(failures(10, 4).is_open());
    let burst = failures(1_000, 0);
    assert!(!burst.is_open());
    let late = burst.after(&failed(10), at(30), &Hour::default());
    assert!(late.is_open());
    assert_eq!(minutes_until_probe(&late, at(30)), 1);
}

#[test]
fn two_attempts_that_hang_open_it() {
    let hour = Hour::default();
    let hung = State::default().after(&failed(15_000), at(0), &hour);
    assert!(!hung.is_open());
    assert!(hung.after(&failed(15_000), at(15), &hour).is_open());
    assert!(!hung.after(&failed(9_999), at(15), &hour).is_open());
}

#[test]
fn probes_come_after_1_1_2_5_and_then_every_10_minutes() {
    let hour = Hour::default();
    let mut state = failures(10, 4);
    let mut now = state.opened_at.unwrap();
    let mut pauses = Vec::new();
    for _ in 0..7 {
        pauses.push(minutes_until_probe(&state, now));
        now = state.next_probe().unwrap();
        let sent = state.probing(now, &hour).unwrap();
        assert_eq!(sent.probing(now, &hour), None, "one at a time");
        state = sent.after(&probe(), now, &hour);
    }
    assert_eq!(pauses, [1, 1, 2, 5, 10, 10, 10]);
    assert_eq!(state.probes, 7);
}

#[test]
fn only_a_probe_moves_the_next_one_and_a_lost_one_is_followed_by_another() {
    let hour = Hour::default();
    let open = failures(10, 4);
    let straggler = open.after(&failed(10), at(40), &hour);
    assert_eq!(straggler.probe_at, open.probe_at);
    let due = open.next_probe().unwrap();
    assert_eq!(
        open.probing(due - SignedDuration::from_millis(1), &hour),
        None
    );
    let sent = open.probing(due, &hour).unwrap();
    assert_eq!(sent.step, 0);
    let next = sent.next_probe().unwrap();
    assert!(sent.probing(next, &hour).is_some());
    assert_eq!(State::default().probing(due, &hour), None);
}

#[test]
fn an_endpoint_may_put_a_probe_off_by_ten_minutes_at_most() {
    let hour = Hour::default();
    let open = failures(10, 4);
    for (seconds, wanted) in [(30, 1), (180, 3), (36_000, 10)] {
        let asked = Outcome::Failed {
            code: "status".to_owned(),
            wasted: Duration::ZERO,
            retry_after: Some(at(100 + seconds)),
            is_probe: true,
        };
        let state = open.after(&asked, at(100), &hour);
        assert_eq!(minutes_until_probe(&state, at(100)), wanted, "{seconds}");
    }
}

#[test]
fn one_success_closes_it_and_all_that_was_parked_goes_out() {
    let hour = Hour::default();
    let back = failures(10, 4).after(&Outcome::Delivered, at(100), &hour);
    assert!(!back.is_open());
    assert_eq!((back.failures, back.back_since), (0, Some(at(100))));
    assert_eq!(back.allowed(at(100), &hour), 100);
    assert_eq!(back.sending(100).allowed(at(100), &hour), 0);
    assert_eq!(back.sending(100).allowed(at(160), &hour), 200);
    assert_eq!(back.drained().allowed(at(100), &hour), 3_000);
    // Three failures in five minutes are an outage, too, and two are not.
    let short = failures(3, 150).after(&Outcome::Delivered, at(301), &hour);
    assert_eq!(short.back_since, Some(at(301)));
    let few = failures(2, 290).after(&Outcome::Delivered, at(301), &hour);
    assert_eq!(few.back_since, None);
    let again = failures(3, 150).after(&Outcome::Delivered, at(301), &hour);
    let again = (0..10).fold(again, |state, place| {
        state.after(&failed(10), at(400 + 4 * place), &hour)
    });
    assert!(again.is_open());
    assert_eq!(again.back_since, None, "it is not back any more");
}

#[test]
fn five_days_of_failures_disable_it_and_a_person_enables_it() {
    let hour = Hour::default();
    let days = 5 * 24 * 3_600;
    let nearly = failures(10, 4).after(&probe(), at(days - 1), &hour);
    assert!(!nearly.is_disabled() && nearly.is_open());
    assert!(nearly.is_overdue(at(days), &hour));
    let off = nearly.after(&probe(), at(days), &hour);
    assert_eq!(off.disabled, Some(Disabled::Failing));
    assert!(!off.is_open() && off.next_probe().is_none());
    assert_eq!(off.probing(at(2 * days), &hour), None);
    // Few failures over many days are one bad event, or few events.
    assert!(!failures(9, days / 2).is_disabled());
    let on = off.enabled(at(2 * days));
    assert!(!on.is_disabled() && !on.is_open());
    assert_eq!((on.failures, on.back_since), (0, Some(at(2 * days))));
}

#[test]
fn an_endpoint_that_is_gone_is_disabled_at_once() {
    let hour = Hour::default();
    let gone = State::default().after(&Outcome::Gone, NOW, &hour);
    assert_eq!(gone.disabled, Some(Disabled::Gone));
    assert_eq!(gone.last_code.as_deref(), Some("gone"));
    // A test that succeeds does not make it active: a person does.
    let tested = gone.after(&Outcome::Delivered, at(5), &hour);
    assert_eq!(
        (tested.disabled, tested.back_since),
        (Some(Disabled::Gone), None)
    );
}

#[test]
fn a_state_is_read_as_it_was_written_and_a_healthy_one_is_blank() {
    let hour = Hour::default();
    assert_eq!(State::default().encode(), "{}");
    let test = LastTest {
        id: "tst_1".to_owned(),
        delivered: true,
        code: "delivered".to_owned(),
        status: Some(204),
        latency_ms: 12,
        at: Some(NOW),
    };
    let open = failures(12, 4).tested(test.clone());
    let back = open.after(&Outcome::Delivered, at(999), &hour).sending(7);
    let off = back.after(&Outcome::Gone, at(1_000), &hour);
    assert_eq!(off.tests, [test]);
    for state in [State::default(), open, back, off] {
        assert_eq!(State::decode(&state.encode()), Some(state));
    }
    for text in [
        "",
        "null",
        r#"{"failing_since":"soon"}"#,
        r#"{"failures":-1}"#,
    ] {
        assert_eq!(State::decode(text), None, "{text}");
    }
    // A newer version may have written more.
    assert_eq!(State::decode(r#"{"later":1}"#), Some(State::default()));
}

#[test]
fn a_lease_doubles_and_is_never_shorter_than_an_attempt() {
    let lease = |leases, millis| {
        let until = lease_until(leases, NOW, &Hour::from_millis(millis));
        until.duration_since(NOW).as_secs()
    };
    assert_eq!(
        [0, 1, 4, 5, u32::MAX].map(|leases| lease(leases, None)),
        [300, 600, 4_800, 4_800, 4_800]
    );
    assert_eq!(lease(0, Some(1_000)), 20);
}

/// What may happen, and how many seconds later.
fn happening() -> impl Strategy<Value = (u8, u64, i64)> {
    (
        0_u8..10,
        0_u64..20_000,
        prop_oneof![0_i64..10, 0_i64..1_000, 0_i64..100_000],
    )
}

proptest! {
    #[test]
    fn a_closed_breaker_stays_closed_on_success(count in 0_u32..9, apart in 0_i64..100_000) {
        let hour = Hour::default();
        let state = failures(count.into(), apart);
        if !state.is_open() && !state.is_disabled() {
            let after = state.after(&Outcome::Delivered, at(i64::from(count) * apart), &hour);
            prop_assert!(!after.is_open() && !after.is_disabled());
            prop_assert_eq!(after.failures, 0);
        }
        let healthy = State::default();
        prop_assert_eq!(healthy.after(&Outcome::Delivered, NOW, &hour), healthy);
    }

    #[test]
    fn whatever_happens_it_opens_probes_and_gives_up_by_the_rules(
        happenings in proptest::collection::vec(happening(), 1..60),
        millis in prop_oneof![Just(None), (1_u64..4_000_000).prop_map(Some)],
    ) {
        let hour = Hour::from_millis(millis);
        let mut state = State::default();
        let mut now = NOW;
        let (mut row, mut wasted, mut first) = (0_u32, 0_u64, None);
        let (mut hung, mut hung_at) = (0_u64, None);
        for (what, waste, seconds) in happenings {
            now += SignedDuration::from_secs(seconds);
            let outcome = match what {
                0 => Outcome::Delivered,
                1..=3 if state.is_open() => probe(),
                _ => failed(waste),
            };
            if what == 9 && state.probe_at.is_some_and(|due| due <= now) {
                state = state.probing(now, &hour).unwrap();
                prop_assert!(state.next_probe().unwrap() > now);
            }
            let after = state.after(&outcome, now, &hour);
            if hung_at.is_some_and(|at| hour.has_passed(REMEMBERED, at, now)) {
                (hung, hung_at) = (0, None);
            }
            if outcome == Outcome::Delivered {
                (row, wasted, first) = (0, 0, None);
            } else {
                row += 1;
                wasted += match outcome { Outcome::Failed { wasted, .. } => u64::try_from(wasted.as_millis()).unwrap(), _ => 0 };
                first = first.or(Some(now));
                if let Outcome::Failed { wasted, .. } = &outcome && *wasted >= HANG {
                    hung += u64::try_from(wasted.as_millis()).unwrap();
                    hung_at = Some(now);
                }
            }
            let has_failed_for = |real| first.is_some_and(|first| hour.has_passed(real, first, now));
            let opens = (row >= 10 && has_failed_for(OPENS_AFTER)) || (row >= 2 && wasted >= 25_000) || hung >= 25_000;
            let gives_up = row >= 10 && has_failed_for(DISABLED_AFTER);
            prop_assert_eq!(after.is_disabled(), state.is_disabled() || gives_up);
            if !after.is_disabled() {
                prop_assert_eq!(after.is_open(), outcome != Outcome::Delivered && (state.is_open() || opens));
            }
            prop_assert_eq!(after.is_open(), after.next_probe().is_some());
            if let (Some(before), Some(due)) = (state.next_probe(), after.next_probe()) {
                let latest = hour.after(now, MOST_BETWEEN_PROBES);
                prop_assert!(due == before || (due >= now && due <= latest));
                let may_move = matches!(outcome, Outcome::Failed { is_probe: true, .. });
                prop_assert!(due == before || may_move);
                // A probe that is sent in time never brings the next one forward.
                prop_assert!(due >= before || before > now);
            }
            prop_assert_eq!(State::decode(&after.encode()), Some(after.clone()));
            state = after;
        }
    }
}

#[test]
fn hangs_open_a_breaker_although_something_is_accepted_between_them() {
    let hour = Hour::default();
    let hang = |seconds| Outcome::Failed {
        code: "timeout".to_owned(),
        wasted: Duration::from_secs(seconds),
        retry_after: None,
        is_probe: false,
    };
    let first = State::default().after(&hang(15), at(0), &hour);
    let between = first.after(&Outcome::Delivered, at(10), &hour);
    assert_eq!((between.failures, between.is_open()), (0, false));
    assert!(between.after(&hang(15), at(60), &hour).is_open());
    // Nothing is written while all goes well, and five minutes later the hang is forgotten.
    let again = between.after(&Outcome::Delivered, at(20), &hour);
    assert_eq!(again, between);
    assert!(!between.after(&hang(15), at(311), &hour).is_open());
    let healthy = between.after(&Outcome::Delivered, at(311), &hour);
    assert_eq!((healthy.hung_ms, healthy.hung_at), (0, None));
    // A quick failure is no hang.
    let mut quick = State::default();
    for second in 0..40 {
        quick = quick.after(&hang(4), at(second), &hour);
        quick = quick.after(&Outcome::Delivered, at(second), &hour);
    }
    assert!(!quick.is_open());
}
