//! What the table says after the demo, in one screen.

use std::collections::{BTreeMap, BTreeSet};

use registry::PROVIDERS;
use serde::Serialize;
use table::item::Item;
use table::keys::SUPPRESSION;
use table::read::text;
use table::suppression::standing;

use super::story::{KIM, LEE, MAX, SAM};

/// The counts of a demo.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Counts {
    /// The samples that were accepted.
    pub(super) accepted: usize,
    /// Their events in the table.
    pub(super) events: usize,
    /// The events, by kind.
    pub(super) kinds: BTreeMap<String, usize>,
    /// The bounces, by class.
    pub(super) bounces: BTreeMap<String, usize>,
    /// Opens by machines.
    pub(super) machine_opens: usize,
    /// Addresses that are not to be mailed again.
    pub(super) suppressed: usize,
    /// Webhooks in the dead-letter queue.
    pub(super) dead: usize,
    /// What a listener was told, if the stack tells anybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) told: Option<usize>,
    /// The events, by key and id. One that is there twice has one place.
    #[serde(skip)]
    known: BTreeSet<(String, String)>,
    /// By kind and provider.
    #[serde(skip)]
    by_provider: BTreeMap<(String, String), usize>,
}

impl Counts {
    /// Counts what is in the table, but for the people of the story.
    pub(super) fn of(items: &[Item], accepted: usize, dead: usize) -> Self {
        let mut counts = Self {
            accepted,
            dead,
            ..Self::default()
        };
        for item in items.iter().filter(|item| !is_of_story(item)) {
            counts.add(item);
        }
        counts
    }

    fn add(&mut self, item: &Item) {
        if text(item, "sk") == SUPPRESSION && !standing(item).is_empty() {
            self.suppressed += 1;
        }
        let kind = text(item, "kind");
        if kind.is_empty() {
            return;
        }
        self.events += 1;
        let id = (text(item, "pk").to_owned(), text(item, "id").to_owned());
        self.known.insert(id);
        *self.kinds.entry(kind.to_owned()).or_default() += 1;
        let provider = text(item, "provider").to_owned();
        let of_provider = self.by_provider.entry((kind.to_owned(), provider));
        *of_provider.or_default() += 1;
        match kind {
            "bounced" => {
                let class = text(item, "bounce_class").to_owned();
                *self.bounces.entry(class).or_default() += 1;
            }
            "opened" if is_by_machine(item) => self.machine_opens += 1,
            _ => {}
        }
    }

    /// Returns the lines that say how many there are of each kind.
    pub(super) fn lines(&self) -> [String; 4] {
        let kind = |kind: &str| format!("{kind} {}", self.kinds.get(kind).unwrap_or(&0));
        let class = |class: &str| format!("{class} {}", self.bounces.get(class).unwrap_or(&0));
        let kinds = ["delivered", "opened", "clicked", "bounced", "complained"];
        let classes = ["hard", "soft", "block", "undetermined"];
        let once = match self.events - self.known.len() {
            0 => "each stored once".to_owned(),
            doubled => format!("{doubled} of them STORED TWICE"),
        };
        [
            format!(
                "  {} accepted, {} events, {once}; {} cannot be read, on purpose",
                self.accepted, self.events, self.dead
            ),
            format!("  {}", kinds.map(kind).join("  ")),
            format!(
                "  bounces: {}   opens by machines {}",
                classes.map(class).join(", "),
                self.machine_opens
            ),
            format!(
                "  not to be mailed again: {} addresses   in the dead-letter queue: {}",
                self.suppressed, self.dead
            ),
        ]
    }

    /// Returns the header and the rows of a table: a row for each kind, a column for each provider.
    pub(super) fn matrix(&self) -> (Vec<&'static str>, Vec<Vec<String>>) {
        let providers: Vec<&str> = PROVIDERS.iter().map(|provider| provider.name()).collect();
        let rows = self.kinds.keys().map(|kind| {
            let cells = providers.iter().map(|provider| {
                let count = self
                    .by_provider
                    .get(&(kind.clone(), (*provider).to_owned()));
                count.map_or_else(String::new, usize::to_string)
            });
            [kind.clone()].into_iter().chain(cells).collect()
        });
        let rows = rows.collect();
        (["kind"].into_iter().chain(providers).collect(), rows)
    }
}

fn is_of_story(item: &Item) -> bool {
    [KIM, LEE, SAM, MAX]
        .iter()
        .any(|who| text(item, "pk") == key(who))
}

fn is_by_machine(item: &Item) -> bool {
    !matches!(text(item, "machine"), "" | "none")
}

fn key(who: &str) -> String {
    format!("email#{who}")
}

/// Returns what happened to a person, in the order of time.
pub(super) fn timeline(items: &[Item], who: &str) -> String {
    let key = key(who);
    let mut events: Vec<&Item> = items
        .iter()
        .filter(|item| text(item, "pk") == key && item.contains_key("kind"))
        .collect();
    events.sort_by_key(|item| text(item, "sk").to_owned());
    let words: Vec<String> = events.into_iter().map(word).collect();
    let line = words.join(" -> ");
    let is_suppressed = items.iter().any(|item| {
        text(item, "pk") == key && text(item, "sk") == SUPPRESSION && !standing(item).is_empty()
    });
    if is_suppressed {
        format!("{line:<50} -> suppressed")
    } else {
        line
    }
}

fn word(item: &Item) -> String {
    match text(item, "kind") {
        "opened" if is_by_machine(item) => "opened (a machine)".to_owned(),
        "bounced" => {
            let code = item.get("smtp_code").and_then(|code| code.as_n().ok());
            let words = [
                text(item, "bounce_class"),
                code.map_or("", String::as_str),
                text(item, "enhanced_code"),
            ];
            let words = words.into_iter().filter(|word| !word.is_empty());
            format!("bounced {}", words.collect::<Vec<_>>().join(" "))
        }
        kind => kind.to_owned(),
    }
}

/// Returns how many events of a person are in the table.
pub(super) fn stored(items: &[Item], who: &str) -> usize {
    let key = key(who);
    let items = items.iter();
    let of_them = items.filter(|item| text(item, "pk") == key && item.contains_key("kind"));
    of_them.count()
}
