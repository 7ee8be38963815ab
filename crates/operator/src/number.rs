//! Writes numbers for a person.

/// Returns a number with a comma before each three digits: `48,211,090`.
#[must_use]
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Returns a number of hundredths as a decimal: `0.93`.
#[must_use]
pub fn cents(hundredths: u64) -> String {
    format!("{}.{:02}", thousands(hundredths / 100), hundredths % 100)
}

/// Returns a number of bytes in a unit that fits it: `61 GB`.
#[must_use]
pub fn size(bytes: u64) -> String {
    let units = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    let unit = units.into_iter().find(|(unit, _)| bytes >= *unit);
    let (unit, name) = unit.unwrap_or((1, "bytes"));
    format!("{} {name}", thousands(bytes / unit))
}

/// Returns a number and the word for what is counted, in its plural but for one of them.
#[must_use]
pub fn count(number: usize, one: &str, many: &str) -> String {
    let word = if number == 1 { one } else { many };
    format!(
        "{} {word}",
        thousands(u64::try_from(number).unwrap_or(u64::MAX))
    )
}

#[cfg(test)]
mod tests {
    use super::{cents, count, size, thousands};

    #[test]
    fn a_number_is_written_for_a_person() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (18_204, "18,204"),
            (1_234_567, "1,234,567"),
            (48_211_090, "48,211,090"),
        ] {
            assert_eq!(thousands(number), text);
        }
        assert_eq!([cents(7), cents(123_456)], ["0.07", "1,234.56"]);
        let sizes = [size(12), size(1_999), size(61_900_000_000)];
        assert_eq!(sizes, ["12 bytes", "1 kB", "61 GB"]);
        let counts = [count(1, "event", "events"), count(1_000, "event", "events")];
        assert_eq!(counts, ["1 event", "1,000 events"]);
    }
}
