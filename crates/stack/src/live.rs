//! What happens on a running stack, told as it happens: a short memory of entries, and the stream
//! of them at `GET /_postern/live`.
//!
//! An entry is a JSON object. This crate does not know what stands in it, but for its id.
//!
//! The stream is one of Server-Sent Events, because it goes one way and a browser connects again by
//! itself. A reader names the last id that it has seen (`Last-Event-ID`), or a time (`?since=`, in
//! Unix milliseconds), and is told what has happened since. Without either it is told what happens
//! from now on.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};

/// The most entries that are remembered.
const ENTRIES: usize = 1_000;
/// The most bytes of them.
const BYTES: usize = 16 * 1024 * 1024;
/// How far a reader may fall behind before it is dropped.
const BEHIND: usize = 1_024;

/// The most readers of the stream at once.
const READERS: usize = 32;

/// Something that has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number. The first one is 1.
    pub id: u64,
    /// When it was told, in Unix milliseconds.
    pub at: i64,
    /// The entry as JSON.
    pub json: Arc<str>,
}

/// From where on a reader is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// What happens from now on.
    Now,
    /// What has happened after the entry of this id.
    Id(u64),
    /// What has happened at this time, in Unix milliseconds, or later.
    Time(i64),
}

/// The memory, and those who listen. Clones are the same one.
#[derive(Clone)]
pub struct Live(Arc<Shared>);

struct Shared {
    memory: Mutex<Memory>,
    listeners: broadcast::Sender<Entry>,
    readers: Arc<Semaphore>,
}

#[derive(Default)]
struct Memory {
    entries: VecDeque<Entry>,
    bytes: usize,
    last: u64,
}

impl Default for Live {
    fn default() -> Self {
        let (listeners, _) = broadcast::channel(BEHIND);
        Self(Arc::new(Shared {
            memory: Mutex::default(),
            listeners,
            readers: Arc::new(Semaphore::new(READERS)),
        }))
    }
}

impl Live {
    /// Tells an entry, with its id as the field `id`, at this time in Unix milliseconds.
    pub fn tell(&self, mut entry: Value, at: i64) {
        let mut memory = self.0.memory.lock().unwrap_or_else(PoisonError::into_inner);
        memory.last += 1;
        let id = memory.last;
        if let Some(fields) = entry.as_object_mut() {
            fields.insert("id".to_owned(), id.into());
        }
        let json: Arc<str> = entry.to_string().into();
        let entry = Entry { id, at, json };
        memory.bytes += entry.json.len();
        memory.entries.push_back(entry.clone());
        while memory.entries.len() > ENTRIES || memory.bytes > BYTES {
            let Some(oldest) = memory.entries.pop_front() else {
                break;
            };
            memory.bytes -= oldest.json.len();
        }
        // Told under the lock, so that no reader misses one or sees one twice.
        let _ = self.0.listeners.send(entry); // nobody may be listening
    }

    /// Returns a reader's place, which is its own until it is dropped. Returns `None` if all are
    /// taken.
    pub(crate) fn place(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0.readers).try_acquire_owned().ok()
    }

    /// Returns what is remembered of what a reader asks for, and what comes from now on.
    #[must_use]
    pub fn listen(&self, after: After) -> (Vec<Entry>, broadcast::Receiver<Entry>) {
        let memory = self.0.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let is_wanted = |entry: &&Entry| match after {
            After::Now => false,
            // An id that is not reached yet is of a stack before this one.
            After::Id(id) => entry.id > id || id > memory.last,
            After::Time(at) => entry.at >= at,
        };
        let entries = memory.entries.iter().filter(is_wanted).cloned().collect();
        (entries, self.0.listeners.subscribe())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ids(live: &Live, after: After) -> Vec<u64> {
        live.listen(after).0.iter().map(|entry| entry.id).collect()
    }

    #[test]
    fn a_reader_is_told_what_it_has_missed_and_nothing_twice() {
        let live = Live::default();
        for at in [10, 20, 30] {
            live.tell(json!({"status": 200}), at);
        }
        assert_eq!(ids(&live, After::Now), [0_u64; 0]);
        assert_eq!(ids(&live, After::Id(1)), [2, 3]);
        assert_eq!(ids(&live, After::Time(20)), [2, 3]);
        assert_eq!(ids(&live, After::Id(3)), [0_u64; 0]);
        assert_eq!(ids(&live, After::Id(812)), [1, 2, 3], "of another stack");
        let (_, mut listener) = live.listen(After::Id(3));
        live.tell(json!({"status": 401}), 40);
        let told = listener.try_recv().expect("told");
        let told: Value = serde_json::from_str(&told.json).expect("JSON");
        assert_eq!(told, json!({"status": 401, "id": 4}));
    }

    #[test]
    fn the_oldest_are_forgotten_by_number_and_by_size() {
        let live = Live::default();
        for at in 0..1_005 {
            live.tell(json!({}), at);
        }
        assert_eq!(ids(&live, After::Id(0)).len(), 1_000);
        assert_eq!(ids(&live, After::Id(0)).first(), Some(&6));
        live.tell(json!({"text": "x".repeat(9 * 1024 * 1024)}), 1);
        live.tell(json!({"text": "x".repeat(9 * 1024 * 1024)}), 1);
        assert_eq!(ids(&live, After::Id(0)), [1_007]);
    }
}
