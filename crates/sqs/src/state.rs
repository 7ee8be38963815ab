//! Keeps all state behind one lock, and does what needs more than one queue.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::time::Instant;

use crate::{
    address,
    clock::Clock,
    entry::{Receive, Received, Taken},
    errors::SqsError,
    journal::{Journal, Rows},
    queue::Queue,
    settings::QueueSettings,
    task::MoveTask,
};

/// What the emulator and its queue handles share.
pub(crate) struct Inner {
    /// The region in the ARNs.
    pub(crate) region: String,
    pub(crate) clock: Clock,
    pub(crate) journal: Option<Journal>,
    state: Mutex<State>,
}

/// All state that changes.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) queues: BTreeMap<String, Queue>,
    pub(crate) tasks: Vec<MoveTask>,
    /// The messages of an earlier run whose queue has not been created yet.
    pub(crate) earlier: Rows,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sqs")
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

impl Inner {
    /// Returns a state without queues. `earlier` has the messages that were in the journal.
    pub(crate) fn new(
        region: String,
        clock: Clock,
        journal: Option<Journal>,
        earlier: Rows,
    ) -> Self {
        Self {
            region,
            clock,
            journal,
            state: Mutex::new(State {
                earlier,
                ..State::default()
            }),
        }
    }

    /// Returns the ARN of the queue `name`, whether it exists or not.
    pub(crate) fn arn(&self, name: &str) -> String {
        address::arn(&self.region, name)
    }

    /// Locks the state. If a panic has left it half changed, it is more useful to continue than to
    /// stop.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Refuses a redrive policy whose dead-letter queue does not exist.
    pub(crate) fn check_redrive(
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

    /// Receives from one queue, and moves what it gave up on to its dead-letter queue.
    pub(crate) fn receive(
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
pub(crate) struct Look {
    pub(crate) received: Vec<Received>,
    pub(crate) next: Option<Instant>,
}
