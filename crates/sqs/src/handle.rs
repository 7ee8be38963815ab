//! One queue for callers in this process: the operations, and the waiting of a long poll.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::time::{Instant, timeout_at};

use crate::{
    address,
    entry::{Counts, Receive, Received, Sent},
    errors::SqsError,
    limits::{RECEIVE_MAX, RECEIVE_WAIT, VISIBILITY},
    message::{Content, Message},
    queue::Queue,
    settings::QueueSettings,
    state::Inner,
};

/// One queue of an emulator, for callers in this process.
#[derive(Debug, Clone)]
pub struct QueueHandle {
    inner: Arc<Inner>,
    name: String,
}

impl QueueHandle {
    pub(crate) fn new(inner: Arc<Inner>, name: String) -> Self {
        Self { inner, name }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The ARN.
    #[must_use]
    pub fn arn(&self) -> String {
        self.inner.arn(&self.name)
    }

    /// The URL for callers that reach the emulator as `host` (with its port).
    #[must_use]
    pub fn url(&self, host: &str) -> String {
        address::url(host, &self.name)
    }

    /// Sends a message.
    ///
    /// # Errors
    /// What [`Content::new`] and [`Queue::send`] refuse.
    pub fn send(&self, message: impl Into<Message>) -> Result<Sent, SqsError> {
        let content = Arc::new(Content::new(message.into())?);
        self.with(|queue, now| queue.send(content, now))
    }

    /// Receives, waiting for a first message if there is none. A call that is dropped while it
    /// waits has received nothing.
    ///
    /// # Errors
    /// `InvalidParameterValue` when `ask` is out of range.
    pub async fn receive(&self, ask: &Receive) -> Result<Vec<Received>, SqsError> {
        RECEIVE_MAX.read(ask.max.into())?;
        VISIBILITY.hold(ask.visibility.unwrap_or_default())?;
        let (wake, queue_wait) =
            self.with(|queue, _| Ok((queue.wake(), queue.settings().receive_wait)))?;
        let wait = ask.wait.unwrap_or(queue_wait);
        RECEIVE_WAIT.hold(wait)?;
        let deadline = Instant::now() + wait;
        loop {
            // Listening starts before looking: what arrives in between is not missed.
            let woken = wake.notified();
            let now = Instant::now();
            let look = self.inner.lock().receive(&self.name, ask, now)?;
            if !look.received.is_empty() || now >= deadline {
                return Ok(look.received);
            }
            let until = look.next.map_or(deadline, |next| next.min(deadline));
            // Woken or not, the next look tells.
            let _ = timeout_at(until, woken).await;
        }
    }

    /// Deletes a message.
    ///
    /// # Errors
    /// `ReceiptHandleIsInvalid` when this queue did not issue the handle.
    pub fn delete(&self, handle: &str) -> Result<(), SqsError> {
        self.with(|queue, _| queue.delete(handle))
    }

    /// Hides a message in flight for `timeout` from now on; zero makes it visible.
    ///
    /// # Errors
    /// What [`Queue::change_visibility`] refuses.
    pub fn change_visibility(&self, handle: &str, timeout: Duration) -> Result<(), SqsError> {
        self.with(|queue, now| queue.change_visibility(handle, timeout, now))
    }

    /// Deletes every message.
    ///
    /// # Errors
    /// `PurgeQueueInProgress` within a minute of the last purge.
    pub fn purge(&self) -> Result<(), SqsError> {
        self.with(Queue::purge)
    }

    /// How many messages there are, by state.
    ///
    /// # Errors
    /// None while queues are not deleted.
    pub fn counts(&self) -> Result<Counts, SqsError> {
        self.with(|queue, now| Ok(queue.counts(now)))
    }

    /// How long the oldest message has been here.
    ///
    /// # Errors
    /// None while queues are not deleted.
    pub fn oldest_age(&self) -> Result<Option<Duration>, SqsError> {
        self.with(|queue, now| Ok(queue.oldest_age(now)))
    }

    /// The settings.
    ///
    /// # Errors
    /// None while queues are not deleted.
    pub fn settings(&self) -> Result<QueueSettings, SqsError> {
        self.with(|queue, _| Ok(queue.settings().clone()))
    }

    /// Replaces the settings; the name stays.
    ///
    /// # Errors
    /// As `Sqs::create`.
    pub fn configure(&self, settings: QueueSettings) -> Result<(), SqsError> {
        settings.check()?;
        let mut state = self.inner.lock();
        state.check_redrive(&self.inner.region, &settings)?;
        let queue = state.queues.get_mut(&self.name);
        let queue = queue.ok_or(SqsError::QueueDoesNotExist)?;
        let name = self.name.clone();
        queue.configure(QueueSettings { name, ..settings }, Instant::now());
        Ok(())
    }

    /// The system attributes of a message of this queue, as a receive and a Lambda event show them.
    #[must_use]
    pub fn system_attributes(&self, received: &Received) -> BTreeMap<&'static str, String> {
        received.system_attributes(&self.inner.region, self.inner.clock)
    }

    /// Runs `act` on the queue at the present time, alone.
    pub(crate) fn with<T>(
        &self,
        act: impl FnOnce(&mut Queue, Instant) -> Result<T, SqsError>,
    ) -> Result<T, SqsError> {
        let mut state = self.inner.lock();
        let queue = state.queues.get_mut(&self.name);
        act(queue.ok_or(SqsError::QueueDoesNotExist)?, Instant::now())
    }
}
