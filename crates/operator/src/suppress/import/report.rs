//! What an import found, and what it did.

use std::collections::BTreeMap;

use serde::Serialize;

use super::error::ImportError;
use super::list::{Exporter, List};
use super::row::Lines;
use super::sink::Recognized;
use crate::exit::Exit;
use crate::number::thousands;
use crate::print::printable;

/// The most bad lines that are kept: the first ones.
const BAD_LINES: usize = 1_000;
/// How many bad lines are told to a person.
const TOLD_LINES: usize = 5;
/// How many unknown columns are told to a person.
const TOLD_COLUMNS: usize = 8;

/// The rows of an import, by what they say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// How many rows there are. Blank ones are none.
    pub rows: u64,
    /// How many suppress an address for a reason that does not stand yet.
    pub new: u64,
    /// How many say what the table says already.
    pub known: u64,
    /// How many were lifted after the row's time, and stay so.
    pub lifted_later: u64,
    /// How many are no hard bounces.
    pub not_hard: u64,
    /// How many are about one group, tag or topic only.
    pub topic: u64,
    /// How many people are not unsubscribed.
    pub subscribed: u64,
    /// How many cannot be read.
    pub unreadable: u64,
    /// How many suppress an address and do not say since when.
    pub undated: u64,
    /// How many are older than the table keeps events: of them only the register stays.
    pub too_old: u64,
    /// How many events were written.
    pub written: u64,
    /// How many events are not known to be written. Import the list again.
    pub not_written: u64,
    /// The first of the rows that cannot be read, and why.
    pub bad: BTreeMap<Lines, &'static str>,
}

impl Counts {
    /// Adds a row that cannot be read.
    pub(super) fn bad(&mut self, lines: Lines, code: &'static str) {
        self.unreadable += 1;
        self.bad.insert(lines, code);
        self.trim();
    }

    fn trim(&mut self) {
        while self.bad.len() > BAD_LINES {
            self.bad.pop_last();
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.new += other.new;
        self.known += other.known;
        self.lifted_later += other.lifted_later;
        self.not_hard += other.not_hard;
        self.topic += other.topic;
        self.subscribed += other.subscribed;
        self.unreadable += other.unreadable;
        self.undated += other.undated;
        self.too_old += other.too_old;
        self.written += other.written;
        self.not_written += other.not_written;
        self.bad.extend(other.bad);
        self.trim();
    }
}

/// What an import found, and what it did.
#[derive(Debug)]
pub struct Report {
    /// What the file turned out to be.
    pub recognized: Recognized,
    /// Its rows.
    pub counts: Counts,
    /// Whether nothing was to be written.
    pub is_dry_run: bool,
    /// Why the file was not read to its end.
    pub stopped: Option<ImportError>,
}

/// A report for machines.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// Whose export it is.
    pub from: Option<&'static str>,
    /// Which list it is of.
    pub list: Option<&'static str>,
    /// Its columns.
    pub columns: Vec<String>,
    /// Those of them that were not read.
    pub unknown_columns: Vec<String>,
    /// How many rows there are.
    pub rows: u64,
    /// How many are new.
    pub new: u64,
    /// How many are known.
    pub known: u64,
    /// How many were lifted later.
    pub lifted_later: u64,
    /// How many are no hard bounces.
    pub not_hard: u64,
    /// How many are about a topic only.
    pub topic: u64,
    /// How many people are not unsubscribed.
    pub subscribed: u64,
    /// How many cannot be read.
    pub unreadable: u64,
    /// How many do not say since when.
    pub undated: u64,
    /// How many are older than events are kept.
    pub too_old: u64,
    /// Whether nothing was to be written.
    pub dry_run: bool,
    /// How many events were written.
    pub written: u64,
    /// How many are not known to be written.
    pub not_written: u64,
    /// The first rows that cannot be read.
    pub bad_lines: Vec<BadLine>,
    /// Why the file was not read to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<&'static str>,
}

/// A row that cannot be read.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct BadLine {
    /// Its first line.
    pub line: u64,
    /// Why.
    pub code: &'static str,
}

impl Report {
    /// Returns how the command ends.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match &self.stopped {
            _ if self.counts.not_written > 0 => Exit::Partly,
            Some(_) if self.counts.written > 0 => Exit::Partly,
            Some(error) => error.exit(),
            None => Exit::Done,
        }
    }

    /// Returns the report for machines.
    #[must_use]
    pub fn receipt(&self) -> Receipt {
        let (recognized, counts) = (&self.recognized, &self.counts);
        let bad = counts.bad.iter();
        Receipt {
            from: recognized.exporter.map(Exporter::name),
            list: recognized.list.map(List::name),
            columns: recognized.columns.clone(),
            unknown_columns: recognized.unknown.clone(),
            rows: counts.rows,
            new: counts.new,
            known: counts.known,
            lifted_later: counts.lifted_later,
            not_hard: counts.not_hard,
            topic: counts.topic,
            subscribed: counts.subscribed,
            unreadable: counts.unreadable,
            undated: counts.undated,
            too_old: counts.too_old,
            dry_run: self.is_dry_run,
            written: counts.written,
            not_written: counts.not_written,
            bad_lines: bad
                .map(|(lines, code)| BadLine {
                    line: lines.first,
                    code,
                })
                .collect(),
            stopped: self.stopped.as_ref().map(ImportError::code),
        }
    }

    /// Returns the report in a line, as a person reads it.
    #[must_use]
    pub fn text(&self) -> String {
        let counts = &self.counts;
        let parts = [
            (counts.new, "new"),
            (counts.known, "known"),
            (counts.lifted_later, "lifted later (stay so)"),
            (counts.not_hard, "not hard"),
            (counts.topic, "of one topic only"),
            (counts.subscribed, "not unsubscribed"),
        ];
        let parts = parts.into_iter().filter(|(count, _)| *count > 0);
        let mut parts: Vec<String> = parts
            .map(|(count, what)| format!("{} {what}", thousands(count)))
            .collect();
        if counts.unreadable > 0 {
            let lines = told(&counts.bad, counts.unreadable);
            parts.push(format!(
                "{} unreadable ({lines})",
                thousands(counts.unreadable)
            ));
        }
        let parts = if parts.is_empty() {
            "nothing to import".to_owned()
        } else {
            parts.join(", ")
        };
        format!("{}, {}: {parts}", self.title(), rows(counts.rows))
    }

    /// Returns what a person reads beside the report.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let unknown = &self.recognized.unknown;
        if !unknown.is_empty() {
            let named = unknown.iter().take(TOLD_COLUMNS);
            let mut named: Vec<String> = named.map(|name| printable(name)).collect();
            if unknown.len() > TOLD_COLUMNS {
                named.push(format!("and {} more", unknown.len() - TOLD_COLUMNS));
            }
            notes.push(format!("Columns that were not read: {}", named.join(", ")));
        }
        if self.counts.undated > 0 {
            notes.push(match self.counts.undated {
                1 => {
                    "1 row does not say since when: it counts from its first import on.".to_owned()
                }
                undated => format!(
                    "{} do not say since when: they count from their first import on.",
                    rows(undated)
                ),
            });
        }
        if self.counts.too_old > 0 {
            notes.push(format!(
                "Older than events are kept: {}. The suppression stays, what it came from does not.",
                rows(self.counts.too_old)
            ));
        }
        if let Some(stopped) = &self.stopped {
            notes.push(format!("The rest was not read: {stopped}."));
        }
        notes
    }

    fn title(&self) -> String {
        let recognized = &self.recognized;
        let of = recognized.exporter.map_or("A list", Exporter::title);
        let list = match recognized.list {
            Some(list) => list.name(),
            None if recognized.is_of_people => "people",
            None => "suppressions",
        };
        let columns: Vec<String> = recognized.read.iter().map(|name| printable(name)).collect();
        let list = match recognized.exporter {
            None => format!("of {list}"),
            Some(_) => list.to_owned(),
        };
        format!("{of} {list} ({})", columns.join(","))
    }
}

fn rows(count: u64) -> String {
    let rows = if count == 1 { "row" } else { "rows" };
    format!("{} {rows}", thousands(count))
}

/// Returns the first bad lines.
fn told(bad: &BTreeMap<Lines, &'static str>, count: u64) -> String {
    let lines = bad.keys().take(TOLD_LINES).map(|lines| match lines {
        Lines { first, last } if first < last => format!("{first}-{last}"),
        Lines { first, .. } => first.to_string(),
    });
    let lines: Vec<String> = lines.collect();
    let is_one = count == 1 && bad.keys().all(|lines| lines.first == lines.last);
    let word = if is_one { "line" } else { "lines" };
    let more = if count > TOLD_LINES as u64 {
        " …"
    } else {
        ""
    };
    format!("{word} {}{more}", lines.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(counts: Counts) -> Report {
        let columns = ["status", "reason", "email", "created", "team"];
        Report {
            recognized: Recognized {
                exporter: Some(Exporter::Sendgrid),
                list: Some(List::Bounces),
                columns: columns.map(str::to_owned).to_vec(),
                read: columns
                    .iter()
                    .take(4)
                    .map(|name| (*name).to_owned())
                    .collect(),
                unknown: vec!["team".to_owned()],
                is_of_people: false,
            },
            counts,
            is_dry_run: true,
            stopped: None,
        }
    }

    #[test]
    fn a_plan_is_one_line() {
        let mut counts = Counts {
            rows: 18_204,
            new: 16_310,
            known: 212,
            lifted_later: 6,
            not_hard: 1_641,
            ..Counts::default()
        };
        for line in 0..35 {
            let first = 12 + line * 68;
            counts.bad(
                Lines {
                    first,
                    last: first + line % 2,
                },
                "no_address",
            );
        }
        let report = report(counts);
        assert_eq!(
            report.text(),
            "SendGrid bounces (status,reason,email,created), 18,204 rows: 16,310 new, 212 known, \
             6 lifted later (stay so), 1,641 not hard, 35 unreadable (lines 12, 80-81, 148, 216-217, 284 …)"
        );
        assert_eq!(report.notes(), ["Columns that were not read: team"]);
        assert_eq!(report.exit(), Exit::Done);
    }

    #[test]
    fn what_was_not_written_and_what_was_not_read_end_the_command() {
        let mut failed = report(Counts {
            not_written: 1,
            ..Counts::default()
        });
        assert_eq!(failed.exit(), Exit::Partly);
        assert_eq!(
            failed.text(),
            "SendGrid bounces (status,reason,email,created), 0 rows: nothing to import"
        );
        failed.counts.not_written = 0;
        failed.stopped = Some(ImportError::Endless(7));
        assert_eq!(failed.exit(), Exit::Line);
        failed.counts.written = 1;
        assert_eq!(failed.exit(), Exit::Partly);
        assert_eq!(failed.receipt().stopped, Some("import_row_endless"));
    }

    #[test]
    fn only_the_first_bad_lines_are_kept() {
        let mut counts = Counts::default();
        for line in (1..=3_000).rev() {
            counts.bad(
                Lines {
                    first: line,
                    last: line,
                },
                "no_address",
            );
        }
        assert_eq!((counts.unreadable, counts.bad.len()), (3_000, BAD_LINES));
        let last = counts.bad.keys().last().map(|lines| lines.first);
        assert_eq!(last, Some(1_000));
    }
}
