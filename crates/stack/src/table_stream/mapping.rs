//! The mapping at work.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::batch::{Verdict, halves, verdict};
use super::position::Position;
use super::reader::{Reader, Record};
use crate::faults::{Fault, Faults};
use crate::lambda::{Lambda, PAYLOAD_BYTES};
use crate::template::StreamSource;

/// The time between two looks at a stream that has nothing new. AWS looks four times a second.
const POLL: Duration = Duration::from_millis(50);
/// What an event has besides its records, and more.
const ENVELOPE_BYTES: usize = 1024;

/// An event source mapping from a table's stream.
pub(crate) struct Mapping {
    /// The template's settings.
    pub(crate) source: StreamSource,
    /// The stream.
    pub(crate) reader: Reader,
    /// How far the mapping has come.
    pub(crate) position: Position,
    /// The function that records are passed to.
    pub(crate) function: Arc<Lambda>,
    /// The time after which a failed batch is tried again.
    pub(crate) retry_after: Duration,
    /// The faults that may strike on the way.
    pub(crate) faults: Faults,
}

impl Mapping {
    /// Passes records on until the task is aborted.
    pub(crate) async fn run(self) {
        loop {
            let read = self
                .reader
                .after(self.position.last(), self.source.batch_size);
            // What cannot be read now is read later.
            let records = read.await.unwrap_or_default();
            let Some(last) = records.last().map(|record| record.sequence.clone()) else {
                sleep(POLL).await;
                continue;
            };
            let wanted = records.into_iter().filter(|record| self.wants(record));
            for batch in cut(wanted, PAYLOAD_BYTES - ENVELOPE_BYTES) {
                self.pass_on(batch).await;
            }
            // Those behind the last one that was passed on are not wanted.
            self.position.pass(&last);
        }
    }

    fn wants(&self, record: &Record) -> bool {
        let patterns = &self.source.patterns;
        let mut met = patterns
            .iter()
            .map(|pattern| pattern.is_met_by(Some(&record.passed)));
        patterns.is_empty() || met.any(|is_met| is_met)
    }

    /// Passes a batch on until the function has accepted all of it.
    async fn pass_on(&self, batch: Vec<Record>) {
        let mut pending = VecDeque::from([batch]);
        while let Some(mut batch) = pending.pop_front() {
            if let Some(mut held) = self.faults.strike(Fault::StreamHold) {
                sleep(held.delay()).await;
            }
            let (answer, ()) = tokio::join!(self.invoke(&batch), self.duplicate(&batch));
            let reports = self.source.reports_failures;
            let left = match verdict(&batch, answer.as_deref(), reports) {
                Verdict::Done => {
                    self.pass(&batch);
                    continue;
                }
                Verdict::From(place) => {
                    let left = batch.split_off(place);
                    self.pass(&batch);
                    vec![left]
                }
                Verdict::Failed if self.source.bisects => halves(batch),
                Verdict::Failed => vec![batch],
            };
            for batch in left.into_iter().rev() {
                pending.push_front(batch);
            }
            sleep(self.retry_after).await;
        }
    }

    /// Notes that a batch is done with.
    fn pass(&self, batch: &[Record]) {
        if let Some(last) = batch.last() {
            self.position.pass(&last.sequence);
        }
    }

    async fn invoke(&self, batch: &[Record]) -> Option<Bytes> {
        let records: Vec<&Value> = batch.iter().map(|record| &record.passed).collect();
        let event = json!({"Records": records}).to_string();
        self.function.invoke(Bytes::from(event)).await.ok()
    }

    /// Hands a batch over a second time. The function's answer changes nothing.
    async fn duplicate(&self, batch: &[Record]) {
        if let Some(mut strike) = self.faults.strike(Fault::StreamDuplicate) {
            sleep(strike.delay()).await;
            let _ = self.invoke(batch).await;
        }
    }
}

/// Cuts records into batches, so that an event with one of them has at most so many bytes. A record
/// that is too large is a batch of its own.
fn cut(records: impl Iterator<Item = Record>, most: usize) -> Vec<Vec<Record>> {
    let mut batches: Vec<Vec<Record>> = Vec::new();
    let mut bytes = 0;
    for record in records {
        let size = record.passed.to_string().len() + 1;
        match batches.last_mut() {
            Some(batch) if bytes + size <= most => {
                bytes += size;
                batch.push(record);
            }
            _ => {
                bytes = size;
                batches.push(vec![record]);
            }
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_has_no_more_bytes_than_an_event_may_have() {
        let records = ["a", "b", "cccccccccccc", "d"].map(|text| Record {
            sequence: text.to_owned(),
            passed: json!(text),
        });
        let batches = cut(records.into_iter(), 8);
        let sizes: Vec<usize> = batches.iter().map(Vec::len).collect();
        assert_eq!(sizes, [2, 1, 1]);
    }
}
