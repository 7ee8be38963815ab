//! The consumer's code against a real table, without processes.

use std::net::SocketAddr;
use std::time::Duration;

use consumer::batch::{Attributes, Record, process};
use operator::events::{Events, Filter};
use operator::services::Services;
use serde_json::Value;
use stack::dynamodb;
use table::item::Item;
use table::read::{plain, text};
use table::store::Store;
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::{deliver, received_at, template};

/// A table of the template's, and its reader.
pub struct Table {
    /// What the consumer writes to.
    pub store: Store,
    /// What reads it.
    pub events: Events,
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
        Self::at(address, retention_days)
    }

    /// Reads and writes the table that is served at an address.
    #[must_use]
    pub fn at(address: SocketAddr, retention_days: u32) -> Self {
        let (name, _) = template_table();
        let services = Services::local(&format!("http://{address}"));
        let store = Store::new(services.dynamodb(), name.clone(), retention_days);
        let events = Events::named(services, name);
        Self { store, events }
    }

    /// Processes messages as one batch, with their places as ids, and returns the ids that failed.
    pub async fn process(&self, messages: &[String]) -> Vec<String> {
        let records: Vec<Record> = messages
            .iter()
            .enumerate()
            .map(|(place, body)| Record {
                message_id: format!("m{place}"),
                body: body.clone(),
                attributes: Attributes::default(),
            })
            .collect();
        let deadline = Instant::now() + Duration::from_secs(20);
        let response = process(&records, &self.store, received_at(), deadline).await;
        let failures = response.batch_item_failures;
        failures.into_iter().map(|f| f.item_identifier).collect()
    }

    /// Returns the events.
    pub async fn all(&self) -> Vec<Item> {
        self.events.find(&Filter::All).await.expect("events")
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

/// The template's table, by its name.
fn template_table() -> (String, Value) {
    template::as_read()
        .tables
        .into_iter()
        .next()
        .expect("a table")
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
