//! Starts what invokes the functions besides the API: the mappings of queues and streams, and the
//! schedules.

use std::collections::BTreeMap;
use std::sync::Arc;

use dynoxide::Database;
use sqs::Sqs;
use tokio::task::JoinHandle;

use crate::error::Error;
use crate::faults::Faults;
use crate::lambda::Lambda;
use crate::options::Options;
use crate::outlets::tells;
use crate::poller::{Observer, Poller};
use crate::settled::Work;
use crate::table_stream::{Mapping, Position, Reader};
use crate::template::Function;
use crate::ticks;

/// What the sources need of a stack.
pub(crate) struct Sources<'a> {
    /// The template's functions.
    pub(crate) functions: &'a [Function],
    /// Those that run, by package.
    pub(crate) running: &'a BTreeMap<String, Arc<Lambda>>,
    /// The faults that may strike on the way.
    pub(crate) faults: &'a Faults,
    /// How the stack was started.
    pub(crate) options: &'a Options,
}

/// A source at work.
type Task = JoinHandle<()>;

impl Sources<'_> {
    fn running(&self) -> impl Iterator<Item = (&Function, &Arc<Lambda>)> {
        let functions = self.functions.iter();
        functions.filter_map(|function| Some((function, self.running.get(&function.package)?)))
    }

    /// Polls the queues.
    ///
    /// # Errors
    /// Returns [`Error::NoQueue`] if a queue is not in the template.
    pub(crate) fn poll(&self, queues: &Sqs) -> Result<Vec<Task>, Error> {
        let mut tasks = Vec::new();
        for (function, lambda) in self.running() {
            for source in &function.sources {
                let queue = queues.queue(&source.queue);
                let poller = Poller {
                    queue: queue.ok_or_else(|| Error::NoQueue(source.queue.clone()))?,
                    source: source.clone(),
                    function: Arc::clone(lambda),
                    retry_after: self.options.retry_after,
                    observer: self.observer(function),
                    faults: self.faults.clone(),
                };
                tasks.push(tokio::spawn(poller.run()));
            }
        }
        Ok(tasks)
    }

    /// Returns whom the messages of a function are told. What is told to others has been told
    /// before.
    fn observer(&self, function: &Function) -> Observer {
        if tells(function) {
            return Arc::new(|_| {});
        }
        Arc::clone(&self.options.observer)
    }

    /// Follows the tables' streams.
    ///
    /// # Errors
    /// Returns [`Error::Data`] if the folder cannot be used.
    pub(crate) fn follow(&self, database: &Database, work: &mut Work) -> Result<Vec<Task>, Error> {
        let mut tasks = Vec::new();
        for (function, lambda) in self.running() {
            for source in &function.streams {
                let reader = Reader::new(database, source);
                let position = Position::open(self.options.data.as_deref(), &source.name)?;
                work.follows(reader.clone(), position.clone());
                let mapping = Mapping {
                    source: source.clone(),
                    reader,
                    position,
                    function: Arc::clone(lambda),
                    retry_after: self.options.retry_after,
                    faults: self.faults.clone(),
                };
                tasks.push(tokio::spawn(mapping.run()));
            }
        }
        Ok(tasks)
    }

    /// Invokes functions by their schedules.
    pub(crate) fn keep_time(&self) -> Vec<Task> {
        let scheduled = self.running().flat_map(|(function, lambda)| {
            let schedules = function.schedules.iter();
            schedules.map(move |schedule| (schedule.clone(), Arc::clone(lambda)))
        });
        let hour = self.options.hour;
        scheduled
            .map(|(schedule, lambda)| tokio::spawn(ticks::run(schedule, lambda, hour)))
            .collect()
    }
}
