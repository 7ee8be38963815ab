//! The memory itself: what is added, joined, and forgotten.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use operator::live::Entry;
use serde_json::Value;
use shared::sender::Sender;
use shared::time::from_rfc3339;
use stack::page::Seen;

use super::caught::Caught;
use super::early::{Early, Fact};
use super::known::Known;
use super::message::Message;
use super::outbound::Outbound;
use super::request::Arrived;
use crate::own::own;
use operator::print::now;

/// The most webhooks.
const WEBHOOKS: usize = 1_000;
/// The most bytes of them, about.
const BYTES: usize = 64 * 1024 * 1024;
/// The most requests that no route has, and the most bytes of them, about. They are apart, so that
/// nobody can push the webhooks out with them.
const STRAYS: usize = 100;
const STRAY_BYTES: usize = 16 * 1024 * 1024;
/// The most notifications.
const OUTBOUND: usize = 1_000;

/// What the path of a receiver begins with.
const RECEIVER: &str = "/webhooks/";
/// The second route of a receiver, and whose it is.
const SECOND_ROUTE: (&str, &str) = ("/api/webhooks", "mailpanda");

/// The last webhooks and notifications.
#[derive(Default)]
pub(crate) struct Memory {
    /// The webhooks by their numbers, the oldest first. Whoever reads one has it as it was.
    caught: BTreeMap<u64, Arc<Caught>>,
    last: u64,
    webhooks: Share,
    strays: Share,
    /// Counts the changes.
    changes: u64,
    known: Known,
    early: Early,
    outbound: VecDeque<Outbound>,
    last_outbound: u64,
}

/// Those that are remembered within one bound.
#[derive(Default)]
struct Share {
    numbers: BTreeSet<u64>,
    bytes: usize,
}

impl Memory {
    /// Adds a request that comes. Nothing is shown of it before its answer.
    pub(crate) fn came(&mut self, arrived: Arrived) {
        self.add(arrived);
        self.forget();
    }

    fn add(&mut self, arrived: Arrived) -> u64 {
        let provider = provider_of(&arrived);
        self.last += 1;
        if let Some(id) = &arrived.id {
            self.known.requests.insert(id.clone(), self.last);
        }
        let caught = Caught::new(self.last, arrived, provider);
        self.count(&caught);
        self.caught.insert(self.last, Arc::new(caught));
        self.last
    }

    /// Counts one to those that it is bounded with.
    fn count(&mut self, caught: &Caught) {
        let share = if caught.is_stray {
            &mut self.strays
        } else {
            &mut self.webhooks
        };
        share.numbers.insert(caught.number);
        share.bytes += caught.bytes();
    }

    /// Forgets the oldest webhooks, until there are few enough and they are small enough.
    fn forget(&mut self) {
        let all = [
            (&mut self.webhooks, WEBHOOKS, BYTES),
            (&mut self.strays, STRAYS, STRAY_BYTES),
        ];
        for (share, most, bytes) in all {
            while share.numbers.len() > most || share.bytes > bytes {
                let oldest = share.numbers.pop_first();
                let Some(oldest) = oldest.and_then(|number| self.caught.remove(&number)) else {
                    break;
                };
                share.bytes -= oldest.bytes();
                self.known.forget(&oldest);
            }
        }
    }

    /// Notes the answer to a request.
    pub(crate) fn answered(&mut self, seen: &Seen) {
        let number = self.known.requests.get(&seen.id).copied();
        self.change(number, |caught| caught.answered(seen));
    }

    /// Reads a line of a function. The entry that is made of it comes separately.
    pub(crate) fn heard(&mut self, line: &Value) {
        if let Some(outbound) = Outbound::of(line) {
            self.sent(outbound);
            return;
        }
        let text = |name: &str| line.get(name).and_then(Value::as_str);
        let (Some(outcome), Some(request_id)) = (text("outcome"), text("request_id")) else {
            return;
        };
        let Some(number) = self.known.requests.get(request_id).copied() else {
            return;
        };
        match (outcome, text("message_id")) {
            ("accepted", Some(message_id)) => {
                let source = text("source").map(str::to_owned);
                let at = text("timestamp").and_then(from_rfc3339);
                self.queued(number, message_id, source, at.unwrap_or_else(now));
            }
            ("ping" | "handshake", _) => self.change(Some(number), Caught::pinged),
            _ => {}
        }
    }

    fn queued(&mut self, number: u64, message_id: &str, source: Option<String>, at: Timestamp) {
        self.known.messages.insert(message_id.to_owned(), number);
        self.change(Some(number), |caught| caught.queued(message_id, source, at));
        for fact in self.early.take(message_id) {
            match fact {
                Fact::Handled(message) => self.handled_by(number, *message),
                Fact::Told(entry) => self.change(Some(number), |caught| caught.told(&entry)),
            }
        }
    }

    /// Notes what the operator's entry says.
    pub(crate) fn told(&mut self, entry: &Entry) {
        if let Some(message_id) = &entry.message_id {
            match self.known.messages.get(message_id).copied() {
                Some(number) => self.change(Some(number), |caught| caught.told(entry)),
                None => self
                    .early
                    .keep(message_id, Fact::Told(Box::new(entry.clone()))),
            }
            return;
        }
        let request_id = entry.request_id.as_ref();
        let number = request_id
            .and_then(|id| self.known.requests.get(id))
            .copied();
        self.change(number, |caught| caught.told(entry));
    }

    /// Notes that the queue has passed a message to the consumer.
    pub(crate) fn handled(&mut self, message: Message) {
        let messages = &self.known.messages;
        let first = message.first_id.as_ref().and_then(|id| messages.get(id));
        let number = messages.get(&message.id).or(first).copied();
        let number = match number {
            Some(number) => number,
            None if message.first_id.is_some() || own(&message.queue_arn).is_some() => {
                let arrived = Arrived::of_queue(&message.queue_arn, &message.body, now());
                self.add(arrived)
            }
            None => {
                let id = message.id.clone();
                self.early.keep(&id, Fact::Handled(Box::new(message)));
                return;
            }
        };
        let is_new = self
            .known
            .messages
            .insert(message.id.clone(), number)
            .is_none();
        if is_new {
            let text = match message.first_id {
                Some(_) => format!("redriven, as message {}", message.id),
                None => format!("message {}", message.id),
            };
            self.change(Some(number), |caught| {
                caught.step("queued", now(), text);
                caught.entry.status = caught.entry.status.or(Some(200));
                let provider = caught.provider.map(|provider| provider.name().to_owned());
                caught.entry.provider = provider;
            });
        }
        let id = message.id.clone();
        self.handled_by(number, message);
        for fact in self.early.take(&id) {
            if let Fact::Told(entry) = fact {
                self.change(Some(number), |caught| caught.told(&entry));
            }
        }
    }

    fn handled_by(&mut self, number: u64, message: Message) {
        for (place, id) in message.ids.iter().enumerate() {
            self.known.events.insert(id.clone(), (number, place));
        }
        self.change(Some(number), |caught| {
            caught.message_id = Some(message.id.clone());
            caught.handled(message);
        });
    }

    /// Changes a webhook, if it is still there, and counts that.
    fn change(&mut self, number: Option<u64>, change: impl FnOnce(&mut Caught)) {
        let Some(caught) = number.and_then(|number| self.caught.get_mut(&number)) else {
            return;
        };
        let share = if caught.is_stray {
            &mut self.strays
        } else {
            &mut self.webhooks
        };
        share.numbers.remove(&caught.number);
        share.bytes -= caught.bytes();
        self.changes += 1;
        let changed = Arc::make_mut(caught);
        change(changed);
        changed.changed = self.changes;
        let changed = Arc::clone(caught);
        self.count(&changed);
        self.forget();
    }

    /// Notes an attempt to tell an endpoint. It takes the place of the one before.
    fn sent(&mut self, mut outbound: Outbound) {
        self.changes += 1;
        outbound.changed = self.changes;
        let same =
            |other: &&mut Outbound| other.id == outbound.id && other.outlet == outbound.outlet;
        if let Some(before) = self.outbound.iter_mut().find(same) {
            outbound.number = before.number;
            outbound.kind = outbound.kind.or_else(|| before.kind.clone());
            *before = outbound;
            return;
        }
        self.last_outbound += 1;
        outbound.number = self.last_outbound;
        self.outbound.push_back(outbound);
        if self.outbound.len() > OUTBOUND {
            self.outbound.pop_front();
        }
    }

    /// Returns how often anything has changed.
    pub(crate) fn changes(&self) -> u64 {
        self.changes
    }

    /// Returns how many webhooks, and how many notifications there are.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.webhooks().count(), self.outbound.len())
    }

    /// Returns the webhooks that can be shown, the newest first.
    pub(crate) fn webhooks(&self) -> impl Iterator<Item = &Caught> {
        let newest = self.caught.values().rev().map(Arc::as_ref);
        newest.filter(|caught: &&Caught| caught.changed > 0)
    }

    /// Returns the webhooks that have changed after this change, the oldest first. After change 0
    /// these are all that can be shown.
    pub(crate) fn changed_since(&self, last: u64) -> Vec<Arc<Caught>> {
        let changed = self.caught.values().filter(|caught| caught.changed > last);
        changed.cloned().collect()
    }

    /// Returns the notifications, the newest first.
    pub(crate) fn outbound(&self) -> impl Iterator<Item = &Outbound> {
        self.outbound.iter().rev()
    }

    /// Returns the webhook of this number.
    pub(crate) fn webhook(&self, number: u64) -> Option<&Caught> {
        self.caught.get(&number).map(Arc::as_ref)
    }

    /// Returns the webhook of a request.
    pub(crate) fn of_request(&self, id: &str) -> Option<&Caught> {
        self.webhook(*self.known.requests.get(id)?)
    }

    /// Returns the webhook of a message of the queue.
    pub(crate) fn of_message(&self, id: &str) -> Option<&Caught> {
        self.webhook(*self.known.messages.get(id)?)
    }

    /// Returns the webhook of an event, by the id of its notification, and the event's place in it.
    pub(crate) fn of_event(&self, id: &str) -> Option<(&Caught, usize)> {
        let (number, place) = *self.known.events.get(id)?;
        Some((self.webhook(number)?, place))
    }

    /// Returns a notification for the page.
    pub(crate) fn shown(&self, outbound: &Outbound) -> Value {
        let of = self.of_event(&outbound.id);
        let recipient = of.and_then(|(caught, place)| {
            let event = caught.entry.events.get(place)?;
            event.recipient.as_deref()
        });
        let name = of.map(|(caught, _)| caught.name());
        outbound.json(name.as_deref(), recipient)
    }
}

/// Returns whose webhook it is, by the path or the queue that it came by.
fn provider_of(arrived: &Arrived) -> Option<&'static dyn Sender> {
    if let Some(queue_arn) = &arrived.queue_arn {
        let of_message = || registry::open(std::str::from_utf8(arrived.body()).ok()?).ok();
        let provider = own(queue_arn).or_else(|| Some(of_message()?.0))?;
        return registry::sender(provider.name());
    }
    let (second, whose) = SECOND_ROUTE;
    if arrived.path == second {
        return registry::sender(whose);
    }
    registry::sender(arrived.path.strip_prefix(RECEIVER)?)
}
