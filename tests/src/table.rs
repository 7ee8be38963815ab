//! The consumer's code against a real table, without processes.

use std::net::SocketAddr;
use std::time::Duration;

use consumer::Consumer;
use consumer::batch::process;
use consumer::event::{Attributes, Record};
use consumer::queues::Queues;
use operator::events::Events;
use operator::services::Services;
use serde_json::Value;
use shared::dead_letter::FIRST_MESSAGE_ID;
use sqs::{QueueHandle, QueueSettings, Sqs};
use stack::dynamodb;
use table::item::Item;
use table::read::{plain, text};
use table::store::Store;
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::{deliver, received_at, template};

/// A table of the template's, and its reader.
pub struct Table {
    /// What reads it.
    pub events: Events,
    /// The queue that messages come from.
    pub deliveries: QueueHandle,
    /// The dead-letter queue.
    pub dead_letters: QueueHandle,
    /// The consumer, with all that it keeps.
    pub consumer: Consumer,
}

impl Table {
    /// Makes an empty table whose events are kept for ever.
    pub async fn new() -> Self {
        Self::keeping(0).await
    }

    /// Events are kept for so many days.
    pub async fn keeping(retention_days: u32) -> Self {
        let (name, properties) = template_table();
        let database = dynamodb::open(None).expect("a database");
        dynamodb::create_table(&database, &name, &properties).expect("a table");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let _ = dynamodb::serve(listener, database);
        Self::at(address, retention_days).await
    }

    /// Reads and writes the table that is served at an address.
    pub async fn at(address: SocketAddr, retention_days: u32) -> Self {
        let (name, _) = template_table();
        let services = Services::local(&format!("http://{address}"));
        let store = Store::new(services.dynamodb(), name.clone(), retention_days);
        let events = Events::named(services, name);
        let sqs = Sqs::new("us-east-1");
        let dead_letters = sqs.create(QueueSettings::new("dead")).expect("a queue");
        let deliveries = sqs.create(QueueSettings::new("deliveries"));
        let deliveries = deliveries.expect("a queue");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let host = listener.local_addr().expect("an address").to_string();
        let router = sqs::http::router(&sqs);
        tokio::spawn(async move { axum::serve(listener, router).await });
        let client = Services::local(&format!("http://{host}")).sqs();
        let (url, dead) = (deliveries.url(&host), dead_letters.url(&host));
        let queues = Queues::new(client, url, dead);
        Self {
            events,
            deliveries,
            dead_letters,
            consumer: Consumer::new(store, queues),
        }
    }

    /// Processes messages as one batch, with their places as ids. Returns the ids of those that
    /// were
    /// put aside. All others are stored.
    pub async fn process(&self, messages: &[String]) -> Vec<String> {
        let records = messages.iter().enumerate();
        let records = records.map(|(place, body)| Record {
            message_id: format!("m{place}"),
            body: body.clone(),
            ..Record::default()
        });
        let records: Vec<Record> = records.collect();
        let outcome = self
            .process_records(&records, Duration::from_secs(20))
            .await;
        assert_eq!(outcome.waiting, [""; 0]);
        outcome.put_aside
    }

    /// Processes records as one batch. The table must answer within `time`.
    pub async fn process_records(&self, records: &[Record], time: Duration) -> Outcome {
        let before = self.put_aside().len();
        let deadline = Instant::now() + time;
        let response = process(records, &self.consumer, received_at(), deadline).await;
        let failures = response.batch_item_failures;
        Outcome {
            waiting: failures.into_iter().map(|f| f.item_identifier).collect(),
            put_aside: self.put_aside().split_off(before),
        }
    }

    /// What is in the dead-letter queue: the ids, in order.
    fn put_aside(&self) -> Vec<String> {
        let contents = self.dead_letters.contents().expect("messages");
        let ids = contents
            .iter()
            .map(|content| content.message().text(FIRST_MESSAGE_ID));
        ids.map(|id| id.unwrap_or_default().to_owned()).collect()
    }

    /// Returns the events.
    pub async fn all(&self) -> Vec<Item> {
        self.events.all().await.expect("events")
    }

    /// Returns every item as plain JSON.
    pub async fn plain(&self) -> Vec<Value> {
        let items = self.events.scan().await.expect("items");
        items.iter().map(plain).collect()
    }

    /// Returns the suppression item of an address.
    pub async fn suppression(&self, address: &str) -> Option<Value> {
        let items = self.events.scan().await.expect("items");
        let pk = format!("email#{address}");
        let is_it = |item: &&Item| text(item, "pk") == pk && text(item, "sk") == "suppression";
        items.iter().find(is_it).map(plain)
    }
}

/// What became of a batch, by the messages' ids.
#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    /// These stay in the queue.
    pub waiting: Vec<String>,
    /// These are in the dead-letter queue.
    pub put_aside: Vec<String>,
}

/// The template's table, by its name.
fn template_table() -> (String, Value) {
    template::as_read()
        .tables
        .into_iter()
        .next()
        .expect("a table")
}

/// A message as Lambda passes it, received so many times.
#[must_use]
pub fn record(id: &str, body: String, receives: u32) -> Record {
    Record {
        message_id: id.to_owned(),
        receipt_handle: format!("handle of {id}"),
        body,
        attributes: Attributes {
            approximate_receive_count: Some(receives.to_string()),
            sent_timestamp: None,
        },
        ..Record::default()
    }
}

/// The queue message of a signed body.
#[must_use]
pub fn message(provider: &str, body: &Value) -> String {
    message_of(provider, body.to_string().as_bytes())
}

/// The queue message of a signed body, to the byte.
#[must_use]
pub fn message_of(provider: &str, body: &[u8]) -> String {
    let provider = registry::sender(provider).expect("a provider");
    deliver(provider, body).encode().expect("a message")
}
