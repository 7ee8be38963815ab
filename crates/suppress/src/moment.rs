//! Shows a time to a person.

/// Returns a time as a person reads it, in UTC and without a fraction: `2026-01-02 03:04:05`.
#[must_use]
pub fn moment(time: &str) -> String {
    let seconds: String = time.chars().take("2026-01-02T03:04:05".len()).collect();
    seconds.replacen('T', " ", 1)
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn a_moment_has_no_fraction() {
        assert_eq!(moment("2026-01-02T03:04:05.678Z"), "2026-01-02 03:04:05");
        assert_eq!(moment(""), "");
    }
}
