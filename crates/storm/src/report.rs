//! The result of a storm, for people and for `docs/reliability/*.json`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use serde::{Deserialize, Serialize};

use crate::driver::{Outcome, Tally};
use crate::findings::Findings;
use crate::processes::Growth;
use crate::telling::{Heard, Telling};

/// The most that a process may grow after the first quarter of an hour of load, in KiB.
///
/// In the other three quarters a process sees nearly a thousand webhooks. If it kept 600 bytes of
/// each, it would grow by more. If an allocator sees its largest batch late in the run, it grows by
/// less.
pub const GROWTH_KIB: i64 = 512;
/// How many more files a process may have open. They are the connections of requests that were
/// given up and have not been closed yet.
pub const GROWTH_FILES: i64 = 4;

/// How often each fault has struck, by its name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Struck(pub BTreeMap<String, u64>);

/// The answers' times, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Answers {
    /// Half of the answers took at most this long.
    pub p50: f64,
    /// 95 of 100 answers took at most this long.
    pub p95: f64,
    /// 99 of 100 answers took at most this long.
    pub p99: f64,
    /// No answer took longer than this.
    pub max: f64,
}

/// What was sent, and what became of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sending {
    /// How many webhooks there were.
    pub webhooks: u64,
    /// How many were answered 2xx.
    pub acknowledged: u64,
    /// How many were forged or stale, and were answered 401.
    pub refused: u64,
    /// How many were never answered as they should have been.
    pub gave_up: u64,
    /// How many were right, and were answered 401. Must be zero.
    pub wrongly_refused: u64,
    /// How many were forged or stale, and were answered 2xx. Must be zero.
    pub wrongly_acknowledged: u64,
    /// How many requests were made, including retries and webhooks that were sent twice.
    pub attempts: u64,
    /// How many requests got no answer within 4 s.
    pub unanswered: u64,
    /// How many requests got each status.
    pub statuses: BTreeMap<u16, u64>,
    /// How long a 200 took.
    pub answers_ms: Answers,
}

/// The report of one storm.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// The command.
    pub command: String,
    /// When the storm began, in RFC 3339.
    pub date: String,
    /// The processor, cores, memory and system.
    pub machine: String,
    /// `release` or `debug`.
    pub build: String,
    /// The seed that all choices follow from.
    pub seed: u64,
    /// The faults, as on the command line.
    pub faults: Vec<String>,
    /// How often each fault struck.
    pub struck: Struck,
    /// How long sending took, in seconds.
    pub sending_s: f64,
    /// How long it took after that until the queue was empty, in seconds.
    pub draining_s: f64,
    /// What was sent.
    pub sending: Sending,
    /// What the check of the table found.
    pub found: Findings,
    /// What the check of the sinks found. A report of a storm without sinks has none.
    #[serde(default)]
    pub told: Telling,
    /// Lines that no function should print: panics, and why a function stopped.
    pub noise: Vec<String>,
    /// How the functions' processes grew.
    pub processes: BTreeMap<String, Growth>,
}

impl Struck {
    /// Reads the stack's answer to a line of faults.
    pub(crate) fn read(answer: &str) -> Option<Self> {
        let (_, struck) = answer.split_once(", struck [")?;
        let counts = struck.strip_suffix(']')?.split_whitespace();
        let pair = |text: &str| {
            let (name, count) = text.split_once('=')?;
            Some((name.to_owned(), count.parse().ok()?))
        };
        counts.map(pair).collect::<Option<_>>().map(Self)
    }

    pub(crate) fn add(&mut self, other: Self) {
        for (name, count) in other.0 {
            *self.0.entry(name).or_default() += count;
        }
    }
}

impl Answers {
    pub(crate) fn of(mut micros: Vec<u32>) -> Self {
        micros.sort_unstable();
        let last = micros.len().saturating_sub(1);
        let at = |percent: usize| {
            let micros = micros.get(last * percent / 100);
            f64::from(micros.copied().unwrap_or_default().div_ceil(10)) / 100.0
        };
        Self {
            p50: at(50),
            p95: at(95),
            p99: at(99),
            max: at(100),
        }
    }
}

impl Sending {
    pub(crate) fn of(tally: Tally, is_right: impl Fn(usize) -> bool) -> Self {
        let count = |outcome, right: Option<bool>| {
            let sent = tally.sent.iter().filter(|(number, sent)| {
                sent.outcome == outcome && right.is_none_or(|right| is_right(**number) == right)
            });
            sent.count() as u64
        };
        Self {
            webhooks: tally.sent.len() as u64,
            acknowledged: count(Outcome::Acknowledged, Some(true)),
            refused: count(Outcome::Refused, None),
            gave_up: count(Outcome::GaveUp, None),
            wrongly_refused: tally.wrongly_refused,
            wrongly_acknowledged: count(Outcome::Acknowledged, Some(false)),
            attempts: tally.attempts,
            unanswered: tally.unanswered,
            statuses: tally.statuses,
            answers_ms: Answers::of(tally.answers),
        }
    }
}

impl Report {
    /// Returns the defects: what must be zero and is not.
    #[must_use]
    pub fn defects(&self) -> Vec<String> {
        let of_answers = [
            ("wrongly_refused", self.sending.wrongly_refused),
            ("wrongly_acknowledged", self.sending.wrongly_acknowledged),
            ("noise", self.noise.len() as u64),
        ];
        let all = self.found.defects().into_iter();
        let all = all.chain(self.told.defects()).chain(of_answers);
        all.filter(|(_, count)| *count > 0)
            .map(|(name, count)| format!("{name} {count}"))
            .collect()
    }

    /// Returns what grew beyond its bound.
    #[must_use]
    pub fn growth(&self) -> Vec<String> {
        let of = |(name, growth): (&String, &Growth)| {
            let (resident, files) = (growth.resident_more_kib, growth.open_files_more);
            let is_bounded = resident <= GROWTH_KIB && files <= GROWTH_FILES;
            (!is_bounded || growth.survivors == 0).then(|| {
                let survivors = growth.survivors;
                format!(
                    "{name}: of {survivors} survivors one grew by {resident} KiB and {files} files"
                )
            })
        };
        self.processes.iter().filter_map(of).collect()
    }

    /// Returns the report as text for the user.
    #[must_use]
    pub fn text(&self) -> String {
        let (sent, found, told) = (&self.sending, &self.found, &self.told);
        let answers = &sent.answers_ms;
        let struck = self.struck.0.iter();
        let struck: Vec<String> = struck.map(|(name, n)| format!("{name} {n}")).collect();
        let defects = found.defects().into_iter().chain(told.defects());
        let defects: Vec<String> = defects.map(|(name, n)| format!("{name} {n}")).collect();
        let sinks: Vec<String> = told.sinks.iter().map(of_a_sink).collect();
        let mut text = format!(
            "sent        {} webhooks in {:.1} s: {} acknowledged, {} refused, {} given up; {} requests, {} without an answer\n\
             struck      {}\n\
             answers     p50 {} ms, p95 {} ms, p99 {} ms, longest {} ms\n\
             stored      {} of {} events, {} more of webhooks that were never acknowledged; {} suppressions; {:.1} s after the storm\n\
             poison      {} of {} in the dead-letter queue\n\
             told        {}; {:.1} s after that\n\
             defects     {}\n",
            sent.webhooks,
            self.sending_s,
            sent.acknowledged,
            sent.refused,
            sent.gave_up,
            sent.attempts,
            sent.unanswered,
            struck.join(", "),
            answers.p50,
            answers.p95,
            answers.p99,
            answers.max,
            found.stored,
            found.acknowledged_events,
            found.stored_unacknowledged,
            found.suppressions,
            self.draining_s,
            found.poison - found.poison_lost,
            found.poison,
            sinks.join("; "),
            told.telling_s,
            defects.join(", "),
        );
        for (name, growth) in &self.processes {
            let _ = writeln!(
                text,
                "{name:<12}{} survivors, {} KiB ({:+} KiB since the first quarter), {} files ({:+})",
                growth.survivors,
                growth.resident_kib,
                growth.resident_more_kib,
                growth.open_files,
                growth.open_files_more
            );
        }
        let examples = found.examples.iter().chain(&told.examples);
        for line in examples.chain(self.noise.iter().take(10)) {
            let _ = writeln!(text, "            {line}");
        }
        text
    }
}

/// Describes what became of a sink.
fn of_a_sink((name, heard): (&String, &Heard)) -> String {
    let Heard {
        wanted,
        accepted,
        held,
        requests,
        again,
        ..
    } = heard;
    let held = if *held == 0 {
        String::new()
    } else {
        format!(", {held} held for it")
    };
    format!("{name} {accepted} of {wanted}{held} in {requests} requests, {again} again")
}

/// Describes the processor, cores, memory and system. What cannot be read is left out.
pub(crate) fn machine() -> String {
    let line = |file: &str, name: &str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with(name));
        line.and_then(|line| Some(line.split_once(':')?.1.trim().to_owned()))
    };
    let cores = std::thread::available_parallelism().map(|n| format!("{n} cores"));
    let memory = line("/proc/meminfo", "MemTotal").and_then(|text| {
        let kib: u64 = text.split_whitespace().next()?.parse().ok()?;
        Some(format!("{} GB", kib.div_ceil(1024 * 1024)))
    });
    let parts = [
        line("/proc/cpuinfo", "model name"),
        cores.ok(),
        memory,
        Some(format!(
            "{} {}",
            std::env::consts::OS,
            std::env::consts::ARCH
        )),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_sorted_answers() {
        let answers = Answers::of((1..=101).rev().map(|n| n * 1000).collect());
        let of = |p50, p95, p99, max| Answers { p50, p95, p99, max };
        assert_eq!(answers, of(51.0, 96.0, 100.0, 101.0));
        assert_eq!(Answers::of(Vec::new()), of(0.0, 0.0, 0.0, 0.0));
    }

    #[test]
    fn the_answer_of_the_stack_is_read() {
        let read = Struck::read("faults: [table:drop=1], struck [queue:slow=2 table:drop=3]");
        let counts = [("queue:slow".to_owned(), 2), ("table:drop".to_owned(), 3)];
        assert_eq!(read, Some(Struck(BTreeMap::from(counts))));
        assert_eq!(
            Struck::read("faults: [], struck []"),
            Some(Struck::default())
        );
        assert_eq!(Struck::read("faults: there is no fault x"), None);
    }
}
