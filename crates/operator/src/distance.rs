//! How far two words are from each other, so that a slip of the finger is recognized.

/// Returns how many letters must be put in, taken out or changed to make one text the other
/// (Levenshtein).
pub(crate) fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (above, a) in one.chars().enumerate() {
        let mut corner = above;
        let mut left = above + 1;
        let mut next = vec![left];
        for (b, up) in other.iter().zip(row.iter().skip(1)) {
            let change = corner + usize::from(a != *b);
            left = change.min(left + 1).min(up + 1);
            next.push(left);
            corner = *up;
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_of_two_words_is_counted_in_letters() {
        for (one, other, wanted) in [
            ("", "", 0),
            ("abc", "", 3),
            ("sendgrid", "sendgrd", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(one, other), wanted, "{one} {other}");
            assert_eq!(distance(other, one), wanted, "{other} {one}");
        }
    }
}
