//! The event source mapping. It receives batches from a queue, invokes the function, and deletes
//! the messages that did not fail.
//!
//! Some behaviour is the same as on AWS (Lambda developer guide, "Using Lambda with Amazon SQS"). A
//! batch waits for its window. If a function dies, times out, or answers with a blank or unknown
//! `itemIdentifier`, its whole batch fails.
//!
//! One thing is different from AWS: waiting is faster. A failed message comes back after
//! [`Poller::retry_after`] instead of the queue's visibility timeout. If the function has hidden it
//! for a time of its own, [`Poller::retry_after`] stands for each minute of that.
//!
//! With faults, messages come twice and out of order here, as they may on AWS.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use shared::dead_letter::FIRST_MESSAGE_ID;
use sqs::{QueueHandle, Receive, Received};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::faults::{Fault, Faults};
use crate::lambda::Lambda;
use crate::template::{REGION, Source};

/// The most messages that one receive returns.
const RECEIVE: u32 = 10;
/// How long one receive waits for a first message.
const LONG_POLL: Duration = Duration::from_secs(20);

/// What happened to one message of a batch.
pub struct Handled<'a> {
    /// The message's id.
    pub message_id: &'a str,
    /// The message's body.
    pub body: &'a str,
    /// The ARN of the queue that the message is from.
    pub queue_arn: &'a str,
    /// Whether the function accepted it.
    pub stored: bool,
    /// How often it has been tried, this time included.
    pub attempt: u32,
    /// The id that it had when it was put aside first, if it was.
    pub first_id: Option<&'a str>,
}

/// Called for every message of every batch.
pub type Observer = Arc<dyn Fn(&Handled<'_>) + Send + Sync>;

/// An event source mapping.
pub struct Poller {
    /// The queue that messages come from.
    pub queue: QueueHandle,
    /// The template's settings.
    pub source: Source,
    /// The function that messages are passed to.
    pub function: Arc<Lambda>,
    /// The time after which a failed message is tried again, and which stands for a minute for
    /// which the function has hidden it.
    pub retry_after: Duration,
    /// Called for every message that was handled.
    pub observer: Observer,
    /// The faults that may strike on the way.
    pub faults: Faults,
}

/// A function's answer.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Answer {
    batch_item_failures: Option<Vec<ItemFailure>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ItemFailure {
    #[serde(default)]
    item_identifier: Option<String>,
}

impl Poller {
    /// Polls until the task is aborted.
    pub async fn run(self) {
        let poller = Arc::new(self);
        let permits = Arc::new(Semaphore::new(poller.source.concurrency));
        let mut batches = JoinSet::new();
        loop {
            let Ok(permit) = Arc::clone(&permits).acquire_owned().await else {
                return; // never closed
            };
            let (late, batch) = poller.hold_back(poller.next_batch().await);
            for (delay, message) in late {
                let (poller, permits) = (Arc::clone(&poller), Arc::clone(&permits));
                batches.spawn(async move {
                    sleep(delay).await;
                    let _permit = permits.acquire_owned().await; // never closed
                    poller.handle(&[message]).await;
                });
            }
            if batch.is_empty() {
                continue;
            }
            let poller = Arc::clone(&poller);
            batches.spawn(async move {
                poller.handle(&batch).await;
                drop(permit);
            });
            while batches.try_join_next().is_some() {}
        }
    }

    /// Waits for a first message, then for the batch to fill or its window to close.
    async fn next_batch(&self) -> Vec<Received> {
        let mut batch: Vec<Received> = Vec::new();
        let mut closes = None;
        while batch.len() < self.source.batch_size {
            let wait = match closes {
                None => LONG_POLL,
                Some(closes) => Instant::saturating_duration_since(&closes, Instant::now()),
            };
            let room = u32::try_from(self.source.batch_size - batch.len()).unwrap_or(RECEIVE);
            let ask = Receive {
                max: room.min(RECEIVE),
                visibility: None,
                wait: Some(wait.min(LONG_POLL)),
            };
            let received = self.queue.receive(&ask).await.unwrap_or_default();
            if closes.is_none() && !received.is_empty() {
                closes = Some(Instant::now() + self.source.window);
            }
            batch.extend(received);
            if closes.is_some_and(|closes| closes <= Instant::now()) {
                break;
            }
        }
        batch
    }

    /// Takes out the messages that others shall overtake, each with its delay.
    fn hold_back(&self, batch: Vec<Received>) -> (Vec<(Duration, Received)>, Vec<Received>) {
        let mut late = Vec::new();
        let mut in_time = Vec::new();
        for message in batch {
            match self.faults.strike(Fault::QueueReorder) {
                Some(mut strike) => late.push((strike.delay(), message)),
                None => in_time.push(message),
            }
        }
        (late, in_time)
    }

    /// Delivers some of the messages again. The function's answer for them changes nothing. This is
    /// as on AWS, where the message is deleted or visible again by then.
    async fn duplicate(&self, batch: &[Received]) {
        let mut again = Vec::new();
        let mut latest = Duration::ZERO;
        for message in batch {
            if let Some(mut strike) = self.faults.strike(Fault::QueueDuplicate) {
                latest = latest.max(strike.delay());
                again.push(message.clone());
            }
        }
        if !again.is_empty() {
            sleep(latest).await;
            let _ = self.invoke(&again).await;
        }
    }

    async fn invoke(&self, batch: &[Received]) -> Option<Bytes> {
        let records: Vec<Value> = batch.iter().map(|message| self.record(message)).collect();
        let event = json!({"Records": records}).to_string();
        self.function.invoke(Bytes::from(event)).await.ok()
    }

    async fn handle(&self, batch: &[Received]) {
        let (answer, ()) = tokio::join!(self.invoke(batch), self.duplicate(batch));
        let failed = answer.map_or_else(|| all(batch), |answer| self.failed(batch, &answer));
        for message in batch {
            let stored = !failed.contains(message.message_id.as_str());
            // The queue knows every handle that it gave out. If the message is gone, it stays gone.
            let handle = &message.receipt_handle;
            let _ = if stored {
                self.queue.delete(handle)
            } else {
                self.queue.change_visibility(handle, self.pause(message))
            };
            (self.observer)(&Handled {
                message_id: &message.message_id,
                body: &message.content.message().body,
                queue_arn: &self.queue.arn(),
                stored,
                attempt: message.receive_count,
                first_id: message.content.message().text(FIRST_MESSAGE_ID),
            });
        }
    }

    /// Returns how long a failed message is hidden.
    fn pause(&self, message: &Received) -> Duration {
        let visible_at = self.queue.visible_at(&message.receipt_handle);
        let hidden = match visible_at {
            Ok(Some(at)) if at != message.visible_at => at.duration_since(Instant::now()),
            _ => return self.retry_after,
        };
        self.retry_after.mul_f64(hidden.as_secs_f64() / 60.0)
    }

    /// Returns the ids of the messages that the function failed.
    fn failed<'a>(&self, batch: &'a [Received], answer: &[u8]) -> BTreeSet<&'a str> {
        if !self.source.reports_failures {
            return BTreeSet::new();
        }
        let answer: Option<Answer> = match serde_json::from_slice::<Option<Answer>>(answer) {
            Ok(answer) => answer,
            Err(_) => return all(batch), // not a partial batch response
        };
        let failures = answer
            .unwrap_or_default()
            .batch_item_failures
            .unwrap_or_default();
        let known = all(batch);
        let mut failed = BTreeSet::new();
        for failure in &failures {
            let id = failure.item_identifier.as_deref().unwrap_or_default();
            match known.get(id) {
                Some(id) => failed.insert(*id),
                None => return known,
            };
        }
        failed
    }

    fn record(&self, message: &Received) -> Value {
        json!({
            "messageId": message.message_id,
            "receiptHandle": message.receipt_handle,
            "body": message.content.message().body,
            "attributes": self.queue.system_attributes(message),
            "messageAttributes": attributes(message),
            "md5OfBody": message.content.md5_of_body(),
            "eventSource": "aws:sqs",
            "eventSourceARN": self.queue.arn(),
            "awsRegion": REGION,
        })
    }
}

/// Returns what the sender says about a message, as Lambda passes it. Text is all that the
/// functions send.
fn attributes(message: &Received) -> Map<String, Value> {
    let attributes = message.content.message().attributes.iter();
    let texts = attributes.filter_map(|(name, attribute)| {
        let text = attribute.value.as_text()?;
        let passed = json!({
            "stringValue": text,
            "stringListValues": [],
            "binaryListValues": [],
            "dataType": attribute.data_type,
        });
        Some((name.clone(), passed))
    });
    texts.collect()
}

fn all(batch: &[Received]) -> BTreeSet<&str> {
    batch
        .iter()
        .map(|message| message.message_id.as_str())
        .collect()
}
