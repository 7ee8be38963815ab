//! Writes the changes of a run in an order in which nothing is lost. If a run is interrupted
//! anywhere, a second run finishes it.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use table::keys::Key;
use table::sight::{Seen, Wanted};
use table::store::{Items, Store, key_of};
use table::suppression::Changes;
use tokio::time::{Instant, sleep_until};

use super::change::Change;
use super::registers::{self, Moved};

/// The longest that writing one chunk may take.
const PATIENCE: Duration = Duration::from_mins(5);
/// The most changes that are written at once.
const CHUNK: usize = 100;

/// Writes changes, at most `rate` a second.
pub(super) struct Writer {
    client: Client,
    table: String,
    rate: Option<u32>,
    next: Instant,
}

impl Writer {
    pub(super) fn new(client: Client, table: String, rate: Option<u32>) -> Self {
        Self {
            client,
            table,
            rate,
            next: Instant::now(),
        }
    }

    /// Writes the changes. Returns how many of them are not known to be written.
    pub(super) async fn write(&mut self, changes: &[Change]) -> usize {
        let chunk = chunk(self.rate);
        let mut failed = 0;
        for changes in changes.chunks(chunk) {
            sleep_until(self.next).await;
            self.next = Instant::now() + pause(changes.len(), self.rate);
            failed += self.write_chunk(changes).await;
        }
        failed
    }

    /// Writes each register, and only then removes the item that it came from. Returns how many are
    /// not known to be written.
    pub(super) async fn write_registers(&self, moved: &[Moved]) -> usize {
        let deadline = Instant::now() + PATIENCE;
        let store = self.store();
        let mut failed = 0;
        for moved in moved {
            let mut changes = Changes::default();
            changes.add(moved.change.clone());
            let is_written = store.suppress(changes, deadline).await.is_empty();
            let is_gone = is_written
                && if moved.stays() {
                    registers::strip(&self.client, &self.table, &moved.before).await
                } else {
                    let gone = BTreeSet::from([moved.before.clone()]);
                    store.delete(gone, deadline).await.is_empty()
                };
            failed += usize::from(!is_gone);
        }
        failed
    }

    /// Writes one chunk. Returns how many of its changes are not known to be written.
    ///
    /// First sights and suppressions are written first, because an item that is up to date is never
    /// looked at again. Then the new items are put. What a change replaces is deleted only when all
    /// of its new items are there.
    async fn write_chunk(&self, changes: &[Change]) -> usize {
        let deadline = Instant::now() + PATIENCE;
        let store = self.store();
        let remembered = self.seen(changes, deadline).await;
        let mut fold = Changes::default();
        for change in changes {
            change.fold(&mut fold);
        }
        let unheard = store.suppress(fold, deadline).await;
        let is_ready = |change: &&Change| {
            let times = &change.times.needed;
            let is_unheard = |pk: &str| unheard.keys().any(|register| register.pk == pk);
            times.keys().all(|key| remembered.contains_key(key))
                && change.keys().all(|(pk, _)| !is_unheard(&pk))
        };
        let ready: Vec<&Change> = changes.iter().filter(is_ready).collect();

        let puts = ready.iter().flat_map(|change| &change.puts);
        let puts = puts.filter_map(|(_, item)| Some((key_of(item)?, item.clone())));
        let missing = store.put(puts.collect::<Items>(), deadline).await;
        let is_put = |change: &&&Change| change.keys().all(|key| !missing.contains_key(&key));
        let done: Vec<&&Change> = ready.iter().filter(is_put).collect();

        let times = done
            .iter()
            .flat_map(|change| change.times.obsolete.iter().cloned());
        let mut still_there = store.delete(times.collect(), deadline).await;
        if still_there.is_empty() {
            let moved = done.iter().filter(|change| change.is_moved);
            let moved: BTreeSet<Key> = moved.filter_map(|change| key_of(&change.before)).collect();
            still_there = store.delete(moved, deadline).await;
        }
        changes.len() - done.len() + still_there.len()
    }
}

impl Writer {
    /// Returns a store. Its retention is not used, because each item says itself how long it is
    /// kept.
    fn store(&self) -> Store {
        Store::new(self.client.clone(), self.table.clone(), 0)
    }

    /// Remembers the first sights that are needed.
    async fn seen(&self, changes: &[Change], deadline: Instant) -> Seen {
        let needed = changes.iter().map(|change| change.times.needed.clone());
        let needed: Wanted = needed.flatten().collect();
        self.store().seen(needed, deadline).await
    }
}

fn chunk(rate: Option<u32>) -> usize {
    let rate = rate.and_then(|rate| usize::try_from(rate).ok());
    rate.unwrap_or(CHUNK).clamp(1, CHUNK)
}

/// Returns how long to wait before the next chunk, so that the rate is kept.
fn pause(changes: usize, rate: Option<u32>) -> Duration {
    let changes = u32::try_from(changes).unwrap_or(u32::MAX);
    rate.map_or(Duration::ZERO, |rate| {
        Duration::from_secs(1) * changes / rate.max(1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_kept_chunk_by_chunk() {
        assert_eq!((chunk(None), pause(100, None)), (100, Duration::ZERO));
        assert_eq!(chunk(Some(7)), 7);
        assert_eq!(pause(7, Some(7)), Duration::from_secs(1));
        assert_eq!(pause(3, Some(6)), Duration::from_millis(500));
        assert_eq!(
            (chunk(Some(500)), pause(100, Some(500))),
            (100, Duration::from_millis(200))
        );
        assert_eq!(
            (chunk(Some(0)), pause(1, Some(0))),
            (1, Duration::from_secs(1))
        );
    }
}
