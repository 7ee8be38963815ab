//! One standard queue as a state machine. It never waits and reads no clock.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use crate::{
    entry::{Counts, Entry, Kept, Sent, Taken},
    errors::SqsError,
    journal::Journal,
    limits::{MAX_VISIBILITY, PURGE_PAUSE, VISIBILITY},
    message::{Content, md5_of_attributes},
    receipt::Receipt,
    settings::QueueSettings,
};

/// A queue.
#[derive(Debug)]
pub struct Queue {
    settings: QueueSettings,
    created: Instant,
    modified: Instant,
    purged: Option<Instant>,
    /// The messages by arrival. The key is the message's place.
    entries: BTreeMap<u64, Entry>,
    by_available: BTreeSet<(Instant, u64)>,
    by_sent: BTreeSet<(Instant, u64)>,
    next_seq: u64,
    wake: Arc<Notify>,
    journal: Option<Journal>,
}

impl Queue {
    /// Returns an empty queue.
    #[must_use]
    pub fn new(settings: QueueSettings, now: Instant) -> Self {
        Self {
            settings,
            created: now,
            modified: now,
            purged: None,
            entries: BTreeMap::new(),
            by_available: BTreeSet::new(),
            by_sent: BTreeSet::new(),
            next_seq: 0,
            wake: Arc::new(Notify::new()),
            journal: None,
        }
    }

    /// Adds the messages of an earlier run, and writes every change to the journal from now on.
    pub(crate) fn keep_in(&mut self, journal: Journal, earlier: Vec<Entry>) {
        for entry in earlier {
            self.insert(entry);
        }
        self.journal = Some(journal);
    }

    /// Returns the settings.
    #[must_use]
    pub fn settings(&self) -> &QueueSettings {
        &self.settings
    }

    /// Returns when the queue was created, and when its settings last changed.
    #[must_use]
    pub fn dates(&self) -> (Instant, Instant) {
        (self.created, self.modified)
    }

    /// Replaces the settings. Messages that are hidden now stay hidden as long as they were told.
    pub fn configure(&mut self, settings: QueueSettings, now: Instant) {
        self.settings = settings;
        self.modified = now;
    }

    /// Returns the signal for when a message may have become visible earlier than planned.
    pub(crate) fn wake(&self) -> Arc<Notify> {
        Arc::clone(&self.wake)
    }

    /// Adds a message.
    ///
    /// # Errors
    /// Returns `InvalidParameterValue` if it is larger than this queue accepts.
    pub fn send(&mut self, content: Arc<Content>, now: Instant) -> Result<Sent, SqsError> {
        let max = self.settings.max_message_size;
        let message = content.message();
        if message.bytes() > max {
            return Err(SqsError::InvalidParameterValue(format!(
                "One or more parameters are invalid. Reason: Message must be shorter than {max} bytes."
            )));
        }
        let delay = message.delay.unwrap_or(self.settings.delay);
        let md5_of_body = content.md5_of_body().to_owned();
        let md5_of_attributes = md5_of_attributes(message.attributes.iter());
        let md5_of_system_attributes = content.md5_of_system_attributes();
        Ok(Sent {
            message_id: self.deliver(content, now, delay),
            md5_of_body,
            md5_of_attributes,
            md5_of_system_attributes,
        })
    }

    /// Adds a message of any size as a new one, and returns its id.
    pub(crate) fn deliver(
        &mut self,
        content: Arc<Content>,
        now: Instant,
        delay: Duration,
    ) -> String {
        let entry = Entry::new(content, now, delay);
        let id = entry.id.clone();
        self.insert(entry);
        id
    }

    /// Adds a message that `source` gave up on. It keeps its id, its receive count and its send
    /// time, from which its retention counts.
    pub(crate) fn adopt(&mut self, mut entry: Entry, source: &str, now: Instant) {
        entry.move_from(source, now);
        self.insert(entry);
    }

    /// Adds a message that was taken, as it was.
    pub(crate) fn put_back(&mut self, entry: Entry) {
        self.insert(entry);
    }

    fn insert(&mut self, entry: Entry) {
        if let Some(journal) = &self.journal {
            journal.put(&self.settings.name, &entry);
        }
        let seq = self.next_seq;
        self.next_seq += 1;
        self.by_available.insert((entry.available, seq));
        self.by_sent.insert((entry.sent, seq));
        self.entries.insert(seq, entry);
        self.wake.notify_waiters();
    }

    fn remove(&mut self, seq: u64) -> Option<Entry> {
        let entry = self.entries.remove(&seq)?;
        self.by_available.remove(&(entry.available, seq));
        self.by_sent.remove(&(entry.sent, seq));
        Some(entry)
    }

    /// Removes a message permanently.
    fn end(&mut self, seq: u64) {
        if let Some(entry) = self.remove(seq) {
            self.forget(&entry.id);
        }
    }

    /// Records in the journal that a message is in no queue any more.
    pub(crate) fn forget(&self, id: &str) {
        if let Some(journal) = &self.journal {
            journal.remove(id);
        }
    }

    /// Drops the messages that are past their retention.
    fn expire(&mut self, now: Instant) {
        while let Some(&(sent, seq)) = self.by_sent.first() {
            if now < sent + self.settings.message_retention {
                return;
            }
            self.end(seq);
        }
    }

    /// Hands out at most `max` visible messages and hides them.
    pub fn receive(&mut self, max: usize, visibility: Option<Duration>, now: Instant) -> Taken {
        self.expire(now);
        let visibility = visibility.unwrap_or(self.settings.visibility_timeout);
        let limit = self.settings.redrive.as_ref().map(|r| r.max_receive_count);
        let mut taken = Taken::default();
        let mut handed = Vec::new();
        // Messages that are handed out go back into the order at the end. Otherwise, if they are
        // hidden for no time at all, they would be handed out twice.
        while handed.len() < max {
            let Some(seq) = self.next_visible(now) else {
                break;
            };
            if let Some(entry) = self.entries.get_mut(&seq) {
                if limit.is_some_and(|limit| entry.receives_here >= limit) {
                    taken.dead.extend(self.remove(seq));
                    continue;
                }
                self.by_available.remove(&(entry.available, seq));
                taken
                    .received
                    .push(entry.hand_out(&self.settings.name, seq, visibility, now));
                handed.push((entry.available, seq));
            }
        }
        self.by_available.extend(handed);
        taken
    }

    fn next_visible(&self, now: Instant) -> Option<u64> {
        let &(available, seq) = self.by_available.first()?;
        (available <= now).then_some(seq)
    }

    /// Returns when the next message becomes visible, if nothing happens before.
    #[must_use]
    pub fn next_available(&self) -> Option<Instant> {
        self.by_available.first().map(|&(available, _)| available)
    }

    /// Returns the visible message that has waited longest.
    pub(crate) fn peek(&self, now: Instant) -> Option<&Entry> {
        self.entries.get(&self.next_visible(now)?)
    }

    /// Removes the message that [`Self::peek`] shows. On the disk it stays until [`Self::forget`].
    pub(crate) fn take(&mut self, now: Instant) -> Option<Entry> {
        self.remove(self.next_visible(now)?)
    }

    /// Returns the place of the message that a handle of this queue names, if it is still there.
    fn find(&self, handle: &str) -> Result<Option<u64>, SqsError> {
        let receipt = Receipt::decode(handle)?;
        if receipt.queue != self.settings.name {
            return Err(SqsError::ReceiptHandleIsInvalid);
        }
        let entry = self.entries.get(&receipt.seq);
        Ok(entry
            .filter(|entry| entry.id == receipt.message_id)
            .map(|_| receipt.seq))
    }

    /// Deletes a message. If it is already gone, nothing changes. The handle of an earlier receive
    /// is accepted, as it may be on AWS.
    ///
    /// # Errors
    /// Returns `ReceiptHandleIsInvalid` if this queue did not issue the handle.
    pub fn delete(&mut self, handle: &str) -> Result<(), SqsError> {
        if let Some(seq) = self.find(handle)? {
            self.end(seq);
        }
        Ok(())
    }

    /// Hides a message that is in flight for `timeout` from now on.
    ///
    /// # Errors
    /// Returns `ReceiptHandleIsInvalid` if this queue did not issue the handle, and
    /// `MessageNotInflight` if the message is visible. Returns `InvalidParameterValue` if the
    /// message is gone or would be hidden for more than 12 hours since it was received.
    pub fn change_visibility(
        &mut self,
        handle: &str,
        timeout: Duration,
        now: Instant,
    ) -> Result<(), SqsError> {
        VISIBILITY.hold(timeout)?;
        self.expire(now);
        let seq = self.find(handle)?;
        let Some((seq, entry)) = seq.and_then(|seq| Some((seq, self.entries.get_mut(&seq)?)))
        else {
            return Err(SqsError::value(
                handle,
                "ReceiptHandle",
                "Message does not exist or is not available for visibility timeout change.",
            ));
        };
        let held_since = entry.held_since.filter(|_| entry.available > now);
        let held_since = held_since.ok_or(SqsError::MessageNotInflight)?;
        if now + timeout > held_since + MAX_VISIBILITY {
            return Err(SqsError::value(
                timeout.as_secs(),
                "VisibilityTimeout",
                "Total VisibilityTimeout for the message is beyond the limit [43200 seconds].",
            ));
        }
        self.by_available.remove(&(entry.available, seq));
        entry.available = now + timeout;
        self.by_available.insert((entry.available, seq));
        self.wake.notify_waiters();
        Ok(())
    }

    /// Returns when a message becomes visible, if it is still there.
    ///
    /// # Errors
    /// Returns `ReceiptHandleIsInvalid` if this queue did not issue the handle.
    pub fn visible_at(&self, handle: &str) -> Result<Option<Instant>, SqsError> {
        let entry = self.find(handle)?.and_then(|seq| self.entries.get(&seq));
        Ok(entry.map(|entry| entry.available))
    }

    /// Returns every message, whether it is visible or not. Nobody has received it by this.
    pub fn contents(&mut self, now: Instant) -> Vec<Arc<Content>> {
        self.expire(now);
        let entries = self.entries.values();
        entries.map(|entry| Arc::clone(&entry.content)).collect()
    }

    /// Returns every message with its id, the oldest first. Nobody has received it by this.
    pub fn kept(&mut self, now: Instant) -> Vec<Kept> {
        self.expire(now);
        let entries = self.entries.values();
        let kept = entries.map(|entry| Kept {
            message_id: entry.id.clone(),
            content: Arc::clone(&entry.content),
            sent: entry.sent,
            is_visible: entry.available <= now,
        });
        kept.collect()
    }

    /// Removes the visible message of this id. On the disk it stays until [`Self::forget`].
    pub(crate) fn take_one(&mut self, id: &str, now: Instant) -> Option<Entry> {
        self.expire(now);
        let mut entries = self.entries.iter();
        let (&seq, _) = entries.find(|(_, entry)| entry.id == id && entry.available <= now)?;
        self.remove(seq)
    }

    /// Deletes every message.
    ///
    /// # Errors
    /// Returns `PurgeQueueInProgress` within a minute of the last purge.
    pub fn purge(&mut self, now: Instant) -> Result<(), SqsError> {
        if self.purged.is_some_and(|last| now < last + PURGE_PAUSE) {
            return Err(SqsError::PurgeQueueInProgress(self.settings.name.clone()));
        }
        self.purged = Some(now);
        while let Some((&seq, _)) = self.entries.first_key_value() {
            self.end(seq);
        }
        Ok(())
    }

    /// Returns how many messages there are, by state.
    pub fn counts(&mut self, now: Instant) -> Counts {
        self.expire(now);
        let mut counts = Counts::default();
        for entry in self.entries.values() {
            match entry.held_since {
                _ if entry.available <= now => counts.visible += 1,
                Some(_) => counts.in_flight += 1,
                None => counts.delayed += 1,
            }
        }
        counts
    }

    /// Returns how long the oldest message has been in this queue. As on AWS, if redrive moved a
    /// message here, the time counts from the move.
    pub fn oldest_age(&mut self, now: Instant) -> Option<Duration> {
        self.expire(now);
        let (_, oldest) = self.entries.first_key_value()?;
        Some(now.saturating_duration_since(oldest.arrived))
    }
}
