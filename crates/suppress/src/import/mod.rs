//! Imports the lists that a team already has: the suppression lists of its providers, as events of
//! the operator's own.
//!
//! An import is read and written in batches, so that a list may have any length. Its events count
//! at the times of their rows: neither their order nor a repetition matters, and whoever was taken
//! off a list since then stays off.

mod batch;
mod column;
mod counts;
mod created;
mod csv_rows;
pub(crate) mod error;
mod format;
mod json_rows;
mod limit;
mod list;
mod mapping;
mod quotes;
mod recognize;
mod report;
mod row;
mod sink;
mod source;
mod text;

use std::collections::HashSet;
use std::sync::atomic::Ordering;

use futures_util::stream::{self, StreamExt as _};

use self::batch::{Importer, Words};
use self::sink::Message;
use crate::act::Speaker;
use crate::failure::Error;

pub use self::counts::Counts;
pub use self::error::ImportError;
pub use self::format::formats;
pub use self::list::{Exporter, List};
pub use self::mapping::Mapping;
pub use self::report::{BadLine, Receipt, Report};
pub use self::row::Lines;
pub use self::sink::{Options, Recognized};
pub use self::source::Input;

/// How many batches are under way at once.
const IN_FLIGHT: usize = 4;

impl Speaker<'_> {
    /// Reads a list, and writes what is new with `go`. Without it, this is a dry run. `tell` is
    /// called with the number of bytes that were read.
    ///
    /// # Errors
    /// Returns [`Error::Import`] if the file is not recognized, and [`Error::Operator`] if the
    /// table cannot be read. What was written until then stays, and a second import goes on from
    /// there.
    pub async fn import(
        &self,
        input: &Input,
        options: &Options,
        go: bool,
        mut tell: impl FnMut(u64),
    ) -> Result<Report, Error> {
        let mut reading = source::start(input.clone(), options.clone());
        let Some(Message::Recognized(recognized)) = reading.messages.recv().await else {
            // The reader ends without a word if it does not recognize the file.
            let end = reading.end.await;
            let error = end.ok().and_then(Result::err);
            return Err(error.unwrap_or(ImportError::Empty).into());
        };
        let words = Words {
            from: recognized
                .exporter
                .map(|exporter| exporter.name().to_owned()),
            list: recognized.list.map(|list| list.name().to_owned()),
            why: self.why.clone(),
            by: self.by.clone(),
        };
        let importer = Importer::new(self.events, self.writer(), self.now, go);
        let (mut counts, mut is_silent) = (Counts::default(), false);
        {
            let (mut messages, mut heard) = (reading.messages, HashSet::new());
            let batches = stream::poll_fn(|context| messages.poll_recv(context));
            let batches = batches.map(|message| {
                let rows = match message {
                    Message::Rows(rows) => rows,
                    Message::Recognized(_) => Vec::new(), // said once, and heard above
                };
                let batch = batch::judge(rows, &recognized, &words, self.now, &mut heard);
                importer.settle(batch)
            });
            let mut settled = std::pin::pin!(batches.buffer_unordered(IN_FLIGHT));
            while let Some(batch) = settled.next().await {
                match batch {
                    Ok(batch) => counts.add(batch),
                    Err(_) if counts.written > 0 => is_silent = true,
                    Err(error) => return Err(error),
                }
                tell(reading.bytes.load(Ordering::Relaxed));
                // What it has not taken now, it will not take later: the user runs this again.
                is_silent |= counts.not_written > 0;
                if is_silent {
                    break;
                }
            }
        }
        let end = if is_silent {
            // Who reads a list that never ends is not waited for.
            Ok(Err(ImportError::Table))
        } else {
            reading.end.await
        };
        let (next_page, stopped) = match end {
            Ok(Ok(next_page)) => (next_page, None),
            Ok(Err(error)) => (None, Some(error)),
            Err(_) => {
                let panicked = std::io::ErrorKind::Other.into();
                (None, Some(ImportError::Read(panicked)))
            }
        };
        // Of a list of which no row was read, there is nothing to report.
        let stopped = match (stopped, counts.rows) {
            (Some(error), 0) => return Err(error.into()),
            (stopped, _) => stopped,
        };
        Ok(Report {
            recognized,
            counts,
            is_dry_run: !go,
            next_page,
            stopped,
        })
    }
}
