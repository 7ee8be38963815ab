//! Whether a field of an event and a value of the element are the same.

use shared::time::{from_rfc3339, from_text};

use super::names::STRANGE;

/// The shortest text that says by itself where it is from. Of a shorter one the name must fit, too.
const TELLING: usize = 4;
/// The shortest text that is looked for inside of another.
const SHORTEST_PIECE: usize = 3;

/// What providers write for a class of bounce.
const CLASSES: &[(&str, &[&str])] = &[
    (
        "hard",
        &[
            "hard",
            "permanent",
            "hardbounce",
            "hard_bounce",
            "hard bounce",
        ],
    ),
    (
        "soft",
        &[
            "soft",
            "temporary",
            "transient",
            "softbounce",
            "soft_bounce",
            "soft bounce",
        ],
    ),
    ("block", &["block", "blocked", "blocks"]),
];

/// Returns how much the same they are, 0 the most, or `None` if they are not.
pub(super) fn sameness(name: &str, value: &str, text: &str, nearness: usize) -> Option<usize> {
    let is_strange = nearness >= STRANGE;
    if is_strange && value.len() < TELLING {
        return None;
    }
    if value == text {
        return Some(0);
    }
    if is_same_time(value, text) {
        return Some(1);
    }
    if value.eq_ignore_ascii_case(text.trim().trim_matches(['<', '>'])) {
        return Some(2);
    }
    if name == "bounce_class" && is_class(value, text) {
        return Some(3);
    }
    // A short word is a part of many texts.
    let may_be_piece =
        value.len() >= SHORTEST_PIECE && name != "provider_kind" && name != "bounce_class";
    if may_be_piece && has_piece(&text.to_lowercase(), &value.to_lowercase()) {
        return Some(4);
    }
    // A long text is kept in part, and white space in it is made one blank.
    let is_start = value.len() >= 40 && text.starts_with(value.trim_end_matches('…'));
    is_start.then_some(5)
}

fn is_same_time(value: &str, text: &str) -> bool {
    let Some(time) = from_rfc3339(value) else {
        return false;
    };
    from_text(text) == Some(time)
}

fn is_class(value: &str, text: &str) -> bool {
    let class = CLASSES.iter().find(|(class, _)| *class == value);
    let word = text.to_lowercase();
    class.is_some_and(|(_, words)| words.contains(&word.as_str()))
}

/// Checks whether a piece stands in a text by itself: neither a letter nor a digit is beside it.
fn has_piece(text: &str, piece: &str) -> bool {
    let mut places = text.match_indices(piece);
    places.any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let behind = text
            .get(at + piece.len()..)
            .and_then(|behind| behind.chars().next());
        let is_free = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        is_free(before) && is_free(behind)
    })
}
