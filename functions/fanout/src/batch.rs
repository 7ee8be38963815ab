//! Processes a batch of the stream: each record on its own, so that none stands in another's way.
//!
//! A batch has as many messages as endpoints want. They are sent in the order of the stream. At the
//! first that cannot be sent the batch ends: everything from its record on comes again.

use futures_util::stream::{self, StreamExt as _};
use jiff::Timestamp;
use outlets::announce::{Said, announced};
use outlets::endpoint::Endpoint;
use outlets::message::Message;
use outlets::store::Cached;
use outlets::stream::{Record, StreamAnswer};
use runtime::log;
use runtime::outbox::{Letter, MOST, Outbox, sendable};
use serde_json::{Value, json};
use tokio::time::{Duration, Instant, timeout_at};

use crate::line::{BatchLine, Counts, UnreadableLine};
use crate::told::{caught, messages, said};

/// How many calls are under way at once.
const CONCURRENCY: usize = 8;
/// The code of a record that was put aside.
const UNREADABLE: &str = "record_unreadable";

/// What a process of fanout keeps from batch to batch.
pub(crate) struct Fanout {
    pub(crate) endpoints: Cached,
    pub(crate) outbox: Outbox,
    pub(crate) dead_letters: Outbox,
    pub(crate) max_age_days: u32,
}

/// Why the batch ends at a record.
pub(crate) struct Stop {
    /// The place of the record.
    pub(crate) at: usize,
    code: &'static str,
}

/// Enqueues what a batch announces, by the `deadline`. Returns the record from which on everything
/// must come again.
///
/// # Errors
/// Returns an error if that record cannot be named.
pub(crate) async fn process(
    records: Vec<Value>,
    fanout: &Fanout,
    request_id: &str,
    now: Timestamp,
    deadline: Instant,
) -> Result<StreamAnswer, &'static str> {
    let records: Vec<Record> = records.into_iter().map(read).collect();
    let said: Vec<Said> = records
        .iter()
        .map(|record| said(record, |change| announced(change, now, fanout.max_age_days)))
        .collect();
    let mut counts = counted(&said);
    let stopped = told(
        &records,
        &said,
        fanout,
        &mut counts,
        request_id,
        now,
        deadline,
    )
    .await;
    counts.again = stopped.as_ref().map_or(0, |stop| records.len() - stop.at);
    let code = stopped.as_ref().map(|stop| stop.code);
    log::line(&BatchLine::new(&counts, code, request_id, now));
    answer(&records, stopped.as_ref())
}

fn answer(records: &[Record], stopped: Option<&Stop>) -> Result<StreamAnswer, &'static str> {
    let failed = stopped.and_then(|stop| records.get(stop.at));
    let number = failed.map(|record| record.sequence_number.clone());
    match number.as_deref() {
        // A blank number would fail the whole batch, in a less obvious way.
        Some("") => Err("a record that failed has no sequence number"),
        _ => Ok(StreamAnswer::from(number)),
    }
}

/// Reads a record. One whose reading panics is like one that is nothing.
fn read(record: Value) -> Record {
    caught(|| Record::of(record)).unwrap_or_else(|| Record::of(Value::Null))
}

fn counted(said: &[Said]) -> Counts {
    let mut counts = Counts {
        records: said.len(),
        ..Counts::default()
    };
    for said in said {
        match said {
            Said::Facts(facts) => counts.announced += facts.len(),
            Said::TooOld => counts.too_old += 1,
            Said::Nothing => counts.not_announced += 1,
            Said::Unreadable => counts.unreadable += 1,
        }
    }
    counts
}

/// Tells the endpoints what the records announce. Returns why and where it stopped, if it did.
async fn told(
    records: &[Record],
    said: &[Said],
    fanout: &Fanout,
    counts: &mut Counts,
    request_id: &str,
    now: Timestamp,
    deadline: Instant,
) -> Option<Stop> {
    let first = said.iter().position(|said| matches!(said, Said::Facts(_)));
    let endpoints = match first {
        Some(at) => match timeout_at(deadline, fanout.endpoints.endpoints(now)).await {
            Ok(Ok(endpoints)) => endpoints,
            _ => {
                return Some(Stop {
                    at,
                    code: "endpoints_unread",
                });
            }
        },
        None => Vec::new().into(),
    };
    let (letters, unreadable) = letters(records, said, &endpoints, now);
    counts.unreadable = unreadable.len();
    let (sent, unsent) = send(&letters, &fanout.outbox, deadline).await;
    counts.messages = sent;
    let put_aside = put_aside(records, &unreadable, fanout, request_id, now, deadline).await;
    [unsent, put_aside]
        .into_iter()
        .flatten()
        .min_by_key(|stop| stop.at)
}

/// Returns the letters, each with the place of its record, and the places of the records that
/// cannot be read.
fn letters(
    records: &[Record],
    said: &[Said],
    endpoints: &[Endpoint],
    now: Timestamp,
) -> (Vec<(usize, Letter)>, Vec<usize>) {
    let (mut letters, mut unreadable) = (Vec::new(), Vec::new());
    for (place, (record, said)) in records.iter().zip(said).enumerate() {
        match messages(record, said, endpoints, now) {
            Some(messages) if *said != Said::Unreadable => {
                letters.extend(messages.iter().map(|message| (place, letter(message))));
            }
            _ => unreadable.push(place),
        }
    }
    (letters, unreadable)
}

fn letter(message: &Message) -> Letter {
    Letter {
        group: message.group(),
        body: message.encode(),
        delay: Duration::ZERO,
    }
}

/// Sends letters in their order, until one cannot be sent. Returns how many were sent.
async fn send(
    letters: &[(usize, Letter)],
    outbox: &Outbox,
    deadline: Instant,
) -> (usize, Option<Stop>) {
    let mut calls = stream::iter(letters.chunks(MOST))
        .map(|part| async move {
            let bodies: Vec<Letter> = part.iter().map(|(_, letter)| letter.clone()).collect();
            let sent = timeout_at(deadline, outbox.send(&bodies)).await;
            (part, sent.unwrap_or_default())
        })
        .buffered(CONCURRENCY);
    let mut count = 0;
    while let Some((part, sent)) = calls.next().await {
        let is_sent = |place: usize| sent.get(place).copied().unwrap_or(false);
        count += (0..part.len()).filter(|place| is_sent(*place)).count();
        let unsent = part.iter().enumerate().find(|(place, _)| !is_sent(*place));
        if let Some((_, (at, _))) = unsent {
            let code = "send_failed";
            return (count, Some(Stop { at: *at, code }));
        }
    }
    (count, None)
}

/// Puts the keys of records that cannot be read aside. Nothing else of them is kept: it may be
/// anything.
async fn put_aside(
    records: &[Record],
    unreadable: &[usize],
    fanout: &Fanout,
    request_id: &str,
    now: Timestamp,
    deadline: Instant,
) -> Option<Stop> {
    for at in unreadable {
        let Some(record) = records.get(*at) else {
            continue;
        };
        let number = record.sequence_number.as_str();
        let body = match &record.key {
            Some((pk, sk)) => json!({"pk": pk, "sk": sk}),
            None => json!({"sequence_number": number}),
        };
        let body = sendable(&body.to_string());
        let sent = fanout.dead_letters.put_aside(&body, UNREADABLE, now);
        if !timeout_at(deadline, sent).await.unwrap_or(false) {
            let code = "put_aside_failed";
            return Some(Stop { at: *at, code });
        }
        log::line(&UnreadableLine::new(number, request_id, now));
    }
    None
}

#[cfg(test)]
mod tests;
