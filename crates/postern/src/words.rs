//! Reads the words of a command line that are more than text: times, days, providers.

use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use operator::print::now;
use outlets::manage::MOST_KEEP_HOURS;
use shared::time::from_rfc3339;

use crate::error::CommandError;

/// Reads a time: RFC 3339, a day in UTC (its midnight), `today`, `yesterday`, or how long ago, such
/// as `2h`.
///
/// # Errors
/// Returns what is expected.
pub(crate) fn time(text: &str) -> Result<Timestamp, String> {
    time_at(text, now()).ok_or_else(|| {
        "expected 2026-01-02, 2026-01-02T03:04:05Z, today, yesterday, or how long ago: 90s 15m 2h 3d"
            .to_owned()
    })
}

fn time_at(text: &str, now: Timestamp) -> Option<Timestamp> {
    if let Some(day) = day_at(text, now) {
        return Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp());
    }
    ago(text, now).or_else(|| from_rfc3339(text))
}

/// Checks that times are in their order.
///
/// # Errors
/// Returns [`CommandError::Reversed`] if the second is not after the first.
pub(crate) fn in_order(from: Option<Timestamp>, to: Option<Timestamp>) -> Result<(), CommandError> {
    match (from, to) {
        (Some(from), Some(to)) if to <= from => Err(CommandError::Reversed { from, to }),
        _ => Ok(()),
    }
}

/// Reads how long ago: a whole number of seconds, minutes, hours or days.
fn ago(text: &str, now: Timestamp) -> Option<Timestamp> {
    let unit = text.chars().next_back()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return None,
    };
    let number: u32 = text.strip_suffix(unit)?.parse().ok()?;
    let ago = SignedDuration::from_secs(i64::from(number).checked_mul(seconds)?);
    now.checked_sub(ago).ok()
}

/// Reads a length of time: `500ms`, `90s`, `15m`, `2h`.
///
/// # Errors
/// Returns what is expected.
pub(crate) fn how_long(text: &str) -> Result<Duration, String> {
    let expected = || "expected a length of time: 500ms 90s 15m 2h".to_owned();
    let units = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];
    let read = |(unit, millis): (&str, u64)| {
        let number: u32 = text.strip_suffix(unit)?.parse().ok()?;
        Some(Duration::from_millis(u64::from(number) * millis))
    };
    units.into_iter().find_map(read).ok_or_else(expected)
}

/// Reads a number of hours: `24h`, `7d`.
///
/// # Errors
/// Returns what is expected.
pub(crate) fn hours(text: &str) -> Result<u64, String> {
    let units = [("h", 1), ("d", 24)];
    let read = |(unit, hours): (&str, u64)| {
        let number: u32 = text.strip_suffix(unit)?.parse().ok()?;
        Some(u64::from(number) * hours)
    };
    let hours = units.into_iter().find_map(read);
    let hours = hours.filter(|hours| *hours <= u64::from(MOST_KEEP_HOURS));
    hours.ok_or_else(|| "expected hours or days, up to a week: 0h 24h 7d".to_owned())
}

/// Reads a share of 1, such as `0.3`.
///
/// # Errors
/// Returns what is expected.
pub(crate) fn share(text: &str) -> Result<f64, String> {
    let share: Option<f64> = text.parse().ok();
    let share = share.filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "expected a share from 0 to 1, such as 0.3".to_owned())
}

/// Reads a day in UTC: `2026-01-02`, `today` or `yesterday`. There is no other way to write it.
pub(crate) fn day_at(text: &str, now: Timestamp) -> Option<Date> {
    let today = now.to_zoned(TimeZone::UTC).date();
    match text {
        "today" => Some(today),
        "yesterday" => today.checked_sub(1.day()).ok(),
        _ => {
            let day: Date = text.parse().ok()?;
            (day.to_string() == text).then_some(day)
        }
    }
}

/// Reads a provider's name.
///
/// # Errors
/// Returns the names of all providers.
pub(crate) fn provider(name: &str) -> Result<String, String> {
    let known = || {
        let names = registry::PROVIDERS.iter().map(|p| p.name());
        format!("one of: {}", names.collect::<Vec<_>>().join(" "))
    };
    registry::provider(name).ok_or_else(known)?;
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_has_a_unit() {
        let millis = |text| how_long(text).ok().map(|time| time.as_millis());
        for (text, wanted) in [
            ("500ms", Some(500)),
            ("1s", Some(1_000)),
            ("15m", Some(900_000)),
            ("2h", Some(7_200_000)),
            ("2", None),
            ("-2s", None),
            ("s", None),
        ] {
            assert_eq!(millis(text), wanted, "{text}");
        }
        let read = ["0h", "24h", "7d"].map(|text| hours(text).expect(text));
        assert_eq!(read, [0, 24, 168]);
        for text in ["8d", "169h", "24", ""] {
            hours(text).expect_err(text);
        }
        assert!(share("0.3").is_ok() && share("1.1").is_err() && share("NaN").is_err());
    }

    #[test]
    fn a_time_has_a_zone_and_a_day_is_its_midnight() {
        let now = from_rfc3339("2026-03-01T00:30:00Z").unwrap();
        let read = |text| time_at(text, now).map(|time| time.to_string());
        for (text, wanted) in [
            ("2026-01-02", "2026-01-02T00:00:00Z"),
            ("2026-01-02T03:04:05+01:00", "2026-01-02T02:04:05Z"),
            ("today", "2026-03-01T00:00:00Z"),
            ("yesterday", "2026-02-28T00:00:00Z"),
            ("2h", "2026-02-28T22:30:00Z"),
            ("90s", "2026-03-01T00:28:30Z"),
            ("0m", "2026-03-01T00:30:00Z"),
            ("3d", "2026-02-26T00:30:00Z"),
        ] {
            assert_eq!(read(text).as_deref(), Some(wanted), "{text}");
        }
        for text in [
            "",
            "2026-01-02T03:04:05",
            "2026-13-02",
            "2026-1-2",
            "-2h",
            "2",
            "h",
            "2y",
            "99999999999d",
            "4294967295d",
            "2 h",
            "tomorrow",
            "Yesterday",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
