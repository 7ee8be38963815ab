//! The queue of what is on its way out, as its senders see it. It is a fair queue: a message's
//! group is its endpoint, so that none delays the others.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, MessageAttributeValue, SendMessageBatchRequestEntry,
};
use jiff::Timestamp;
use shared::dead_letter::{CODE, FAILED_AT};
use shared::time::rfc3339_ms;
use tokio::time::sleep;

/// The most messages that one call sends. They are keys of 16 KiB at most, so that their bytes need
/// no counting: a call may have 1 MiB.
pub const MOST: usize = 10;
/// How often the messages are sent again that a call has left out.
const RETRIES: u32 = 3;
/// How long the first of these waits. It doubles.
const PAUSE: Duration = Duration::from_millis(50);
/// The longest that the queue delays a message.
const LONGEST_DELAY: Duration = Duration::from_mins(15);

/// A message for the queue.
#[derive(Clone)]
pub struct Letter {
    /// The endpoint.
    pub group: String,
    /// The message, which is JSON.
    pub body: String,
    /// How long the queue keeps it back, to the nearest second.
    pub delay: Duration,
}

/// The queue.
#[derive(Clone)]
pub struct Outbox {
    client: Client,
    url: String,
}

impl Outbox {
    /// Returns the queue with this URL.
    #[must_use]
    pub fn new(client: Client, url: String) -> Self {
        Self { client, url }
    }

    /// Sends at most [`MOST`] messages. Returns, in their order, whether each is known to be in the
    /// queue.
    pub async fn send(&self, letters: &[Letter]) -> Vec<bool> {
        let mut left: BTreeMap<usize, &Letter> = letters.iter().enumerate().collect();
        let mut pause = PAUSE;
        for round in 0..=RETRIES {
            if round > 0 {
                sleep(pause).await;
                pause *= 2;
            }
            let Some(sent) = self.sent(&left).await else {
                break; // the SDK has tried often enough
            };
            left.retain(|place, _| !sent.contains(place));
            if left.is_empty() {
                break;
            }
        }
        (0..letters.len())
            .map(|place| !left.contains_key(&place))
            .collect()
    }

    /// Sends messages once. Returns the places of those that are in the queue.
    async fn sent(&self, letters: &BTreeMap<usize, &Letter>) -> Option<Vec<usize>> {
        let entries = letters.iter().filter_map(|(place, letter)| {
            let entry = SendMessageBatchRequestEntry::builder()
                .id(place.to_string())
                .message_group_id(&letter.group)
                .message_body(sendable(&letter.body))
                .set_delay_seconds(seconds(letter.delay));
            entry.build().ok() // it has an id and a body
        });
        let send = self.client.send_message_batch().queue_url(&self.url);
        let answer = send
            .set_entries(Some(entries.collect()))
            .send()
            .await
            .ok()?;
        let places = answer.successful.iter();
        let places = places.filter_map(|entry| entry.id.parse().ok());
        Some(places.collect())
    }

    /// Puts a message aside: this queue is the dead-letter queue. Returns whether it is there.
    pub async fn put_aside(&self, body: &str, code: &str, now: Timestamp) -> bool {
        let text = |text: String| {
            let value = MessageAttributeValue::builder().string_value(text);
            value.data_type("String").build().ok() // it has a type
        };
        let send = self.client.send_message().queue_url(&self.url);
        let send = [(CODE, code.to_owned()), (FAILED_AT, rfc3339_ms(now))]
            .into_iter()
            .filter_map(|(name, value)| Some((name, text(value)?)))
            .fold(send, |send, (name, value)| {
                send.message_attributes(name, value)
            });
        send.message_body(body).send().await.is_ok()
    }

    /// Hides at most [`MOST`] received messages, each by its receipt handle, for so long. One for
    /// which this fails comes back after the queue's visibility timeout.
    pub async fn hide(&self, messages: &[(&str, Duration)]) {
        let entries = messages.iter().enumerate();
        let entries = entries.filter_map(|(place, (handle, time))| {
            let entry = ChangeMessageVisibilityBatchRequestEntry::builder()
                .id(place.to_string())
                .receipt_handle(*handle)
                .visibility_timeout(i32::try_from(time.as_secs()).unwrap_or(i32::MAX));
            entry.build().ok() // it has an id and a handle
        });
        let change = self.client.change_message_visibility_batch();
        let change = change.queue_url(&self.url);
        let _ = change.set_entries(Some(entries.collect())).send().await;
    }
}

/// Returns JSON without the two characters that JSON leaves alone and SQS refuses. They can only be
/// in a string, so they are escaped. A stranger's address may have them.
#[must_use]
pub fn sendable(json: &str) -> String {
    json.replace('\u{fffe}', "\\ufffe")
        .replace('\u{ffff}', "\\uffff")
}

/// Returns a delay in whole seconds, if there is one.
fn seconds(delay: Duration) -> Option<i32> {
    let delay = delay.min(LONGEST_DELAY);
    let seconds = delay.saturating_add(Duration::from_millis(500)).as_secs();
    i32::try_from(seconds).ok().filter(|seconds| *seconds > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_sqs_refuses_is_escaped_and_reads_the_same() {
        let text = "a\u{fffe}\u{ffff}\u{fffd}\u{10ffff}\u{0}é";
        let json = serde_json::to_string(text).unwrap();
        let sendable = sendable(&json);
        assert!(!sendable.contains(['\u{fffe}', '\u{ffff}', '\0']));
        assert_eq!(serde_json::from_str::<String>(&sendable).unwrap(), text);
    }

    #[test]
    fn a_delay_is_whole_seconds_up_to_a_quarter_of_an_hour() {
        for (millis, wanted) in [
            (0, None),
            (499, None),
            (500, Some(1)),
            (5_499, Some(5)),
            (5_500, Some(6)),
            (900_000, Some(900)),
            (900_001, Some(900)),
            (u64::MAX, Some(900)),
        ] {
            assert_eq!(seconds(Duration::from_millis(millis)), wanted, "{millis}");
        }
    }
}
