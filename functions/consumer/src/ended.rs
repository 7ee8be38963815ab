//! The attempts that have come to an end in this process, and that the table still counts.
//!
//! The table may fail between the beginning of an attempt and its end. An attempt that is left open
//! would look as if it had stopped the consumer. But this process is alive, and knows better: it
//! does not count such an attempt, and crosses it out as soon as the table answers.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use futures_util::stream::{self, StreamExt as _};
use jiff::Timestamp;
use table::store::Store;
use tokio::time::Instant;

/// The most messages that are remembered.
const MOST: usize = 10_000;
/// How many are crossed out at once.
const CONCURRENCY: usize = 8;

/// By the message's id: at which receive its latest attempt ended.
#[derive(Default)]
pub(crate) struct Ended(Mutex<BTreeMap<String, u32>>);

impl Ended {
    /// Remembers an attempt that has come to an end.
    pub(crate) fn remember(&self, message_id: &str, receives: u32) {
        self.with(|ended| {
            if ended.len() < MOST || ended.contains_key(message_id) {
                ended.insert(message_id.to_owned(), receives);
            }
        });
    }

    /// Returns the receive up to which no attempt at a message counts.
    pub(crate) fn latest(&self, message_id: &str) -> u32 {
        self.with(|ended| ended.get(message_id).copied())
            .unwrap_or(0)
    }

    /// Crosses out what can be crossed out by the `deadline`.
    pub(crate) async fn cross_out(&self, store: &Store, at: Timestamp, deadline: Instant) {
        let ids: Vec<String> = self.with(|ended| ended.keys().cloned().collect());
        stream::iter(ids)
            .for_each_concurrent(CONCURRENCY, |id| async move {
                if store.end(&id, at, deadline).await {
                    self.with(|ended| ended.remove(&id));
                }
            })
            .await;
    }

    fn with<T>(&self, act: impl FnOnce(&mut BTreeMap<String, u32>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
