//! Asks when somebody last got a message.

use shared::event::Channel;
use table::read::text;
use table::timeline::Span;

use crate::error::Error;
use crate::events::{Events, Of};

/// How many events are looked through at once for the last delivery.
const PAGE: i32 = 100;

/// Returns when a message was last delivered, and whether there is any event at all.
///
/// # Errors
/// Returns [`Error::Service`] if the table cannot be read.
pub async fn last_delivered(
    events: &Events,
    of: &Of,
    channel: Channel,
) -> Result<(Option<String>, bool), Error> {
    let (mut last, mut is_known) = (None, false);
    for pk in of.keys(channel) {
        let mut start = None;
        loop {
            let page = events.newest(&pk, &Span::default(), start, PAGE).await?;
            is_known |= !page.items.is_empty();
            let mut delivered = page
                .items
                .iter()
                .filter(|item| text(item, "kind") == "delivered");
            if let Some(item) = delivered.next() {
                let time = text(item, "sk").split('#').next().unwrap_or_default();
                last = last.max(Some(time.to_owned()));
                break;
            }
            start = page.next;
            if start.is_none() {
                break;
            }
        }
    }
    Ok((last, is_known))
}
