//! The results file: everything that the report, the charts, the documents and their test read.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde::{Deserialize, Serialize};

use crate::delivery::Delivered;
use crate::measure::{Growth, Measured, Series};
use crate::outcome::Outcome;
use crate::prices::Bill;
use crate::standing::Standing;
use crate::stats::{Spread, count, round};
use crate::subject::{
    BARE_CONSUMER, BARE_RECEIVER, CONSUMER, FLOOR, PEER_CONSUMER, PEER_RECEIVER, RECEIVER, Subject,
};
use crate::usage::Use;

/// Spreads by subject.
pub(crate) type Spreads = BTreeMap<String, Spread>;

/// One run of the benchmark.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Results {
    pub(crate) date: String,
    pub(crate) processor: String,
    pub(crate) cores: usize,
    /// The load averages before and after: above the number of cores, others were at work, too.
    pub(crate) load_before: String,
    pub(crate) load_after: String,
    /// What was measured -> subject -> value.
    pub(crate) measured: BTreeMap<String, Spreads>,
    /// What was measured -> subject -> times the floor's.
    pub(crate) over_floor: BTreeMap<String, Spreads>,
    /// What was measured -> subject -> the Python peer's as a multiple.
    pub(crate) peer_over: BTreeMap<String, Spreads>,
    /// What was measured -> subject -> times what it is by hand.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) over_bare: BTreeMap<String, Spreads>,
    /// Batch -> consumer -> events per CPU second.
    pub(crate) consume: BTreeMap<String, Spreads>,
    /// Batch -> times the Python consumer's.
    pub(crate) consume_over_peer: Spreads,
    /// Batch -> CPU per event, times what it is by hand.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) consume_over_bare: Spreads,
    /// Function -> what it uses as the body grows.
    pub(crate) growth: BTreeMap<String, Vec<Grown>>,
    /// Webhooks -> events per second through the local stack.
    pub(crate) flow: Spreads,
    /// Function -> bytes of the binary and of its zip.
    pub(crate) size: BTreeMap<String, Size>,
    pub(crate) cost: BTreeMap<String, Cost>,
    /// What a stack costs a month before its first event.
    pub(crate) standing: BTreeMap<String, Standing>,
    /// The way out, which is measured by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) told: Option<Told>,
    /// How soon events are in the table, which is measured by itself, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) latency: Option<Latency>,
    pub(crate) targets: Vec<Target>,
}

/// How the way out did, in a run of its own.
#[derive(Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) date: String,
    pub(crate) processor: String,
    pub(crate) cores: usize,
    pub(crate) load_before: String,
    pub(crate) load_after: String,
    /// Webhooks a second, while it was measured.
    pub(crate) rate: f64,
    /// Who was told beside the one that is measured -> from the webhook to the notification, ms.
    pub(crate) p50_ms: Spreads,
    pub(crate) p99_ms: Spreads,
    /// The same -> times what it takes alone, round by round.
    pub(crate) p99_over_alone: Spreads,
    pub(crate) used: Delivered,
    pub(crate) bills: BTreeMap<String, Bill>,
}

/// How soon the events of webhooks are in the table.
#[derive(Serialize, Deserialize)]
pub(crate) struct Latency {
    pub(crate) date: String,
    pub(crate) processor: String,
    pub(crate) cores: usize,
    pub(crate) load_before: String,
    pub(crate) load_after: String,
    /// Rate -> webhooks of a round.
    pub(crate) webhooks: BTreeMap<String, usize>,
    /// Rate -> from the 200 to the table, ms.
    pub(crate) p50_ms: Spreads,
    pub(crate) p99_ms: Spreads,
}

/// One size of body.
#[derive(Serialize, Deserialize)]
pub(crate) struct Grown {
    pub(crate) body_bytes: usize,
    pub(crate) cpu_ms: f64,
    pub(crate) peak_memory_mb: f64,
}

/// A function's size in megabytes.
#[derive(Serialize, Deserialize)]
pub(crate) struct Size {
    pub(crate) binary_mb: f64,
    pub(crate) zip_mb: f64,
}

/// A scenario's use and bills by architecture.
#[derive(Serialize, Deserialize)]
pub(crate) struct Cost {
    /// What one event uses.
    pub(crate) used: Use,
    pub(crate) bills: BTreeMap<String, Bill>,
}

/// A target and how far we are.
#[derive(Serialize, Deserialize)]
pub(crate) struct Target {
    pub(crate) what: String,
    pub(crate) wanted: String,
    pub(crate) measured: f64,
    pub(crate) is_met: bool,
}

impl Results {
    /// Takes the series in, with their ratios.
    pub(crate) fn take(&mut self, measured: &Measured) {
        for (what, series) in measured {
            let spreads = series
                .iter()
                .map(|(name, values)| (name.clone(), Spread::of(values)));
            self.measured.insert((*what).to_owned(), spreads.collect());
            let over_floor = self.over_floor.entry((*what).to_owned()).or_default();
            ratios(
                series,
                |_| Some(FLOOR),
                |ours, floor| (ours, floor),
                over_floor,
            );
            let peer_over = self.peer_over.entry((*what).to_owned()).or_default();
            ratios(series, peer, |ours, peer| (peer, ours), peer_over);
            let over_bare = self.over_bare.entry((*what).to_owned()).or_default();
            ratios(series, by_hand, |ours, bare| (ours, bare), over_bare);
        }
    }

    /// Takes the consumers' rates in.
    pub(crate) fn take_consume(&mut self, measured: &Measured) {
        for (batch, series) in measured {
            let spreads = series
                .iter()
                .map(|(name, values)| (name.clone(), Spread::of(values)));
            self.consume.insert((*batch).to_owned(), spreads.collect());
            let Some(ours) = series.get(CONSUMER) else {
                continue;
            };
            if let Some(peer) = series.get(PEER_CONSUMER) {
                let ratio = Spread::of_ratio(ours, peer);
                self.consume_over_peer.insert((*batch).to_owned(), ratio);
            }
            if let Some(bare) = series.get(BARE_CONSUMER) {
                let ratio = Spread::of_ratio(bare, ours); // of rates: the other way round
                self.consume_over_bare.insert((*batch).to_owned(), ratio);
            }
        }
    }

    /// Takes a function's growth in.
    pub(crate) fn take_growth(&mut self, name: &str, growth: Growth) {
        let grown = growth
            .into_iter()
            .map(|(body_bytes, cpu_ms, memory)| Grown {
                body_bytes,
                cpu_ms: round(cpu_ms),
                peak_memory_mb: round(memory),
            });
        self.growth.insert(name.to_owned(), grown.collect());
    }

    /// Measures the binaries; `deflate` at its best is what a zip has in it.
    pub(crate) fn take_sizes(&mut self, subjects: &[Subject]) -> Outcome<()> {
        let megabyte = 1024.0 * 1024.0;
        for subject in subjects.iter().filter(|s| !s.name.starts_with("python")) {
            let binary = std::fs::read(&subject.binary)?;
            let mut zip = DeflateEncoder::new(Vec::new(), Compression::best());
            zip.write_all(&binary)?;
            let size = Size {
                binary_mb: round(count(binary.len()) / megabyte),
                zip_mb: round(count(zip.finish()?.len()) / megabyte),
            };
            self.size.insert(subject.name.clone(), size);
        }
        Ok(())
    }

    /// One spread, or an empty one: a report of part of the measurements leaves the rest out.
    pub(crate) fn median(&self, what: &str, name: &str) -> f64 {
        let spread = self.measured.get(what).and_then(|s| s.get(name));
        spread.map_or(f64::NAN, |spread| spread.median)
    }

    pub(crate) fn write(&self, path: &Path) -> Outcome<()> {
        std::fs::write(path, serde_json::to_string_pretty(self)? + "\n")?;
        Ok(())
    }

    pub(crate) fn read(path: &Path) -> Outcome<Self> {
        Ok(serde_json::from_str(&std::fs::read_to_string(path)?)?)
    }
}

/// The Python peer of a function: of the receiver that it is written after, and of the consumer.
fn peer(name: &str) -> Option<&'static str> {
    match name {
        RECEIVER => Some(PEER_RECEIVER),
        CONSUMER => Some(PEER_CONSUMER),
        _ => None,
    }
}

/// The function by hand that does the same.
fn by_hand(name: &str) -> Option<&'static str> {
    match name {
        RECEIVER => Some(BARE_RECEIVER),
        CONSUMER => Some(BARE_CONSUMER),
        _ => None,
    }
}

fn ratios<'a>(
    series: &'a Series,
    other: impl Fn(&str) -> Option<&'static str>,
    order: impl Fn(&'a Vec<f64>, &'a Vec<f64>) -> (&'a Vec<f64>, &'a Vec<f64>),
    into: &mut Spreads,
) {
    for (name, values) in series {
        let other = other(name).filter(|other| other != name);
        if let Some(others) = other.and_then(|other| series.get(other)) {
            let (over, under) = order(values, others);
            into.insert(name.clone(), Spread::of_ratio(over, under));
        }
    }
}
