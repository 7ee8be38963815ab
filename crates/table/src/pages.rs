//! Reads the newest events of one place or several, page by page, in one order.
//!
//! A page is paid for by what is read, and answered within a request. So it reads no more than it
//! needs, and stops where too little of much is wanted: then it has fewer events, and says where to
//! go on.

use std::cmp::Reverse;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;

use crate::item::Item;
use crate::read::{ReadError, Reader, is_expired, text};
use crate::timeline::{Place, Span};

/// How many places are read at once.
const CONCURRENCY: usize = 8;
/// How many events are looked through at once for those that are wanted.
const LOOK: i32 = 500;
/// How many requests a page makes at most, of all its places together, and of one at least.
const REQUESTS: usize = 64;
const MOST_OF_ONE: usize = 10;
const LEAST_OF_ONE: usize = 2;

/// Which events a page has.
pub struct Wanted<'a> {
    /// From where back.
    pub span: Span,
    /// At most so many.
    pub most: usize,
    /// Only those for which this holds.
    pub only: Option<&'a (dyn Fn(&Item) -> bool + Sync)>,
    /// What has expired by now is left out.
    pub now: Timestamp,
}

/// Some events, the newest first.
#[derive(Debug, Default, PartialEq)]
pub struct Events {
    /// The items.
    pub items: Vec<Item>,
    /// The sort key before which to go on. `None` if there is nothing more.
    pub next: Option<String>,
}

/// What was read of one place.
#[derive(Debug, Default)]
struct Part {
    /// The events that are wanted, the newest first.
    items: Vec<Item>,
    /// The sort key down to which everything was read. `None` if that is the end.
    end: Option<String>,
}

impl Reader {
    /// Reads a page of the events of some places. One timeline, of which all is wanted, takes one
    /// request.
    ///
    /// # Errors
    /// Returns a [`ReadError`] if the table cannot be read.
    pub async fn events(&self, places: &[Place], wanted: &Wanted<'_>) -> Result<Events, ReadError> {
        let most = REQUESTS.checked_div(places.len()).unwrap_or_default();
        let most = most.clamp(LEAST_OF_ONE, MOST_OF_ONE);
        let parts = places.iter().map(|place| self.part(place, wanted, most));
        let parts = stream::iter(parts).buffer_unordered(CONCURRENCY);
        Ok(merged(parts.try_collect().await?, wanted.most))
    }

    /// Reads one place until there is one event more than is wanted, or so many requests were made.
    async fn part(
        &self,
        place: &Place,
        wanted: &Wanted<'_>,
        requests: usize,
    ) -> Result<Part, ReadError> {
        // One more tells whether there are more; the one that ended the last page comes again.
        let page = wanted.most + 1 + usize::from(wanted.span.before.is_some());
        let page = i32::try_from(page).unwrap_or(LOOK);
        let page = if wanted.only.is_some() {
            LOOK.max(page)
        } else {
            page
        };
        let (mut part, mut start) = (Part::default(), None);
        for _ in 0..requests {
            let read = self.newest_at(place, &wanted.span, start, page).await?;
            let items = read.items.into_iter();
            part.items.extend(items.filter(|item| wanted.has(item)));
            start = read.next;
            part.end = start.as_ref().map(|key| text(key, "sk").to_owned());
            if start.is_none() || part.items.len() > wanted.most {
                break;
            }
        }
        Ok(part)
    }
}

impl Wanted<'_> {
    fn has(&self, item: &Item) -> bool {
        let is_event = item.contains_key("kind") && !is_expired(item, self.now);
        is_event && self.only.is_none_or(|only| only(item))
    }
}

/// Puts the events of several places in one order. What is below the end of one of them may not be
/// all there is, so it is left for the next page.
fn merged(parts: Vec<Part>, most: usize) -> Events {
    let end = parts.iter().filter_map(|part| part.end.clone()).max();
    let is_read = |item: &Item| end.as_deref().is_none_or(|end| text(item, "sk") >= end);
    let items = parts.into_iter().flat_map(|part| part.items);
    let mut items: Vec<Item> = items.filter(is_read).collect();
    items.sort_by_cached_key(|item| Reverse(["sk", "pk"].map(|name| text(item, name).to_owned())));
    if items.len() <= most {
        return Events { items, next: end };
    }
    items.truncate(most);
    let last = items.last().map(|item| text(item, "sk").to_owned());
    Events { items, next: last }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use aws_sdk_dynamodb::types::AttributeValue;
    use proptest::prelude::prop;
    use proptest::{prop_assert, prop_assert_eq, proptest};

    use super::*;

    fn item(sk: &str) -> Item {
        HashMap::from([("sk".to_owned(), AttributeValue::S(sk.to_owned()))])
    }

    /// Reads a place as the table would: the next page of so many below a sort key.
    fn part(
        place: &[String],
        before: Option<&str>,
        page: usize,
        is_wanted: impl Fn(&str) -> bool,
    ) -> Part {
        let is_before = |sk: &&String| before.is_none_or(|before| sk.as_str() < before);
        let mut below: Vec<&String> = place.iter().filter(is_before).collect();
        below.sort();
        below.reverse();
        let has_more = below.len() > page;
        below.truncate(page);
        let wanted = below.iter().filter(|sk| is_wanted(sk));
        Part {
            items: wanted.map(|sk| item(sk)).collect(),
            end: below.last().filter(|_| has_more).map(|sk| (*sk).clone()),
        }
    }

    proptest! {
        /// Page by page, everything that is wanted comes once, the newest first.
        #[test]
        fn the_pages_of_several_places_are_all_of_their_events_in_one_order(
            numbers in prop::collection::btree_set(0..500_u32, 0..60),
            places in 1..5_usize,
            most in 1..9_usize,
            look in 1..9_usize,
            modulus in 1..4_u32,
        ) {
            let name = |number: &u32| format!("{number:03}");
            let of = |place: usize| -> Vec<String> {
                let own = numbers.iter().filter(|number| (**number as usize * 7) % places == place);
                own.map(name).collect()
            };
            let places: Vec<Vec<String>> = (0..places).map(of).collect();
            let is_wanted = |sk: &str| sk.parse::<u32>().unwrap() % modulus == 0;
            let (mut found, mut before): (Vec<String>, Option<String>) = (Vec::new(), None);
            for _ in 0..200 {
                let parts = places.iter().map(|place| part(place, before.as_deref(), look, is_wanted));
                let page = merged(parts.collect(), most);
                prop_assert!(page.items.len() <= most);
                found.extend(page.items.iter().map(|item| text(item, "sk").to_owned()));
                prop_assert!(page.next.is_none() || page.next < before || before.is_none());
                before = page.next;
                if before.is_none() {
                    break;
                }
            }
            let mut all: Vec<String> = numbers.iter().map(name).filter(|sk| is_wanted(sk)).collect();
            all.reverse();
            prop_assert_eq!(found, all);
        }
    }
}
