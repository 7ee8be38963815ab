//! Reads one timeline from its newest event back.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use shared::time::rfc3339_ms;

use crate::item::Item;
use crate::read::{Index, Page, ReadError, Reader, text};

/// Sorts before the time of every event.
const FIRST: &str = "0";
/// Sorts after the time of every event, and before the sort keys of other items.
const END: &str = ":";

/// A part of a timeline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Only events that occurred at this time or later.
    pub from: Option<Timestamp>,
    /// Only events that occurred before this time.
    pub to: Option<Timestamp>,
    /// Only events whose sort key is before this one: where an earlier list ended.
    pub before: Option<String>,
}

impl Span {
    /// Checks whether an event with this sort key is in the part.
    #[must_use]
    pub fn has(&self, sk: &str) -> bool {
        let is_before = self.before.as_deref().is_none_or(|before| sk < before);
        is_before && (self.start().as_str()..self.end().as_str()).contains(&sk)
    }

    fn start(&self) -> String {
        self.from.map_or_else(|| FIRST.to_owned(), rfc3339_ms)
    }

    fn end(&self) -> String {
        self.to.map_or_else(|| END.to_owned(), rfc3339_ms)
    }
}

/// Where events are read: a timeline of the table, or what an index has under one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The index. `None` is the table itself.
    pub index: Option<Index>,
    /// The partition key of a timeline, or the key of the index.
    pub key: String,
}

impl Reader {
    /// Reads the events of a timeline from the newest back, from the part's end or from where the
    /// last page ended. The read is consistent. A page has at most this many events.
    ///
    /// # Errors
    /// Returns a [`ReadError`] if the table cannot be read.
    pub async fn newest(
        &self,
        pk: &str,
        span: &Span,
        start: Option<Item>,
        most: i32,
    ) -> Result<Page, ReadError> {
        let place = Place {
            index: None,
            key: pk.to_owned(),
        };
        self.newest_at(&place, span, start, most).await
    }

    /// Reads the events of a place likewise. Only in the table itself the read is consistent.
    ///
    /// # Errors
    /// Returns a [`ReadError`] if the table cannot be read.
    pub async fn newest_at(
        &self,
        place: &Place,
        span: &Span,
        start: Option<Item>,
        most: i32,
    ) -> Result<Page, ReadError> {
        let (first, end) = (span.start(), span.end());
        let end = span.before.clone().map_or(end.clone(), |sk| sk.min(end));
        if end < first {
            let items = Vec::new();
            return Ok(Page { items, next: None });
        }
        let query = self.client().query().table_name(self.table());
        let query = query
            .set_index_name(place.index.map(|index| index.name().to_owned()))
            .key_condition_expression("#key = :key AND sk BETWEEN :first AND :end")
            .expression_attribute_names("#key", place.index.map_or("pk", Index::key))
            .expression_attribute_values(":key", AttributeValue::S(place.key.clone()))
            .expression_attribute_values(":first", AttributeValue::S(first))
            .expression_attribute_values(":end", AttributeValue::S(end))
            .scan_index_forward(false)
            .consistent_read(place.index.is_none())
            .limit(most)
            .set_exclusive_start_key(start);
        let read = query.send().await.map_err(ReadError::of)?;
        let mut items = read.items.unwrap_or_default();
        items.retain(|item| span.has(text(item, "sk")));
        Ok(Page {
            items,
            next: read.last_evaluated_key,
        })
    }
}
