//! Writes a length of time for a person.

/// The units, the largest first, and how many seconds each has.
const UNITS: [(u64, &str); 4] = [
    (24 * 60 * 60, "day"),
    (60 * 60, "hour"),
    (60, "minute"),
    (1, "second"),
];
/// The fewest days that are counted in days. Fewer are counted in hours, as windows are.
const FEWEST_DAYS: u64 = 3;

/// Writes a length of time, given in seconds: `5 minutes`, `7 minutes 12 seconds`, `25 hours`. It
/// has at most two units. What is below the second one is cut.
pub(super) fn span(seconds: u64) -> String {
    let at = UNITS.iter().position(|(unit, _)| is_fit(*unit, seconds));
    let mut units = UNITS.iter().skip(at.unwrap_or(UNITS.len() - 1));
    let mut rest = seconds;
    let mut count = || {
        let (unit, name) = units.next()?;
        let number = rest / unit;
        rest %= unit;
        Some((number, counted(number, name)))
    };
    let (_, first) = count().unwrap_or_default();
    match count() {
        Some((1.., second)) => format!("{first} {second}"),
        _ => first,
    }
}

/// Writes a length of time that is compared with another one. Where both would read alike, though
/// they are none, every unit is written: `25 hours 1 second` beside `25 hours`.
pub(super) fn span_beside(seconds: u64, other: u64) -> String {
    let short = span(seconds);
    if seconds == other || short != span(other) {
        return short;
    }
    let mut rest = seconds;
    let counts = UNITS.iter().filter(|(unit, _)| is_fit(*unit, seconds));
    let words = counts.filter_map(|(unit, name)| {
        let number = rest / unit;
        rest %= unit;
        (number > 0).then(|| counted(number, name))
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Checks whether a length of time is counted in this unit.
fn is_fit(unit: u64, seconds: u64) -> bool {
    seconds >= unit && (unit < 24 * 60 * 60 || seconds >= FEWEST_DAYS * unit)
}

fn counted(number: u64, name: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {name}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_lengths_that_differ_do_not_read_alike() {
        const HOURS: u64 = 3_600;
        const DAYS: u64 = 24 * HOURS;
        for (seconds, other, wanted) in [
            (25 * HOURS, 25 * HOURS, "25 hours"),
            (25 * HOURS + 1, 25 * HOURS, "25 hours 1 second"),
            (25 * HOURS, 25 * HOURS + 1, "25 hours"),
            (25 * HOURS + 59, 24 * HOURS, "25 hours"),
            (8 * DAYS + 1_801, 8 * DAYS, "8 days 30 minutes 1 second"),
            (90_062, 90_061, "25 hours 1 minute 2 seconds"),
            (90_061, 90_062, "25 hours 1 minute 1 second"),
            (1, 0, "1 second"),
        ] {
            assert_eq!(span_beside(seconds, other), wanted, "{seconds} {other}");
        }
    }

    #[test]
    fn a_length_has_the_units_that_a_person_would_choose() {
        for (seconds, wanted) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (59, "59 seconds"),
            (60, "1 minute"),
            (5 * 60, "5 minutes"),
            (7 * 60 + 12, "7 minutes 12 seconds"),
            (3_600, "1 hour"),
            (3_600 + 59, "1 hour"),
            (25 * 3_600, "25 hours"),
            (71 * 3_600 + 60, "71 hours 1 minute"),
            (72 * 3_600, "3 days"),
            (8 * 86_400, "8 days"),
            (30 * 86_400 + 7_200, "30 days 2 hours"),
            (u64::MAX, "213503982334601 days 7 hours"),
        ] {
            assert_eq!(span(seconds), wanted, "{seconds}");
        }
    }
}
