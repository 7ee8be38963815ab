//! Finds where the fields of an event stand in the element that it was made of.
//!
//! The provider's code decides what an event says, and does not say where it read it. So a field is
//! looked for by its value, and among equal values by its name. It is a help to a reader and no
//! more: a field that is not found has no origin.

mod leaves;
mod names;
mod same;

use std::collections::BTreeMap;

use serde_json::Value;

use self::leaves::{Leaf, leaves};
use self::names::{STRANGE, is_ours, nearness};
use self::same::sameness;

/// The largest element that is looked through, in bytes.
const LARGEST: usize = 256 * 1024;
/// The provider's own word for what happened.
const KIND: &str = "provider_kind";
/// The most pieces of such a word.
const MOST_PIECES: usize = 4;
/// The longest value that is looked for, in bytes.
const LONGEST_VALUE: usize = 16 * 1024;

/// Returns, by the name of an event's field, the path in the element at which its value stands,
/// such as `event-data.recipient` or `data.to[0]`. `fields` are names with their values as text, a
/// list as JSON. A field that is not found has no entry.
#[must_use]
pub fn origins(element: &str, fields: &[(&str, &str)]) -> BTreeMap<String, String> {
    if element.len() > LARGEST {
        return BTreeMap::new();
    }
    let Some(element) = read(element) else {
        return BTreeMap::new();
    };
    let leaves = leaves(&element);
    let found = fields.iter().filter_map(|(name, value)| {
        let path = origin(&leaves, name, value)?;
        Some(((*name).to_owned(), path))
    });
    found.collect()
}

/// Reads an element. Half a surrogate pair hides nothing beside it.
fn read(element: &str) -> Option<Value> {
    let read = serde_json::from_str(element).ok();
    read.or_else(|| serde_json::from_str(&without_pairs(element)).ok())
}

/// Returns the text with U+FFFD for each escape of a surrogate pair or of half of one.
fn without_pairs(element: &str) -> String {
    let mut pieces = element.split("\\u");
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let digits = piece.get(..4).unwrap_or_default().to_ascii_lowercase();
        let is_half = digits.starts_with('d') && digits.get(1..2) >= Some("8");
        text.push_str("\\u");
        match piece.get(4..) {
            Some(rest) if is_half => text.extend(["fffd", rest]),
            _ => text.push_str(piece),
        }
    }
    text
}

fn origin(leaves: &[Leaf], name: &str, value: &str) -> Option<String> {
    if is_ours(name) || value.is_empty() || value.len() > LONGEST_VALUE || value.starts_with('{') {
        return None;
    }
    if let Some(first) = first_of_list(value) {
        let leaf = best(leaves, name, &first)?;
        return Some(leaf.path_of_list().to_owned());
    }
    let whole = best(leaves, name, value).map(|leaf| leaf.path.clone());
    whole.or_else(|| of_pieces(leaves, name, value))
}

/// Returns where the pieces of a provider's word stand: `failed/permanent` is an event and its
/// severity.
fn of_pieces(leaves: &[Leaf], name: &str, value: &str) -> Option<String> {
    if name != KIND || !value.contains('/') {
        return None;
    }
    let pieces = value.split('/').take(MOST_PIECES);
    let paths = pieces.filter_map(|piece| Some(best(leaves, name, piece)?.path.as_str()));
    let paths: Vec<&str> = paths.collect();
    (!paths.is_empty()).then(|| paths.join(" + "))
}

/// Returns the leaf that is most like a field. One whose key has nothing to do with the field comes
/// last; then the value counts, then the name, then the one that is less deep, then the first.
fn best<'a>(leaves: &'a [Leaf], name: &str, value: &str) -> Option<&'a Leaf> {
    let alike = leaves.iter().filter_map(|leaf| {
        let nearness = nearness(name, leaf);
        let sameness = sameness(name, value, &leaf.text, nearness)?;
        let is_strange = nearness >= STRANGE;
        Some(((is_strange, sameness, nearness, leaf.depth), leaf))
    });
    alike.min_by_key(|(rank, _)| *rank).map(|(_, leaf)| leaf)
}

/// Returns the first text of a list that is written as JSON.
fn first_of_list(value: &str) -> Option<String> {
    if !value.starts_with('[') {
        return None;
    }
    let list: Vec<String> = serde_json::from_str(value).ok()?;
    list.into_iter().next()
}
