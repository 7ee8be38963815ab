//! A running stack for the tests that need everything.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use operator::Target;
use operator::events::Events;
use operator::secrets::for_receivers;
use operator::send::{Poster, Reply};
use registry::sender;
use shared::dead_letter::FIRST_MESSAGE_ID;
use sqs::Receive;
use stack::build::{Selection, with_cargo};
use stack::lambda::{InvokeError, Lambda, Settings};
use stack::live::Live;
use stack::{Options, Stack};
use table::item::Item;
use table::store::{Store, key_of};
use tokio::time::{Instant, sleep};

use crate::template::with_outlets;

/// A stack on free ports, its sender, its table's reader and every line that its functions print.
pub struct Running {
    /// The stack.
    pub stack: Stack,
    /// Its parts, as a command finds them.
    pub target: Target,
    /// Signs and posts.
    pub sender: Poster,
    /// Reads the table.
    pub events: Events,
    /// Every line that the functions printed.
    pub lines: Arc<Mutex<Vec<String>>>,
}

/// How long an hour lasts for what waits to be told: all of a ladder takes some seconds.
const HOUR: Duration = Duration::from_millis(100);

/// Free ports, nothing kept on disk, nothing shown; events are kept for ever.
#[must_use]
pub fn options() -> Options {
    Options {
        port: 0,
        sqs_port: 0,
        dynamodb_port: 0,
        secrets: BTreeMap::new(),
        // The samples have fixed dates, and are past the default's 400 days one after the other.
        parameters: vec![("RetentionDays".to_owned(), "0".to_owned())],
        data: None,
        retry_after: Duration::from_millis(50),
        launcher: with_cargo(Selection::Workspace, false),
        output: Arc::new(|_, _| {}),
        observer: Arc::new(|_| {}),
        live: Live::default(),
        page: None,
        bus_at: None,
        faults: Vec::new(),
        seed: 1,
        hour: None,
    }
}

impl Running {
    /// Started with [`options`].
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// Started with [`options`] changed; its secrets are those that providers sign with.
    pub async fn with(change: impl FnOnce(&mut Options)) -> Self {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let printed = Arc::clone(&lines);
        let mut options = options();
        options.output =
            Arc::new(move |_, line| printed.lock().expect("lines").push(line.to_owned()));
        change(&mut options);
        let secrets = options.secrets.clone();
        options.secrets = for_receivers(&secrets).expect("secrets");
        let stack = Stack::start(options).await.expect("a running stack");
        let sender = Poster::new(stack.api, secrets);
        let target = Target::local(stack.api).await.expect("a stack");
        let events = target.events();
        Self {
            stack,
            target,
            sender,
            events,
            lines,
        }
    }

    /// Started with the way out, where an hour is a tenth of a second. Whatever is stored is
    /// announced, however long ago it happened.
    pub async fn with_outlets() -> Self {
        Self::telling(|_| {}).await
    }

    /// The same, with the options changed.
    pub async fn telling(change: impl FnOnce(&mut Options)) -> Self {
        let tell = |options: &mut Options| {
            let days = ("AnnounceMaxAgeDays".to_owned(), "3650".to_owned());
            options.parameters.extend([with_outlets(), days]);
            options.hour = Some(HOUR);
            change(options);
        };
        Self::with(tell).await
    }

    /// One function of the template, started with this environment added; its lines are with the
    /// others.
    ///
    /// # Errors
    /// It does not start.
    pub async fn function(
        &self,
        package: &str,
        environment: &[(&str, &str)],
    ) -> Result<Lambda, InvokeError> {
        let add = |settings: &mut Settings| {
            let pairs = environment.iter();
            let pairs = pairs.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            settings.environment.extend(pairs);
        };
        self.function_with(package, add).await
    }

    /// One function of the template, started with its settings changed; its lines are with the
    /// others.
    ///
    /// # Errors
    /// It does not start.
    pub async fn function_with(
        &self,
        package: &str,
        change: impl FnOnce(&mut Settings),
    ) -> Result<Lambda, InvokeError> {
        let mut settings = self.stack.functions[package].settings().clone();
        change(&mut settings);
        let printed = Arc::clone(&self.lines);
        let output =
            move |_: &str, line: &str| printed.lock().expect("lines").push(line.to_owned());
        let lambda = Lambda::new(settings, Arc::new(output));
        lambda.warm().await.map(|()| lambda)
    }

    /// Deletes every item of the table.
    pub async fn clear(&self) {
        let items = self.events.scan().await.expect("items");
        let keys = items.iter().filter_map(key_of).collect();
        let (client, table) = (self.events.client().clone(), self.events.table().to_owned());
        let deadline = Instant::now() + Duration::from_mins(1);
        let left = Store::new(client, table, 0).delete(keys, deadline).await;
        assert!(left.is_empty(), "{} are not deleted", left.len());
    }

    /// What `of` finds in the functions' lines, once there are so many of it: a line is read a
    /// moment after its answer.
    pub async fn logged<T>(&self, count: usize, of: impl Fn(&Self) -> Vec<T>) -> Vec<T> {
        self.logged_within(10, count, of).await
    }

    /// The same, where the answer may take so many seconds.
    pub async fn logged_within<T>(
        &self,
        seconds: u64,
        count: usize,
        of: impl Fn(&Self) -> Vec<T>,
    ) -> Vec<T> {
        let deadline = Instant::now() + Duration::from_secs(seconds);
        loop {
            let found = of(self);
            if found.len() >= count || Instant::now() > deadline {
                return found;
            }
            sleep(Duration::from_millis(2)).await;
        }
    }

    /// Posts a body, signed as its provider would.
    pub async fn send(&self, name: &str, body: &[u8]) -> Reply {
        let provider = sender(name).expect("a provider");
        let reply = self.sender.send(provider, body.to_vec()).await;
        reply.expect("an answer")
    }

    /// Posts a body with these headers.
    pub async fn post(&self, path: &str, headers: &[(&str, String)], body: &[u8]) -> Reply {
        let url = format!("http://{}{path}", self.stack.api);
        let reply = self
            .sender
            .post(&url, "application/json", headers, body.to_vec())
            .await;
        reply.expect("an answer")
    }

    /// The stored events, once the queue is empty.
    pub async fn stored(&self) -> Vec<Item> {
        self.stack.settled().await.expect("an empty queue");
        self.events.all().await.expect("events")
    }

    /// Waits until all that is stored has been announced, and the outbox is empty.
    pub async fn told(&self) {
        self.stack.told().await.expect("an empty outbox");
    }

    /// The bodies in the dead-letter queue, once the queue is empty; they stay there, to be read
    /// again.
    pub async fn dead(&self) -> Vec<String> {
        self.stack.settled().await.expect("an empty queue");
        let queue = self.stack.queues.queue("DeadLetterQueue").expect("a queue");
        let ask = Receive {
            max: 10,
            visibility: Some(Duration::from_secs(30)),
            wait: Some(Duration::ZERO),
        };
        let mut messages = Vec::new();
        loop {
            let received = queue.receive(&ask).await.expect("messages");
            if received.is_empty() {
                break;
            }
            messages.extend(received);
        }
        let mut bodies = Vec::new();
        for message in messages {
            let shown = queue.change_visibility(&message.receipt_handle, Duration::ZERO);
            shown.expect("a message in flight");
            bodies.push(message.content.message().body.clone());
        }
        bodies.sort();
        bodies
    }
}

/// The ids that the dead letters had when they were put aside first.
#[must_use]
pub fn first_ids(running: &Running) -> BTreeSet<String> {
    let queue = running.stack.queues.queue("DeadLetterQueue");
    let contents = queue.expect("a queue").contents().expect("messages");
    let ids = contents
        .iter()
        .filter_map(|content| content.message().text(FIRST_MESSAGE_ID));
    ids.map(str::to_owned).collect()
}
