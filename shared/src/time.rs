//! Provider times: parsed into a checked type at once, never computed with as numbers.

use jiff::Timestamp;

/// Unix seconds. `None` for zero (several providers' word for "absent"), negative, and beyond [`Timestamp::MAX`], a day
/// before the year 10000: five digits of year would break the order of the sort key.
#[must_use]
pub fn from_seconds(seconds: i64) -> Option<Timestamp> {
    from_millis(seconds.checked_mul(1000)?)
}

/// Unix milliseconds, with the same limits.
#[must_use]
pub fn from_millis(millis: i64) -> Option<Timestamp> {
    let millis = (millis > 0).then_some(millis)?;
    Timestamp::from_millisecond(millis).ok()
}

/// Unix seconds or milliseconds, told apart by size: 10^11 seconds is the year 5138, 10^11 ms is March 1973.
#[must_use]
pub fn from_seconds_or_millis(number: i64) -> Option<Timestamp> {
    if number < 100_000_000_000 {
        from_seconds(number)
    } else {
        from_millis(number)
    }
}

/// Unix seconds with a fraction, in digits (`1767323045.678901`); digits below a millisecond are cut. Read as text: half of the
/// milliseconds are no binary fraction, and would come out one less.
#[must_use]
pub fn from_decimal_seconds(digits: &str) -> Option<Timestamp> {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let millis: String = fraction.chars().chain("000".chars()).take(3).collect();
    let millis: i64 = millis.parse().ok()?;
    from_millis(
        whole
            .parse::<i64>()
            .ok()?
            .checked_mul(1000)?
            .checked_add(millis)?,
    )
}

/// RFC 3339 with any offset and any fraction; digits below a millisecond are cut.
#[must_use]
pub fn from_rfc3339(text: &str) -> Option<Timestamp> {
    let time: Timestamp = text.trim().parse().ok()?;
    from_millis(time.as_millisecond())
}

/// RFC 3339 in UTC with exactly three fraction digits: sorts as text as it does in time.
#[must_use]
pub fn rfc3339_ms(time: Timestamp) -> String {
    format!("{time:.3}")
}
