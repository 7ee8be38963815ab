//! Reads providers' times. They are parsed into a checked type at once, and never computed with as
//! numbers.

use jiff::Timestamp;

/// Reads Unix milliseconds. Returns `None` for zero (several providers' word for "absent"), for a
/// negative number, and beyond [`Timestamp::MAX`].
///
/// That maximum is a day before the year 10000. A year of five digits would break the order of the
/// sort key.
#[must_use]
pub fn from_millis(millis: i64) -> Option<Timestamp> {
    let millis = (millis > 0).then_some(millis)?;
    Timestamp::from_millisecond(millis).ok()
}

/// Reads a Unix time in digits. The number of digits tells the unit: seconds up to 12 digits, which
/// is beyond the year 9999; milliseconds up to 15; microseconds up to 18; and then nanoseconds.
///
/// The unit is not fixed, because a provider's documents may say one unit and its next version may
/// send another.
///
/// Seconds may have a fraction (`1767323045.678901`). Digits below a millisecond are cut. The
/// fraction is read as text, because half of the milliseconds are not binary fractions, and would
/// come out one less.
#[must_use]
pub fn from_unix(digits: &str) -> Option<Timestamp> {
    let digits = digits.trim();
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let number: i64 = whole.parse().ok()?;
    let millis = match number.checked_ilog10().unwrap_or_default() + 1 {
        1..=12 => {
            let below: String = fraction.chars().chain("000".chars()).take(3).collect();
            number * 1_000 + below.parse::<i64>().ok()?
        }
        13..=15 => number,
        16..=18 => number / 1_000,
        _ => number / 1_000_000,
    };
    from_millis(millis)
}

/// Reads RFC 3339 with any offset and any fraction. Digits below a millisecond are cut.
#[must_use]
pub fn from_rfc3339(text: &str) -> Option<Timestamp> {
    let time: Timestamp = text.trim().parse().ok()?;
    from_millis(time.as_millisecond())
}

/// Reads a time as a provider may write it: RFC 3339, or Unix time of any precision.
#[must_use]
pub fn from_text(text: &str) -> Option<Timestamp> {
    from_rfc3339(text).or_else(|| from_unix(text))
}

/// Writes RFC 3339 in UTC with exactly three fraction digits. The text sorts as the time does.
#[must_use]
pub fn rfc3339_ms(time: Timestamp) -> String {
    format!("{time:.3}")
}
