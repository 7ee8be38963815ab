//! One queue for callers in this process: its operations, and the waiting of a long poll.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::time::{Instant, timeout_at};

use crate::{
    address,
    entry::{Counts, Kept, Receive, Received, Sent},
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

    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the ARN.
    #[must_use]
    pub fn arn(&self) -> String {
        self.inner.arn(&self.name)
    }

    /// Returns the URL for callers that reach the emulator as `host` (with its port).
    #[must_use]
    pub fn url(&self, host: &str) -> String {
        address::url(host, &self.name)
    }

    /// Sends a message.
    ///
    /// # Errors
    /// Returns the errors of [`Content::new`] and [`Queue::send`].
    pub fn send(&self, message: impl Into<Message>) -> Result<Sent, SqsError> {
        let content = Arc::new(Content::new(message.into())?);
        self.with(|queue, now| queue.send(content, now))
    }

    /// Receives messages. If there are none, it waits for a first one. If the call is dropped while
    /// it waits, it has received nothing.
    ///
    /// # Errors
    /// Returns `InvalidParameterValue` if `ask` is out of range.
    pub async fn receive(&self, ask: &Receive) -> Result<Vec<Received>, SqsError> {
        RECEIVE_MAX.read(ask.max.into())?;
        VISIBILITY.hold(ask.visibility.unwrap_or_default())?;
        let (wake, queue_wait) =
            self.with(|queue, _| Ok((queue.wake(), queue.settings().receive_wait)))?;
        let wait = ask.wait.unwrap_or(queue_wait);
        RECEIVE_WAIT.hold(wait)?;
        let deadline = Instant::now() + wait;
        loop {
            // Listening starts before looking, so that a message that arrives in between is not
            // missed.
            let woken = wake.notified();
            let now = Instant::now();
            let look = self.inner.lock().receive(&self.name, ask, now)?;
            if !look.received.is_empty() || now >= deadline {
                return Ok(look.received);
            }
            let until = look.next.map_or(deadline, |next| next.min(deadline));
            // Whether it was woken or not, the next look decides.
            let _ = timeout_at(until, woken).await;
        }
    }

    /// Deletes a message.
    ///
    /// # Errors
    /// Returns `ReceiptHandleIsInvalid` if this queue did not issue the handle.
    pub fn delete(&self, handle: &str) -> Result<(), SqsError> {
        self.with(|queue, _| queue.delete(handle))
    }

    /// Hides a message in flight for `timeout` from now on. Zero makes it visible.
    ///
    /// # Errors
    /// Returns the errors of [`Queue::change_visibility`].
    pub fn change_visibility(&self, handle: &str, timeout: Duration) -> Result<(), SqsError> {
        self.with(|queue, now| queue.change_visibility(handle, timeout, now))
    }

    /// Returns when a message becomes visible, if it is still there.
    ///
    /// # Errors
    /// Returns `ReceiptHandleIsInvalid` if this queue did not issue the handle.
    pub fn visible_at(&self, handle: &str) -> Result<Option<Instant>, SqsError> {
        self.with(|queue, _| queue.visible_at(handle))
    }

    /// Returns every message, whether it is visible or not. Nobody has received it by this.
    ///
    /// # Errors
    /// Returns no error as long as queues are never deleted.
    pub fn contents(&self) -> Result<Vec<Arc<Content>>, SqsError> {
        self.with(|queue, now| Ok(queue.contents(now)))
    }

    /// Returns every message with its id, the oldest first. Nobody has received it by this.
    ///
    /// # Errors
    /// Returns no error as long as queues are never deleted.
    pub fn kept(&self) -> Result<Vec<Kept>, SqsError> {
        self.with(|queue, now| Ok(queue.kept(now)))
    }

    /// Deletes every message.
    ///
    /// # Errors
    /// Returns `PurgeQueueInProgress` within a minute of the last purge.
    pub fn purge(&self) -> Result<(), SqsError> {
        self.with(Queue::purge)
    }

    /// Returns how many messages there are, by state.
    ///
    /// # Errors
    /// Returns no error as long as queues are never deleted.
    pub fn counts(&self) -> Result<Counts, SqsError> {
        self.with(|queue, now| Ok(queue.counts(now)))
    }

    /// Returns how long the oldest message has been here.
    ///
    /// # Errors
    /// Returns no error as long as queues are never deleted.
    pub fn oldest_age(&self) -> Result<Option<Duration>, SqsError> {
        self.with(|queue, now| Ok(queue.oldest_age(now)))
    }

    /// Returns the settings.
    ///
    /// # Errors
    /// Returns no error as long as queues are never deleted.
    pub fn settings(&self) -> Result<QueueSettings, SqsError> {
        self.with(|queue, _| Ok(queue.settings().clone()))
    }

    /// Replaces the settings. The name stays.
    ///
    /// # Errors
    /// Returns the errors of `Sqs::create`.
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

    /// Returns the system attributes of a message of this queue, as a receive and a Lambda event
    /// show them.
    #[must_use]
    pub fn system_attributes(&self, received: &Received) -> BTreeMap<&'static str, String> {
        received.system_attributes(&self.inner.region, self.inner.clock)
    }

    /// Runs `act` on the queue at the present time, while nobody else has access.
    pub(crate) fn with<T>(
        &self,
        act: impl FnOnce(&mut Queue, Instant) -> Result<T, SqsError>,
    ) -> Result<T, SqsError> {
        let mut state = self.inner.lock();
        let queue = state.queues.get_mut(&self.name);
        act(queue.ok_or(SqsError::QueueDoesNotExist)?, Instant::now())
    }
}
