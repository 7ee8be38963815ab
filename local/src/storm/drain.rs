//! After the storm: waits until the queue is empty, and reads what is dead.

use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{ChangeMessageVisibilityBatchRequestEntry, QueueAttributeName};
use tokio::time::{Instant, sleep};

use crate::aws::Services;
use crate::functions;
use crate::redrive::DeadLetters;
use crate::template::{ACCOUNT, Template};

/// How long nothing may happen in the queue before it is given up.
const PATIENCE: Duration = Duration::from_mins(4);
const LOOK: Duration = Duration::from_millis(200);
/// So many looks in a row must find the queue empty.
const LOOKS: usize = 3;
/// How long dead letters are hidden while they are read, in seconds.
const HIDDEN: i32 = 600;

/// How often dead letters are redriven before they are called dead.
const REDRIVES: usize = 3;

/// The queue and its dead-letter queue.
struct Queues {
    services: Services,
    client: Client,
    deliveries: String,
    dead: String,
}

impl Queues {
    /// The template's, in the queue service at this port.
    ///
    /// # Errors
    /// A text for the person at the terminal.
    fn new(port: u16) -> Result<Self, String> {
        let template = Template::read(&functions::root().join("template.yaml"), &[], "")
            .map_err(|error| error.to_string())?;
        let target = |(name, queue): (&String, &serde_json::Value)| {
            let arn = queue.pointer("/RedrivePolicy/deadLetterTargetArn")?;
            Some((name.clone(), arn.as_str()?.rsplit(':').next()?.to_owned()))
        };
        let (deliveries, dead) = template
            .queues
            .iter()
            .find_map(target)
            .ok_or("the template has no queue with a dead-letter queue")?;
        let url = |name: &str| format!("http://127.0.0.1:{port}/{ACCOUNT}/{name}");
        let services = Services::local(format!("127.0.0.1:{port}"));
        Ok(Self {
            client: services.sqs(),
            services,
            deliveries: url(&deliveries),
            dead: url(&dead),
        })
    }

    /// Waits until every message has been stored or has died.
    ///
    /// # Errors
    /// A text for the person at the terminal: nothing has moved for a long time.
    async fn drained(&self) -> Result<(), String> {
        let mut fewest = usize::MAX;
        let mut moved = Instant::now();
        let mut empty = 0;
        while empty < LOOKS {
            let left = self.count(&self.deliveries).await?;
            empty = if left == 0 { empty + 1 } else { 0 };
            if left < fewest {
                (fewest, moved) = (left, Instant::now());
            }
            if moved.elapsed() > PATIENCE {
                return Err(format!("{left} messages stay in the queue"));
            }
            sleep(LOOK).await;
        }
        Ok(())
    }

    /// The bodies of the dead letters; they stay where they are.
    ///
    /// # Errors
    /// A text for the person at the terminal.
    async fn dead(&self) -> Result<Vec<String>, String> {
        let failed = |error: &dyn std::error::Error| {
            let what = "the dead-letter queue cannot be read";
            self.services.failed(what, error)
        };
        let mut bodies = Vec::new();
        let mut handles = Vec::new();
        loop {
            let receive = self.client.receive_message().queue_url(&self.dead);
            let receive = receive
                .max_number_of_messages(10)
                .visibility_timeout(HIDDEN);
            let received = receive.send().await.map_err(|error| failed(&error))?;
            let messages = received.messages.unwrap_or_default();
            if messages.is_empty() {
                break;
            }
            for message in messages {
                bodies.extend(message.body);
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
            let entries: Vec<_> = entries
                .collect::<Result<_, _>>()
                .map_err(|error| error.to_string())?;
            let show = self.client.change_message_visibility_batch();
            let show = show.queue_url(&self.dead).set_entries(Some(entries));
            show.send().await.map_err(|error| failed(&error))?;
        }
        Ok(bodies)
    }

    /// The messages of a queue, whatever their state.
    async fn count(&self, url: &str) -> Result<usize, String> {
        let attributes = self.client.get_queue_attributes().queue_url(url);
        let attributes = attributes.attribute_names(QueueAttributeName::All);
        let attributes = attributes
            .send()
            .await
            .map_err(|error| self.services.failed("the queue cannot be read", &error))?;
        let attributes = attributes.attributes.unwrap_or_default();
        let count = |name| -> Option<usize> { attributes.get(&name)?.parse().ok() };
        let states = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
            QueueAttributeName::ApproximateNumberOfMessagesDelayed,
        ];
        Ok(states.into_iter().filter_map(count).sum())
    }
}

/// Waits until everything in the queue service at this port is stored or dead, redrives what is dead and could be stored,
/// and returns the bodies of what stays dead, and how much was redriven.
///
/// # Errors
/// A text for the person at the terminal.
pub async fn settle(port: u16) -> Result<(Vec<String>, u64), String> {
    let queues = Queues::new(port)?;
    let mut redriven = 0;
    queues.drained().await?;
    let mut dead = queues.dead().await?;
    for _ in 0..REDRIVES {
        let could_be_stored = dead.iter().filter(|letter| {
            let normalized = consumer::normalize(letter);
            normalized.is_ok_and(|normalized| normalized.malformed.is_empty())
        });
        let count = could_be_stored.count() as u64;
        if count == 0 {
            break;
        }
        redriven += count;
        let letters = DeadLetters::local(format!("127.0.0.1:{port}")).await?;
        letters.redrive(None).await?;
        queues.drained().await?;
        dead = queues.dead().await?;
    }
    Ok((dead, redriven))
}
