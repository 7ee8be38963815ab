//! The emulator: creates queues and finds them.

use std::{
    fmt,
    path::Path,
    sync::{Arc, MutexGuard},
};

use tokio::time::Instant;

use crate::{
    clock::Clock,
    errors::SqsError,
    handle::QueueHandle,
    journal::{Journal, JournalError, Rows},
    queue::Queue,
    settings::QueueSettings,
    state::{Inner, State},
};

/// The emulator. Clones share their queues.
#[derive(Clone)]
pub struct Sqs {
    inner: Arc<Inner>,
}

impl fmt::Debug for Sqs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl Sqs {
    /// Returns an emulator without queues. Its ARNs name `region`.
    #[must_use]
    pub fn new(region: impl Into<String>) -> Self {
        Self::start(region.into(), Clock::start(), None, Rows::new())
    }

    /// Does the same as [`Sqs::new`], but keeps the messages in the file at `path`. What is
    /// answered outlives this process. If a queue is created again, it has the messages that it
    /// had.
    ///
    /// # Errors
    /// Returns a [`JournalError`] if the file cannot be opened or read.
    pub fn durable(region: impl Into<String>, path: &Path) -> Result<Self, JournalError> {
        let clock = Clock::start();
        let (journal, earlier) = Journal::open(path, clock)?;
        Ok(Self::start(region.into(), clock, Some(journal), earlier))
    }

    fn start(region: String, clock: Clock, journal: Option<Journal>, earlier: Rows) -> Self {
        Self {
            inner: Arc::new(Inner::new(region, clock, journal, earlier)),
        }
    }

    /// Waits until everything that was done before is on the disk, if there is a file.
    pub(crate) async fn written(&self) -> Result<(), SqsError> {
        match &self.inner.journal {
            Some(journal) => journal.written().await,
            None => Ok(()),
        }
    }

    /// Creates a queue. A dead-letter queue must be created before the queue that names it.
    ///
    /// # Errors
    /// Returns the errors of [`QueueSettings::check`]. Returns `InvalidParameterValue` if the
    /// dead-letter queue does not exist, and `QueueNameExists` if a queue with this name has other
    /// settings.
    pub fn create(&self, settings: QueueSettings) -> Result<QueueHandle, SqsError> {
        settings.check()?;
        let mut state = self.lock();
        state.check_redrive(self.region(), &settings)?;
        let name = settings.name.clone();
        match state.queues.get(&name) {
            Some(queue) if *queue.settings() != settings => {
                return Err(SqsError::QueueNameExists(self.difference(queue, &settings)));
            }
            Some(_) => {}
            None => {
                let mut queue = Queue::new(settings, Instant::now());
                if let Some(journal) = &self.inner.journal {
                    let earlier = state.earlier.remove(&name).unwrap_or_default();
                    let earlier = earlier.into_iter().map(|row| journal.entry(row));
                    let earlier: Result<_, JournalError> = earlier.collect();
                    queue.keep_in(journal.clone(), earlier.map_err(|_| SqsError::Internal)?);
                }
                state.queues.insert(name.clone(), queue);
            }
        }
        Ok(self.handle(name))
    }

    /// Returns the queue with this name.
    #[must_use]
    pub fn queue(&self, name: &str) -> Option<QueueHandle> {
        let known = self.lock().queues.contains_key(name);
        known.then(|| self.handle(name.into()))
    }

    /// Returns the names of all queues, in order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.lock().queues.keys().cloned().collect()
    }

    /// Returns the region in the ARNs.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.inner.region
    }

    /// Returns the ARN of the queue `name`, whether it exists or not.
    pub(crate) fn arn(&self, name: &str) -> String {
        self.inner.arn(name)
    }

    /// Returns `at` in milliseconds since 1970, as in `SentTimestamp`.
    #[must_use]
    pub fn unix_millis(&self, at: Instant) -> u128 {
        self.clock().millis(at)
    }

    pub(crate) fn clock(&self) -> Clock {
        self.inner.clock
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.inner.lock()
    }

    fn handle(&self, name: String) -> QueueHandle {
        QueueHandle::new(Arc::clone(&self.inner), name)
    }

    /// Returns the first attribute in which a queue differs from the wanted settings.
    fn difference(&self, queue: &Queue, wanted: &QueueSettings) -> String {
        let has = queue.settings().attributes(self.region());
        let mut wanted = wanted.attributes(self.region()).into_iter();
        wanted
            .find(|(name, value)| has.get(name) != Some(value))
            .map_or_else(|| "RedrivePolicy".into(), |(name, _)| name)
    }
}
