//! Finds the word that was meant by one that nobody knows.

/// How alike two words must be, of 1.
const ALIKE: f64 = 0.7;

/// Returns the most similar of the known words, if one is similar enough.
#[must_use]
pub fn meant<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let alike = known.into_iter().map(|known| {
        let alike = strsim::jaro(&word, &known.to_lowercase());
        (known, alike)
    });
    let alike = alike.filter(|(_, alike)| *alike > ALIKE);
    let best = alike.max_by(|(_, one), (_, other)| one.total_cmp(other));
    best.map(|(known, _)| known)
}

/// Returns a hint for a word that nobody knows: the one that was meant, and all that there are.
#[must_use]
pub fn hint(word: &str, known: &[&str]) -> String {
    let one_of = format!("one of: {}", known.join(" "));
    match meant(word, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?  {one_of}"),
        None => one_of,
    }
}

#[cfg(test)]
mod tests {
    use super::{hint, meant};

    #[test]
    fn what_was_meant_is_found_and_what_is_like_nothing_is_not() {
        let known = ["bounced", "complained", "failed"];
        for (word, wanted) in [
            ("bounces", Some("bounced")),
            ("Bounced", Some("bounced")),
            ("complaints", Some("complained")),
            ("fialed", Some("failed")),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(meant(word, known), wanted, "{word}");
        }
        assert_eq!(
            hint("bounces", &known),
            "did you mean `bounced`?  one of: bounced complained failed"
        );
        assert_eq!(hint("7", &known), "one of: bounced complained failed");
    }
}
