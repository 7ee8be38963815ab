//! Provider times: no number and no text is too odd.

use proptest::prelude::*;
use shared::time::{from_millis, from_rfc3339, from_unix, rfc3339_ms};

use crate::cases;
use crate::event::{LAST_MS, at};

/// Any number, most of them near the limits.
fn number() -> impl Strategy<Value = i64> {
    prop_oneof![
        any::<i64>(),
        -3i64..3,
        LAST_MS - 3..LAST_MS + 3,
        LAST_MS / 1000 - 3..LAST_MS / 1000 + 3,
        99_999_999_990i64..100_000_000_010,
        i64::MIN..i64::MIN + 3,
        i64::MAX - 3..i64::MAX,
    ]
}

fn is_time(millis: i64) -> bool {
    (1..=LAST_MS).contains(&millis)
}

proptest! {
    #![proptest_config(cases(1024))]

    #[test]
    fn numbers_within_the_limits_are_times(number in number()) {
        prop_assert_eq!(from_millis(number), is_time(number).then(|| at(number)));
    }

    #[test]
    fn the_number_of_digits_tells_the_unit(millis in 1_000_000_000_000i64..=LAST_MS, below in 0i64..1_000_000) {
        let whole_seconds = at(millis / 1000 * 1000);
        prop_assert_eq!(from_unix(&(millis / 1000).to_string()), Some(whole_seconds));
        let (micros, nanos) = (millis * 1000 + below / 1000, i128::from(millis) * 1_000_000 + i128::from(below));
        for (digits, is_a_number) in [(millis.to_string(), true), (micros.to_string(), true), (nanos.to_string(), i64::try_from(nanos).is_ok())] {
            let time = Some(at(millis)).filter(|_| is_a_number);
            prop_assert_eq!(from_unix(&digits), time, "{}", digits);
            prop_assert_eq!(from_unix(&format!(" {digits}.5 ")), time, "{}", digits);
        }
    }

    #[test]
    fn any_number_is_a_time_or_none(number in number()) {
        let time = from_unix(&number.to_string());
        prop_assert!(time.is_none_or(|time| is_time(time.as_millisecond())), "{}", number);
        prop_assert!(time.is_none() || number > 0);
    }

    #[test]
    fn any_text_is_a_time_or_none(text in any::<String>()) {
        let time = from_rfc3339(&text);
        prop_assert!(time.is_none_or(|time| is_time(time.as_millisecond())));
    }

    #[test]
    fn almost_rfc_3339_is_a_time_or_none(
        text in "[ +-]?[0-9]{4,6}-[0-9]{1,2}-[0-9]{1,2}[Tt _][0-9]{1,2}:[0-9]{2}(:[0-9]{2})?([.,][0-9]{0,12})?(Z|z|[+-][0-9]{2}(:?[0-9]{2}){0,2})?(\\[[A-Za-z/=!]{0,9}\\])?"
    ) {
        if let Some(time) = from_rfc3339(&text) {
            prop_assert!(is_time(time.as_millisecond()));
            prop_assert_eq!(time, at(time.as_millisecond()), "below a millisecond");
        }
    }

    #[test]
    fn written_times_read_back_and_sort(one in 1i64..=LAST_MS, other in prop_oneof![1i64..=LAST_MS, 1i64..4000]) {
        let (one, other) = (at(one), at(other));
        prop_assert_eq!(from_rfc3339(&rfc3339_ms(one)), Some(one));
        prop_assert_eq!(rfc3339_ms(one).cmp(&rfc3339_ms(other)), one.cmp(&other));
        prop_assert_eq!(rfc3339_ms(one).len(), 24);
    }

    #[test]
    fn seconds_with_a_fraction_are_read_to_the_millisecond(millis in 1i64..=LAST_MS, below in "[0-9]{0,9}") {
        let text = format!("{}.{:03}{below}", millis / 1000, millis % 1000);
        prop_assert_eq!(from_unix(&text), Some(at(millis)), "{}", text);
    }

    #[test]
    fn no_text_is_too_odd_for_seconds_with_a_fraction(text in any::<String>(), digits in "[0-9.eE+-]{0,30}") {
        for text in [text, digits] {
            let time = from_unix(&text);
            prop_assert!(time.is_none_or(|time| is_time(time.as_millisecond())), "{}", text);
        }
    }

    #[test]
    fn digits_below_a_millisecond_are_cut(millis in 1i64..=LAST_MS, nanos in 0i32..1_000_000) {
        let precise = at(millis) + jiff::SignedDuration::new(0, nanos);
        prop_assert_eq!(rfc3339_ms(precise), rfc3339_ms(at(millis)));
        prop_assert_eq!(from_rfc3339(&precise.to_string()), Some(at(millis)));
    }
}

#[test]
fn what_is_no_number_of_seconds_is_no_time() {
    for text in [
        "",
        ".",
        ".5",
        "-1.5",
        "+1",
        "1e9",
        "1,5",
        "1.5.5",
        "0",
        "0.0",
        "١",
        "99999999999999999999",
    ] {
        assert_eq!(from_unix(text), None, "{text}");
    }
    assert_eq!(from_unix("1"), Some(at(1000)));
    assert_eq!(from_unix("1."), Some(at(1000)));
    assert_eq!(from_unix("0.001"), Some(at(1)));
}
