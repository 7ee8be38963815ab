//! Deletes what the table holds about one person.
//!
//! This deletes everything under the person's partition keys, in every channel. It also deletes the
//! first sights that are remembered elsewhere under the ids of the person's events.
//!
//! What waits to be told about the person is deleted first of all ([`Plan::with_parked`]): its key
//! has the person's address.
//!
//! The first sights are deleted before the events, because they are found through the events: a run
//! that is cut short can be repeated.

mod waiting;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use shared::auth::sha256_hex;
use shared::event::{Channel, Reason};
use shared::time::rfc3339_ms;
use table::item::Item;
use table::keys::{self, Key, customer_key};
use table::shard::NOBODY;
use table::store::{Store, key_of};
use table::{sight, suppression};
use tokio::time::Instant;

use self::waiting::Waiting;
use crate::error::Error;
use crate::events::Events;
use crate::print::printable;
use crate::recipient::Recipient;
use table::read::text;

/// Tells the user what no erasure reaches.
pub const OUT_OF_REACH: &str = "Out of reach, and not erased:
  what the endpoints were told: it is theirs; what is on its way to them is dropped when its turn comes
  webhooks still in the queues, the dead-letter queue among them: they are stored when they are handled; run this again then
  the table's point-in-time-recovery backups: gone after 35 days
  events that name the person only by another address, a device token or a customer id: run this again with that
  events that name nobody (unknown#<channel>#…), whose text may still mention the person
  the provider's own records
Log lines hold no addresses.";

/// What stands above the rows of a plan.
pub const HEADER: [&str; 3] = ["channel", "what", "items"];

/// How many reads are under way at once.
const CONCURRENCY: usize = 8;
/// The longest that the deletion may take. It is more than anyone's events need.
const PATIENCE: Duration = Duration::from_hours(1);

/// The person whose data is deleted.
#[derive(Clone, PartialEq, Eq)]
pub enum Person {
    /// A recipient, in any spelling.
    Recipient(Recipient),
    /// A person whose events name only the team's own id.
    Customer(String),
}

/// What an erasure would delete.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// How many events there are, by channel and kind.
    pub events: BTreeMap<(&'static str, String), usize>,
    /// Why the person must not be mailed, by channel and sort key. The reason is empty for a
    /// suppression that was lifted.
    pub suppressions: BTreeMap<(&'static str, String), String>,
    /// How many first sights of events would be deleted.
    pub first_sights: usize,
    /// How many notifications about the person wait to be told, and would be deleted.
    pub parked: usize,
    /// Whether the suppressions are kept.
    pub keep_suppression: bool,
    waiting: Waiting,
    timeline: BTreeSet<Key>,
    remembered: BTreeSet<Key>,
}

/// What an erasure did.
///
/// It names the person by the SHA-256 of their canonical address, or of the customer id. Whoever
/// knows the address can verify that it was meant, and nobody can read it here.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// The time of the erasure.
    pub erased_at: String,
    /// The person's SHA-256 in hex.
    pub person_sha256: String,
    /// The table's name.
    pub table: String,
    /// How many events were found, by kind.
    pub events: BTreeMap<String, usize>,
    /// How many suppression items.
    pub suppressions: usize,
    /// How many suppression items were kept.
    pub suppressions_kept: usize,
    /// How many first sights of events.
    pub first_sights: usize,
    /// How many notifications that waited to be told.
    pub parked: usize,
    /// How many items may still be there, because the table did not confirm their deletion. Run the
    /// erasure again.
    pub not_deleted: usize,
}

impl Person {
    /// Reads a recipient's address.
    ///
    /// # Errors
    /// Returns [`Error::Nobody`] if the text names nobody, and [`Error::Address`] if it is not the
    /// address of one mailbox.
    pub fn recipient(address: &str) -> Result<Self, Error> {
        if is_nobody(&address.trim().to_lowercase()) {
            return Err(Error::Nobody(address.to_owned()));
        }
        Ok(Self::Recipient(Recipient::parse(address)?))
    }

    /// Reads a customer's id.
    ///
    /// # Errors
    /// Returns [`Error::Nobody`] if the id is empty.
    pub fn customer(id: &str) -> Result<Self, Error> {
        if id.is_empty() {
            return Err(Error::Nobody(id.to_owned()));
        }
        Ok(Self::Customer(id.to_owned()))
    }

    fn keys(&self, channel: Channel) -> Vec<String> {
        match self {
            Self::Recipient(recipient) => recipient.keys(channel),
            Self::Customer(id) => vec![customer_key(channel, id)],
        }
    }

    /// Returns the first key that is looked under.
    fn name(&self) -> String {
        let mut keys = Channel::ALL
            .into_iter()
            .flat_map(|channel| self.keys(channel));
        keys.next().unwrap_or_default()
    }

    fn fingerprint(&self) -> String {
        let text = match self {
            Self::Recipient(recipient) => recipient.canonical(),
            Self::Customer(id) => id,
        };
        sha256_hex(text.as_bytes())
    }
}

/// Checks whether the text is the word under which events without a recipient are stored. That word
/// is no one's address.
fn is_nobody(text: &str) -> bool {
    let rest = text.strip_prefix(NOBODY);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('#'))
}

/// Finds what the table holds about a person. It changes nothing.
///
/// # Errors
/// Returns [`Error::Service`] if the table cannot be read.
pub async fn plan(events: &Events, person: &Person, keep_suppression: bool) -> Result<Plan, Error> {
    let mut plan = Plan {
        keep_suppression,
        ..Plan::default()
    };
    let mut remembered = BTreeSet::new();
    for channel in Channel::ALL {
        for pk in person.keys(channel) {
            let beside = sight::partition_beside(&pk);
            let seen = events.partition(beside).await?;
            plan.first_sights(&seen);
            for item in events.partition(pk).await? {
                plan.add(channel, &item);
                if item.contains_key("kind") {
                    let (provider, id) = (text(&item, "provider"), text(&item, "id"));
                    remembered.insert(sight::key_of_id(provider, id));
                }
            }
        }
    }
    plan.remembered = stream::iter(remembered)
        .map(|key| events.item(key))
        .buffer_unordered(CONCURRENCY)
        .try_fold(BTreeSet::new(), |mut keys, item| async move {
            keys.extend(item.as_ref().and_then(key_of));
            Ok(keys)
        })
        .await?;
    plan.first_sights += plan.remembered.len();
    Ok(plan)
}

impl Plan {
    fn add(&mut self, channel: Channel, item: &Item) {
        let sk = text(item, "sk");
        let is_suppression = keys::is_suppression(sk);
        if is_suppression {
            let reasons = suppression::standing(item).into_iter();
            let reasons: Vec<&str> = reasons.map(Reason::name).collect();
            let key = (channel.name(), sk.to_owned());
            self.suppressions.insert(key, reasons.join(", "));
        } else {
            let kind = (channel.name(), text(item, "kind").to_owned());
            *self.events.entry(kind).or_default() += 1;
        }
        if !(is_suppression && self.keep_suppression) {
            self.timeline.extend(key_of(item));
        }
    }

    /// Adds what waits to be told about the person: the whole table of the endpoints is read.
    ///
    /// # Errors
    /// Returns [`Error::Service`] if it cannot be read.
    pub async fn with_parked(mut self, outlets: Events, person: &Person) -> Result<Self, Error> {
        let channels = Channel::ALL.into_iter();
        let own = channels.flat_map(|channel| person.keys(channel)).collect();
        self.waiting = Waiting::of(outlets, &own).await?;
        self.parked = self.waiting.len();
        Ok(self)
    }

    /// Adds the first sights that the order of a register's words rests on. They are deleted with
    /// the register, or kept with it.
    fn first_sights(&mut self, items: &[Item]) {
        if !self.keep_suppression {
            self.first_sights += items.len();
            self.timeline.extend(items.iter().filter_map(key_of));
        }
    }

    /// Checks whether there is nothing to delete.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.timeline.is_empty() && self.remembered.is_empty() && self.waiting.is_empty()
    }

    /// Returns the plan for machines.
    #[must_use]
    pub fn json(&self, table: &str) -> Value {
        let events = self.events.iter().map(
            |((channel, kind), count)| json!({"channel": channel, "kind": kind, "items": count}),
        );
        let suppressions = self.suppressions.iter().map(|((channel, sk), reasons)| {
            json!({"channel": channel, "sk": sk, "reasons": reasons, "kept": self.keep_suppression})
        });
        json!({
            "table": table,
            "events": events.collect::<Vec<_>>(),
            "suppressions": suppressions.collect::<Vec<_>>(),
            "first_sights": self.first_sights,
            "parked": self.parked,
        })
    }

    /// Returns the plan's sum in a sentence or two. If there is nothing, it says where that was
    /// looked for, because the address may be mistyped.
    #[must_use]
    pub fn summary(&self, table: &str, person: &Person) -> String {
        if self.is_empty() && self.suppressions.is_empty() {
            return format!(
                "nothing is stored under {} ({} channels): is it spelled so?",
                printable(&person.name()),
                Channel::ALL.len()
            );
        }
        if self.is_empty() {
            let kept = self.suppressions.len();
            return format!("only the suppression is stored in {table}, and is kept ({kept})");
        }
        let mut summary = format!("{table} holds of this person:");
        let is_suppressed = self.suppressions.values().any(|reason| !reason.is_empty());
        if is_suppressed && !self.keep_suppression {
            summary.push_str(
                "\nErasing the suppression forgets that this person must not be mailed: --keep-suppression keeps it.",
            );
        }
        summary
    }

    /// Returns a row for each kind of item that would go, under [`HEADER`], and for those that are
    /// kept.
    #[must_use]
    pub fn rows(&self) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        let mut row = |channel: &str, what: String, items: usize| {
            rows.push(vec![channel.to_owned(), what, items.to_string()]);
        };
        for ((channel, kind), count) in &self.events {
            row(channel, kind.clone(), *count);
        }
        for ((channel, sk), reasons) in &self.suppressions {
            let reasons = Some(reasons.as_str()).filter(|reasons| !reasons.is_empty());
            let kept = if self.keep_suppression { ", kept" } else { "" };
            row(
                channel,
                format!("{sk} ({}{kept})", reasons.unwrap_or("lifted")),
                1,
            );
        }
        if self.first_sights > 0 {
            row("", "first sight of events".to_owned(), self.first_sights);
        }
        if self.parked > 0 {
            row(
                "",
                "waits to be told to an endpoint".to_owned(),
                self.parked,
            );
        }
        rows
    }
}

/// Deletes what a plan found.
pub async fn erase(events: &Events, person: &Person, plan: Plan, at: Timestamp) -> Receipt {
    let store = Store::new(events.client().clone(), events.table().to_owned(), 0);
    let deadline = Instant::now() + PATIENCE;
    let mut left = plan.waiting.forget(deadline).await;
    let remembered = store.delete(plan.remembered, deadline).await.len();
    left += remembered;
    // As long as a first sight is left, the events that lead to it must stay.
    left += if remembered == 0 {
        store.delete(plan.timeline, deadline).await.len()
    } else {
        plan.timeline.len()
    };
    let mut kinds = BTreeMap::new();
    for ((_, kind), count) in plan.events {
        *kinds.entry(kind).or_default() += count;
    }
    let suppressions = plan.suppressions.len();
    let (erased, kept) = if plan.keep_suppression {
        (0, suppressions)
    } else {
        (suppressions, 0)
    };
    Receipt {
        erased_at: rfc3339_ms(at),
        person_sha256: person.fingerprint(),
        table: events.table().to_owned(),
        events: kinds,
        suppressions: erased,
        suppressions_kept: kept,
        first_sights: plan.first_sights,
        parked: plan.parked,
        not_deleted: left,
    }
}
