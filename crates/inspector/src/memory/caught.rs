//! One webhook, and all that is known of it.

use std::time::Duration;

use jiff::Timestamp;
use operator::live::{Entry, in_words, line, meant, of_path};
use operator::print::now;
use serde_json::{Value, json};
use shared::provider::Provider;
use shared::sender::Sender;
use shared::time::rfc3339_ms;
use stack::page::Seen;

use super::message::Message;
use super::request::Arrived;

/// The most steps of one webhook's way.
const STEPS: usize = 32;
/// How many bytes of memory a webhook takes besides what came, about.
const FIXED_BYTES: usize = 1_024;

/// How far a webhook has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It was answered: refused, or accepted and on its way.
    Answered,
    /// It is stored, all of it.
    Stored,
    /// It waits in the queue, and comes again.
    Waiting,
    /// It is in the dead-letter queue, or a part of it.
    Dead,
    /// It says nothing, such as a test of whether anybody answers.
    Ping,
}

impl State {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Stored => "stored",
            Self::Waiting => "waiting",
            Self::Dead => "dead",
            Self::Ping => "ping",
        }
    }
}

/// A step of a webhook's way.
#[derive(Clone)]
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) at: Timestamp,
    pub(crate) text: String,
}

/// A webhook, or a request that is none.
#[derive(Clone)]
pub(crate) struct Caught {
    pub(crate) number: u64,
    /// When it changed last, in the memory's own count. 0: nothing is to be shown of it yet.
    pub(crate) changed: u64,
    pub(crate) arrived: Arrived,
    /// The provider whose path it came to.
    pub(crate) provider: Option<&'static dyn Sender>,
    pub(crate) took: Option<Duration>,
    /// What the terminal prints a line of.
    pub(crate) entry: Entry,
    pub(crate) state: State,
    pub(crate) way: Vec<Step>,
    /// The message that it became, as the consumer saw it last.
    pub(crate) message: Option<Message>,
    pub(crate) message_id: Option<String>,
    pub(crate) attempts: u32,
    /// Whether no route has it. Anybody can send many of those.
    pub(crate) is_stray: bool,
    /// The path of the webhooks that its own is, or is meant to be.
    meant: Option<String>,
}

impl Caught {
    pub(crate) fn new(
        number: u64,
        arrived: Arrived,
        provider: Option<&'static dyn Sender>,
    ) -> Self {
        let entry = Entry {
            at: rfc3339_ms(arrived.at),
            request_id: arrived.id.clone(),
            method: Some(arrived.method.clone()),
            path: Some(arrived.path.clone()),
            ..Entry::default()
        };
        let is_stray = provider.is_none() && arrived.queue_arn.is_none();
        let meant = meant(&arrived.path);
        Self {
            number,
            changed: 0,
            arrived,
            provider,
            took: None,
            entry,
            state: State::Answered,
            way: Vec::new(),
            message: None,
            message_id: None,
            attempts: 0,
            is_stray,
            meant,
        }
    }

    /// Returns the name of the page.
    pub(crate) fn name(&self) -> String {
        format!("w{}", self.number)
    }

    /// Returns the name of the provider whose path it came to.
    pub(crate) fn provider_name(&self) -> Option<&'static str> {
        self.provider.map(Provider::name)
    }

    /// Returns how many bytes of memory it takes, about.
    pub(crate) fn bytes(&self) -> usize {
        let message = self.message.as_ref();
        let message = message.map_or(0, |message| {
            let ids: usize = message.ids.iter().map(String::len).sum();
            message.body.len() + message.words.len() + 2 * ids
        });
        let events = self.entry.events.iter();
        let events = events.map(|event| 64 + event.recipient.as_ref().map_or(0, String::len));
        FIXED_BYTES + self.arrived.bytes() + message + events.sum::<usize>()
    }

    /// Notes the answer. If a function gave it, its provider is that of the entry, too.
    pub(super) fn answered(&mut self, seen: &Seen) {
        self.took = Some(seen.took);
        self.entry.status = Some(seen.status);
        if seen.is_own {
            self.is_stray |= seen.status == 404;
        } else {
            self.entry.provider = self.provider.map(|provider| provider.name().to_owned());
        }
        let took = seen.took.as_millis();
        let at = self.arrived.at.checked_add(seen.took);
        self.step(
            "answered",
            at.unwrap_or(self.arrived.at),
            format!("{} in {took} ms", seen.status),
        );
    }

    /// Notes that the receiver has put it into the queue.
    pub(super) fn queued(&mut self, message_id: &str, source: Option<String>, at: Timestamp) {
        self.message_id = Some(message_id.to_owned());
        self.entry.source = source;
        self.step("queued", at, format!("message {message_id}"));
    }

    /// Notes that nothing of it is stored, because it says nothing.
    pub(super) fn pinged(&mut self) {
        self.state = State::Ping;
    }

    /// Notes what the receiver, or the consumer, said of it.
    pub(super) fn told(&mut self, entry: &Entry) {
        self.entry.code.clone_from(&entry.code);
        if entry.source.is_some() {
            self.entry.source.clone_from(&entry.source);
        }
        if entry.message_id.is_none() {
            return; // its answer, and the gateway says the status
        }
        self.entry.events.clone_from(&entry.events);
        self.entry.more_events = entry.more_events;
        (self.entry.dead, self.entry.waits) = (entry.dead, entry.waits);
        let step = match (entry.dead, entry.waits) {
            (true, _) => {
                self.state = State::Dead;
                "put aside"
            }
            (_, true) => {
                self.state = State::Waiting;
                return; // the queue tells each attempt
            }
            _ => {
                self.state = State::Stored;
                "stored"
            }
        };
        let text = match &entry.code {
            Some(code) => code.replace(',', " "),
            None => match entry.events.len() + entry.more_events {
                1 => "1 event".to_owned(),
                events => format!("{events} events"),
            },
        };
        self.step(step, now(), text);
    }

    /// Notes that the queue has passed it to the consumer.
    pub(super) fn handled(&mut self, message: Message) {
        self.attempts = message.attempt;
        if !message.is_done {
            let text = format!("attempt {}: it comes again", message.attempt);
            self.step("tried", now(), text);
        }
        self.message = Some(message);
    }

    /// Notes a step. Of a way that is too long, the end counts.
    pub(super) fn step(&mut self, name: &'static str, at: Timestamp, text: String) {
        if self.way.len() >= STEPS {
            self.way.remove(1);
        }
        self.way.push(Step { name, at, text });
    }

    /// Returns what there is of it in the list.
    pub(crate) fn row(&self) -> Value {
        let line = line(&self.entry);
        let took = self
            .took
            .map(|took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
        json!({
            "id": self.name(),
            "at": self.entry.at,
            "took_ms": took,
            "provider": self.provider_name(),
            "method": self.arrived.method,
            "path": self.arrived.shown_path,
            "verdict": line.verdict,
            "status": self.entry.status,
            "code": self.entry.code,
            "state": self.state.name(),
            "summary": self.summary(),
            "events": self.entry.events.len() + self.entry.more_events,
            "hint": self.hint(),
            "is_bad": line.is_bad,
        })
    }

    /// Returns what became of it in a few words: those of the terminal's line.
    pub(crate) fn summary(&self) -> String {
        let is_under_way = self.state == State::Answered && self.entry.status == Some(200);
        if is_under_way {
            return "accepted, on its way".to_owned();
        }
        in_words(&self.entry)
    }

    /// Returns what is wrong with a path that no route has, if it is or is meant to be a webhook's.
    fn hint(&self) -> Option<String> {
        let is_lost = self.entry.provider.is_none() && self.entry.status == Some(404);
        let meant = self.meant.as_ref().filter(|_| is_lost)?;
        Some(of_path(&self.arrived.method, &self.arrived.path, meant))
    }

    /// Returns the first code that it was refused or put aside for.
    pub(crate) fn code(&self) -> Option<&str> {
        self.entry.code.as_deref()?.split(',').next()
    }
}
