//! A table, a queue and a secret, all empty.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use operator::services::Services;
use outlets::breaker::{Outcome, State};
use outlets::endpoint::{Endpoint, SealedSecret, secret_context};
use outlets::fact::Fact;
use outlets::filter::Filter;
use outlets::hour::Hour;
use outlets::message::Message;
use outlets::parked::Parked;
use outlets::store::Outlets;
use runtime::outbox::Outbox;
use runtime::sealing::{Sealing, SealingKeys};
use serde_json::json;
use shared::auth::seal;
use sqs::{QueueHandle, QueueSettings, Sqs};
use stack::dynamodb;
use stack::secrets_manager::{Vault, router};
use sweep::Sweep;
use tokio::net::TcpListener;
use tokio::time::{Duration, Instant};

/// The secret's name.
pub(crate) const SEALING: &str = "postern/outlets/sealing";

/// The time.
pub(crate) fn now() -> Timestamp {
    runtime::clock::now()
}

/// So many seconds from now.
pub(crate) fn in_seconds(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

/// Long enough for every test.
pub(crate) fn deadline() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

/// Everything that the sweep needs.
pub(crate) struct House {
    pub(crate) sweep: Sweep,
    queue: QueueHandle,
    /// How many messages have been looked at. Nobody receives any.
    seen: AtomicUsize,
    pub(crate) table: aws_sdk_dynamodb::Client,
    pub(crate) secrets: aws_sdk_secretsmanager::Client,
}

impl House {
    /// Builds one. Its table takes what it is given, and its secret has one version.
    pub(crate) async fn new() -> Self {
        let house = Self::without_secret().await;
        let created = house.secrets.create_secret().name(SEALING);
        let created = created.secret_string("one".repeat(20)).send().await;
        created.expect("a secret");
        Self {
            sweep: house.again().await,
            ..house
        }
    }

    /// Builds one whose secret is not there.
    pub(crate) async fn without_secret() -> Self {
        let database = dynamodb::open(None).expect("a database");
        let key = |name, kind| json!({"AttributeName": name, "KeyType": kind});
        let text = |name| json!({"AttributeName": name, "AttributeType": "S"});
        let properties = json!({
            "AttributeDefinitions": [text("pk"), text("sk")],
            "KeySchema": [key("pk", "HASH"), key("sk", "RANGE")],
            "BillingMode": "PAY_PER_REQUEST",
        });
        dynamodb::create_table(&database, "outlets", &properties).expect("a table");
        let (listener, address) = listen().await;
        let _ = dynamodb::serve(listener, database);
        let table = Services::local(&format!("http://{address}")).dynamodb();

        let sqs = Sqs::new("us-east-1");
        let queue = sqs.create(QueueSettings::new("outbox")).expect("a queue");
        let (listener, address) = listen().await;
        let service = sqs::http::router(&sqs);
        tokio::spawn(async move { axum::serve(listener, service).await });
        let client = Services::local(&format!("http://{address}")).sqs();
        let outbox = Outbox::new(client, queue.url(&address));

        let (listener, address) = listen().await;
        let service = router(&Vault::default());
        tokio::spawn(async move { axum::serve(listener, service).await });
        let secrets = tests::secrets_manager::client(format!("http://{address}"));
        let sealing = Sealing::open(secrets.clone(), SEALING.to_owned(), now()).await;
        let sweep = Sweep {
            outlets: Outlets::new(table.clone(), "outlets".to_owned()),
            outbox,
            sealing,
            bus: None,
            hour: Hour::default(),
        };
        Self {
            sweep,
            queue,
            seen: AtomicUsize::new(0),
            table,
            secrets,
        }
    }

    /// Returns another process of the sweep.
    pub(crate) async fn again(&self) -> Sweep {
        let sealing = Sealing::open(self.secrets.clone(), SEALING.to_owned(), now()).await;
        Sweep {
            outlets: self.outlets().clone(),
            outbox: self.sweep.outbox.clone(),
            sealing,
            bus: None,
            hour: self.sweep.hour,
        }
    }

    pub(crate) fn outlets(&self) -> &Outlets {
        &self.sweep.outlets
    }

    /// Sweeps once.
    pub(crate) async fn sweeps(&self) {
        let swept = sweep::sweep::sweep(&self.sweep, "r", deadline()).await;
        swept.expect("a sweep");
    }

    /// The sealing keys.
    pub(crate) async fn keys(&self) -> std::sync::Arc<SealingKeys> {
        let sealing = Sealing::open(self.secrets.clone(), SEALING.to_owned(), now()).await;
        sealing.keys(now()).await.expect("keys")
    }

    /// Adds an endpoint.
    pub(crate) async fn endpoint(&self) -> Endpoint {
        let id = self.outlets().next_id().await.expect("an id");
        let keys = self.keys().await;
        let current = keys.current().expect("a key");
        let sealed = seal(current, [7; 12], &secret_context(id), "whsec_1");
        let endpoint = endpoint(id, &sealed.expect("a sealed text"));
        assert!(self.outlets().add(&endpoint).await.expect("an answer"));
        endpoint
    }

    /// Parks these.
    pub(crate) async fn park(&self, parked: &[Parked]) {
        let left = self.outlets().park(parked, deadline()).await;
        assert!(left.is_empty(), "{} are not parked", left.len());
    }

    /// Sets what is known of an endpoint.
    pub(crate) async fn set(&self, id: u64, state: &State) {
        let changing = self.outlets().change_state(id, |_| state.clone());
        changing.await.expect("a state");
    }

    /// What was sent since the last time.
    pub(crate) fn sent(&self) -> Vec<Message> {
        let contents = self.queue.contents().expect("messages");
        let before = self.seen.swap(contents.len(), Ordering::Relaxed);
        let sent = contents.iter().skip(before).map(|content| {
            let message = Message::decode(&content.message().body);
            message.expect("a message")
        });
        sent.collect()
    }

    /// Puts an item that nobody can read.
    pub(crate) async fn put_odd(&self, pk: &str, sk: &str) {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let item = HashMap::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))]);
        let put = self.table.put_item().table_name("outlets");
        put.set_item(Some(item)).send().await.expect("an item");
    }
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    (listener, address)
}

pub(crate) fn endpoint(id: u64, sealed: &str) -> Endpoint {
    Endpoint {
        id,
        url: "https://crm.test/hook".to_owned(),
        filter: Filter::parse("*").expect("a filter"),
        providers: Vec::new(),
        sources: Vec::new(),
        headers: BTreeMap::new(),
        secrets: vec![SealedSecret {
            sealed: sealed.to_owned(),
            since: "2026-01-02T03:04:05.678Z".parse().expect("a time"),
            until: None,
        }],
        active: true,
        created_at: "2026-01-02T03:04:05.678Z".parse().expect("a time"),
        created_by: "admin:ops".to_owned(),
        revision: 0,
    }
}

/// One that was parked an hour ago and is due in so many seconds.
pub(crate) fn parked(outlet: u64, name: &str, due_in: i64) -> Parked {
    let fact = Fact::event(
        &format!("email#{name}@mail.test"),
        "2026-01-02T03:04:05.678Z#a",
    );
    let message = Message::first(outlet, fact.clone(), in_seconds(-3_600));
    let parked = Parked::new(
        &message,
        fact.id(None),
        in_seconds(due_in),
        1,
        in_seconds(-3_600),
    );
    parked.expect("a parked one")
}

/// So many that were held an hour ago, the oldest first.
pub(crate) fn held(outlet: u64, count: i64) -> Vec<Parked> {
    let each = (0..count).map(|place| parked(outlet, &place.to_string(), place - 100_000));
    each.collect()
}

/// A state whose breaker has been open for ten minutes.
pub(crate) fn open() -> State {
    let failed = Outcome::Failed {
        code: "status".to_owned(),
        wasted: Duration::ZERO,
        retry_after: None,
        is_probe: false,
    };
    (0..10).fold(State::default(), |state, place| {
        state.after(&failed, in_seconds(4 * place - 600), &Hour::default())
    })
}
