//! Decides what a record of the stream announces, and to whom.

use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::Timestamp;
use outlets::announce::{Change, Said};
use outlets::endpoint::Endpoint;
use outlets::message::Message;
use outlets::stream::Record;

/// Returns what a record announces. One whose reading panics is unreadable, like any other that is
/// not what a table writes.
pub(crate) fn said(record: &Record, announced: impl Fn(&Change) -> Said) -> Said {
    let said = caught(|| record.change.as_ref().map(announced)).flatten();
    said.unwrap_or(Said::Unreadable)
}

/// Returns the messages for the endpoints that want what a record announces. One that is not active
/// is told, too: what it is told is held for it.
pub(crate) fn messages(
    record: &Record,
    said: &Said,
    endpoints: &[Endpoint],
    now: Timestamp,
) -> Option<Vec<Message>> {
    let (Said::Facts(facts), Some(change)) = (said, &record.change) else {
        return Some(Vec::new());
    };
    let item = change.new.as_ref()?;
    caught(|| {
        let pairs = facts.iter().flat_map(|fact| {
            let wanting = endpoints.iter().filter(|endpoint| match fact.reason {
                Some(_) => endpoint.wants_suppression(),
                None => endpoint.wants(item).is_some(),
            });
            wanting.map(move |endpoint| Message::first(endpoint.id, fact.clone(), now))
        });
        pairs.collect()
    })
}

/// Returns what a function returns, unless it panics.
pub(crate) fn caught<T>(read: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(read)).ok()
}
