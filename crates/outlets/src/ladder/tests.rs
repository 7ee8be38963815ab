use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;

const FIRST: Timestamp = Timestamp::constant(1_767_323_045, 0);
const MIDDLE: f64 = 0.5;

fn after(time: Timestamp, pause: Duration) -> Timestamp {
    time + SignedDuration::try_from(pause).unwrap()
}

/// Returns when an attempt is due, or nothing if there is none.
fn due(next: Next, now: Timestamp) -> Option<Timestamp> {
    match next {
        Next::Delayed(delay) => Some(after(now, delay)),
        Next::Parked(due) => Some(due),
        Next::Over => None,
    }
}

#[test]
fn there_are_ten_attempts_in_three_days_and_then_no_more() {
    let hour = Hour::default();
    let (mut now, mut attempts, mut delayed) = (FIRST, 1, 0);
    loop {
        let next = next(attempts, FIRST, now, MIDDLE, None, &hour);
        delayed += u32::from(matches!(next, Next::Delayed(_)));
        let Some(due) = due(next, now) else { break };
        (now, attempts) = (due, attempts + 1);
    }
    assert_eq!((attempts, delayed), (ATTEMPTS, 2));
    let seconds = now.duration_since(FIRST).as_secs();
    assert_eq!(
        seconds,
        5 + 5 * 60 + 30 * 60 + (2 + 5 + 10 + 14 + 20 + 24) * 3_600
    );
}

#[test]
fn an_endpoint_may_ask_for_more_time_and_never_for_less() {
    let hour = Hour::default();
    let asked = |seconds: i64| {
        let asked = FIRST + SignedDuration::from_secs(seconds);
        next(1, FIRST, FIRST, MIDDLE, Some(asked), &hour)
    };
    let five = Next::Delayed(Duration::from_secs(5));
    assert_eq!(asked(-1_000_000), five);
    assert_eq!(asked(3), five);
    assert_eq!(asked(60), Next::Delayed(Duration::from_mins(1)));
    let quarter = SignedDuration::from_mins(16);
    assert_eq!(asked(16 * 60), Next::Parked(FIRST + quarter));
    let ten_hours = Next::Parked(FIRST + SignedDuration::from_hours(10));
    assert_eq!(asked(11 * 3_600), ten_hours);
    let forever = next(1, FIRST, FIRST, MIDDLE, Some(Timestamp::MAX), &hour);
    assert_eq!(forever, ten_hours);
}

#[test]
fn nothing_is_tried_after_fourteen_days() {
    let hour = Hour::default();
    let late = FIRST + SignedDuration::from_hours(14 * 24 - 1);
    assert!(matches!(
        next(3, FIRST, late, MIDDLE, None, &hour),
        Next::Parked(_)
    ));
    assert_eq!(next(4, FIRST, late, MIDDLE, None, &hour), Next::Over);
}

proptest! {
    #[test]
    fn no_attempt_is_in_the_past_or_beyond_the_end(
        attempts in 0_u32..20,
        age in 0_i64..2_000_000,
        nanos in 0_i32..1_000_000_000,
        chance in -1.0_f64..2.0,
        asked in proptest::option::of(-4_000_000_000_i64..200_000_000_000),
        millis in proptest::option::of(1_u64..8_000_000),
    ) {
        let hour = Hour::from_millis(millis);
        let now = Timestamp::new(FIRST.as_second() + age, nanos).unwrap();
        let asked = asked.map(|asked| Timestamp::from_second(asked).unwrap());
        let plain = next(attempts, FIRST, now, chance, None, &hour);
        let asking = next(attempts, FIRST, now, chance, asked, &hour);
        for next in [plain, asking] {
            if let Next::Delayed(delay) = next {
                prop_assert!(delay <= Duration::from_mins(15));
                prop_assert!(attempts <= 2);
            }
            let Some(due) = due(next, now) else { continue };
            prop_assert!(due >= now);
            prop_assert!(due <= hour.after(FIRST, KEPT));
            prop_assert!(attempts < ATTEMPTS);
        }
        if let (Some(plain), Some(asking)) = (due(plain, now), due(asking, now)) {
            prop_assert!(asking >= plain);
            prop_assert!(asking <= plain.max(hour.after(now, MOST_ASKED)));
        }
    }

    #[test]
    fn a_pause_moves_by_at_most_a_fifth(step in 0_usize..9, chance in 0.0_f64..1.0) {
        let hour = Hour::default();
        let attempts = u32::try_from(step).unwrap() + 1;
        let due = due(next(attempts, FIRST, FIRST, chance, None, &hour), FIRST).unwrap();
        let pause = due.duration_since(FIRST).as_secs_f64() / PAUSES[step].as_secs_f64();
        prop_assert!((0.8..=1.201).contains(&pause), "{pause}");
    }
}
