//! Ends a batch: puts poison aside, hides what waits, logs what became of the messages, and answers
//! the queue.

use jiff::Timestamp;
use runtime::log;
use tokio::time::Instant;

use crate::event::{BatchResponse, ItemFailure, Record};
use crate::message::Message;
use crate::outcome::{MessageLine, StoredLine};
use crate::queues::{DeadLetter, PUTTING_ASIDE, Queues, TIME, hidden};
use crate::state::Consumer;
use crate::verdict::Trouble;

/// A message, and what is known about it.
type Known<'a> = (&'a Record, Message);

/// Ends a batch. A message is put aside before its end is reported, so that no crash loses it.
pub(crate) async fn answer(
    mut messages: Vec<Known<'_>>,
    consumer: &Consumer,
    now: Timestamp,
    deadline: Instant,
) -> BatchResponse {
    for (record, message) in &mut messages {
        message.verdict.age(record, now);
    }
    let queues = &consumer.queues;
    let (poison, rest): (Vec<_>, Vec<_>) = messages
        .into_iter()
        .partition(|(_, message)| message.verdict.is_poison());
    let (put_aside, ()) = tokio::join!(
        put_aside(&poison, queues, now, deadline + PUTTING_ASIDE),
        consumer
            .ended
            .cross_out(&consumer.store, now, deadline + PUTTING_ASIDE),
    );
    let (done, waiting): (Vec<_>, Vec<_>) = rest
        .into_iter()
        .partition(|(_, message)| !message.verdict.waits());

    // What could not be put aside stays in the queue, all of it.
    let poison = poison.into_iter().zip(put_aside);
    let (put_aside, kept): (Vec<_>, Vec<_>) = poison.partition(|(_, is_put_aside)| *is_put_aside);
    let put_aside: Vec<Known<'_>> = put_aside.into_iter().map(|(known, _)| known).collect();
    let kept = kept.into_iter().map(|((record, mut message), _)| {
        message.verdict.fail(Trouble::PUT_ASIDE_FAILED);
        (record, message)
    });
    let waiting: Vec<Known<'_>> = waiting.into_iter().chain(kept).collect();

    let hiding = waiting.iter().map(|(record, _)| {
        let handle = record.receipt_handle.as_str();
        (handle, hidden(record.receives()))
    });
    // All records of a batch are of one queue.
    let queue = waiting
        .first()
        .map(|(record, _)| record.event_source_arn.as_str());
    let hiding = hiding.collect();
    queues
        .hide(queue.unwrap_or_default(), hiding, deadline + TIME)
        .await;

    tell(&done, &put_aside, &waiting, now);
    let failures = waiting.iter().map(|(record, _)| ItemFailure {
        item_identifier: record.message_id.clone(),
    });
    BatchResponse {
        batch_item_failures: failures.collect(),
    }
}

/// Sends what is bad of each message to the dead-letter queue. Returns whether it is there.
async fn put_aside(
    poison: &[Known<'_>],
    queues: &Queues,
    now: Timestamp,
    deadline: Instant,
) -> Vec<bool> {
    let letters = poison.iter().map(|(record, message)| {
        let codes: Vec<&str> = message.verdict.codes().into_iter().collect();
        DeadLetter {
            body: message.verdict.letter(record),
            code: codes.join(","),
            failed_at: now,
            first_message_id: record.first_message_id(),
        }
    });
    queues.put_aside(letters, deadline).await
}

fn tell(done: &[Known<'_>], put_aside: &[Known<'_>], waiting: &[Known<'_>], now: Timestamp) {
    let done = done.iter().map(|known| (known, true));
    let others = put_aside.iter().chain(waiting).map(|known| (known, false));
    let all = done.chain(others);
    let stored = all.map(|((record, message), is_done)| (*record, &message.counts, is_done));
    for line in StoredLine::of(stored, now) {
        log::line(&line);
    }
    for (record, message) in put_aside {
        log::line(&MessageLine::put_aside(record, message, now));
    }
    for (record, message) in waiting {
        let seconds = hidden(record.receives()).as_secs();
        log::line(&MessageLine::waiting(record, message, seconds, now));
    }
}
