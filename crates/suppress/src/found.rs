//! Reads many items, all of them or none.

use std::collections::{BTreeMap, BTreeSet};

use table::item::Item;
use table::keys::Key;

use crate::failure::Error;
use ::operator::events::Events;

/// Reads the items under these keys.
///
/// # Errors
/// Returns [`Error::Operator`] if the table has no answer for some of them: an item that was not
/// read is not one that is not there.
pub(super) async fn found(
    events: &Events,
    keys: &BTreeSet<Key>,
) -> Result<BTreeMap<Key, Item>, Error> {
    let found = events.items(keys, &[]).await?;
    if found.unread.is_empty() {
        return Ok(found.items);
    }
    let unread = ::operator::Error::Service {
        what: "the table did not answer in time",
        cause: format!(
            "{} of {} items were not read",
            found.unread.len(),
            keys.len()
        ),
        hint: "run it again",
    };
    Err(unread.into())
}
