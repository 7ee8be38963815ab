//! Reads the table as a team would: by recipient, by message, by problem and day.

mod problem;

use std::collections::BTreeMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use comfy_table::{ContentArrangement, Table, presets};
use consumer::item::Item;
use consumer::keys::{self, Key};
use consumer::shard::NOBODY;
use consumer::suppression;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use serde_json::{Value, json};
use shared::event::Channel;

use self::problem::Problem;
use crate::error::Error;
pub use crate::error::PROBLEMS;
use crate::print::printable;
use crate::recipient::Recipient;
use crate::services::Services;
use crate::target::Target;

/// Reads under way at once.
const CONCURRENCY: usize = 8;
/// How much of an event's details fits beside the rest on a screen.
const DETAILS_CHARS: usize = 60;

/// Which events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// All of them.
    All,
    /// One recipient's, in every channel, in any spelling.
    Recipient(String),
    /// One message's, of every provider.
    Message(String),
    /// One kind of problem on one day: `bounced/2026-01-02`.
    Problem(String),
}

/// Some items, and where the next ones start.
pub struct Page {
    /// The items.
    pub items: Vec<Item>,
    /// The last key that was read; `None` at the table's end.
    pub next: Option<Item>,
}

/// Reads the events table.
pub struct Events {
    services: Services,
    client: Client,
    table: String,
}

impl Events {
    /// The table's client, for what is not asked for here.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The table's name.
    #[must_use]
    pub fn table(&self) -> &str {
        &self.table
    }

    /// Returns a reader of the target's table.
    #[must_use]
    pub fn of(target: &Target) -> Self {
        Self::named(target.tables.clone(), target.outputs.table.clone())
    }

    /// Returns a reader of the table with this name.
    #[must_use]
    pub fn named(services: Services, table: String) -> Self {
        Self {
            client: services.dynamodb(),
            services,
            table,
        }
    }

    /// Returns the events of a filter, in the order of their time; other items are left out.
    ///
    /// # Errors
    /// Returns [`Error::Service`] if the table cannot be read, and what is wrong with the filter.
    pub async fn find(&self, filter: &Filter) -> Result<Vec<Item>, Error> {
        let mut items = Vec::new();
        match filter {
            Filter::All => items = self.scan().await?,
            Filter::Recipient(recipient) => {
                let recipient = Recipient::parse(recipient)?;
                for pk in Channel::ALL.into_iter().flat_map(|c| recipient.keys(c)) {
                    items.extend(self.query(None, "pk", pk).await?);
                }
            }
            Filter::Message(message) => {
                // As the provider names it, or as the table does: `<provider>#<message id>`.
                let named = message.split_once('#');
                let is_named = named.is_some_and(|(name, _)| consumer::provider(name).is_some());
                if is_named {
                    let key = message.clone();
                    items.extend(self.query(Some("by_message"), "message", key).await?);
                }
                for provider in consumer::PROVIDERS {
                    let key = format!("{}#{message}", provider.name());
                    items.extend(self.query(Some("by_message"), "message", key).await?);
                }
            }
            Filter::Problem(problem) => {
                let problem = Problem::parse(problem)?;
                items = stream::iter(problem.keys())
                    .map(|key| self.query(Some("by_problem"), "problem", key))
                    .buffer_unordered(CONCURRENCY)
                    .try_concat()
                    .await?;
            }
        }
        items.retain(|item| item.contains_key("kind")); // not the suppressions, nor the times of undated events
        items.sort_by(|a, b| text(a, "sk").cmp(text(b, "sk")));
        Ok(items)
    }

    /// The suppression items in which a reason stands, but for those of narrower scopes.
    ///
    /// # Errors
    /// Returns [`Error::Service`] if the table cannot be read.
    pub async fn suppressed(&self) -> Result<Vec<Item>, Error> {
        let mut items = self.scan().await?;
        items.retain(|item| {
            text(item, "sk") == keys::SUPPRESSION && !suppression::standing(item).is_empty()
        });
        Ok(items)
    }

    /// Every item, whatever it is.
    ///
    /// # Errors
    /// Returns [`Error::Service`] if the table cannot be read.
    pub async fn scan(&self) -> Result<Vec<Item>, Error> {
        let pages = self.client.scan().table_name(&self.table);
        let items = pages.into_paginator().items().send();
        items
            .collect::<Result<_, _>>()
            .await
            .map_err(|error| self.failed(&error))
    }

    /// Every item of one partition, whatever it is, as it is now.
    ///
    /// # Errors
    /// Returns [`Error::Service`] if the table cannot be read.
    pub async fn partition(&self, pk: String) -> Result<Vec<Item>, Error> {
        self.query(None, "pk", pk).await
    }

    /// One page of the table, from its start or from where the last one ended, as it is now.
    ///
    /// # Errors
    /// Returns [`Error::Service`] if the table cannot be read.
    pub async fn page(&self, start: Option<Item>) -> Result<Page, Error> {
        let scan = self.client.scan().table_name(&self.table);
        let scan = scan.consistent_read(true).set_exclusive_start_key(start);
        let read = scan.send().await;
        let read = read.map_err(|error| self.failed(&error))?;
        Ok(Page {
            items: read.items.unwrap_or_default(),
            next: read.last_evaluated_key,
        })
    }

    /// One item, as it is now.
    ///
    /// # Errors
    /// Returns [`Error::Service`] if the table cannot be read.
    pub async fn item(&self, (pk, sk): Key) -> Result<Option<Item>, Error> {
        let get = self.client.get_item().table_name(&self.table);
        let get = get
            .key("pk", AttributeValue::S(pk))
            .key("sk", AttributeValue::S(sk))
            .consistent_read(true);
        let got = get.send().await.map_err(|error| self.failed(&error))?;
        Ok(got.item)
    }

    fn failed(&self, error: &dyn std::error::Error) -> Error {
        self.services.failed("the table cannot be read", error)
    }

    async fn query(
        &self,
        index: Option<&str>,
        key: &str,
        value: String,
    ) -> Result<Vec<Item>, Error> {
        let pages = self
            .client
            .query()
            .table_name(&self.table)
            .set_index_name(index.map(str::to_owned))
            .consistent_read(index.is_none()) // an index has no consistent reads
            .key_condition_expression("#key = :value")
            .expression_attribute_names("#key", key)
            .expression_attribute_values(":value", AttributeValue::S(value));
        let items = pages.into_paginator().items().send();
        items
            .collect::<Result<_, _>>()
            .await
            .map_err(|error| self.failed(&error))
    }
}

/// An attribute's text, or nothing.
#[must_use]
pub fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    match item.get(name) {
        Some(AttributeValue::S(text) | AttributeValue::N(text)) => text,
        _ => "",
    }
}

/// The items as a table for a person.
#[must_use]
pub fn table(items: &[Item]) -> String {
    let mut table = Table::new();
    table
        .load_preset(presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header([
            "occurred at",
            "kind",
            "recipient",
            "provider",
            "message",
            "details",
        ]);
    for item in items {
        table.add_row(row(item).map(|cell| printable(&cell)));
    }
    table.to_string()
}

fn row(item: &Item) -> [String; 6] {
    fn after_hash(text: &str) -> &str {
        text.split_once('#').map_or("", |(_, rest)| rest)
    }
    let pk = text(item, "pk");
    let who = after_hash(pk.strip_prefix("customer#").unwrap_or(pk));
    let occurred_at = text(item, "sk").split('#').next().unwrap_or_default();
    let recipient = match (text(item, "recipient"), pk.split_once('#')) {
        ("", Some((NOBODY, _))) => NOBODY,
        ("", _) => who,
        (recipient, _) => recipient,
    };
    [
        occurred_at.to_owned(),
        text(item, "kind").to_owned(),
        recipient.to_owned(),
        text(item, "provider").to_owned(),
        after_hash(text(item, "message")).to_owned(),
        details(item),
    ]
}

/// The facts of the kind, in a few words.
fn details(item: &Item) -> String {
    let machine = Some(text(item, "machine")).filter(|machine| *machine != "none");
    let words = [
        text(item, "bounce_class"),
        text(item, "bounce_category"),
        text(item, "enhanced_code"),
        text(item, "scope"),
        machine.unwrap_or_default(),
        text(item, "machine_why"),
        text(item, "url"),
        text(item, "reason"),
    ];
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    short(&words.join(" "))
}

/// `--json` has all of it.
fn short(text: &str) -> String {
    if text.chars().count() <= DETAILS_CHARS {
        return text.to_owned();
    }
    let start: String = text.chars().take(DETAILS_CHARS - 1).collect();
    format!("{start}…")
}

/// An item as plain JSON, for machines; a binary attribute as base64.
#[must_use]
pub fn plain(item: &Item) -> Value {
    let sorted: BTreeMap<&String, Value> = item.iter().map(|(name, v)| (name, value(v))).collect();
    json!(sorted)
}

fn value(attribute: &AttributeValue) -> Value {
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
