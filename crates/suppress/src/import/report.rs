//! What an import found, and what it did.

use serde::Serialize;

use super::counts::Counts;
use super::error::ImportError;
use super::list::{Exporter, List};
use super::row::Lines;
use super::sink::Recognized;
use ::operator::exit::Exit;
use ::operator::number::thousands;
use ::operator::print::printable;

/// How many bad lines are told to a person.
const TOLD_LINES: usize = 5;
/// How many unknown columns are told to a person.
const TOLD_COLUMNS: usize = 8;

/// What an import found, and what it did.
#[derive(Debug)]
pub struct Report {
    /// What the file turned out to be.
    pub recognized: Recognized,
    /// Its rows.
    pub counts: Counts,
    /// Whether nothing was to be written.
    pub is_dry_run: bool,
    /// What says that there is a page behind the last one of the file, if anything does.
    pub next_page: Option<&'static str>,
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
    /// How many rows there are of each sort, and how many were written.
    #[serde(flatten)]
    pub counts: Counts,
    /// Whether nothing was to be written.
    pub dry_run: bool,
    /// The first rows that cannot be read.
    pub bad_lines: Vec<BadLine>,
    /// The first rows whose time is not understood.
    pub unknown_times: Vec<Place>,
    /// Whether the list has more than was read.
    pub incomplete: bool,
    /// Why the file was not read to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<&'static str>,
}

/// A row that cannot be read.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct BadLine {
    /// Its number, from 1 and without the header.
    pub row: u64,
    /// Its first line.
    pub line: u64,
    /// Why.
    pub code: &'static str,
}

/// Where a row is.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Its number, from 1 and without the header.
    pub row: u64,
    /// Its first line.
    pub line: u64,
}

impl Report {
    /// Returns how the command ends.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match &self.stopped {
            _ if self.counts.not_written > 0 => Exit::Partly,
            Some(_) if self.counts.written > 0 => Exit::Partly,
            Some(error) => error.exit(),
            None if !self.is_dry_run && self.is_partial() => Exit::Partly,
            None => Exit::Done,
        }
    }

    /// Checks whether something of the list cannot be written.
    fn is_partial(&self) -> bool {
        self.next_page.is_some() || self.counts.unreadable > 0
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
            counts: counts.clone(),
            dry_run: self.is_dry_run,
            bad_lines: bad
                .map(|(lines, code)| BadLine {
                    row: lines.row,
                    line: lines.first,
                    code,
                })
                .collect(),
            unknown_times: counts
                .unknown_times
                .iter()
                .map(|lines| Place {
                    row: lines.row,
                    line: lines.first,
                })
                .collect(),
            incomplete: self.next_page.is_some() || self.stopped.is_some(),
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
            let lines = self.told(counts.bad.keys(), counts.unreadable);
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
        if self.counts.time_unknown > 0 {
            let count = self.counts.time_unknown;
            notes.push(format!(
                "Time not understood: {} ({}). They count from now where nothing is known of the address and the reason, and else not at all.",
                rows(count),
                self.told(self.counts.unknown_times.iter(), count)
            ));
        }
        if self.counts.too_old > 0 {
            notes.push(format!(
                "Older than events are kept: {}. The suppression stays, what it came from does not.",
                rows(self.counts.too_old)
            ));
        }
        notes.extend(self.next_page.map(|mark| self.incomplete(mark)));
        if let Some(stopped) = &self.stopped {
            notes.push(format!("The rest was not read: {stopped}."));
        }
        notes
    }

    /// Says that there is more, and how it is read.
    fn incomplete(&self, mark: &str) -> String {
        let how = match self.recognized.exporter {
            Some(Exporter::Ses) => {
                "ask again with --next-token until there is none: postern suppress import --help"
            }
            Some(Exporter::Resend) => "ask again with after=ID, the id of the last row",
            Some(Exporter::Mailgun) => "ask for that URL, until a page has no items",
            _ => "ask for it, and for all behind it",
        };
        format!(
            "INCOMPLETE: the last page names a next one (`{mark}`). This is not the whole list: {how}. The pages can be imported one after the other, or together."
        )
    }

    /// Returns the first of some rows: their lines, or their numbers if a line has several.
    fn told<'a>(&self, places: impl Iterator<Item = &'a Lines> + Clone, count: u64) -> String {
        let is_crowded = self.counts.is_crowded;
        let named = places.clone().take(TOLD_LINES).map(|lines| match lines {
            Lines { row, .. } if is_crowded => row.to_string(),
            Lines { first, last, .. } if first < last => format!("{first}-{last}"),
            Lines { first, .. } => first.to_string(),
        });
        let named: Vec<String> = named.collect();
        let mut places = places;
        let is_one = count == 1 && (is_crowded || places.all(|lines| lines.first == lines.last));
        let word = if is_crowded { "row" } else { "line" };
        let plural = if is_one { "" } else { "s" };
        let more = if count > TOLD_LINES as u64 {
            " …"
        } else {
            ""
        };
        format!("{word}{plural} {}{more}", named.join(", "))
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
            next_page: None,
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
                    row: line + 1,
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
}
