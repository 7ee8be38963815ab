//! Reads when a row came about, in any of the forms that exports have.

use jiff::civil::{Date, DateTime};
use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use shared::time::{from_millis, from_rfc3339, from_unix};

/// The year 2000, in Unix seconds.
const FIRST: i64 = 946_684_800;

/// What a row says about its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Created {
    /// Nothing.
    Unsaid,
    /// This time.
    At(Timestamp),
    /// Something that is no time, or one ahead of ours, which cannot be believed.
    Unknown,
}

/// Reads what a row says about its time.
pub(super) fn created(text: &str, now: Timestamp) -> Created {
    if text.trim().is_empty() {
        return Created::Unsaid;
    }
    let time = time(text).filter(|at| *at <= now);
    time.map_or(Created::Unknown, Created::At)
}

/// Reads Unix time, RFC 3339, RFC 2822, or a date and time without a zone, which is UTC.
///
/// A number that a spreadsheet has rounded (`1.79E+09`) is no time, and neither is a day of which
/// nobody knows whether the month stands first.
fn time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let time = from_unix(text).or_else(|| from_rfc3339(text));
    let time = time
        .or_else(|| of_mail(text))
        .or_else(|| without_zone(text));
    // Nobody exports what is older than the providers: such a number is something else, like a day
    // without its hyphens.
    let time = from_millis(time?.as_millisecond())?;
    (time.as_second() >= FIRST).then_some(time)
}

/// Reads the time of a mail header. Mailgun writes `UTC`, which no mail has.
fn of_mail(text: &str) -> Option<Timestamp> {
    let standard = text.strip_suffix("UTC").map(|time| format!("{time}GMT"));
    let time = rfc2822::parse(standard.as_deref().unwrap_or(text)).ok();
    time.as_ref().map(Zoned::timestamp)
}

fn without_zone(text: &str) -> Option<Timestamp> {
    let text = text.strip_suffix(" UTC").unwrap_or(text);
    let time = text.parse::<DateTime>().ok();
    let time = time.or_else(|| {
        Some(
            text.parse::<Date>()
                .ok()?
                .to_datetime(jiff::civil::Time::midnight()),
        )
    })?;
    TimeZone::UTC.to_timestamp(time).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_time_that_exports_have_is_read() {
        for (text, time) in [
            ("1790083507", Some("2026-09-22T13:25:07Z")),
            ("1586552585.077", Some("2020-04-10T21:03:05.077Z")),
            ("1790083507000", Some("2026-09-22T13:25:07Z")),
            ("2020-04-10T21:03:05Z", Some("2020-04-10T21:03:05Z")),
            ("2019-12-17T08:58:33-05:00", Some("2019-12-17T13:58:33Z")),
            (
                "2026-09-01T20:06:11.728000-07:00",
                Some("2026-09-02T03:06:11.728Z"),
            ),
            (
                "2023-10-06 22:59:55.977612+00",
                Some("2023-10-06T22:59:55.977Z"),
            ),
            (
                "Fri, 21 Oct 2011 11:02:55 GMT",
                Some("2011-10-21T11:02:55Z"),
            ),
            (
                "Thu, 13 Oct 2011 18:02:00 UTC",
                Some("2011-10-13T18:02:00Z"),
            ),
            (
                "Thu, 13 Oct 2011 18:02:00 +0200",
                Some("2011-10-13T16:02:00Z"),
            ),
            ("2026-01-02 03:04:05", Some("2026-01-02T03:04:05Z")),
            ("2026-01-02 03:04:05 UTC", Some("2026-01-02T03:04:05Z")),
            (" 2026-01-02 ", Some("2026-01-02T00:00:00Z")),
            ("", None),
            ("0", None),
            ("1.79E+09", None),
            ("1/2/2026", None),
            ("yesterday", None),
            ("1901-01-01", None),
            ("20260102", None),
        ] {
            let read = time_of(text);
            assert_eq!(read.as_deref(), time, "{text}");
        }
    }

    #[test]
    fn a_time_that_is_not_understood_is_not_the_same_as_none() {
        let now = from_rfc3339("2026-11-26T12:00:00Z").expect("a time");
        for text in ["", "  "] {
            assert_eq!(created(text, now), Created::Unsaid);
        }
        for text in [
            "01/02/2026",
            "Jan 2 2026",
            "NaN",
            "inf",
            "2100-01-01",
            "4102444800",
            "2026-11-26T12:00:01Z",
            "1.79E+09",
            "0",
            "null",
            "-",
        ] {
            assert_eq!(created(text, now), Created::Unknown, "{text}");
        }
        assert_eq!(created("2026-11-26T12:00:00Z", now), Created::At(now));
    }

    fn time_of(text: &str) -> Option<String> {
        time(text).map(|time| time.to_string())
    }
}
