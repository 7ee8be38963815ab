//! Keeps the messages on disk. What was answered is still there after a crash.
//!
//! Every change is queued under the service's lock, in order, and written by one thread. While the
//! thread writes, more changes come; it writes all of them in one transaction, with one flush to
//! the disk.
//!
//! A request is answered when its own change, and with it every earlier one, is on the disk
//! ([`Journal::written`]).
//!
//! These are kept: the messages, the queues that they are in, and how often they were received
//! before they came there. It is not kept who holds a message. So after a crash every message is
//! visible, and its receives in this queue count from zero.
//!
//! If a message moves, it is put into its new queue by the same change that takes it from the old
//! one, or before it is removed there. So a crash in between can show it twice, but never loses it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};

use rusqlite::{Connection, Transaction, params};
use thiserror::Error;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::entry::Entry;
use crate::errors::SqsError;
use crate::message::Content;
use crate::wire::Send;

/// The most changes in one transaction.
const TRANSACTION: usize = 1024;

const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS message (
        place INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        queue TEXT NOT NULL,
        sent INTEGER NOT NULL,
        available INTEGER NOT NULL,
        receives INTEGER NOT NULL,
        source TEXT,
        request TEXT NOT NULL
    );
";
const READ: &str =
    "SELECT id, queue, sent, available, receives, source, request FROM message ORDER BY place";
const PUT: &str =
    "INSERT OR REPLACE INTO message (id, queue, sent, available, receives, source, request)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
const REMOVE: &str = "DELETE FROM message WHERE id = ?1";

/// Why the messages cannot be read.
#[derive(Debug, Error)]
pub enum JournalError {
    /// `SQLite` failed.
    #[error("the messages cannot be read: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A row does not belong to this version of the emulator.
    #[error("a message of the queue {0} cannot be read")]
    Row(String),
    /// The thread that writes did not start.
    #[error("the messages cannot be written: {0}")]
    Thread(#[from] std::io::Error),
}

/// A message as it is on the disk. Times are in milliseconds since 1970.
pub(crate) struct Row {
    id: String,
    queue: String,
    sent: i64,
    available: i64,
    receives: u32,
    source: Option<String>,
    /// The `SendMessage` request that would send it again.
    request: String,
}

enum Change {
    Put(Row),
    Remove(String),
}

/// The file that one queue's messages are written to. Clones are the same journal.
#[derive(Clone, Debug)]
pub(crate) struct Journal {
    clock: Clock,
    changes: mpsc::Sender<Change>,
    queued: Arc<AtomicU64>,
    written: watch::Receiver<u64>,
}

/// The messages of an earlier run, by queue, in the order in which they arrived.
pub(crate) type Rows = BTreeMap<String, Vec<Row>>;

impl Journal {
    /// Opens the file, and creates it if it is not there.
    pub(crate) fn open(path: &Path, clock: Clock) -> Result<(Self, Rows), JournalError> {
        let file = Connection::open(path)?;
        file.execute_batch(SCHEMA)?;
        let rows = read(&file)?;
        let (changes, incoming) = mpsc::channel();
        let (progress, written) = watch::channel(0);
        std::thread::Builder::new()
            .name("sqs journal".to_owned())
            .spawn(move || {
                if let Err(error) = write(file, &incoming, &progress) {
                    eprintln!("the queue cannot be written: {error}");
                }
            })?;
        let journal = Self {
            clock,
            changes,
            queued: Arc::default(),
            written,
        };
        Ok((journal, rows))
    }

    /// Queues the change for a message that came into `queue`, from a sender or from another queue.
    pub(crate) fn put(&self, queue: &str, entry: &Entry) {
        let millis = |at| i64::try_from(self.clock.millis(at)).unwrap_or(i64::MAX);
        let request = Send::again(entry.content.message());
        self.queue(Change::Put(Row {
            id: entry.id.clone(),
            queue: queue.to_owned(),
            sent: millis(entry.sent),
            available: millis(entry.available),
            receives: entry.receives,
            source: entry.dead_letter_source.clone(),
            // This cannot fail, because the keys are text.
            request: serde_json::to_string(&request).unwrap_or_default(),
        }));
    }

    /// Queues the change for a message that ends.
    pub(crate) fn remove(&self, id: &str) {
        self.queue(Change::Remove(id.to_owned()));
    }

    fn queue(&self, change: Change) {
        self.queued.fetch_add(1, Ordering::Release);
        let _ = self.changes.send(change); // `written` notices if the thread has ended
    }

    /// Waits until everything that was queued before is on the disk.
    pub(crate) async fn written(&self) -> Result<(), SqsError> {
        let queued = self.queued.load(Ordering::Acquire);
        let mut written = self.written.clone();
        let reached = written.wait_for(|written| *written >= queued).await;
        reached.map(|_| ()).map_err(|_| SqsError::Internal)
    }

    /// Turns a row into a message that nobody holds.
    pub(crate) fn entry(&self, row: Row) -> Result<Entry, JournalError> {
        let unreadable = || JournalError::Row(row.queue.clone());
        let request: Send = serde_json::from_str(&row.request).map_err(|_| unreadable())?;
        let message = request.into_message().map_err(|_| unreadable())?;
        let content = Content::new(message).map_err(|_| unreadable())?;
        let at = |millis| u64::try_from(millis).unwrap_or_default();
        Ok(Entry::restored(
            row.id,
            Arc::new(content),
            self.clock.instant(at(row.sent)),
            self.clock.instant(at(row.available)),
            row.receives,
            row.source,
        ))
    }
}

fn read(file: &Connection) -> Result<Rows, JournalError> {
    let mut rows = Rows::new();
    let mut select = file.prepare(READ)?;
    let all = select.query_map([], |row| {
        Ok(Row {
            id: row.get(0)?,
            queue: row.get(1)?,
            sent: row.get(2)?,
            available: row.get(3)?,
            receives: row.get(4)?,
            source: row.get(5)?,
            request: row.get(6)?,
        })
    })?;
    for row in all {
        let row = row?;
        rows.entry(row.queue.clone()).or_default().push(row);
    }
    Ok(rows)
}

/// Writes until every sender is gone. After an error nothing more is written, and so nothing more
/// is answered.
fn write(
    mut file: Connection,
    changes: &mpsc::Receiver<Change>,
    progress: &watch::Sender<u64>,
) -> Result<(), rusqlite::Error> {
    while let Ok(first) = changes.recv() {
        let transaction = file.transaction()?;
        apply(&transaction, first)?;
        let mut count = 1;
        for change in changes.try_iter().take(TRANSACTION - 1) {
            apply(&transaction, change)?;
            count += 1;
        }
        transaction.commit()?;
        progress.send_modify(|written| *written += count);
    }
    Ok(())
}

fn apply(transaction: &Transaction<'_>, change: Change) -> Result<(), rusqlite::Error> {
    match change {
        Change::Put(row) => transaction.prepare_cached(PUT)?.execute(params![
            row.id,
            row.queue,
            row.sent,
            row.available,
            row.receives,
            row.source,
            row.request
        ])?,
        Change::Remove(id) => transaction.prepare_cached(REMOVE)?.execute([id])?,
    };
    Ok(())
}
