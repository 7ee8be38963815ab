//! The table of docs/events.md, made from the golden pairs so that it cannot go stale. `BLESS=1
//! cargo test -p tests --test readme` writes it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use registry::{QUEUED, SENDERS};
use serde_json::Value;
use shared::event::Kind;
use stack::build::root;
use tests::cases;

const START: &str = "<!-- events: made by tests/readme.rs -->\n";
const END: &str = "<!-- end of events -->";

/// What some names carry in front; the table has them without.
const PREFIXES: [&str; 10] = [
    "email.",
    "txn_email_",
    "customer_",
    "email_",
    "push_",
    "sms_",
    "in_app_",
    "slack_",
    "webhook_",
    "whatsapp_",
];

/// How many events the samples make depends on the day: the oldest are past their retention.
#[test]
fn the_readme_shows_as_many_samples_as_there_are() {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("a document");
    let senders = SENDERS.iter().chain(QUEUED);
    let samples: usize = senders.map(|sender| cases(*sender).len()).sum();
    let shown = format!("\n  {samples} accepted, ");
    assert!(readme.contains(&shown), "README: {shown}");
}

#[test]
fn the_table_names_every_event_of_every_provider() {
    let path = root().join("docs/events.md");
    let document = std::fs::read_to_string(&path).expect("a document");
    let (before, rest) = document.split_once(START).expect("the start of the table");
    let (actual, after) = rest.split_once(END).expect("the end of the table");
    let wanted = table();
    if actual != wanted && tests::is_blessing() {
        std::fs::write(&path, format!("{before}{START}{wanted}{END}{after}")).expect("written");
        return;
    }
    assert_eq!(actual, wanted);
}

/// A row for each provider, with its words by kind, in the order of a message's life. `unknown` is
/// whatever is not in the table.
fn table() -> String {
    let mut table = String::from("| provider | its words, by what they become |\n|---|---|\n");
    for provider in SENDERS.iter().chain(QUEUED) {
        let words = words(provider.name());
        let known = Kind::NAMES.iter().filter(|kind| **kind != "unknown");
        let kinds = known.filter_map(|kind| {
            let words: Vec<String> = words.get(*kind)?.iter().map(|w| format!("`{w}`")).collect();
            Some(format!("**{kind}** {}", words.join(" ")))
        });
        let kinds: Vec<String> = kinds.collect();
        let _ = writeln!(table, "| {} | {} |", provider.name(), kinds.join(" · "));
    }
    table
}

/// Kind -> the provider's words for it.
fn words(name: &str) -> BTreeMap<String, BTreeSet<String>> {
    let provider = registry::sender(name).expect("a provider");
    let mut words: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, expected) in cases(provider) {
        let text = std::fs::read_to_string(expected).expect("an expectation");
        let items: Vec<Value> = serde_json::from_str(&text).expect("items");
        for item in items {
            if let (Some(kind), Some(word)) =
                (item["kind"].as_str(), item["provider_kind"].as_str())
            {
                words.entry(kind.to_owned()).or_default().insert(bare(word));
            }
        }
    }
    words
}

fn bare(word: &str) -> String {
    let word = word.to_lowercase();
    PREFIXES
        .iter()
        .find_map(|prefix| word.strip_prefix(prefix))
        .unwrap_or(&word)
        .to_owned()
}
