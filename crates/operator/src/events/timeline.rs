//! Selects events: one person's over all channels, or those of the whole table.

use jiff::Timestamp;
use shared::event::Channel;
use table::announced::owner_of;
use table::item::Item;
use table::keys::Owner;
use table::read::{is_expired, text};
use table::recipient::Of;
use table::timeline::Span;

use super::newest::Newest;
use super::reader::Events;
use crate::error::Error;

/// How many events of a timeline are asked for at once.
const PAGE: i32 = 500;

/// Which events. An empty list means all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only these kinds.
    pub kinds: Vec<&'static str>,
    /// Only these providers.
    pub providers: Vec<&'static str>,
    /// Only this channel.
    pub channel: Option<Channel>,
    /// Only these times.
    pub span: Span,
    /// What has expired by now is left out. The table deletes it within days.
    pub now: Timestamp,
}

impl Selection {
    /// Returns the channels that are asked for.
    #[must_use]
    pub fn channels(&self) -> Vec<Channel> {
        self.channel
            .map_or_else(|| Channel::ALL.to_vec(), |one| vec![one])
    }

    /// Checks whether an item is an event that has not expired.
    fn is_kept(&self, item: &Item) -> bool {
        item.contains_key("kind") && !is_expired(item, self.now)
    }

    fn has(&self, item: &Item) -> bool {
        let is_one = |all: &[&str], name| all.is_empty() || all.contains(&text(item, name));
        is_one(&self.kinds, "kind") && is_one(&self.providers, "provider")
    }

    fn is_in_channel(&self, item: &Item) -> bool {
        let channel = owner_of(item).map(Owner::channel);
        let wanted = self.channel.map(Channel::name);
        wanted.is_none_or(|wanted| channel == Some(wanted))
    }
}

/// What was found.
pub struct Timeline {
    /// The newest events that were asked for.
    pub newest: Newest,
    /// How many events were read to find them.
    pub read: usize,
}

impl Events {
    /// Reads one person's events, and keeps the newest `most` of those selected. Tells how many
    /// were read so far.
    ///
    /// # Errors
    /// Returns [`Error::Service`] if the table cannot be read.
    pub async fn timeline(
        &self,
        of: &Of,
        selection: &Selection,
        most: usize,
        mut tell: impl FnMut(u64),
    ) -> Result<Timeline, Error> {
        let mut found = Timeline::new(most);
        let channels = selection.channels().into_iter();
        for pk in channels.flat_map(|channel| of.keys(channel)) {
            let mut start = None;
            loop {
                let page = self.newest(&pk, &selection.span, start, PAGE).await?;
                found.add(page.items, selection);
                tell(u64::try_from(found.read).unwrap_or_default());
                start = page.next;
                if start.is_none() {
                    break;
                }
            }
        }
        Ok(found)
    }

    /// Reads the whole table, and keeps the newest `most` of those selected. Tells how many items
    /// were read so far.
    ///
    /// # Errors
    /// Returns [`Error::Service`] if the table cannot be read.
    pub async fn selected(
        &self,
        selection: &Selection,
        most: usize,
        mut tell: impl FnMut(u64),
    ) -> Result<Timeline, Error> {
        let mut found = Timeline::new(most);
        let (mut start, mut items) = (None, 0);
        loop {
            let page = self.page_at_half_price(start).await?;
            items += u64::try_from(page.items.len()).unwrap_or_default();
            tell(items);
            let here = page.items.into_iter().filter(|item| {
                selection.span.has(text(item, "sk")) && selection.is_in_channel(item)
            });
            found.add(here.collect(), selection);
            start = page.next;
            if start.is_none() {
                return Ok(found);
            }
        }
    }
}

impl Timeline {
    fn new(most: usize) -> Self {
        Self {
            newest: Newest::new(most),
            read: 0,
        }
    }

    fn add(&mut self, items: Vec<Item>, selection: &Selection) {
        for item in items.into_iter().filter(|item| selection.is_kept(item)) {
            self.read += 1;
            if selection.has(&item) {
                self.newest.add(item);
            }
        }
    }
}
