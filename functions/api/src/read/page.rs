//! A page of events, as it is answered.

use serde::Serialize;
use table::announced::Announced;
use table::asked::Cursor;
use table::item::Item;
use table::pages::Events;
use table::read::text;

/// The most bytes of a page. The runtime takes an answer of 6 MB, in which the page is a text
/// within JSON; some of that is left for the rest of the answer.
const MOST_BYTES: usize = 5_000_000;

/// Some events, the newest first.
#[derive(Serialize)]
pub(super) struct Page {
    events: Vec<Announced>,
    /// Where to go on, if there are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl Page {
    /// Returns a page of what was read, with what the provider sent or without. What does not fit
    /// is left for the next one.
    pub(super) fn of(read: &Events, with_raw: bool) -> Self {
        let mut room = Room::new();
        let mut page = Self {
            events: Vec::new(),
            next: read.next.as_deref().map(end),
        };
        let mut last = "";
        for item in &read.items {
            let Some(event) = announced(item, with_raw) else {
                continue;
            };
            if !room.takes(&event) {
                page.next = Some(end(last));
                break;
            }
            page.events.push(event);
            last = text(item, "sk");
        }
        page
    }
}

fn end(sort_key: &str) -> String {
    Cursor::at(sort_key).text()
}

/// Returns what an item says, with what the provider sent or without.
pub(super) fn announced(item: &Item, with_raw: bool) -> Option<Announced> {
    if with_raw {
        Announced::with_raw(item)
    } else {
        Announced::of(item)
    }
}

/// The room of an answer.
pub(super) struct Room {
    bytes: usize,
}

impl Room {
    /// Returns the room of an answer that has nothing in it yet.
    pub(super) fn new() -> Self {
        Self { bytes: 0 }
    }

    /// Makes room for an event, if there is some. The first one always has it: what one webhook
    /// says of one event is less than an answer may be.
    pub(super) fn takes(&mut self, event: &Announced) -> bool {
        let json = serde_json::to_string(event).unwrap_or_default();
        let is_escaped = |byte: &u8| matches!(byte, b'"' | b'\\');
        let bytes = json.len() + json.bytes().filter(|byte| is_escaped(byte)).count() + 1;
        let is_first = self.bytes == 0;
        self.bytes = self.bytes.saturating_add(bytes);
        is_first || self.bytes <= MOST_BYTES
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use aws_sdk_dynamodb::types::AttributeValue;

    use super::*;

    fn item(id: usize, raw: &str) -> Item {
        let word = |text: &str| AttributeValue::S(text.to_owned());
        HashMap::from([
            ("pk".to_owned(), word("email#kim@mail.test")),
            ("sk".to_owned(), word(&sort_key(id))),
            ("kind".to_owned(), word("delivered")),
            ("raw".to_owned(), word(raw)),
        ])
    }

    fn sort_key(id: usize) -> String {
        format!("2026-01-02T03:04:05.000Z#{id}")
    }

    fn page(raw: &str, with_raw: bool, next: Option<&str>) -> (usize, Option<String>, usize) {
        let items = (0..20).map(|id| item(id, raw)).collect();
        let next = next.map(str::to_owned);
        let page = Page::of(&Events { items, next }, with_raw);
        let body = serde_json::to_string(&page).unwrap();
        let answer = serde_json::to_string(&body).unwrap();
        let next = page.next.map(|next| Cursor::parse(&next).unwrap());
        let next = next.map(Cursor::into_sort_key);
        (page.events.len(), next, answer.len())
    }

    #[test]
    fn a_page_that_would_be_too_large_ends_earlier_and_goes_on_there() {
        let raw = "\"\\".repeat(60_000);
        let (count, next, bytes) = page(&raw, true, Some(&sort_key(99)));
        assert!((1..20).contains(&count), "{count}");
        assert_eq!(next, Some(sort_key(count - 1)));
        assert!(bytes <= 6_000_000, "{bytes}");
        let (count, next, _) = page(&raw, false, Some(&sort_key(99)));
        assert_eq!((count, next), (20, Some(sort_key(99))));
        assert_eq!(page("", true, None).1, None, "the end");
    }

    #[test]
    fn one_event_is_always_there() {
        let (count, next, bytes) = page(&"\"".repeat(1024 * 1024), true, None);
        assert_eq!((count, next), (1, Some(sort_key(0))));
        assert!(bytes <= 6_000_000, "{bytes}");
    }
}
