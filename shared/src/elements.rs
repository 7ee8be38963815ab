//! Finds the elements of a body, one after the other. Nothing of them is read here but their
//! brackets.

use serde_json::value::RawValue;

use crate::delivery::Delivery;
use crate::json::{self, Items, Lines};
use crate::malformed::Malformed;

/// Where a body has its elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// The body is an element, or an array of them.
    Plain,
    /// The body may also be an object whose list of this name has the elements, or have one element
    /// a line (JSON Lines).
    ListOrLines(&'static str),
    /// The body has none: it is a ping.
    Nowhere,
}

/// The elements of a body.
pub(crate) enum Elements<'a> {
    /// The body is one object.
    One(&'a [u8]),
    /// The elements are those of a list.
    Many {
        /// The list.
        items: Items<'a>,
        /// Whether something is wrong around the list, which is reported after it.
        is_amid_ruins: bool,
    },
    /// The list has no end, or something follows it. All that could be read of it was read.
    Broken(Items<'a>),
    /// The body has an element on each of these lines.
    Lines(Lines<'a>),
    /// The body has no elements, or no more of them, for this reason.
    Not(Malformed),
    /// There are no more.
    Over,
}

impl<'a> Elements<'a> {
    pub(crate) fn of(delivery: &'a Delivery, layout: Layout) -> Self {
        let body = json::body(delivery.body());
        match (body.first(), layout) {
            (_, Layout::Nowhere) => Self::Over,
            (Some(b'['), _) => Self::list(body),
            (_, Layout::ListOrLines(name)) => Self::list_or_lines(body, name),
            (Some(b'{'), Layout::Plain) => Self::One(body),
            _ => Self::none(body),
        }
    }

    fn list(body: &'a [u8]) -> Self {
        match Items::of(body) {
            Some(items) => Self::Many {
                items,
                is_amid_ruins: false,
            },
            None => Self::none(body),
        }
    }

    fn none(body: &[u8]) -> Self {
        let text = std::str::from_utf8(body).ok();
        let is_json = text.is_some_and(|text| serde_json::from_str::<&RawValue>(text).is_ok());
        Self::Not(if is_json {
            Malformed::BodyNotObject
        } else {
            Malformed::BodyNotJson
        })
    }

    /// Finds the elements of a body that is no array. Nothing of it may be lost without a word: if
    /// more than the list is there, or the list is there twice, that is told of.
    fn list_or_lines(body: &'a [u8], name: &str) -> Self {
        let is_whole = json::is_whole(body);
        if !is_whole && let Some(lines) = Lines::of(body) {
            return Self::Lines(lines);
        }
        let mut lists = json::values_of(body, name).filter(|value| value.starts_with(b"["));
        match (lists.next().and_then(Items::of), lists.next()) {
            (Some(items), None) => Self::Many {
                items,
                is_amid_ruins: !is_whole,
            },
            _ if body.starts_with(b"{") => Self::One(body),
            _ => Self::none(body),
        }
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Result<&'a [u8], Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = match self {
            Self::Many {
                items,
                is_amid_ruins,
            } => match items.next() {
                Some(element) => return Some(Ok(element)),
                None if items.is_whole() && !*is_amid_ruins => None,
                None if items.is_whole() => Some(Err(Malformed::BodyNotJson)),
                // The list has no end, or something follows it. What is lost there is reported.
                None => {
                    *self = Self::Broken(items.clone());
                    return Some(Err(Malformed::BodyNotJson));
                }
            },
            Self::Lines(lines) => match lines.next() {
                Some(element) => return Some(Ok(element)),
                None => None,
            },
            Self::One(object) => Some(Ok(*object)),
            Self::Not(malformed) => Some(Err(*malformed)),
            Self::Broken(_) | Self::Over => None,
        };
        *self = Self::Over;
        next
    }
}
