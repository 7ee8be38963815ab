//! Keeps the newest of many items, and counts all of them.

use std::collections::BTreeMap;

use table::item::Item;
use table::read::text;

/// The newest of many items.
pub struct Newest {
    most: usize,
    /// By the sort key, which starts with the time, then by the partition key.
    items: BTreeMap<(String, String), Item>,
    /// How many items came.
    pub count: usize,
}

impl Newest {
    /// Returns a place for at most so many items.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self {
            most,
            items: BTreeMap::new(),
            count: 0,
        }
    }

    /// Counts an item that is not to be kept.
    pub fn pass(&mut self) {
        self.count += 1;
    }

    /// Adds an item, and forgets the oldest if there is no room.
    pub fn add(&mut self, item: Item) {
        self.count += 1;
        let key = ["sk", "pk"].map(|name| text(&item, name).to_owned());
        self.items.insert(key.into(), item);
        if self.items.len() > self.most {
            self.items.pop_first();
        }
    }

    /// Returns the items that were kept, the newest first.
    #[must_use]
    pub fn kept(self) -> Vec<Item> {
        self.items.into_values().rev().collect()
    }
}
