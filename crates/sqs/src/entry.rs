//! A message inside a queue, and what callers see of it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::time::Instant;
use uuid::Uuid;

use crate::{address, clock::Clock, message::Content, receipt::Receipt};

/// The sender of every message. There are no users here.
const SENDER: &str = "AIDAPOSTERNLOCAL";

/// What a sender learns about its message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The id that the message keeps until it is deleted.
    pub message_id: String,
    /// The MD5 of the body.
    pub md5_of_body: String,
    /// The MD5 of the message attributes, if there are any.
    pub md5_of_attributes: Option<String>,
    /// The MD5 of the system attribute, if there is one.
    pub md5_of_system_attributes: Option<String>,
}

/// How to receive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receive {
    /// The most messages to hand out: 1 to 10.
    pub max: u32,
    /// How long they stay hidden. If not given, the queue's visibility timeout counts.
    pub visibility: Option<Duration>,
    /// How long to wait for the first message. If not given, the queue's wait counts.
    pub wait: Option<Duration>,
}

impl Default for Receive {
    fn default() -> Self {
        Self {
            max: 1,
            visibility: None,
            wait: None,
        }
    }
}

/// A message as one receive hands it out.
#[derive(Debug, Clone)]
pub struct Received {
    /// The message's id.
    pub message_id: String,
    /// The handle of this receive.
    pub receipt_handle: String,
    /// The body, the attributes and the MD5.
    pub content: Arc<Content>,
    /// How often it was received, in this queue and before it. This receive is counted, too.
    pub receive_count: u32,
    /// When it was sent.
    pub sent: Instant,
    /// When it was received first.
    pub first_received: Instant,
    /// When it becomes visible again, unless somebody changes that.
    pub visible_at: Instant,
    /// The queue that it was moved here from by redrive.
    pub dead_letter_source: Option<String>,
}

impl Received {
    /// Returns the system attributes by their wire names, in an emulator of `region` and `clock`.
    pub(crate) fn system_attributes(
        &self,
        region: &str,
        clock: Clock,
    ) -> BTreeMap<&'static str, String> {
        let millis = |at| clock.millis(at).to_string();
        let message = self.content.message();
        let source = self.dead_letter_source.as_deref();
        let always = [
            ("ApproximateReceiveCount", self.receive_count.to_string()),
            (
                "ApproximateFirstReceiveTimestamp",
                millis(self.first_received),
            ),
            ("SentTimestamp", millis(self.sent)),
            ("SenderId", SENDER.into()),
        ];
        let sometimes = [
            ("MessageGroupId", message.group_id.clone()),
            ("AWSTraceHeader", message.trace_header.clone()),
            (
                "DeadLetterQueueSourceArn",
                source.map(|name| address::arn(region, name)),
            ),
        ];
        let sometimes = sometimes.into_iter();
        always
            .into_iter()
            .chain(sometimes.filter_map(|(name, value)| Some((name, value?))))
            .collect()
    }
}

/// A message that is in a queue, for somebody who only looks.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The message's id.
    pub message_id: String,
    /// The body and the attributes.
    pub content: Arc<Content>,
    /// When it was sent.
    pub sent: Instant,
    /// Whether it can be received now.
    pub is_visible: bool,
}

/// How many messages a queue holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages that are ready to be received.
    pub visible: usize,
    /// Messages that were received, and are neither deleted nor visible again.
    pub in_flight: usize,
    /// Messages that were sent and are not visible yet.
    pub delayed: usize,
}

/// The outcome of one look into a queue.
#[derive(Debug, Default)]
pub struct Taken {
    /// The messages that were handed out.
    pub received: Vec<Received>,
    /// The messages that were received too often. They belong in the dead-letter queue now.
    pub(crate) dead: Vec<Entry>,
}

/// A message in a queue.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) content: Arc<Content>,
    /// When it was sent. Its retention counts from then.
    pub(crate) sent: Instant,
    /// When it came into this queue.
    pub(crate) arrived: Instant,
    /// When it becomes visible.
    pub(crate) available: Instant,
    /// When it was received last in this queue.
    pub(crate) held_since: Option<Instant>,
    /// How often it was received in all queues. Receivers are told this number.
    pub(crate) receives: u32,
    /// How often it was received in this queue. Redrive uses this number.
    pub(crate) receives_here: u32,
    pub(crate) first_received: Option<Instant>,
    /// The queue that gave up on it.
    pub(crate) dead_letter_source: Option<String>,
}

impl Entry {
    /// Returns a message that nobody has received.
    pub(crate) fn new(content: Arc<Content>, now: Instant, delay: Duration) -> Self {
        Self {
            id: Uuid::new_v4().to_string(),
            content,
            sent: now,
            arrived: now,
            available: now + delay,
            held_since: None,
            receives: 0,
            receives_here: 0,
            first_received: None,
            dead_letter_source: None,
        }
    }

    /// Returns a message of an earlier run. Nobody holds it.
    pub(crate) fn restored(
        id: String,
        content: Arc<Content>,
        sent: Instant,
        available: Instant,
        receives: u32,
        dead_letter_source: Option<String>,
    ) -> Self {
        Self {
            id,
            content,
            sent,
            arrived: available,
            available,
            held_since: None,
            receives,
            receives_here: 0,
            first_received: None,
            dead_letter_source,
        }
    }

    /// Makes the message a visible one in the dead-letter queue of `source`.
    pub(crate) fn move_from(&mut self, source: &str, now: Instant) {
        self.arrived = now;
        self.available = now;
        self.held_since = None;
        self.receives_here = 0;
        self.dead_letter_source = Some(source.into());
    }

    /// Counts a receive, hides the message and returns it for the receiver.
    pub(crate) fn hand_out(
        &mut self,
        queue: &str,
        seq: u64,
        visibility: Duration,
        now: Instant,
    ) -> Received {
        self.receives += 1;
        self.receives_here += 1;
        self.available = now + visibility;
        self.held_since = Some(now);
        let receipt = Receipt {
            queue: queue.into(),
            seq,
            message_id: self.id.clone(),
            receive: self.receives,
        };
        Received {
            message_id: self.id.clone(),
            receipt_handle: receipt.encode(),
            content: Arc::clone(&self.content),
            receive_count: self.receives,
            sent: self.sent,
            first_received: *self.first_received.get_or_insert(now),
            visible_at: self.available,
            dead_letter_source: self.dead_letter_source.clone(),
        }
    }
}
