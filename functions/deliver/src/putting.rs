//! Puts what the bus is told by a batch: all its messages together, beside whatever else is sent
//! meanwhile.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use jiff::Timestamp;
use outlets::bus::{BUS, Entry};
use outlets::message::Message;
use tokio::time::Instant;

use crate::content::notification;
use crate::known::Known;
use crate::plan::Plan;
use crate::state::Deliver;
use crate::tried::Tried;

/// What the bus is being told by a batch. Whoever asks first makes it begin.
pub(crate) struct Putting<'a>(Shared<BoxFuture<'a, BTreeMap<String, Tried>>>);

impl<'a> Putting<'a> {
    /// Returns what is to be put of these messages, by the `deadline`.
    pub(crate) fn of(
        messages: &[&Message],
        known: &Known,
        deliver: &'a Deliver,
        now: Timestamp,
        deadline: Instant,
    ) -> Self {
        let meant = messages.iter().filter(|message| message.outlet == BUS);
        let entries: BTreeMap<String, Entry> = meant
            .filter_map(|message| entry(message, known, now))
            .map(|entry| (entry.id.clone(), entry))
            .collect();
        let entries: Vec<Entry> = entries.into_values().collect();
        let putting = async move {
            match &deliver.bus {
                Some(bus) => bus.put(entries, deadline).await,
                None => BTreeMap::new(),
            }
        };
        Self(putting.boxed().shared())
    }

    /// Returns what became of the entry with this id. Returns `None` if there is none.
    pub(crate) async fn tried(&self, id: &str) -> Option<Tried> {
        self.0.clone().await.get(id).copied()
    }
}

/// Returns the entry of a message, if it is to be put now. One whose making panics has none: its
/// own processing panics, too, and puts it aside.
fn entry(message: &Message, known: &Known, now: Timestamp) -> Option<Entry> {
    let entry = || {
        let plan = known.plan(message, now);
        let endpoint = known.endpoint(message).filter(|_| plan == Ok(Plan::Try))?;
        let item = known.item(message).ok()?;
        Entry::of(&notification(message, endpoint, item, now).ok()?)
    };
    catch_unwind(AssertUnwindSafe(entry)).ok().flatten()
}
