//! What is sent. It is made from the providers' samples: each webhook is different from every other
//! one, and the same seed makes the same webhooks.

use std::collections::{BTreeMap, HashSet};

use jiff::{SignedDuration, Timestamp};
use rand::rngs::SmallRng;
use rand::seq::{IndexedRandom as _, SliceRandom as _};
use rand::{RngExt as _, SeedableRng as _};
use registry::{Normalized, SENDERS, normalize_with};
use shared::delivery::Delivery;
use shared::event::{Event, OccurredAt};
use shared::incoming::Incoming;
use shared::provider::Strength;
use shared::rejection::Rejection;
use shared::secrets::Secrets;
use shared::sender::Sender;
use table::item::expires_at;
use table::keys::{partition_key, sort_key};
use table::sight;

use crate::bomb;
use crate::error::Error;
use crate::rewrite::{Marks, rewrite};
use operator::{self, samples, secrets};

/// A key that no receiver has.
const NOBODYS_KEY: &str = "a-key-that-nobody-has";
/// How many of a hundred webhooks are not JSON. The next four say how many are forged, signed too
/// long ago, of an unknown kind, or bombs.
const POISON: u32 = 2;
const FORGED: u32 = 2;
const STALE: u32 = 1;
const UNKNOWN: u32 = 3;
const BOMBS: u32 = 1;
/// How many of a hundred webhooks are sent twice.
const TWICE: u32 = 5;
/// How many webhooks are about one person on average. It is enough for suppressions that are set
/// and lifted.
const PER_PERSON: usize = 3;
/// The greatest age of an event.
const OLDEST: SignedDuration = SignedDuration::from_hours(20 * 24);
/// How long before it is sent a stale webhook is signed. It is too old for every provider that
/// looks at the age.
const STALE_AGE: SignedDuration = SignedDuration::from_hours(365 * 24);
/// How long an event must last at least. If it expired sooner, it might be gone before it is looked
/// for.
const OUTLASTS: SignedDuration = SignedDuration::from_hours(24);
/// How many attempts are made to build a webhook that says something new.
const ATTEMPTS: usize = 8;

/// How a webhook is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signing {
    /// Signed as the provider signs.
    Right,
    /// Signed with another key.
    Forged,
    /// Signed with the right key, but too long ago.
    Stale,
}

/// A webhook to send.
pub struct Webhook {
    /// The provider that sends it.
    pub provider: &'static dyn Sender,
    /// The body.
    pub body: Vec<u8>,
    /// How it is signed.
    pub signing: Signing,
}

/// Everything to send.
pub struct Plan {
    /// The webhooks.
    pub webhooks: Vec<Webhook>,
    /// The order in which to send. A webhook that is sent twice is in it twice.
    pub order: Vec<usize>,
    /// For how long events are kept, in days.
    pub retention_days: u32,
    keys: BTreeMap<&'static str, Keys>,
}

struct Keys {
    text: String,
    secrets: Secrets,
}

struct Maker<'a> {
    chance: SmallRng,
    now: Timestamp,
    retention_days: u32,
    people: usize,
    samples: Vec<(&'static dyn Sender, Vec<Vec<u8>>)>,
    keys: &'a BTreeMap<&'static str, Keys>,
    /// The identities of the events that are in the plan already.
    said: HashSet<(String, String)>,
}

impl Plan {
    /// Makes `count` webhooks. The `secrets` are those of the command line.
    ///
    /// # Errors
    /// Returns an [`Error`] if a secret or a sample cannot be used.
    pub fn new(
        count: usize,
        seed: u64,
        now: Timestamp,
        retention_days: u32,
        secrets: &BTreeMap<String, String>,
    ) -> Result<Self, Error> {
        let mut keys = BTreeMap::new();
        let mut samples = Vec::new();
        for provider in SENDERS {
            let text = secrets::signing_key(*provider, secrets)?;
            let given = secrets::for_receiver(*provider, secrets)?;
            let parsed = Secrets::parse(&given).map_err(|reason| operator::Error::Secret {
                provider: provider.name().to_owned(),
                reason,
            })?;
            keys.insert(
                provider.name(),
                Keys {
                    text,
                    secrets: parsed,
                },
            );
            let bodies = samples::of(provider.name()).map(|sample| sample.body.to_vec());
            samples.push((*provider, bodies.collect()));
        }
        let mut maker = Maker {
            chance: SmallRng::seed_from_u64(seed),
            now,
            retention_days,
            people: count.div_ceil(PER_PERSON),
            samples,
            keys: &keys,
            said: HashSet::new(),
        };
        let webhooks: Vec<Webhook> = (0..count)
            .filter_map(|number| maker.webhook(number))
            .collect();
        let mut order: Vec<usize> = (0..count)
            .flat_map(|number| {
                let is_twice = maker.chance.random_ratio(TWICE, 100);
                std::iter::repeat_n(number, 1 + usize::from(is_twice))
            })
            .collect();
        order.shuffle(&mut maker.chance);
        Ok(Self {
            webhooks,
            order,
            retention_days,
            keys,
        })
    }

    /// Returns the headers of a webhook that is sent now.
    #[must_use]
    pub fn headers(&self, webhook: &Webhook, now: Timestamp) -> Vec<(&'static str, String)> {
        let keys = self.keys.get(webhook.provider.name());
        let key = keys.map_or("", |keys| &keys.text);
        let sign = |key: &str, at| webhook.provider.sign(key, &webhook.body, at);
        match webhook.signing {
            Signing::Right => sign(key, now),
            // A shared secret covers no body: only another one is wrong.
            Signing::Forged if webhook.provider.strength() == Strength::SharedSecret => {
                sign(NOBODYS_KEY, now)
            }
            Signing::Forged => webhook.provider.sign(key, b"another body", now),
            Signing::Stale => sign(key, now - STALE_AGE),
        }
    }

    /// Returns what the consumer makes of a webhook that was received at this time. The signature
    /// is not checked.
    #[must_use]
    pub fn normalized(&self, webhook: &Webhook, received_at: Timestamp) -> Option<Normalized> {
        let keys = self.keys.get(webhook.provider.name())?;
        keys.normalized(webhook.provider, &webhook.body, received_at)
    }
}

impl Keys {
    fn deliver(
        &self,
        provider: &dyn Sender,
        body: &[u8],
        signed: Timestamp,
        received: Timestamp,
    ) -> Result<Delivery, Rejection> {
        let headers = provider.sign(&self.text, body, signed);
        let headers: Vec<(String, String)> = headers
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let admit = |body: &[u8]| {
            let incoming = Incoming::new(&headers, body, received, None);
            let authentic = provider.verify(&incoming, &self.secrets)?;
            Ok(Delivery::seal(authentic, provider.name(), received))
        };
        // A body that carries its signature may have none yet, or a wrong one.
        admit(body).or_else(|_| admit(&provider.sign_within(&self.text, body, signed)))
    }

    fn normalized(
        &self,
        provider: &dyn Sender,
        body: &[u8],
        received: Timestamp,
    ) -> Option<Normalized> {
        let delivery = self.deliver(provider, body, received, received).ok()?;
        normalize_with(provider, delivery).ok()
    }
}

impl Maker<'_> {
    fn webhook(&mut self, number: usize) -> Option<Webhook> {
        let place = self.chance.random_range(0..SENDERS.len());
        let provider = *SENDERS.get(place)?;
        let lot = self.chance.random_range(0..100);
        let signing = match lot {
            lot if lot < FORGED => Signing::Forged,
            lot if lot < FORGED + STALE && self.looks_at_time(provider) => Signing::Stale,
            _ => Signing::Right,
        };
        let lot = self.chance.random_range(0..100);
        // If a body carries its signature, it is JSON, or it is not admitted.
        let key = self.keys.get(provider.name()).map_or("", |keys| &keys.text);
        if lot < POISON && provider.strength() != Strength::Token {
            let body = format!("storm {number}: no JSON").into_bytes();
            let body = provider.sign_within(key, &body, self.now);
            return Some(Webhook {
                provider,
                body,
                signing,
            });
        }
        let body = match lot {
            lot if lot < POISON + UNKNOWN => None,
            // An array has no place for a signature.
            lot if lot < POISON + UNKNOWN + BOMBS => {
                let is_fit = provider.strength() != Strength::Token || number % 4 != 3;
                is_fit.then(|| bomb::body(number))
            }
            _ => self.sampled(place, provider, number, signing),
        };
        // The kind is unknown to every provider. For Mailgun, it is an event all the same.
        let body = body.unwrap_or_else(|| {
            format!(r#"{{"storm":{number},"event-data":{{"event":"storm","storm":{number}}}}}"#)
                .into_bytes()
        });
        // Mailgun's retries repeat the signature that is in the body.
        let key = self.keys.get(provider.name()).map_or("", |keys| &keys.text);
        let body = match signing {
            Signing::Right => provider.sign_within(key, &body, self.now),
            Signing::Forged => provider.sign_within(NOBODYS_KEY, &body, self.now),
            Signing::Stale => provider.sign_within(key, &body, self.now - STALE_AGE),
        };
        Some(Webhook {
            provider,
            body,
            signing,
        })
    }

    fn sampled(
        &mut self,
        place: usize,
        provider: &dyn Sender,
        number: usize,
        signing: Signing,
    ) -> Option<Vec<u8>> {
        for _ in 0..ATTEMPTS {
            let age = OLDEST.as_millis_f64() * self.chance.random::<f64>();
            let person = match signing {
                Signing::Right => self.chance.random_range(0..self.people),
                _ => self.people + number, // nothing else is known about this person
            };
            let marks = Marks {
                webhook: number,
                person,
                at: self.now - SignedDuration::from_secs_f64(age / 1000.0),
            };
            let (_, samples) = self.samples.get(place)?;
            let body = rewrite(samples.choose(&mut self.chance)?, marks);
            if provider.strength() == Strength::Token && !provider.names_event(&body) {
                continue; // put aside before it is read
            }
            let normalized = self
                .keys
                .get(provider.name())?
                .normalized(provider, &body, self.now)?;
            if self.says_something_new(&normalized.events) {
                return Some(body);
            }
        }
        None
    }

    /// Checks whether no other webhook writes what this one writes. If so, no later one may write
    /// it.
    fn says_something_new(&mut self, events: &[Event]) -> bool {
        let lasts = |event: &Event| {
            let expires = expires_at(event.occurred_at.time(), self.retention_days);
            expires.is_none_or(|expires| expires > (self.now + OUTLASTS).as_second())
        };
        let keys: HashSet<(String, String)> = events.iter().map(identity).collect();
        let is_new = events.iter().all(lasts) && self.said.is_disjoint(&keys);
        if is_new {
            self.said.extend(keys);
        }
        is_new
    }

    fn looks_at_time(&self, provider: &dyn Sender) -> bool {
        let delivered = self.keys.get(provider.name()).map(|keys| {
            let signed = self.now - STALE_AGE;
            keys.deliver(provider, b"{}", signed, self.now)
        });
        matches!(delivered, Some(Err(Rejection::TimestampStale)))
    }
}

/// Returns the key that an event is stored under, as far as it is known before the event is
/// received.
pub(crate) fn identity(event: &Event) -> (String, String) {
    match event.occurred_at {
        OccurredAt::Received(_) => (
            sight::key_of_id(&event.provider, event.id.as_str()).0,
            String::new(),
        ),
        OccurredAt::Event(_) => (partition_key(event), sort_key(event)),
    }
}
