//! What of a delivery cannot become an event: the body of a delivery of its own.
//!
//! The good elements of a webhook are stored. Only the others wait in the dead-letter queue, as the
//! provider sent them, to the letter.

use std::fmt;

use crate::delivery::Delivery;

/// What of a body cannot become an event.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Aside {
    /// Nothing: every element is an event.
    #[default]
    Nothing,
    /// Some elements of the body's list.
    Elements(List),
    /// Some lines of the body, with a line break after each.
    Lines(Vec<u8>),
    /// All of it.
    Body,
}

/// Elements of a list, as they were sent.
#[derive(Clone, PartialEq, Eq)]
pub struct List {
    /// The list, without its closing bracket unless it is ended.
    bytes: Vec<u8>,
    is_empty: bool,
    /// Whether the list has the end of the body that it is from, which may be no end at all.
    is_ended: bool,
}

impl List {
    fn add(&mut self, sent: &[u8]) {
        if !self.is_empty {
            self.bytes.push(b',');
        }
        self.is_empty = false;
        self.bytes.extend_from_slice(sent);
    }
}

impl Aside {
    /// Puts the whole body aside.
    pub(crate) fn body(&mut self) {
        *self = Self::Body;
    }

    /// Puts one element of the body's list aside.
    pub(crate) fn element(&mut self, sent: &[u8]) {
        if let Some(list) = self.list() {
            list.add(sent);
        }
    }

    /// Puts a line of the body aside, or several from one on.
    pub(crate) fn line(&mut self, sent: &[u8]) {
        if *self == Self::Nothing {
            *self = Self::Lines(Vec::new());
        }
        if let Self::Lines(lines) = self {
            lines.extend_from_slice(sent);
            lines.push(b'\n');
        }
    }

    /// Puts the body aside from the start of an element on.
    pub(crate) fn rest(&mut self, sent: &[u8]) {
        if let Some(list) = self.list() {
            list.add(sent);
            list.is_ended = true;
        }
    }

    /// Puts the missing end of the body's list aside: what is put aside has none, either.
    pub(crate) fn cut(&mut self) {
        if let Some(list) = self.list() {
            list.is_ended = true;
        }
    }

    /// Puts aside what follows the body's list, from its closing bracket on.
    pub(crate) fn after(&mut self, sent: &[u8]) {
        if let Some(list) = self.list() {
            list.bytes.extend_from_slice(sent);
            list.is_ended = true;
        }
    }

    fn list(&mut self) -> Option<&mut List> {
        if *self == Self::Nothing {
            *self = Self::Elements(List {
                bytes: b"[".to_vec(),
                is_empty: true,
                is_ended: false,
            });
        }
        match self {
            Self::Elements(list) => Some(list),
            _ => None,
        }
    }

    /// Returns what is put aside of this delivery, as a delivery. Returns `None` if that is
    /// nothing.
    ///
    /// A token stands for the body as it came. So a delivery under a token is put aside whole.
    #[must_use]
    pub fn of(self, delivery: &Delivery) -> Option<Delivery> {
        match self {
            Self::Nothing => None,
            Self::Elements(mut list) if delivery.token().is_none() => {
                if !list.is_ended {
                    list.bytes.push(b']');
                }
                let part = delivery.with_body(list.bytes);
                // A lone blank, as after the last comma, would be a list that says nothing.
                Some(if part.is_ping() {
                    delivery.clone()
                } else {
                    part
                })
            }
            Self::Lines(lines) if delivery.token().is_none() => Some(delivery.with_body(lines)),
            Self::Elements(_) | Self::Lines(_) | Self::Body => Some(delivery.clone()),
        }
    }
}

/// Shows sizes and never content.
impl fmt::Debug for Aside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("Nothing"),
            Self::Elements(list) => write!(f, "Elements({} bytes)", list.bytes.len()),
            Self::Lines(lines) => write!(f, "Lines({} bytes)", lines.len()),
            Self::Body => f.write_str("Body"),
        }
    }
}
