//! Reads when an endpoint wants the next attempt (RFC 9110 section 10.2.3).

use http::{Response, StatusCode, header};
use jiff::{SignedDuration, Timestamp};

/// The longest that an endpoint may put an attempt off.
const MOST: SignedDuration = SignedDuration::from_hours(10);

/// Returns when an endpoint wants the next attempt, if it is one that says so: 429 or 503. It is
/// never more than ten hours away.
pub(crate) fn retry_after<B>(answer: &Response<B>, now: Timestamp) -> Option<Timestamp> {
    let says_so = [
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::SERVICE_UNAVAILABLE,
    ];
    let header = says_so.contains(&answer.status());
    let header = header.then(|| answer.headers().get(header::RETRY_AFTER))?;
    let text = header?.to_str().ok()?.trim();
    let latest = now.checked_add(MOST).ok()?;
    let at = seconds(text).map_or_else(
        || date(text),
        |seconds| now.checked_add(seconds).ok().or(Some(latest)),
    );
    at.filter(|at| *at > now).map(|at| at.min(latest))
}

/// Reads a number of seconds. One of too many digits is as good as the most.
fn seconds(text: &str) -> Option<SignedDuration> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = text.parse().ok().map(SignedDuration::from_secs);
    is_number.then(|| seconds.unwrap_or(MOST).min(MOST))
}

fn date(text: &str) -> Option<Timestamp> {
    let date = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(date.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2026-03-03T08:15:00Z";

    fn wanted(status: u16, text: &str) -> Option<String> {
        let answer = Response::builder()
            .status(status)
            .header("retry-after", text);
        let at = retry_after(&answer.body(()).unwrap(), NOW.parse().unwrap());
        at.map(|at| at.to_string())
    }

    #[test]
    fn seconds_and_dates_are_read_and_nothing_is_later_than_ten_hours() {
        for (text, at) in [
            ("1", Some("2026-03-03T08:15:01Z")),
            (" 120 ", Some("2026-03-03T08:17:00Z")),
            ("36000", Some("2026-03-03T18:15:00Z")),
            ("36001", Some("2026-03-03T18:15:00Z")),
            ("99999999999999999999999", Some("2026-03-03T18:15:00Z")),
            ("9223372036854775807", Some("2026-03-03T18:15:00Z")),
            (
                "Tue, 03 Mar 2026 08:16:00 GMT",
                Some("2026-03-03T08:16:00Z"),
            ),
            (
                "Mon, 01 Mar 2100 00:00:00 GMT",
                Some("2026-03-03T18:15:00Z"),
            ),
            ("Fri, 31 Dec 9999 23:59:59 GMT", None), // later than there are times
            ("Tue, 03 Mar 2026 08:14:00 GMT", None),
            ("0", None),
            ("-1", None),
            ("1.5", None),
            ("", None),
            ("soon", None),
        ] {
            assert_eq!(wanted(503, text).as_deref(), at, "{text}");
        }
    }

    #[test]
    fn only_an_endpoint_that_is_busy_or_down_says_when() {
        let asked: Vec<u16> = (200..600).filter(|s| wanted(*s, "5").is_some()).collect();
        assert_eq!(asked, [429, 503]);
    }
}
