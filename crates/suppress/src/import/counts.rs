//! Counts the rows of an import by what they say.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::row::Lines;

/// The most bad lines that are kept: the first ones.
const BAD_LINES: usize = 1_000;

/// The rows of an import, by what they say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// How many rows there are. Blank ones are none.
    pub rows: u64,
    /// How many suppress an address for a reason that does not stand yet.
    pub new: u64,
    /// How many say what the table says already.
    pub known: u64,
    /// How many were lifted after the row's time, or have none that is known, and stay so.
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
    /// How many suppress an address and say since when in a way that is not understood.
    pub time_unknown: u64,
    /// How many are older than the table keeps events: of them only the register stays.
    pub too_old: u64,
    /// How many events were written.
    pub written: u64,
    /// How many events are not known to be written. Import the list again.
    pub not_written: u64,
    /// The first of the rows that cannot be read, and why.
    #[serde(skip)]
    pub bad: BTreeMap<Lines, &'static str>,
    /// The first of the rows whose time is not understood.
    #[serde(skip)]
    pub unknown_times: BTreeSet<Lines>,
    /// Whether a line has several rows, so that its number names none of them.
    #[serde(skip)]
    pub is_crowded: bool,
}

impl Counts {
    /// Adds a row that cannot be read.
    pub(super) fn bad(&mut self, lines: Lines, code: &'static str) {
        self.unreadable += 1;
        self.bad.insert(lines, code);
        self.trim();
    }

    /// Adds a row whose time is not understood.
    pub(super) fn unknown_time(&mut self, lines: Lines) {
        self.time_unknown += 1;
        self.unknown_times.insert(lines);
        self.trim();
    }

    fn trim(&mut self) {
        while self.unknown_times.len() > BAD_LINES {
            self.unknown_times.pop_last();
        }
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
        self.time_unknown += other.time_unknown;
        self.too_old += other.too_old;
        self.written += other.written;
        self.not_written += other.not_written;
        self.bad.extend(other.bad);
        self.unknown_times.extend(other.unknown_times);
        self.is_crowded |= other.is_crowded;
        self.trim();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_bad_lines_are_kept() {
        let mut counts = Counts::default();
        for line in (1..=3_000).rev() {
            let lines = Lines {
                row: line,
                first: line,
                last: line,
            };
            counts.bad(lines, "no_address");
            counts.unknown_time(lines);
        }
        assert_eq!((counts.unreadable, counts.bad.len()), (3_000, BAD_LINES));
        let times = (counts.time_unknown, counts.unknown_times.len());
        assert_eq!(times, (3_000, BAD_LINES));
        let last = counts.bad.keys().last().map(|lines| lines.first);
        assert_eq!(last, Some(1_000));
    }
}
