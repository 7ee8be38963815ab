//! All queues behind one lock, and what needs more than one queue.

use std::{
    collections::BTreeMap,
    fmt,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::time::Instant;

use super::{
    address,
    clock::Clock,
    entry::{Received, Taken},
    errors::SqsError,
    handle::{QueueHandle, Receive},
    journal::{Journal, JournalError, Rows},
    moves::MoveTask,
    protocol,
    queue::Queue,
    settings::QueueSettings,
};

/// The emulator. Clones share their queues.
#[derive(Clone)]
pub struct Sqs {
    inner: Arc<Inner>,
}

struct Inner {
    region: String,
    clock: Clock,
    journal: Option<Journal>,
    state: Mutex<State>,
}

/// Everything that changes.
#[derive(Default)]
pub(super) struct State {
    pub(super) queues: BTreeMap<String, Queue>,
    pub(super) tasks: Vec<MoveTask>,
    /// Messages of an earlier run whose queue has not been created yet.
    earlier: Rows,
}

impl fmt::Debug for Sqs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sqs")
            .field("region", &self.inner.region)
            .finish_non_exhaustive()
    }
}

impl Sqs {
    /// An emulator without queues, whose ARNs name `region`.
    #[must_use]
    pub fn new(region: impl Into<String>) -> Self {
        Self {
            inner: Arc::new(Inner {
                region: region.into(),
                clock: Clock::start(),
                journal: None,
                state: Mutex::default(),
            }),
        }
    }

    /// [`Sqs::new`] with its messages in the file at `path`: what is answered outlives this process, and a queue that is
    /// created again has the messages that it had.
    ///
    /// # Errors
    /// [`JournalError`].
    pub fn durable(region: impl Into<String>, path: &Path) -> Result<Self, JournalError> {
        let clock = Clock::start();
        let (journal, earlier) = Journal::open(path, clock)?;
        let state = State {
            earlier,
            ..State::default()
        };
        Ok(Self {
            inner: Arc::new(Inner {
                region: region.into(),
                clock,
                journal: Some(journal),
                state: Mutex::new(state),
            }),
        })
    }

    /// Waits until everything that was done before is on the disk, if there is one.
    pub(super) async fn written(&self) -> Result<(), SqsError> {
        match &self.inner.journal {
            Some(journal) => journal.written().await,
            None => Ok(()),
        }
    }

    /// The HTTP service; give it to `axum::serve`, or put layers around it.
    pub fn router(&self) -> axum::Router {
        protocol::router(self.clone())
    }

    /// Creates a queue. A dead-letter queue comes before the queue that names it.
    ///
    /// # Errors
    /// What [`QueueSettings::check`] refuses, `InvalidParameterValue` when the dead-letter queue
    /// does not exist, `QueueNameExists` when the name is taken by a queue with other settings.
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

    /// The queue of this name.
    #[must_use]
    pub fn queue(&self, name: &str) -> Option<QueueHandle> {
        let known = self.lock().queues.contains_key(name);
        known.then(|| self.handle(name.into()))
    }

    /// The names of all queues, in order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.lock().queues.keys().cloned().collect()
    }

    /// The region in the ARNs.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.inner.region
    }

    /// The ARN of the queue `name`, whether it exists or not.
    pub(super) fn arn(&self, name: &str) -> String {
        address::arn(self.region(), name)
    }

    /// `at` as milliseconds since 1970, as in `SentTimestamp`.
    #[must_use]
    pub fn unix_millis(&self, at: Instant) -> u128 {
        self.clock().millis(at)
    }

    pub(super) fn clock(&self) -> Clock {
        self.inner.clock
    }

    /// A panic cannot leave the state half changed in a way that matters more than going on.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        let locked = self.inner.state.lock();
        locked.unwrap_or_else(PoisonError::into_inner)
    }

    fn handle(&self, name: String) -> QueueHandle {
        QueueHandle::new(self.clone(), name)
    }

    /// The first attribute that differs between a queue and what it should be.
    fn difference(&self, queue: &Queue, wanted: &QueueSettings) -> String {
        let has = queue.settings().attributes(self.region());
        let mut wanted = wanted.attributes(self.region()).into_iter();
        wanted
            .find(|(name, value)| has.get(name) != Some(value))
            .map_or_else(|| "RedrivePolicy".into(), |(name, _)| name)
    }
}

impl State {
    /// Refuses a redrive policy whose dead-letter queue does not exist.
    pub(super) fn check_redrive(
        &self,
        region: &str,
        settings: &QueueSettings,
    ) -> Result<(), SqsError> {
        match &settings.redrive {
            Some(redrive) if !self.queues.contains_key(&redrive.dead_letter_queue) => {
                Err(SqsError::value(
                    address::arn(region, &redrive.dead_letter_queue),
                    "RedrivePolicy",
                    "Dead letter target does not exist.",
                ))
            }
            _ => Ok(()),
        }
    }

    /// Receives from one queue and moves what it gave up on to its dead-letter queue.
    pub(super) fn receive(
        &mut self,
        name: &str,
        ask: &Receive,
        now: Instant,
    ) -> Result<Look, SqsError> {
        let queue = self
            .queues
            .get_mut(name)
            .ok_or(SqsError::QueueDoesNotExist)?;
        let max = usize::try_from(ask.max).unwrap_or(1);
        let Taken { received, dead } = queue.receive(max, ask.visibility, now);
        let redrive = queue.settings().redrive.clone();
        if let Some(target) = redrive.and_then(|r| self.queues.get_mut(&r.dead_letter_queue)) {
            for entry in dead {
                target.adopt(entry, name, now);
            }
        }
        Ok(Look {
            received,
            next: self.queues.get(name).and_then(Queue::next_available),
        })
    }
}

/// What a receive found, and when looking again makes sense.
pub(super) struct Look {
    pub(super) received: Vec<Received>,
    pub(super) next: Option<Instant>,
}
