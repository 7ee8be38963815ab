//! Which characters a terminal does not simply show.

/// Checks whether a terminal may obey the character, hide it, or show the line in another order
/// because of it.
///
/// These are both blocks of control characters, Unicode's direction marks and line separators, and
/// the invisible ones: the byte order mark, annotations and tags.
#[must_use]
pub fn is_obeyed(c: char) -> bool {
    let is_invisible = matches!(
        c,
        '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    );
    c.is_control() || is_invisible
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_breaks_or_turns_a_line_is_obeyed_and_letters_are_not() {
        for c in "\n\u{1b}\u{85}\u{2028}\u{2029}\u{202a}\u{202e}\u{2066}\u{feff}".chars() {
            assert!(is_obeyed(c), "{c:?}");
        }
        for c in "a \u{fc}\u{5d0}\u{200d}\u{1f600}".chars() {
            assert!(!is_obeyed(c), "{c:?}");
        }
    }
}
