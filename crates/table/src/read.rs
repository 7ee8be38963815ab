//! Reads the table: by partition, by index, or page by page.

use std::collections::BTreeMap;
use std::error::Error;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::item::Item;
use crate::keys::Key;

/// Some items, and where the next page starts.
pub struct Page {
    /// The items.
    pub items: Vec<Item>,
    /// The last key that was read. `None` at the table's end.
    pub next: Option<Item>,
}

/// An index of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Index {
    /// The index by `<provider>#<message id>`.
    Message,
    /// The index by a shard of a day's problems of one kind: see
    /// [`problem_key`](crate::shard::problem_key).
    Problem,
}

impl Index {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Message => "by_message",
            Self::Problem => "by_problem",
        }
    }

    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Problem => "problem",
        }
    }
}

/// Why the table cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the table cannot be read")]
pub struct ReadError(#[source] Box<dyn Error + Send + Sync>);

impl ReadError {
    /// Returns the stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "table_unreadable"
    }

    pub(crate) fn of(error: impl Error + Send + Sync + 'static) -> Self {
        Self(Box::new(error))
    }
}

/// Reads one table.
#[derive(Clone)]
pub struct Reader {
    client: Client,
    table: String,
}

impl Reader {
    /// Returns a reader of `table`.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Returns the table's client, for calls that this type does not make.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Returns the table's name.
    #[must_use]
    pub fn table(&self) -> &str {
        &self.table
    }

    /// Reads every item, of whatever sort.
    ///
    /// # Errors
    /// Returns a [`ReadError`] if the table cannot be read.
    pub async fn scan(&self) -> Result<Vec<Item>, ReadError> {
        let pages = self.client.scan().table_name(&self.table);
        let items = pages.into_paginator().items().send();
        items.collect::<Result<_, _>>().await.map_err(ReadError::of)
    }

    /// Reads every item of one partition, of whatever sort. The read is consistent.
    ///
    /// # Errors
    /// Returns a [`ReadError`] if the table cannot be read.
    pub async fn partition(&self, pk: String) -> Result<Vec<Item>, ReadError> {
        self.query(None, pk).await
    }

    /// Reads every item of an index under one key. An index has no consistent reads.
    ///
    /// # Errors
    /// Returns a [`ReadError`] if the table cannot be read.
    pub async fn indexed(&self, index: Index, key: String) -> Result<Vec<Item>, ReadError> {
        self.query(Some(index), key).await
    }

    /// Reads the oldest items of an index under one key, at most so many.
    ///
    /// # Errors
    /// Returns a [`ReadError`] if the table cannot be read.
    pub async fn indexed_at_most(
        &self,
        index: Index,
        key: &str,
        most: usize,
    ) -> Result<Vec<Item>, ReadError> {
        let (mut items, mut start) = (Vec::new(), None);
        loop {
            let left = most.saturating_sub(items.len());
            let limit = i32::try_from(left).unwrap_or(i32::MAX);
            let query = self.client.query().table_name(&self.table);
            let query = query
                .index_name(index.name())
                .key_condition_expression("#key = :value")
                .expression_attribute_names("#key", index.key())
                .expression_attribute_values(":value", AttributeValue::S(key.to_owned()))
                .limit(limit)
                .set_exclusive_start_key(start);
            let read = query.send().await.map_err(ReadError::of)?;
            items.extend(read.items.unwrap_or_default());
            start = read.last_evaluated_key;
            if start.is_none() || items.len() >= most {
                return Ok(items);
            }
        }
    }

    /// Reads one page of the table, from its start or from where the last page ended. The read is
    /// consistent.
    ///
    /// # Errors
    /// Returns a [`ReadError`] if the table cannot be read.
    pub async fn page(&self, start: Option<Item>) -> Result<Page, ReadError> {
        self.scanned(true, start).await
    }

    /// Reads one page of the table likewise, as it was a moment ago, for half the price.
    ///
    /// # Errors
    /// Returns a [`ReadError`] if the table cannot be read.
    pub async fn page_at_half_price(&self, start: Option<Item>) -> Result<Page, ReadError> {
        self.scanned(false, start).await
    }

    async fn scanned(&self, is_consistent: bool, start: Option<Item>) -> Result<Page, ReadError> {
        let scan = self.client.scan().table_name(&self.table);
        let scan = scan.consistent_read(is_consistent);
        let scan = scan.set_exclusive_start_key(start);
        let read = scan.send().await.map_err(ReadError::of)?;
        Ok(Page {
            items: read.items.unwrap_or_default(),
            next: read.last_evaluated_key,
        })
    }

    /// Reads one item. The read is consistent.
    ///
    /// # Errors
    /// Returns a [`ReadError`] if the table cannot be read.
    pub async fn item(&self, (pk, sk): Key) -> Result<Option<Item>, ReadError> {
        let get = self.client.get_item().table_name(&self.table);
        let get = get
            .key("pk", AttributeValue::S(pk))
            .key("sk", AttributeValue::S(sk))
            .consistent_read(true);
        Ok(get.send().await.map_err(ReadError::of)?.item)
    }

    /// Returns how many items the table has, and how many bytes, by its own count of the last
    /// hours.
    ///
    /// # Errors
    /// Returns a [`ReadError`] if the table cannot be described.
    pub async fn estimate(&self) -> Result<(u64, u64), ReadError> {
        let described = self.client.describe_table().table_name(&self.table);
        let table = described.send().await.map_err(ReadError::of)?.table;
        let count = |count: Option<i64>| count.and_then(|count| count.try_into().ok());
        let items = table.as_ref().and_then(|table| count(table.item_count));
        let bytes = table
            .as_ref()
            .and_then(|table| count(table.table_size_bytes));
        Ok((items.unwrap_or(0), bytes.unwrap_or(0)))
    }

    async fn query(&self, index: Option<Index>, value: String) -> Result<Vec<Item>, ReadError> {
        let pages = self
            .client
            .query()
            .table_name(&self.table)
            .set_index_name(index.map(|index| index.name().to_owned()))
            .consistent_read(index.is_none())
            .key_condition_expression("#key = :value")
            .expression_attribute_names("#key", index.map_or("pk", Index::key))
            .expression_attribute_values(":value", AttributeValue::S(value));
        let items = pages.into_paginator().items().send();
        items.collect::<Result<_, _>>().await.map_err(ReadError::of)
    }
}

/// Returns an attribute's text or number, or an empty text.
#[must_use]
pub fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    match item.get(name) {
        Some(AttributeValue::S(text) | AttributeValue::N(text)) => text,
        _ => "",
    }
}

/// Checks whether an item has expired. The table deletes it within days, and until then it is as
/// good as gone.
#[must_use]
pub fn is_expired(item: &Item, now: Timestamp) -> bool {
    let expires_at: Option<i64> = text(item, "expires_at").parse().ok();
    expires_at.is_some_and(|at| at <= now.as_second())
}

/// Returns an item as plain JSON, for machines. Binary attributes are base64.
#[must_use]
pub fn plain(item: &Item) -> Value {
    let sorted: BTreeMap<&String, Value> = item.iter().map(|(name, v)| (name, value(v))).collect();
    json!(sorted)
}

/// Returns an attribute as plain JSON.
pub(crate) fn value(attribute: &AttributeValue) -> Value {
    match attribute {
        AttributeValue::S(text) => json!(text),
        AttributeValue::N(digits) => serde_json::from_str(digits).unwrap_or_else(|_| json!(digits)),
        AttributeValue::Bool(flag) => json!(flag),
        AttributeValue::B(blob) => json!(STANDARD.encode(blob)),
        AttributeValue::L(list) => list.iter().map(value).collect(),
        AttributeValue::M(map) => plain(map),
        _ => Value::Null,
    }
}
