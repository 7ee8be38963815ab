//! Waits after the storm until the queue is empty, and reads the dead letters.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{ChangeMessageVisibilityBatchRequestEntry, QueueAttributeName};
use shared::dead_letter::FIRST_MESSAGE_ID;
use tokio::time::{Instant, sleep};

use crate::error::Error;
use operator::redrive::first_id;
use operator::services::Services;
use operator::{self, Target};

/// How long the queue may stay unchanged before the storm gives it up.
const PATIENCE: Duration = Duration::from_mins(4);
const LOOK: Duration = Duration::from_millis(200);
/// How many looks in a row must find the queue empty.
const LOOKS: usize = 3;
/// How long dead letters are hidden while they are read, in seconds.
const HIDDEN: i32 = 600;

/// The queue and its dead-letter queue.
struct Queues<'a> {
    services: &'a Services,
    client: Client,
    deliveries: &'a str,
    dead: &'a str,
}

impl<'a> Queues<'a> {
    fn of(target: &'a Target) -> Self {
        Self {
            services: target.queues(),
            client: target.queues().sqs(),
            deliveries: target.queue_url(),
            dead: target.dead_letter_queue_url(),
        }
    }

    /// Waits until every message has been stored or put aside.
    ///
    /// # Errors
    /// Returns [`Error::Stuck`] if nothing has moved for a long time.
    async fn drained(&self) -> Result<(), Error> {
        let mut fewest = usize::MAX;
        let mut moved = Instant::now();
        let mut empty = 0;
        while empty < LOOKS {
            let left = counted(self.services, &self.client, self.deliveries).await?;
            empty = if left == 0 { empty + 1 } else { 0 };
            if left < fewest {
                (fewest, moved) = (left, Instant::now());
            }
            if moved.elapsed() > PATIENCE {
                return Err(Error::Stuck(left));
            }
            sleep(LOOK).await;
        }
        Ok(())
    }

    /// Reads the bodies of the dead letters, each once. The messages stay where they are.
    ///
    /// # Errors
    /// Returns [`Error::Operator`] if the queue cannot be read.
    async fn dead(&self) -> Result<Vec<String>, operator::Error> {
        let failed = |error: &dyn std::error::Error| {
            let what = "the dead-letter queue cannot be read";
            self.services.failed(what, error)
        };
        let mut bodies = Vec::new();
        let mut letters = BTreeSet::new();
        let mut handles = Vec::new();
        loop {
            let receive = self.client.receive_message().queue_url(self.dead);
            let receive = receive
                .max_number_of_messages(10)
                .message_attribute_names(FIRST_MESSAGE_ID)
                .visibility_timeout(HIDDEN);
            let received = receive.send().await.map_err(|error| failed(&error))?;
            let messages = received.messages.unwrap_or_default();
            if messages.is_empty() {
                break;
            }
            for message in messages {
                let first_id = first_id(&message).map(str::to_owned);
                let body = message.body.unwrap_or_default();
                if first_id.is_none_or(|id| letters.insert((id, body.clone()))) {
                    bodies.push(body);
                }
                handles.extend(message.receipt_handle);
            }
        }
        for page in handles.chunks(10) {
            let entries = page.iter().enumerate().map(|(place, handle)| {
                ChangeMessageVisibilityBatchRequestEntry::builder()
                    .id(place.to_string())
                    .receipt_handle(handle)
                    .visibility_timeout(0)
                    .build()
            });
            // The builder fails only for a missing field, and none is missing.
            let entries: Vec<_> = entries.filter_map(Result::ok).collect();
            let show = self.client.change_message_visibility_batch();
            let show = show.queue_url(self.dead).set_entries(Some(entries));
            show.send().await.map_err(|error| failed(&error))?;
        }
        Ok(bodies)
    }
}

/// Counts the messages of a queue of the target, in every state.
///
/// # Errors
/// Returns [`Error::Operator`] if the queue cannot be read.
pub(crate) async fn count(target: &Target, url: &str) -> Result<usize, operator::Error> {
    let services = target.queues();
    counted(services, &services.sqs(), url).await
}

async fn counted(
    services: &Services,
    client: &Client,
    url: &str,
) -> Result<usize, operator::Error> {
    let attributes = client.get_queue_attributes().queue_url(url);
    let attributes = attributes.attribute_names(QueueAttributeName::All);
    let attributes = attributes
        .send()
        .await
        .map_err(|error| services.failed("the queue cannot be read", &error))?;
    let attributes = attributes.attributes.unwrap_or_default();
    let count = |name| -> Option<usize> { attributes.get(&name)?.parse().ok() };
    let states = [
        QueueAttributeName::ApproximateNumberOfMessages,
        QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        QueueAttributeName::ApproximateNumberOfMessagesDelayed,
    ];
    Ok(states.into_iter().filter_map(count).sum())
}

/// Waits until everything in the target's queue is stored or put aside. Returns the bodies of the
/// dead letters.
///
/// # Errors
/// Returns [`Error::Stuck`] if nothing moves for minutes. Returns [`Error::Operator`] if a queue
/// cannot be read.
pub async fn settle(target: &Target) -> Result<Vec<String>, Error> {
    let queues = Queues::of(target);
    queues.drained().await?;
    Ok(queues.dead().await?)
}
