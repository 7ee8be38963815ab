//! Move tasks. They move the messages of a dead-letter queue back to where they came from, or
//! elsewhere.

use std::time::Duration;

use tokio::{
    task::yield_now,
    time::{Instant, interval},
};
use uuid::Uuid;

use crate::{
    entry::Entry,
    errors::SqsError,
    service::Sqs,
    state::State,
    task::{MoveStatus, MoveTask},
};

/// How many messages a task without a rate moves before it lets other tasks run.
const STRIDE: u64 = 100;

impl Sqs {
    /// Starts a move task and returns its id. It needs a tokio runtime.
    ///
    /// # Errors
    /// Returns `ResourceNotFound` if a queue is unknown. Returns `InvalidParameterValue` if the
    /// source is not a dead-letter queue, is its own destination, or has a task that is running.
    pub fn start_move(
        &self,
        source: &str,
        destination: Option<&str>,
        rate: Option<u32>,
    ) -> Result<String, SqsError> {
        let refused = |text: &str| Err(SqsError::InvalidParameterValue(text.into()));
        let now = Instant::now();
        let mut state = self.lock();
        let Some(queue) = state.queues.get_mut(source) else {
            return Err(SqsError::ResourceNotFound("SourceArn"));
        };
        let to_move = queue.counts(now).visible as u64;
        if state.dead_letter_sources(source).next().is_none() {
            return refused("Source queue must be configured as a Dead Letter Queue.");
        }
        if destination.is_some_and(|name| !state.queues.contains_key(name)) {
            return Err(SqsError::ResourceNotFound("DestinationArn"));
        }
        if destination == Some(source) {
            return refused("Source queue arn and destination queue arn cannot be the same.");
        }
        let mut tasks = state.tasks.iter();
        if tasks.any(|task| task.source == source && task.status == MoveStatus::Running) {
            return refused(
                "There is already a task running. Only one active task is allowed for a source queue arn at a given time.",
            );
        }
        let id = Uuid::new_v4().to_string();
        let task = state.tasks.len();
        state.tasks.push(MoveTask {
            id: id.clone(),
            source: source.into(),
            destination: destination.map(Into::into),
            rate,
            started: now,
            status: MoveStatus::Running,
            moved: 0,
            to_move,
            failure: None,
        });
        tokio::spawn(run(self.clone(), task, rate));
        Ok(id)
    }

    /// Moves the one visible message of this id back to the queue that gave up on it, or that sends
    /// its dead letters here, if there is only one. Returns whether it was there.
    ///
    /// # Errors
    /// Returns `ResourceNotFound` if the source is unknown, and `InvalidParameterValue` if nothing
    /// says where the message came from.
    pub fn move_one(&self, source: &str, message_id: &str) -> Result<bool, SqsError> {
        let now = Instant::now();
        let mut state = self.lock();
        let mut names = state.dead_letter_sources(source).map(str::to_owned);
        let only = match (names.next(), names.next()) {
            (Some(name), None) => Some(name),
            _ => None,
        };
        drop(names);
        let queue = state.queues.get_mut(source);
        let queue = queue.ok_or(SqsError::ResourceNotFound("SourceArn"))?;
        let Some(entry) = queue.take_one(message_id, now) else {
            return Ok(false);
        };
        let destination = entry.dead_letter_source.clone().or(only);
        let destination = destination.filter(|name| state.queues.contains_key(name));
        let Some(name) = destination else {
            state.restore(source, entry);
            return Err(SqsError::InvalidParameterValue(
                "Could not determine the message's source queue.".into(),
            ));
        };
        state.pass(entry, &name, now);
        Ok(true)
    }

    /// Returns the move tasks of a source queue, the latest first.
    #[must_use]
    pub fn moves(&self, source: &str) -> Vec<MoveTask> {
        let state = self.lock();
        let tasks = state.tasks.iter().rev();
        tasks
            .filter(|task| task.source == source)
            .cloned()
            .collect()
    }

    /// Returns the names of the queues whose dead letters go to `name`, in order.
    #[must_use]
    pub fn dead_letter_sources(&self, name: &str) -> Vec<String> {
        let state = self.lock();
        let sources = state.dead_letter_sources(name);
        sources.map(Into::into).collect()
    }
}

async fn run(sqs: Sqs, task: usize, rate: Option<u32>) {
    let mut pace = rate.map(|rate| interval(Duration::from_secs(1) / rate.max(1)));
    let stride = if pace.is_some() { 1 } else { STRIDE };
    loop {
        match &mut pace {
            Some(pace) => {
                pace.tick().await;
            }
            None => yield_now().await,
        }
        let now = Instant::now();
        let mut state = sqs.lock();
        if (0..stride).any(|_| state.step(task, now) != Some(MoveStatus::Running)) {
            return;
        }
    }
}

impl State {
    fn dead_letter_sources<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.queues.values().filter_map(move |queue| {
            let redrive = queue.settings().redrive.as_ref()?;
            (redrive.dead_letter_queue == name).then_some(queue.settings().name.as_str())
        })
    }

    /// Moves one message and returns the task's status after that.
    fn step(&mut self, task: usize, now: Instant) -> Option<MoveStatus> {
        let task = self.tasks.get_mut(task)?;
        let source = self.queues.get(&task.source)?;
        let next = source.peek(now).filter(|_| task.moved < task.to_move);
        let Some(next) = next else {
            task.status = MoveStatus::Completed;
            return Some(task.status);
        };
        let destination = task.destination.as_ref();
        let destination = destination.or(next.dead_letter_source.as_ref()).cloned();
        let known = destination.filter(|name| self.queues.contains_key(name));
        let Some(name) = known else {
            // The message was sent to the dead-letter queue directly.
            task.status = MoveStatus::Failed;
            task.failure = Some("CouldNotDetermineMessageSource");
            return Some(task.status);
        };
        let entry = self.queues.get_mut(&task.source)?.take(now)?;
        task.moved += 1;
        let status = task.status;
        self.pass(entry, &name, now);
        Some(status)
    }

    /// Delivers a message that was taken elsewhere. On AWS a moved message is a new one: new id,
    /// new send time, no receives.
    fn pass(&mut self, entry: Entry, to: &str, now: Instant) {
        if let Some(to) = self.queues.get_mut(to) {
            to.deliver(entry.content, now, Duration::ZERO);
            to.forget(&entry.id);
        }
    }

    /// Puts a message back that was taken.
    fn restore(&mut self, queue: &str, entry: Entry) {
        if let Some(queue) = self.queues.get_mut(queue) {
            queue.put_back(entry);
        }
    }
}
