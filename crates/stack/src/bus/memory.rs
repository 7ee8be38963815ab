//! What a bus has got.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde_json::{Value, json};
use shared::time::rfc3339_ms;
use uuid::Uuid;

use super::entry::Entry;

/// The most events that are remembered, and their bytes.
const EVENTS: usize = 20_000;
const BYTES: usize = 32 * 1024 * 1024;
/// The most events of one answer to whoever looks.
const SHOWN: usize = 100;

/// Called with each event that a bus gets, as a rule's target gets it.
pub type Hear = Arc<dyn Fn(&Value) + Send + Sync>;

/// The bus. Clones are the same one.
#[derive(Clone)]
pub struct Bus(Arc<Shared>);

struct Shared {
    arn: String,
    hear: Hear,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    events: VecDeque<(Value, usize)>,
    bytes: usize,
    /// How many events the bus has got so far, forgotten ones included.
    got: u64,
}

impl Bus {
    /// Returns the bus with this ARN, which has got nothing.
    #[must_use]
    pub fn new(arn: String) -> Self {
        Self::heard(arn, Arc::new(|_| {}))
    }

    /// Returns the bus with this ARN. Whatever it gets is told at once.
    #[must_use]
    pub fn heard(arn: String, hear: Hear) -> Self {
        Self(Arc::new(Shared {
            arn,
            hear,
            memory: Mutex::default(),
        }))
    }

    /// Returns its ARN.
    #[must_use]
    pub fn arn(&self) -> &str {
        &self.0.arn
    }

    /// Returns the events that it remembers, the oldest first, each as a rule's target gets it.
    #[must_use]
    pub fn events(&self) -> Vec<Value> {
        let memory = self.lock();
        memory
            .events
            .iter()
            .map(|(event, _)| event.clone())
            .collect()
    }

    /// Returns what somebody sees who looks: the latest events, or the first ones after so many.
    /// `got` is how many there were so far.
    pub(super) fn shown(&self, after: Option<u64>) -> Value {
        let memory = self.lock();
        let kept = u64::try_from(memory.events.len()).unwrap_or(u64::MAX);
        let first = memory.got.saturating_sub(kept);
        let shown = u64::try_from(SHOWN).unwrap_or(u64::MAX);
        let from = after.unwrap_or(memory.got.saturating_sub(shown)).max(first);
        let skipped = usize::try_from(from - first).unwrap_or(usize::MAX);
        let events = memory.events.iter().skip(skipped).take(SHOWN);
        let events: Vec<&Value> = events.map(|(event, _)| event).collect();
        let next = from.saturating_add(u64::try_from(events.len()).unwrap_or_default());
        json!({"bus": self.0.arn, "events": events, "got": memory.got, "next": next})
    }

    /// Keeps an entry that was accepted, if it is for this bus. Returns the event's id.
    pub(super) fn accept(&self, entry: &Entry, now: Timestamp) -> String {
        let id = Uuid::new_v4().to_string();
        if entry.is_for(&self.0.arn) {
            self.keep(self.event(entry, &id, now));
        }
        id
    }

    /// Returns an event as a rule's target gets it.
    fn event(&self, entry: &Entry, id: &str, now: Timestamp) -> Value {
        let mut parts = self.0.arn.split(':').skip(3);
        let (region, account) = (parts.next(), parts.next());
        json!({
            "version": "0",
            "id": id,
            "detail-type": entry.detail_type,
            "source": entry.source,
            "account": account,
            "time": rfc3339_ms(entry.time.unwrap_or(now)),
            "region": region,
            "resources": entry.resources,
            "detail": entry.detail,
        })
    }

    fn keep(&self, event: Value) {
        (self.0.hear)(&event);
        let size = event.to_string().len();
        let mut memory = self.lock();
        memory.got += 1;
        memory.bytes += size;
        memory.events.push_back((event, size));
        while memory.events.len() > EVENTS || memory.bytes > BYTES {
            let Some((_, size)) = memory.events.pop_front() else {
                break;
            };
            memory.bytes -= size;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.0.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
