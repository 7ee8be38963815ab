//! What the gateway shows its requests to, and what answers the page.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use operator::Target;
use operator::live::Entry;
use operator::print::now;
use serde_json::{Value, json};
use shared::dead_letter::FIRST_MESSAGE_ID;
use sqs::Sqs;
use stack::poller::Handled;
use tokio::sync::{Semaphore, watch};

use crate::memory::{Caught, Memory, Message};
use crate::veil::Known;

/// The most readers of what changes at once.
const READERS: usize = 32;

/// How the stack was started, as far as the page has to know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Setup {
    /// The operator's window in seconds, if it is set.
    pub window: Option<u64>,
}

/// The page of one stack. It is made before the stack, and is shown its parts when it runs.
pub struct Inspector {
    pub(crate) setup: Setup,
    /// Names this run of the stack. The ids of another one mean nothing.
    pub(crate) boot: String,
    memory: Mutex<Memory>,
    changed: watch::Sender<u64>,
    parts: OnceLock<Running>,
    pub(crate) readers: Arc<Semaphore>,
    /// The secrets that are hidden.
    pub(crate) known: tokio::sync::Mutex<Known>,
}

/// The stack, once it runs.
pub(crate) struct Running {
    pub(crate) target: Target,
    pub(crate) queues: Sqs,
}

impl Inspector {
    /// Returns a page that has seen nothing yet.
    #[must_use]
    pub fn new(setup: Setup) -> Arc<Self> {
        let (changed, _) = watch::channel(0);
        Arc::new(Self {
            setup,
            boot: format!("{:x}-{:x}", now().as_nanosecond(), std::process::id()),
            memory: Mutex::default(),
            changed,
            parts: OnceLock::new(),
            readers: Arc::new(Semaphore::new(READERS)),
            known: tokio::sync::Mutex::default(),
        })
    }

    /// Shows the page the stack that it is of. Until then it answers that the stack starts.
    pub fn connect(&self, target: Target, queues: Sqs) {
        let _ = self.parts.set(Running { target, queues }); // it is of one stack
    }

    /// Reads a log line of a function.
    pub fn hear(&self, line: &Value) {
        self.change(|memory| memory.heard(line));
    }

    /// Notes a message that the consumer has processed.
    pub fn handled(&self, message: &Handled<'_>) {
        let message = Message::of(message);
        self.change(|memory| memory.handled(message));
    }

    /// Notes what became of a webhook: what the terminal prints a line of.
    pub fn told(&self, entry: &Entry) {
        self.change(|memory| memory.told(entry));
    }

    /// Returns the name under which the page shows the webhook of an entry, such as `w41`.
    #[must_use]
    pub fn name_of(&self, entry: &Entry) -> Option<String> {
        let memory = self.memory();
        let of_message = entry.message_id.as_ref();
        let of_message = of_message.and_then(|id| memory.of_message(id));
        let of_request = entry.request_id.as_ref();
        let caught = of_message.or_else(|| memory.of_request(of_request?));
        caught.map(Caught::name)
    }

    pub(crate) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the memory, and wakes those who follow it.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Memory)) {
        let changes = {
            let mut memory = self.memory();
            change(&mut memory);
            memory.changes()
        };
        self.changed.send_if_modified(|last| {
            let is_news = *last != changes;
            *last = changes;
            is_news
        });
    }

    /// Returns what tells each change.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Returns the stack, once it runs.
    pub(crate) fn running(&self) -> Option<&Running> {
        self.parts.get()
    }

    /// Returns how many of each there are.
    pub(crate) fn counts(&self) -> Value {
        let (webhooks, outbound) = self.memory().counts();
        let dead = self.running().map_or(0, Running::dead_letters);
        json!({"webhooks": webhooks, "dead": dead, "outbound": outbound})
    }
}

impl Running {
    /// Returns the queues of webhooks that could not be stored, by name.
    pub(crate) fn aside(&self) -> Vec<String> {
        let outbox = self
            .target
            .outlets()
            .map(|outlets| &outlets.outbox_queue_url);
        let outbox = outbox.and_then(|url| url.rsplit('/').next());
        let names = self.queues.names().into_iter();
        let names = names.filter(|name| {
            let sources = self.queues.dead_letter_sources(name);
            sources.iter().any(|source| Some(source.as_str()) != outbox)
        });
        names.collect()
    }

    /// Returns how many webhooks could not be stored. One that was put aside twice is one.
    fn dead_letters(&self) -> usize {
        let mut firsts = std::collections::BTreeSet::new();
        let mut others = 0;
        for name in self.aside() {
            let contents = self.queues.queue(&name).map(|queue| queue.contents());
            for content in contents.and_then(Result::ok).unwrap_or_default() {
                match content.message().text(FIRST_MESSAGE_ID) {
                    Some(first) => drop(firsts.insert(first.to_owned())),
                    None => others += 1,
                }
            }
        }
        firsts.len() + others
    }
}
