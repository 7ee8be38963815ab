//! Reads the table as a team would: by recipient, by message, by problem and day.

mod problem;

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::Client;
use comfy_table::{ContentArrangement, Table, presets};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use registry::PROVIDERS;
use shared::event::Channel;
use table::item::Item;
use table::keys::{self, Key};
use table::read::{Index, Page, ReadError, Reader, text};
use table::shard::NOBODY;
use table::suppression;

pub use self::problem::Problem;
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
#[derive(Clone, PartialEq, Eq)]
pub enum Filter {
    /// All of them.
    All,
    /// One recipient's, in every channel.
    Recipient(Recipient),
    /// One message's, of every provider.
    Message(String),
    /// Those of one kind of problem on one day.
    Problem(Problem),
}

/// Reads the events of one table.
pub struct Events {
    services: Services,
    reader: Reader,
}

impl Events {
    /// Returns a reader of the target's table.
    #[must_use]
    pub fn of(target: &Target) -> Self {
        Self::named(target.tables.clone(), target.outputs.table.clone())
    }

    /// Returns a reader of the table with this name.
    #[must_use]
    pub fn named(services: Services, table: String) -> Self {
        Self {
            reader: Reader::new(services.dynamodb(), table),
            services,
        }
    }

    /// Returns the table's client, for what is not asked for here.
    #[must_use]
    pub fn client(&self) -> &Client {
        self.reader.client()
    }

    /// Returns the table's name.
    #[must_use]
    pub fn table(&self) -> &str {
        self.reader.table()
    }

    /// Returns the events of a filter, in the order of their time; other items are left out.
    ///
    /// # Errors
    /// Returns [`Error::Service`] if the table cannot be read.
    pub async fn find(&self, filter: &Filter) -> Result<Vec<Item>, Error> {
        let mut items = match filter {
            Filter::All => self.scan().await?,
            Filter::Recipient(recipient) => self.of_recipient(recipient).await?,
            Filter::Message(message) => self.of_message(message).await?,
            Filter::Problem(problem) => self.of_problem(problem).await?,
        };
        // not the suppressions, nor the first sights
        items.retain(|item| item.contains_key("kind"));
        items.sort_by(|a, b| text(a, "sk").cmp(text(b, "sk")));
        Ok(items)
    }

    async fn of_recipient(&self, recipient: &Recipient) -> Result<Vec<Item>, Error> {
        let mut items = Vec::new();
        for pk in Channel::ALL.into_iter().flat_map(|c| recipient.keys(c)) {
            items.extend(self.partition(pk).await?);
        }
        Ok(items)
    }

    /// As the provider names the message, or as the table does: `<provider>#<message id>`.
    async fn of_message(&self, message: &str) -> Result<Vec<Item>, Error> {
        let named = message.split_once('#');
        let is_named = named.is_some_and(|(name, _)| registry::provider(name).is_some());
        let of_each = PROVIDERS.iter();
        let of_each = of_each.map(|provider| format!("{}#{message}", provider.name()));
        let keys = is_named.then(|| message.to_owned()).into_iter();
        let mut items = Vec::new();
        for key in keys.chain(of_each) {
            items.extend(self.indexed(Index::Message, key).await?);
        }
        Ok(items)
    }

    async fn of_problem(&self, problem: &Problem) -> Result<Vec<Item>, Error> {
        stream::iter(problem.keys())
            .map(|key| self.indexed(Index::Problem, key))
            .buffer_unordered(CONCURRENCY)
            .try_concat()
            .await
    }

    /// Returns the suppression items in which a reason stands, but for those of narrower scopes.
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

    /// Reads every item, whatever it is.
    ///
    /// # Errors
    /// Returns [`Error::Service`] if the table cannot be read.
    pub async fn scan(&self) -> Result<Vec<Item>, Error> {
        self.told(self.reader.scan().await)
    }

    /// Reads every item of one partition, whatever it is, as it is now.
    ///
    /// # Errors
    /// Returns [`Error::Service`] if the table cannot be read.
    pub async fn partition(&self, pk: String) -> Result<Vec<Item>, Error> {
        self.told(self.reader.partition(pk).await)
    }

    /// Reads one page of the table, from its start or from where the last one ended, as it is now.
    ///
    /// # Errors
    /// Returns [`Error::Service`] if the table cannot be read.
    pub async fn page(&self, start: Option<Item>) -> Result<Page, Error> {
        self.told(self.reader.page(start).await)
    }

    /// Reads one item, as it is now.
    ///
    /// # Errors
    /// Returns [`Error::Service`] if the table cannot be read.
    pub async fn item(&self, key: Key) -> Result<Option<Item>, Error> {
        self.told(self.reader.item(key).await)
    }

    /// Reads the items under these keys, as they are now.
    ///
    /// # Errors
    /// Returns [`Error::Service`] if the table cannot be read.
    pub async fn items(&self, keys: &BTreeSet<Key>) -> Result<BTreeMap<Key, Item>, Error> {
        self.told(self.reader.items(keys).await)
    }

    async fn indexed(&self, index: Index, key: String) -> Result<Vec<Item>, Error> {
        self.told(self.reader.indexed(index, key).await)
    }

    /// Tells what to look at first, if the table could not be read.
    fn told<T>(&self, read: Result<T, ReadError>) -> Result<T, Error> {
        read.map_err(|error| self.services.failed("the table cannot be read", &error))
    }
}

/// Returns the items as a table for a user.
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
