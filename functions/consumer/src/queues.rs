//! The queue that messages come from, and the dead-letter queue. The consumer puts poison aside
//! itself, and lets what waits for the table wait longer each time.
//!
//! SQS would do both worse: it moves a message when it was received too often, whatever the reason,
//! so that an outage of the table would move every good webhook.

use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{ChangeMessageVisibilityBatchRequestEntry, MessageAttributeValue};
use futures_util::stream::{self, StreamExt as _};
use jiff::Timestamp;
use shared::dead_letter::{CODE, FAILED_AT, FIRST_MESSAGE_ID};
use shared::delivery::MAX_SQS_MESSAGE;
use shared::time::rfc3339_ms;
use tokio::time::{Instant, timeout_at};

use crate::own_queues::OwnQueue;

/// The longest that putting messages aside and hiding others takes.
pub const TIME: Duration = Duration::from_secs(3);
/// The part of it that is for putting messages aside.
pub(crate) const PUTTING_ASIDE: Duration = Duration::from_secs(2);

/// How long a message is hidden after its first attempt. It doubles with each attempt.
const HIDDEN: Duration = Duration::from_mins(1);
/// The longest that a message is hidden for [`SOON`] receives. SQS counts hidden messages as in
/// flight and gives out none while 120,000 are, so that a queue that many consumers have hidden
/// stands still for as long as this after the table is back.
const HIDDEN_SOON: Duration = Duration::from_mins(5);
/// For so many receives, the first sixteen hours of an outage. It cannot be for all of the 14 days:
/// these would be 4,000 receives, and the queue gives up a message after 1,000.
const SOON: u32 = 200;
/// The longest that a message is hidden after that.
const HIDDEN_MOST: Duration = Duration::from_hours(1);
/// The most messages that one call hides.
const PAGE: usize = 10;
/// How many calls are under way at once.
const CONCURRENCY: usize = 8;

/// The two queues.
pub struct Queues {
    client: Client,
    url: String,
    dead_letters: String,
    own: Vec<OwnQueue>,
}

/// A message for the dead-letter queue.
pub(crate) struct DeadLetter<'a> {
    pub(crate) body: &'a str,
    pub(crate) code: String,
    pub(crate) failed_at: Timestamp,
    pub(crate) first_message_id: &'a str,
}

impl Queues {
    /// Returns the queue with this URL and its dead-letter queue.
    #[must_use]
    pub fn new(client: Client, url: String, dead_letters: String) -> Self {
        Self {
            client,
            url,
            dead_letters,
            own: Vec::new(),
        }
    }

    /// Returns the same with the queues of providers that have one of their own.
    #[must_use]
    pub fn with_own(self, own: Vec<OwnQueue>) -> Self {
        Self { own, ..self }
    }

    /// Returns the queues of providers that have one of their own.
    #[must_use]
    pub fn own(&self) -> &[OwnQueue] {
        &self.own
    }

    /// Returns the URL of the queue with this ARN.
    fn url_of(&self, arn: &str) -> &str {
        let own = self.own.iter().find(|queue| queue.arn == arn);
        own.map_or(&self.url, |queue| &queue.url)
    }

    /// Sends each message to the dead-letter queue. Returns, in their order, whether it is known to
    /// be there by the `deadline`.
    pub(crate) async fn put_aside(
        &self,
        letters: impl Iterator<Item = DeadLetter<'_>>,
        deadline: Instant,
    ) -> Vec<bool> {
        stream::iter(letters)
            .map(|letter| async move {
                let sent = timeout_at(deadline, self.send(letter)).await;
                sent.unwrap_or(false)
            })
            .buffered(CONCURRENCY)
            .collect()
            .await
    }

    async fn send(&self, letter: DeadLetter<'_>) -> bool {
        let attributes = [
            (CODE, letter.code),
            (FAILED_AT, rfc3339_ms(letter.failed_at)),
            (FIRST_MESSAGE_ID, letter.first_message_id.to_owned()),
        ];
        let bytes = attributes.iter().map(|(name, value)| {
            name.len() + value.len() + TEXT.len() // each is counted
        });
        let fits = letter.body.len() + bytes.sum::<usize>() <= MAX_SQS_MESSAGE;
        // No receiver writes a message that leaves no room. Somebody else's is put aside all the
        // same.
        let attributes = fits.then_some(attributes).into_iter().flatten();
        let attributes = attributes.filter_map(|(name, value)| {
            let value = MessageAttributeValue::builder().string_value(value);
            let value = value.data_type(TEXT).build().ok()?; // it has a type
            Some((name.to_owned(), value))
        });
        let sent = self
            .client
            .send_message()
            .queue_url(&self.dead_letters)
            .message_body(letter.body)
            .set_message_attributes(Some(attributes.collect()))
            .send();
        sent.await.is_ok()
    }

    /// Hides each message of a queue, by its receipt handle, for so long. A message for which this
    /// fails comes back after the queue's visibility timeout.
    pub(crate) async fn hide(&self, arn: &str, messages: Vec<(&str, Duration)>, deadline: Instant) {
        let url = self.url_of(arn);
        let hiding = stream::iter(messages.chunks(PAGE)).for_each_concurrent(
            CONCURRENCY,
            |page| async move {
                let entries = page
                    .iter()
                    .enumerate()
                    .filter_map(|(place, (handle, time))| {
                        ChangeMessageVisibilityBatchRequestEntry::builder()
                            .id(place.to_string())
                            .receipt_handle(*handle)
                            .visibility_timeout(i32::try_from(time.as_secs()).unwrap_or(i32::MAX))
                            .build()
                            .ok() // it has an id and a handle
                    });
                let change = self.client.change_message_visibility_batch();
                let change = change.queue_url(url);
                let _ = change.set_entries(Some(entries.collect())).send().await;
            },
        );
        let _ = timeout_at(deadline, hiding).await;
    }
}

/// The type of a message attribute that is text.
const TEXT: &str = "String";

/// Returns how long a message waits after so many receives: a minute, doubling to five, and an hour
/// once it has waited for sixteen.
#[must_use]
pub fn hidden(receives: u32) -> Duration {
    let doubled = 1_u32.checked_shl(receives.saturating_sub(1));
    let time = doubled.and_then(|times| HIDDEN.checked_mul(times));
    let most = if receives > SOON {
        HIDDEN_MOST
    } else {
        HIDDEN_SOON
    };
    time.map_or(most, |time| time.min(most))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::hidden;

    #[test]
    fn a_message_waits_a_minute_and_twice_as_long_each_time_up_to_five_and_at_last_an_hour() {
        let minutes: Vec<u64> = [0, 1, 2, 3, 4, 5, 31, 32, 33, 200, 201, 1_000, u32::MAX]
            .map(|receives| hidden(receives).as_secs() / 60)
            .into();
        assert_eq!(minutes, [1, 1, 2, 4, 5, 5, 5, 5, 5, 5, 60, 60, 60]);
    }

    #[test]
    fn the_queue_gives_up_no_message_before_its_14_days() {
        let most = Duration::from_hours(14 * 24);
        let waits = (1..).map(hidden).scan(Duration::ZERO, |waited, time| {
            *waited += time;
            Some(*waited)
        });
        let receives = waits.take_while(|waited| *waited < most).count();
        // A thousand is `maxReceiveCount` in the template. What is received twice at once counts,
        // too.
        assert!(receives < 600, "{receives}");
    }
}
