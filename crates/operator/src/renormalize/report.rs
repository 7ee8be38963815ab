//! Counts what a run would change, or has changed.

use std::collections::BTreeMap;

use serde::Serialize;

use super::change::Change;
use super::remake::Left;
use table::read::text;

/// What stands above the rows of a report.
pub const HEADER: [&str; 3] = ["provider", "kind", "events"];

/// What a run found and did, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many events were looked at.
    pub read: usize,
    /// How many of them this checkout would store unchanged.
    pub same: usize,
    /// How many events cannot be rebuilt, by reason. They stay as they are.
    pub left: BTreeMap<Left, usize>,
    /// How many events change, by provider and kinds (`unknown -> bounced`).
    pub transitions: BTreeMap<(String, String), usize>,
    /// In how many events each attribute differs.
    pub attributes: BTreeMap<String, usize>,
    /// How many items move to another key.
    pub moved: usize,
    /// How many events are added, because what was read as one event is several.
    pub more: usize,
    /// How many suppressions of the first shape become registers.
    pub registers: usize,
    /// How many addresses become suppressed, because an event is read differently now.
    pub suppressed: usize,
    /// How many addresses may be mailed again.
    pub lifted: usize,
    /// The partition keys of suppressions, set or lifted, that rest on an event that no longer says
    /// so. They stay as they are. The keys name people.
    pub stuck: Vec<String>,
    /// How many items the table did not accept.
    pub failed: usize,
}

/// What a run did.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// The time of the run.
    pub renormalized_at: String,
    /// Whether this is what would be changed, and nothing was.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
    /// The table's name.
    pub table: String,
    /// How many events were changed.
    pub changed: usize,
    /// How many of the changed events moved to another key.
    pub moved: usize,
    /// How many events were added.
    pub more: usize,
    /// How many events cannot be rebuilt.
    pub left: usize,
    /// How many items were not written. Run it again.
    pub failed: usize,
}

impl Report {
    pub(super) fn count(&mut self, change: &Change) {
        let provider = text(&change.before, "provider");
        let mut add = |transition: String| {
            let row = (provider.to_owned(), transition);
            *self.transitions.entry(row).or_default() += 1;
        };
        if let Some((before, after)) = change.kinds() {
            add(format!(
                "{before} -> {}",
                after.unwrap_or("(stored already)")
            ));
        }
        for addition in change.additions() {
            add(format!("(not stored) -> {}", text(addition, "kind")));
        }
        self.more += change.additions().count();
        for name in change.attributes() {
            *self.attributes.entry(name.to_owned()).or_default() += 1;
        }
        self.moved += usize::from(change.is_moved);
    }

    /// Returns how many events are stored differently now, or are missing.
    #[must_use]
    pub fn changed(&self) -> usize {
        self.transitions.values().sum()
    }

    /// Returns the report's sums. They name people only with `show`.
    #[must_use]
    pub fn summary(&self, show: bool) -> String {
        let Self { read, same, .. } = self;
        let mut lines = vec![format!(
            "{read} events were read: {} differ, {same} are as this version would store them.",
            self.changed()
        )];
        if self.changed() > 0 {
            let names = self.attributes.iter();
            let names: Vec<String> = names.map(|(name, n)| format!("{name} {n}")).collect();
            lines.push(format!("Attributes that differ: {}", names.join(", ")));
        }
        let counted = [
            (
                self.moved,
                "go to another key: put there first, then deleted",
            ),
            (
                self.more,
                "are more than before: one was read where there are several",
            ),
            (
                self.registers,
                "suppressions of the first shape, one reason for all, become registers",
            ),
            (
                self.suppressed,
                "addresses are not to be mailed from now on",
            ),
            (self.lifted, "addresses may be mailed again"),
            (
                self.stuck.len(),
                "suppressions (or lifted ones) rest on an event that no longer says so. They stay: see docs/operations.md",
            ),
        ];
        let counted = counted.iter().filter(|(count, _)| *count > 0);
        lines.extend(counted.map(|(count, what)| format!("{count} {what}.")));
        let stuck = self.stuck.iter().filter(|_| show);
        lines.extend(stuck.map(|pk| format!("  {pk:?}")));
        let left = self.left.iter();
        lines.extend(
            left.map(|(left, n)| format!("{n} stay as they are: {left} ({}).", left.code())),
        );
        lines.join("\n")
    }

    /// Returns a row for each provider and change of kind, under [`HEADER`].
    #[must_use]
    pub fn rows(&self) -> Vec<Vec<String>> {
        let rows = self.transitions.iter().map(|((provider, kinds), count)| {
            vec![provider.clone(), kinds.clone(), count.to_string()]
        });
        rows.collect()
    }
}
