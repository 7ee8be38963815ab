//! Shows what is in the dead-letter queue, and moves it back after a fix.
//!
//! Looking changes only a message's receive count, which means nothing in a dead-letter queue. A
//! message is hidden while the plan is made, and then made visible again. If this process is killed
//! in between, the message comes back after two minutes.
//!
//! A body never leaves this module: only the provider's name and a code do.

mod plan;

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, ListMessageMoveTasksResultEntry, Message,
    MessageSystemAttributeName, QueueAttributeName,
};
use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt as _};
use jiff::Timestamp;
use serde::Serialize;
use shared::dead_letter::FIRST_MESSAGE_ID;
use shared::time::{from_millis, rfc3339_ms};
use tokio::time::{Instant, sleep};

use super::error::Error;
use super::print::now;
use super::services::Services;
use super::target::Target;

pub use plan::{HEADER, Plan, Row, STORED, STORED_IF_AGREED, STORED_IF_FIRST, verdict};

/// The most messages that a plan reads.
pub const PLAN_MESSAGES: usize = 10_000;

/// How long a message is hidden while the plan is made, in seconds.
const HIDDEN: i32 = 120;
/// How long a plan reads at most.
const READING: Duration = Duration::from_mins(1);
/// The most messages that one call handles.
const PAGE: usize = 10;
/// How many calls are under way at once.
const CONCURRENCY: usize = 8;
/// The longest pause between two looks at a move task.
const LOOK: Duration = Duration::from_secs(30);

/// A dead-letter queue.
pub struct DeadLetters {
    services: Services,
    client: Client,
    url: String,
    arn: String,
    /// The queue that messages move to, if only one queue sends its dead letters here. If several
    /// do, each message goes back to the queue that it came from. One that the consumer put aside
    /// itself came from none, and ends such a move.
    destination: Option<String>,
}

/// What a redrive did.
#[derive(Debug, Serialize)]
pub struct Receipt {
    /// When the last message had moved.
    pub redriven_at: String,
    /// The dead-letter queue.
    pub queue: String,
    /// How many messages moved.
    pub moved: i64,
    /// How many messages were to move.
    pub to_move: i64,
}

impl DeadLetters {
    /// Opens the target's dead-letter queue.
    ///
    /// # Errors
    /// Returns the errors of [`DeadLetters::open`].
    pub async fn of(target: &Target) -> Result<Self, Error> {
        let url = target.outputs.dead_letter_queue_url.clone();
        Self::open(target.queues.clone(), url).await
    }

    /// Opens the dead-letter queue with this URL. Any other queue is refused before anything is
    /// read from it, because a receive counts there.
    ///
    /// # Errors
    /// Returns [`Error::NotADeadLetterQueue`] if no queue sends its dead letters there. Returns
    /// [`Error::Service`] if the queue cannot be read.
    pub async fn open(services: Services, url: String) -> Result<Self, Error> {
        let client = services.sqs();
        let failed =
            |error: &dyn std::error::Error| services.failed("the queue cannot be read", error);
        let sources = client.list_dead_letter_source_queues().queue_url(&url);
        let sources = sources.send().await.map_err(|error| failed(&error))?;
        let destination = match sources.queue_urls() {
            [] => return Err(Error::NotADeadLetterQueue(url)),
            [source] => Some(arn(&client, source).await.map_err(|error| failed(&error))?),
            _ => None,
        };
        let arn = arn(&client, &url).await.map_err(|error| failed(&error))?;
        Ok(Self {
            services,
            client,
            url,
            arn,
            destination,
        })
    }

    /// Reads at most `limit` messages, and makes them visible again.
    ///
    /// # Errors
    /// Returns [`Error::Service`] if the queue cannot be read.
    pub async fn plan(&self, limit: usize) -> Result<Plan, Error> {
        let mut plan = self.counts().await?;
        let mut hidden = BTreeMap::new();
        let read = self.read(limit, &mut plan, &mut hidden).await;
        self.show(hidden.into_values().collect()).await;
        let is_all = read?;
        plan.is_sample = !is_all && plan.estimate > plan.read;
        Ok(plan)
    }

    async fn counts(&self) -> Result<Plan, Error> {
        let attributes = self
            .client
            .get_queue_attributes()
            .queue_url(&self.url)
            .attribute_names(QueueAttributeName::ApproximateNumberOfMessages)
            .attribute_names(QueueAttributeName::ApproximateNumberOfMessagesNotVisible)
            .send()
            .await
            .map_err(|error| self.failed("the queue cannot be read", &error))?;
        let attributes = attributes.attributes.unwrap_or_default();
        let count = |name| attributes.get(&name).and_then(|text| text.parse().ok());
        Ok(Plan {
            estimate: count(QueueAttributeName::ApproximateNumberOfMessages).unwrap_or_default(),
            elsewhere: count(QueueAttributeName::ApproximateNumberOfMessagesNotVisible)
                .unwrap_or_default(),
            ..Plan::default()
        })
    }

    /// Reads until the queue has nothing more to show. Returns whether it read everything. `hidden`
    /// holds the receipt handles by message id.
    async fn read(
        &self,
        limit: usize,
        plan: &mut Plan,
        hidden: &mut BTreeMap<String, String>,
    ) -> Result<bool, Error> {
        let started = Instant::now();
        while plan.read < limit && started.elapsed() < READING {
            let wanted = limit - plan.read;
            let pages = (0..CONCURRENCY)
                .map(|place| wanted.saturating_sub(place * PAGE).min(PAGE))
                .filter(|size| *size > 0);
            let mut is_empty = false;
            for received in join_all(pages.map(|size| self.receive(size))).await {
                let messages = received?;
                is_empty |= messages.is_empty();
                for message in messages {
                    let id = message.message_id.clone().unwrap_or_default();
                    let handle = message.receipt_handle.clone().unwrap_or_default();
                    // A queue sometimes shows a message twice. Its latest handle counts.
                    if hidden.insert(id, handle).is_none() {
                        let body = message.body().unwrap_or_default();
                        plan.add(body, first_id(&message), sent(&message));
                    }
                }
            }
            if is_empty {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn receive(&self, size: usize) -> Result<Vec<Message>, Error> {
        let received = self
            .client
            .receive_message()
            .queue_url(&self.url)
            .max_number_of_messages(i32::try_from(size).unwrap_or(1))
            .visibility_timeout(HIDDEN)
            // A long poll asks all of the queue's servers, so an empty answer means an empty queue.
            .wait_time_seconds(1)
            .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp)
            .message_attribute_names(FIRST_MESSAGE_ID)
            .send()
            .await
            .map_err(|error| self.failed("the queue cannot be read", &error))?;
        Ok(received.messages.unwrap_or_default())
    }

    /// Makes messages visible again. If this fails for a message, it comes back by itself two
    /// minutes after it was read.
    async fn show(&self, handles: Vec<String>) {
        stream::iter(handles.chunks(PAGE))
            .map(|handles| async move {
                let entries = handles.iter().enumerate().filter_map(|(place, handle)| {
                    ChangeMessageVisibilityBatchRequestEntry::builder()
                        .id(place.to_string())
                        .receipt_handle(handle)
                        .visibility_timeout(0)
                        .build()
                        .ok()
                });
                let change = self.client.change_message_visibility_batch();
                let change = change.queue_url(&self.url);
                let _ = change.set_entries(Some(entries.collect())).send().await;
            })
            .buffer_unordered(CONCURRENCY)
            .collect::<Vec<()>>()
            .await;
    }

    /// Moves every visible message back, at most `rate` a second, and waits until that is done.
    /// Meanwhile `tell` is called with how many messages have moved and how many are to move.
    ///
    /// # Errors
    /// Returns [`Error::Service`] if the queue does not accept the task. Returns
    /// [`Error::MoveEnded`] if the task ends before all messages have moved.
    pub async fn redrive(
        &self,
        rate: Option<i32>,
        tell: impl Fn(i64, i64),
    ) -> Result<Receipt, Error> {
        // A task has no name that outlives it. Ours is the one that started after the last one.
        let last = self.latest_task().await?;
        let last = last.map_or(i64::MIN, |task| task.started_timestamp());
        self.client
            .start_message_move_task()
            .source_arn(&self.arn)
            .set_destination_arn(self.destination.clone())
            .set_max_number_of_messages_per_second(rate)
            .send()
            .await
            .map_err(|error| self.failed("the messages cannot be moved", &error))?;
        let mut pause = Duration::from_millis(250);
        loop {
            sleep(pause).await;
            pause = LOOK.min(2 * pause);
            let task = self.latest_task().await?;
            let Some(task) = task.filter(|task| task.started_timestamp() > last) else {
                continue; // not listed yet
            };
            let moved = task.approximate_number_of_messages_moved();
            let to_move = task
                .approximate_number_of_messages_to_move()
                .unwrap_or(moved);
            match task.status() {
                Some("RUNNING") => tell(moved, to_move),
                Some("COMPLETED") => {
                    return Ok(Receipt {
                        redriven_at: rfc3339_ms(now()),
                        queue: self.arn.clone(),
                        moved,
                        to_move,
                    });
                }
                status => {
                    return Err(Error::MoveEnded {
                        status: status.unwrap_or("unknown").to_owned(),
                        reason: task
                            .failure_reason()
                            .unwrap_or("no reason given")
                            .to_owned(),
                        moved,
                        to_move,
                    });
                }
            }
        }
    }

    async fn latest_task(&self) -> Result<Option<ListMessageMoveTasksResultEntry>, Error> {
        let tasks = self.client.list_message_move_tasks();
        let tasks = tasks.source_arn(&self.arn).max_results(10).send().await;
        let tasks = tasks.map_err(|error| self.failed("the move cannot be followed", &error))?;
        let tasks = tasks.results.unwrap_or_default().into_iter();
        Ok(tasks.max_by_key(ListMessageMoveTasksResultEntry::started_timestamp))
    }

    fn failed(&self, what: &'static str, error: &dyn std::error::Error) -> Error {
        self.services.failed(what, error)
    }
}

async fn arn(client: &Client, url: &str) -> Result<String, aws_sdk_sqs::Error> {
    let attributes = client
        .get_queue_attributes()
        .queue_url(url)
        .attribute_names(QueueAttributeName::QueueArn);
    let attributes = attributes.send().await?.attributes.unwrap_or_default();
    let arn = attributes.get(&QueueAttributeName::QueueArn);
    Ok(arn.cloned().unwrap_or_default())
}

/// Returns the id that a message had when it was put aside first.
#[must_use]
pub fn first_id(message: &Message) -> Option<&str> {
    let attribute = message.message_attributes()?.get(FIRST_MESSAGE_ID)?;
    attribute.string_value()
}

fn sent(message: &Message) -> Option<Timestamp> {
    let sent = message
        .attributes()?
        .get(&MessageSystemAttributeName::SentTimestamp)?;
    from_millis(sent.parse().ok()?)
}
