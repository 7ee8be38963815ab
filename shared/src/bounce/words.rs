//! Finds the phrases of a refusal, and says which of them weighs most.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::phrases::{ENGLISH, Row, Weight};
use super::reading::Reading;
use super::tongues::TONGUES;
use super::vocabulary::Category;

/// How many bytes of a phrase are its key in the index.
const KEY: usize = 3;

/// Every phrase with the number of its row, by where the phrase is searched for.
struct Index {
    /// Phrases at the beginning of a word, by their first bytes.
    at_words: HashMap<[u8; KEY], Vec<(usize, &'static str)>>,
    /// Phrases in host names.
    in_hosts: Vec<(usize, &'static str)>,
    /// Phrases anywhere, because Chinese and Japanese put nothing between words.
    anywhere: Vec<(usize, &'static str)>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut index = Index {
        at_words: HashMap::new(),
        in_hosts: Vec::new(),
        anywhere: Vec::new(),
    };
    for (row, (_, _, phrases)) in rows().enumerate() {
        for phrase in phrases.split('|') {
            let key = phrase.as_bytes().first_chunk::<KEY>();
            if phrase.contains('.') {
                index.in_hosts.push((row, phrase));
            } else if let Some(key) = key.filter(|key| key.is_ascii()) {
                index.at_words.entry(*key).or_default().push((row, phrase));
            } else {
                index.anywhere.push((row, phrase));
            }
        }
    }
    index
});

fn rows() -> impl Iterator<Item = &'static Row> {
    ENGLISH.iter().chain(TONGUES)
}

/// What the words of a refusal say. Each row of the tables counts once.
pub(super) struct Words {
    plain: String,
    /// One bit for each row.
    said: u128,
}

impl Words {
    pub(super) fn new(text: &str) -> Self {
        let Reading { plain, hosts } = Reading::of(text);
        let mut said = 0;
        for word in word_starts(&plain) {
            let Some(key) = word.as_bytes().first_chunk::<KEY>() else {
                continue;
            };
            let phrases = INDEX.at_words.get(key).into_iter().flatten();
            for (row, _) in phrases.filter(|(_, phrase)| begins(word, phrase)) {
                said |= 1 << row;
            }
        }
        let has = |text: &str, phrases: &[(usize, &str)]| {
            let found = phrases.iter().filter(|(_, phrase)| text.contains(phrase));
            found.fold(0, |said, (row, _)| said | 1 << row)
        };
        said |= has(&hosts, &INDEX.in_hosts);
        if !plain.is_ascii() {
            said |= has(&plain, &INDEX.anywhere);
        }
        Self { plain, said }
    }

    /// Returns what clears the address, whatever the code.
    pub(super) fn clear(&self) -> Option<Category> {
        self.find(|weight, _| weight == Weight::Clears)
    }

    /// Returns what condemns the address.
    pub(super) fn condemn(&self) -> Option<Category> {
        self.find(|weight, _| weight == Weight::Condemns)
    }

    /// Returns what clears the address, unless code and words say that it is bad.
    pub(super) fn may_clear(&self) -> Option<Category> {
        self.find(|weight, _| weight == Weight::MayClear)
    }

    /// Returns what condemns the address if nothing clears it.
    pub(super) fn may_condemn(&self) -> Option<Category> {
        self.find(|weight, _| weight == Weight::MayCondemn)
    }

    /// Checks whether the words say that it is temporary.
    pub(super) fn are_temporary(&self) -> bool {
        self.find(|weight, _| weight == Weight::Temporary).is_some()
    }

    /// Returns what weighs most.
    pub(super) fn first(&self) -> Option<Category> {
        self.find(|_, _| true)
    }

    /// Returns what weighs most among these categories.
    pub(super) fn first_of(&self, among: &[Category]) -> Option<Category> {
        self.find(|_, category| among.contains(&category))
    }

    /// Checks whether the words have this phrase.
    pub(super) fn say(&self, phrase: &str) -> bool {
        self.plain.contains(phrase)
    }

    fn find(&self, is_wanted: impl Fn(Weight, Category) -> bool) -> Option<Category> {
        let said = |row: &usize| self.said & (1 << row) != 0;
        let rows = rows().enumerate().filter(|(row, _)| said(row));
        let wanted = rows.filter(|(_, (weight, category, _))| is_wanted(*weight, *category));
        let first = wanted.min_by_key(|(row, (weight, _, _))| (*weight, *row))?;
        Some(first.1.1)
    }
}

/// Returns the text from each word on. A hyphen begins a word, too.
fn word_starts(plain: &str) -> impl Iterator<Item = &str> {
    let bytes = plain.as_bytes();
    let is_start = move |at: usize| {
        at.checked_sub(1)
            .and_then(|before| bytes.get(before))
            .is_none_or(|before| b" -".contains(before))
    };
    let starts = (0..plain.len()).filter(move |at| is_start(*at));
    starts.filter_map(|at| plain.get(at..))
}

/// Words that are no names: "a user from unknown hosts".
const NAMELESS: &str = "a an and at by for from in is of on or that the this to was with";

/// Checks whether the text begins with the phrase. A single word does not count in a host name:
/// `relay.mail.test`.
fn begins(text: &str, phrase: &str) -> bool {
    if let Some((head, tail)) = phrase.split_once(" * ") {
        let rest = text
            .strip_prefix(head)
            .and_then(|rest| rest.strip_prefix(' '));
        let named = rest.and_then(|rest| rest.split_once(' '));
        return named.is_some_and(|(name, rest)| {
            rest.starts_with(tail) && !NAMELESS.split(' ').any(|word| word == name)
        });
    }
    let Some(rest) = text.strip_prefix(phrase) else {
        return false;
    };
    // 64 bytes, the longest host label, keep the scan linear.
    let word = rest.bytes().take(64).take_while(|b| *b != b' ');
    phrase.contains(' ') || !word.into_iter().any(|b| b == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_its_bit() {
        assert!(rows().count() <= 128);
    }

    #[test]
    fn every_phrase_is_as_a_refusal_is_read() {
        for (_, _, phrases) in rows() {
            for phrase in phrases.split('|').filter(|phrase| !phrase.contains('.')) {
                let phrase = phrase.replace('*', "lee");
                assert_eq!(Reading::of(&format!("550 {phrase}")).plain, phrase);
                assert!(phrase.len() >= KEY, "{phrase}");
            }
        }
    }
}
