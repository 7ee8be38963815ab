//! Reads the problems of each day from the index, and counts them.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use table::item::Item;
use table::read::{Index, text};
use table::shard::{SHARDS, problem_key};

use super::asked::Problems;
use crate::error::Error;
use crate::events::{Events, Newest};

/// Reads under way at once.
const CONCURRENCY: usize = 8;
/// The kinds in the order in which they are shown. A complaint is the most urgent.
const ORDER: [&str; 5] = [
    "complained",
    "bounced",
    "rejected",
    "failed",
    "unsubscribed",
];
/// The classes in the order in which they are shown.
const CLASSES: [&str; 4] = ["hard", "soft", "block", "undetermined"];

/// The problems that were found.
pub struct Found {
    /// By kind, in the order in which they are shown.
    pub kinds: Vec<(&'static str, OfKind)>,
}

/// The problems of one kind.
pub struct OfKind {
    /// The newest of them.
    pub newest: Newest,
    /// How many bounces are of each class.
    pub classes: BTreeMap<String, usize>,
}

/// Reads the problems, and keeps the newest `most` of each kind. Tells how many reads of
/// [`Problems::reads`] are done.
///
/// # Errors
/// Returns [`Error::Service`] if the table cannot be read.
pub async fn found(
    events: &Events,
    problems: &Problems,
    most: usize,
    mut tell: impl FnMut(u64),
) -> Result<Found, Error> {
    let mut found = Found::new(problems, most);
    let mut read = 0;
    let reads = keys(problems).into_iter().map(async |(kind, key)| {
        let items = events.indexed(Index::Problem, key).await?;
        Ok::<_, Error>((kind, items))
    });
    let mut reads = stream::iter(reads).buffer_unordered(CONCURRENCY);
    while let Some((kind, items)) = reads.try_next().await? {
        read += 1;
        tell(read);
        for item in items.into_iter().filter(|item| has(problems, item)) {
            let is_shown = is_after(problems.after.as_deref(), kind, text(&item, "sk"));
            found.add(kind, item, is_shown);
        }
    }
    Ok(found)
}

/// Returns every key of the index that has some of them.
fn keys(problems: &Problems) -> Vec<(&'static str, String)> {
    let mut keys = Vec::new();
    for kind in &problems.kinds {
        for day in &problems.days {
            let day = day.to_string();
            keys.extend(SHARDS.map(|shard| (*kind, problem_key(kind, &day, shard))));
        }
    }
    keys
}

fn has(problems: &Problems, item: &Item) -> bool {
    let is = |wanted: Option<&str>, name| wanted.is_none_or(|wanted| text(item, name) == wanted);
    is(problems.provider, "provider") && is(problems.class, "bounce_class")
}

/// Returns where a list ends that ends with this problem.
#[must_use]
pub fn end(item: &Item) -> String {
    format!("{}/{}", text(item, "kind"), text(item, "sk"))
}

/// Checks whether a problem is shown after the one that ended an earlier list.
fn is_after(end: Option<&str>, kind: &str, sk: &str) -> bool {
    let place = |kind: &str| ORDER.into_iter().position(|one| one == kind);
    let Some((last, last_sk)) = end.and_then(|end| end.split_once('/')) else {
        return true;
    };
    match place(kind).cmp(&place(last)) {
        Ordering::Less => false,
        Ordering::Equal => sk < last_sk,
        Ordering::Greater => true,
    }
}

impl Found {
    fn new(problems: &Problems, most: usize) -> Self {
        let kinds = ORDER
            .into_iter()
            .filter(|kind| problems.kinds.contains(kind));
        let of_kind = |kind| {
            let of_kind = OfKind {
                newest: Newest::new(most),
                classes: BTreeMap::new(),
            };
            (kind, of_kind)
        };
        Self {
            kinds: kinds.map(of_kind).collect(),
        }
    }

    fn add(&mut self, kind: &str, item: Item, is_shown: bool) {
        let mut kinds = self.kinds.iter_mut();
        if let Some((_, of_kind)) = kinds.find(|(name, _)| *name == kind) {
            let class = text(&item, "bounce_class");
            if !class.is_empty() {
                *of_kind.classes.entry(class.to_owned()).or_default() += 1;
            }
            if is_shown {
                of_kind.newest.add(item);
            } else {
                of_kind.newest.pass();
            }
        }
    }

    /// Returns how many problems were found.
    #[must_use]
    pub fn count(&self) -> usize {
        self.kinds
            .iter()
            .map(|(_, of_kind)| of_kind.newest.count)
            .sum()
    }

    /// Returns how many there are of each kind, in a line.
    #[must_use]
    pub fn text(&self) -> String {
        let kinds = self.kinds.iter();
        let kinds = kinds.map(|(kind, of)| format!("{kind} {}{}", of.newest.count, of.text()));
        kinds.collect::<Vec<_>>().join("   ")
    }

    /// Returns the first `most` problems: kind by kind, the newest first.
    #[must_use]
    pub fn first(self, most: usize) -> Vec<Item> {
        let kinds = self.kinds.into_iter();
        let items = kinds.flat_map(|(_, of_kind)| of_kind.newest.kept());
        items.take(most).collect()
    }
}

impl OfKind {
    /// Returns how many there are of each class.
    fn text(&self) -> String {
        let known = CLASSES.into_iter();
        let classes = known.filter_map(|class| Some((class, self.classes.get(class)?)));
        let classes: Vec<String> = classes.map(|(class, n)| format!("{class} {n}")).collect();
        if classes.is_empty() {
            return String::new();
        }
        format!(" ({})", classes.join(", "))
    }
}
