//! Provider times: parsed into a checked type at once, never computed with as numbers.

use jiff::Timestamp;

/// Unix milliseconds. `None` for zero (several providers' word for "absent"), negative, and beyond
/// [`Timestamp::MAX`], a day before the year 10000: five digits of year would break the order of
/// the sort key.
#[must_use]
pub fn from_millis(millis: i64) -> Option<Timestamp> {
    let millis = (millis > 0).then_some(millis)?;
    Timestamp::from_millisecond(millis).ok()
}

/// Unix time in digits, in the unit that their number tells: seconds up to 12 digits, which is
/// beyond the year 9999; milliseconds up to 15; then microseconds up to 18, and nanoseconds. The
/// documents of a provider say one unit, and its next version sends another.
///
/// Seconds may have a fraction (`1767323045.678901`); digits below a millisecond are cut. Read as
/// text: half of the milliseconds are no binary fraction, and would come out one less.
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

/// RFC 3339 with any offset and any fraction; digits below a millisecond are cut.
#[must_use]
pub fn from_rfc3339(text: &str) -> Option<Timestamp> {
    let time: Timestamp = text.trim().parse().ok()?;
    from_millis(time.as_millisecond())
}

/// A time as a provider may write it: RFC 3339, or Unix time of any precision.
#[must_use]
pub fn from_text(text: &str) -> Option<Timestamp> {
    from_rfc3339(text).or_else(|| from_unix(text))
}

/// RFC 3339 in UTC with exactly three fraction digits: sorts as text as it does in time.
#[must_use]
pub fn rfc3339_ms(time: Timestamp) -> String {
    format!("{time:.3}")
}
