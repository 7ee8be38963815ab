//! Times as the API writes them: `MailPanda`'s have no fraction.

use jiff::Timestamp;

/// Returns a time in whole seconds, no later than it is.
pub(crate) fn second(time: Timestamp) -> Timestamp {
    let below = time.subsec_nanosecond();
    let second = time.as_second() - i64::from(below < 0);
    Timestamp::from_second(second).unwrap_or(time)
}

/// Writes a time in UTC, without a fraction.
pub(crate) fn text(time: Timestamp) -> String {
    second(time).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_no_fraction_and_is_cut() {
        let time: Timestamp = "2026-01-02T03:04:05.999999999Z".parse().unwrap();
        assert_eq!(text(time), "2026-01-02T03:04:05Z");
        let before: Timestamp = "1969-12-31T23:59:58.5Z".parse().unwrap();
        assert_eq!(text(before), "1969-12-31T23:59:58Z");
    }
}
