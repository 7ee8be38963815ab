//! The words of a question, and where a list ended.

use proptest::prelude::{any, prop};
use proptest::{prop_assert, prop_assert_eq, proptest};

use super::*;
use crate::keys::owner;

const NOW: Timestamp = Timestamp::constant(1_772_323_201, 0); // 2026-03-01T00:00:01Z

#[test]
fn a_day_is_written_as_in_a_key() {
    let day = |word: &str| day(word, NOW).map(|day| day.to_string());
    assert_eq!(day("today").as_deref(), Ok("2026-03-01"));
    assert_eq!(day("yesterday").as_deref(), Ok("2026-02-28"));
    assert_eq!(day("2026-01-02").as_deref(), Ok("2026-01-02"));
    for word in [
        "",
        "Today",
        "7d",
        "2026-1-2",
        "20260102",
        "2026-02-29",
        "2026-01-02 ",
        "2026-01-02T00:00:00",
    ] {
        assert_eq!(day(word), Err(Unclear::Day), "{word}");
    }
}

#[test]
fn a_time_is_a_moment_or_the_start_of_a_day() {
    let time = |text: &str| time(text).map(rfc3339_ms);
    let midnight = Ok("2026-01-02T00:00:00.000Z".to_owned());
    assert_eq!(time("2026-01-02"), midnight);
    assert_eq!(time("2026-01-02T02:00:00+02:00"), midnight);
    for text in ["", "now", "2026-01-02T02:00:00", "1767323045", "2026-1-2"] {
        assert_eq!(time(text), Err(Unclear::Time), "{text}");
    }
}

#[test]
fn a_scope_is_a_kind_and_an_id() {
    let group = Scope::Group(Some("a:7".to_owned()));
    assert_eq!(scope(" group:a:7 "), Ok(group));
    let most = "x".repeat(256);
    let list = Scope::List(Some(most.clone()));
    assert_eq!(scope(&format!("list:{most}")), Ok(list));
    for text in [
        "",
        "group",
        "group:",
        "global:1",
        "7",
        "group:1,group:2",
        "group:1,2",
        "group: 1",
        "group:1\n2",
        "group:1\u{202e}2",
        "group:\u{fffd}",
        &format!("list:{most}x"),
    ] {
        assert_eq!(scope(text), Err(Unclear::Scope), "{text}");
    }
}

#[test]
fn a_cursor_is_the_sort_key_of_an_event_and_nothing_else() {
    let sk = "2026-01-02T03:04:05.000Z#an id, ë/+?#";
    let cursor = Cursor::parse(&Cursor::at(sk).text()).unwrap();
    assert_eq!(cursor.clone().into_sort_key(), sk);
    assert_eq!(format!("{cursor:?}"), "Cursor");
    let long = format!("2026-01-02T03:04:05.000Z#{}", "x".repeat(1000));
    for bad in [
        "suppression",
        "suppression#group#sendgrid#10",
        "2026-01-02T03:04:05.000Z",
        "2026-01-02T03:04:05.000Z#",
        "2026-01-02T03:04:05Z#e",
        "2026-01-02T03:04:05.000+00:00#e",
        " 2026-01-02T03:04:05.000Z#e",
        "2026-13-02T03:04:05.000Z#e",
        "email#lee@mail.test",
        "#e",
        "",
        &long,
    ] {
        let text = URL_SAFE_NO_PAD.encode(bad);
        assert_eq!(Cursor::parse(&text), Err(Unclear::Cursor), "{bad}");
    }
    for text in [sk, "%", "eA==", "//", "_w"] {
        assert_eq!(Cursor::parse(text), Err(Unclear::Cursor), "{text}");
    }
}

proptest! {
    /// Whatever is read is what was written, so that there is one text for one end.
    #[test]
    fn a_cursor_that_is_read_is_written_the_same(text in ".*") {
        if let Ok(cursor) = Cursor::parse(&text) {
            prop_assert_eq!(cursor.text(), text);
        }
    }

    /// Whatever it says, it is the sort key of an event: it names no partition.
    #[test]
    fn a_cursor_of_any_bytes_is_a_time_and_an_id_or_refused(
        bytes in prop::collection::vec(any::<u8>(), 0..64),
        start in prop::sample::select(vec!["", "2026-01-02T03:04:05.000Z#", "email#kim@mail.test"]),
    ) {
        let text = URL_SAFE_NO_PAD.encode([start.as_bytes(), &bytes].concat());
        if let Ok(cursor) = Cursor::parse(&text) {
            let sk = cursor.into_sort_key();
            let time: Option<Timestamp> = sk.split('#').next().and_then(|time| time.parse().ok());
            prop_assert!(time.is_some());
            prop_assert!(owner(&sk).is_none());
        }
    }
}
