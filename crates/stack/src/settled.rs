//! Waits until the stack has nothing left to do.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use shared::dead_letter::FIRST_MESSAGE_ID;
use sqs::{Content, Sqs};
use tokio::time::{Instant, sleep};

use crate::error::Error;
use crate::table_stream::{Position, Reader};

/// How long the stack may take to process what is in its queues.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often it is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What can be waited for.
pub(crate) struct Work {
    queues: Sqs,
    /// The name of the queue of what is told to others. All others are on the way into the table.
    outbox: Option<String>,
    /// The streams, and how far each mapping has come.
    streams: Vec<(Reader, Position)>,
}

impl Work {
    /// Returns the work of these queues.
    pub(crate) fn new(queues: &Sqs) -> Self {
        Self {
            queues: queues.clone(),
            outbox: None,
            streams: Vec::new(),
        }
    }

    /// Adds the outbox, by its name.
    pub(crate) fn leads_out(&mut self, outbox: &str) {
        self.outbox = Some(outbox.to_owned());
    }

    /// Adds a stream.
    pub(crate) fn follows(&mut self, reader: Reader, position: Position) {
        self.streams.push((reader, position));
    }

    /// Waits until every queue on the way into the table is empty, those of dead letters apart.
    ///
    /// # Errors
    /// Returns [`Error::NotSettled`] if the queues are not empty after a minute.
    pub(crate) async fn settled(&self) -> Result<(), Error> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.messages(&self.ways_in()).len() {
                0 => return Ok(()),
                left if Instant::now() > deadline => {
                    return Err(Error::NotSettled {
                        left,
                        patience: PATIENCE,
                    });
                }
                _ => sleep(LOOK_AGAIN).await,
            }
        }
    }

    /// Waits until all that is stored has been announced, and the outbox is empty.
    ///
    /// # Errors
    /// Returns [`Error::NotTold`] if the outbox is not empty after a minute, and [`Error::Stream`]
    /// if a stream cannot be read.
    pub(crate) async fn told(&self) -> Result<(), Error> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let outbox: BTreeSet<String> = self.outbox.iter().cloned().collect();
            let left = self.unread().await? + self.messages(&outbox).len();
            if left == 0 {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(Error::NotTold {
                    left,
                    patience: PATIENCE,
                });
            }
            sleep(LOOK_AGAIN).await;
        }
    }

    /// Returns how many streams have records that their mappings have not passed on.
    async fn unread(&self) -> Result<usize, Error> {
        let mut unread = 0;
        for (reader, position) in &self.streams {
            let records = reader.after(position.last(), 1).await?;
            unread += records.len();
        }
        Ok(unread)
    }

    /// Returns how many webhooks are in the dead-letter queues. One that was put aside twice is
    /// one.
    pub(crate) fn dead_letters(&self) -> usize {
        let ways_in = self.ways_in();
        let aside = ways_in.iter().filter_map(|name| self.put_aside_in(name));
        let contents = self.messages(&aside.collect());
        let letters = contents.iter();
        let (known, others): (Vec<_>, Vec<_>) = letters
            .map(|content| content.message())
            .map(|message| (message.text(FIRST_MESSAGE_ID), &message.body))
            .partition(|(first_id, _)| first_id.is_some());
        known.into_iter().collect::<BTreeSet<_>>().len() + others.len()
    }

    /// Returns the queues on the way into the table: those that put messages aside in others.
    fn ways_in(&self) -> BTreeSet<String> {
        let names = self.queues.names().into_iter();
        names
            .filter(|name| self.outbox.as_ref() != Some(name))
            .filter(|name| self.put_aside_in(name).is_some())
            .collect()
    }

    /// Returns the dead-letter queue of a queue.
    fn put_aside_in(&self, name: &str) -> Option<String> {
        let settings = self.queues.queue(name)?.settings().ok()?;
        settings.redrive.map(|redrive| redrive.dead_letter_queue)
    }

    fn messages(&self, names: &BTreeSet<String>) -> Vec<Arc<Content>> {
        let queues = names.iter().filter_map(|name| self.queues.queue(name));
        let contents = queues.filter_map(|queue| queue.contents().ok());
        contents.flatten().collect()
    }
}
