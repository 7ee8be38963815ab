//! Compares what the table and the dead-letter queue must hold with what they hold.
//!
//! An item is a pure function of what was sent, so every item is compared whole. One thing is open:
//! when an event without a time of its own was first seen. This time must be the time of one of the
//! attempts, and the same everywhere.

use std::collections::{BTreeMap, HashMap, HashSet};

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::SignedDuration;
use shared::delivery::Delivery;
use shared::event::Event;
use table::attempts;
use table::first::First;
use table::item::{Item, item};
use table::keys::{self, Key};
use table::sight::{self, Dated, Seen, Wanted};
use table::store::key_of;
use table::suppression::Changes;
use table::token;

use crate::driver::{Outcome, Sent};
use crate::findings::Findings;
use crate::plan::{Plan, Signing, identity};
use table::read::text;

/// How far the gateway's time of a request may lie from what its sender saw. A request that was
/// given up may still be on its way.
const LATE: SignedDuration = SignedDuration::from_secs(30);
const EARLY: SignedDuration = SignedDuration::from_millis(5);

/// The table's items, by what they are.
#[derive(Default)]
struct Table {
    events: HashMap<Key, Item>,
    suppressions: HashMap<Key, Item>,
    first_seen: HashMap<Key, Item>,
}

impl Table {
    fn of(items: Vec<Item>) -> Self {
        let mut table = Self::default();
        for item in items {
            let Some((pk, sk)) = key_of(&item) else {
                continue; // no table has an item without its key
            };
            let key = (pk, sk);
            match key.1.as_str() {
                // what a token vouches for, and attempts, are no events
                token::SORT_KEY | attempts::SORT_KEY => continue,
                sk if keys::is_suppression(sk) => table.suppressions.insert(key, item),
                _ if sight::is_key(&key) => table.first_seen.insert(key, item),
                _ => table.events.insert(key, item),
            };
        }
        table
    }
}

/// An event from a webhook, as it must be stored.
struct Expected {
    item: Item,
    is_acknowledged: bool,
}

struct Check<'a> {
    plan: &'a Plan,
    table: Table,
    findings: Findings,
    expected: HashMap<Key, Expected>,
    changes: Changes,
    /// The identities of the events in refused webhooks.
    forged: HashSet<(String, String)>,
}

/// Compares what was sent with what is stored. `sent` is by the webhooks' numbers, and `dead` has
/// the bodies of the dead letters.
#[must_use]
pub fn check(
    plan: &Plan,
    sent: &BTreeMap<usize, Sent>,
    items: Vec<Item>,
    dead: &[String],
) -> Findings {
    let mut check = Check {
        plan,
        table: Table::of(items),
        findings: Findings::default(),
        expected: HashMap::new(),
        changes: Changes::default(),
        forged: HashSet::new(),
    };
    check.poison(sent, dead);
    for (number, sent) in sent {
        check.webhook(*number, sent);
    }
    check.events();
    check.suppressions();
    check.findings.extra += check.table.first_seen.len() as u64;
    check.findings
}

impl Check<'_> {
    fn webhook(&mut self, number: usize, sent: &Sent) {
        let Some(webhook) = self.plan.webhooks.get(number) else {
            return;
        };
        let normalized = self.plan.normalized(webhook, sent.first);
        let events = normalized.map(|normalized| normalized.events);
        let events = events.unwrap_or_default();
        if webhook.signing != Signing::Right {
            self.forged.extend(events.iter().map(identity));
            return;
        }
        let is_acknowledged = sent.outcome == Outcome::Acknowledged;
        let mut dated = Vec::new();
        let mut sighted: BTreeMap<Key, Vec<Event>> = BTreeMap::new();
        for event in events {
            match sight::key(&event, sent.first) {
                None => dated.extend(sight::dated(event, sent.first, &Seen::new())),
                Some(key) => sighted.entry(key).or_default().push(event),
            }
        }
        for (key, events) in sighted {
            dated.extend(self.dated(&key, events, sent, is_acknowledged));
        }
        // This is what the consumer does: if one webhook says the same twice, the first one counts.
        let mut said: BTreeMap<Key, Dated> = BTreeMap::new();
        for dated in dated {
            if let Some(key) = key_of(&item(&dated.event, 0)) {
                said.entry(key).or_insert(dated);
            }
        }
        for (key, dated) in said {
            self.event(key, &dated, is_acknowledged);
        }
    }

    /// Dates the events of one id by the first sight that the table remembers.
    fn dated(
        &mut self,
        key: &Key,
        events: Vec<Event>,
        sent: &Sent,
        is_acknowledged: bool,
    ) -> Vec<Dated> {
        let name = format!("{} {}", key.0, key.1);
        let Some(remembered) = self.table.first_seen.remove(key) else {
            if is_acknowledged {
                self.findings.lost += events.len() as u64;
                self.findings.acknowledged_events += events.len() as u64;
                self.findings.note("never seen", &name);
            }
            return Vec::new();
        };
        let time = sight::remembered(&remembered);
        let time = time.filter(|at| (sent.first - EARLY..sent.last + LATE).contains(at));
        let Some(time) = time else {
            self.findings.first_seen_wrong += 1;
            self.findings.note("first seen at no attempt", &name);
            return Vec::new();
        };
        let mut wanted = Wanted::new();
        for event in &events {
            sight::want(&mut wanted, event, time, self.plan.retention_days);
        }
        if wanted.get(key).map(|first| first_seen_item(key, first)) != Some(remembered) {
            self.findings.first_seen_wrong += 1;
            self.findings.note("first seen otherwise", &name);
        }
        let seen = Seen::from([(key.clone(), time)]);
        let dated = events.into_iter();
        dated
            .filter_map(|event| sight::dated(event, sent.first, &seen))
            .collect()
    }

    fn event(&mut self, key: Key, dated: &Dated, is_acknowledged: bool) {
        if is_acknowledged || self.table.events.contains_key(&key) {
            self.changes.fold(dated);
        }
        let item = item(&dated.event, self.plan.retention_days);
        self.findings.acknowledged_events += u64::from(is_acknowledged);
        self.expected.insert(
            key,
            Expected {
                item,
                is_acknowledged,
            },
        );
    }

    fn events(&mut self) {
        let mut ids = HashSet::new();
        for (key, expected) in std::mem::take(&mut self.expected) {
            ids.insert((key.0.clone(), text(&expected.item, "id").to_owned()));
            let name = format!("{} {}", key.0, key.1);
            match self.table.events.remove(&key) {
                Some(item) if item != expected.item => {
                    self.findings.differs += 1;
                    self.findings.note("differs", &name);
                }
                Some(_) if expected.is_acknowledged => self.findings.stored += 1,
                Some(_) => self.findings.stored_unacknowledged += 1,
                None if expected.is_acknowledged => {
                    self.findings.lost += 1;
                    self.findings.note("lost", &name);
                }
                None => {}
            }
        }
        for (key, item) in std::mem::take(&mut self.table.events) {
            let name = format!("{} {}", key.0, key.1);
            let id = text(&item, "id").to_owned();
            let undated = sight::key_of_id(text(&item, "provider"), &id).0;
            if ids.contains(&(key.0.clone(), id)) {
                self.findings.doubled += 1;
                self.findings.note("doubled", &name);
            } else if self.forged.contains(&key) || self.forged.contains(&(undated, String::new()))
            {
                self.findings.forged += 1;
                self.findings.note("forged", &name);
            } else {
                self.findings.extra += 1;
                self.findings.note("extra", &name);
            }
        }
    }

    fn suppressions(&mut self) {
        let mut wanted: BTreeMap<Key, Item> = BTreeMap::new();
        for (register, change) in std::mem::take(&mut self.changes.0) {
            let key = (register.pk, register.sk);
            let item = wanted.entry(key.clone()).or_insert_with(|| keyed(&key));
            change.apply(item);
        }
        for (key, item) in wanted {
            if self.table.suppressions.remove(&key) == Some(item) {
                self.findings.suppressions += 1;
            } else {
                self.findings.suppressions_wrong += 1;
                self.findings.note("suppression", &key.0);
            }
        }
        let unexpected = self.table.suppressions.len();
        self.findings.suppressions_wrong += unexpected as u64;
    }

    fn poison(&mut self, sent: &BTreeMap<usize, Sent>, dead: &[String]) {
        let mut known = HashSet::new();
        let mut acknowledged = HashSet::new();
        for (number, sent) in sent {
            let Some(webhook) = self.plan.webhooks.get(*number) else {
                continue;
            };
            if webhook.signing != Signing::Right {
                continue;
            }
            let body = match self.plan.normalized(webhook, sent.first) {
                None => Some(webhook.body.clone()),
                Some(normalized) => normalized.aside.map(|aside| aside.body().to_vec()),
            };
            let Some(body) = body else {
                continue; // all of it can be read
            };
            let poison = (webhook.provider.name().to_owned(), body);
            known.insert(poison.clone());
            if sent.outcome == Outcome::Acknowledged {
                acknowledged.insert(poison);
            }
        }
        self.findings.poison = acknowledged.len() as u64;
        for letter in dead {
            let delivery = Delivery::decode(letter).ok();
            let poison = delivery.map(|d| (d.provider().to_owned(), d.body().to_vec()));
            if let Some(poison) = poison.filter(|poison| known.contains(poison)) {
                acknowledged.remove(&poison);
            } else {
                self.findings.dead += 1;
                self.findings
                    .note("dead", "a message that does not belong there");
            }
        }
        self.findings.poison_lost = acknowledged.len() as u64;
    }
}

fn first_seen_item(key: &Key, first: &First) -> Item {
    let mut item = keyed(key);
    let value = AttributeValue::S(first.value.clone());
    item.insert(first.attribute.to_owned(), value);
    if let Some(expires) = first.expires_at {
        let expires = AttributeValue::N(expires.to_string());
        item.insert("expires_at".to_owned(), expires);
    }
    item
}

/// Returns an item that has only its key.
fn keyed((pk, sk): &Key) -> Item {
    let text = |text: &String| AttributeValue::S(text.clone());
    Item::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))])
}
