//! A sink: an HTTP server of this process that keeps what it is told.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use outlets::filter::Filter;
use shared::auth::OutboundSecret;
use stack::faults::{Endpoint, Injection, Post, Receive};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::bus::BusSink;
use super::kept::Kept;
use super::request::{Own, Request};
use crate::error::Error;

/// The sink that is well.
pub const WELL: &str = "well";
/// The sink that has the storm's faults.
pub const FLAKY: &str = "flaky";
/// The sink that accepts nothing.
pub const DEAD: &str = "dead";

/// The sinks, what they subscribe to, and what they answer.
const SINKS: [(&str, &str, u16); 3] = [
    (WELL, "*", 204),
    (
        FLAKY,
        "delivered,opened:human,click,bounced:hard,complained,email.unsubscribed,suppression",
        200,
    ),
    (DEAD, "open,bounce,suppression", 503),
];

/// A sink.
pub struct Sink {
    /// Its name.
    pub name: &'static str,
    /// What it subscribes to.
    pub filter: Filter,
    /// Its URL.
    pub url: String,
    pub(crate) own: Own,
    endpoint: Endpoint,
    kept: Arc<Mutex<Kept>>,
    task: JoinHandle<()>,
}

/// The three sinks, and the bus. They end with this.
pub struct Sinks(pub [Sink; 3], pub BusSink);

impl Drop for Sink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Sink {
    /// Starts a sink on a free port. An hour of its faults lasts `hour`.
    async fn start(
        place: usize,
        (name, events, status): (&'static str, &str, u16),
        seed: u64,
        hour: Duration,
    ) -> Result<Self, Error> {
        let filter = Filter::parse(events).map_err(|error| Error::Sink(error.to_string()))?;
        let own = own(place, seed)?;
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.map_err(|error| Error::Sink(error.to_string()))?;
        let address: SocketAddr = listener
            .local_addr()
            .map_err(|error| Error::Sink(error.to_string()))?;
        let kept = Arc::new(Mutex::new(Kept::default()));
        let receive: Receive = {
            let (kept, own) = (Arc::clone(&kept), own.clone());
            Arc::new(move |post: Post| keep(&kept, &own, &post))
        };
        let endpoint = Endpoint::new(status, seed, hour, receive);
        let task = tokio::spawn(endpoint.clone().serve(listener));
        Ok(Self {
            name,
            filter,
            url: format!("http://{address}{}", own.path),
            own,
            endpoint,
            kept,
            task,
        })
    }

    /// Returns its secret, its own header, and the header's value.
    #[must_use]
    pub fn keys(&self) -> (&OutboundSecret, &str, &str) {
        (&self.own.secret, &self.own.header.0, &self.own.header.1)
    }

    /// Checks whether it can accept anything at all.
    #[must_use]
    pub fn is_served(&self) -> bool {
        self.name != DEAD
    }

    pub(crate) fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sinks {
    /// Starts the sinks. An hour of their faults lasts `hour`.
    ///
    /// # Errors
    /// Returns [`Error::Sink`] if no port is free.
    pub async fn start(seed: u64, hour: Duration) -> Result<Self, Error> {
        let [well, flaky, dead] = SINKS;
        let endpoints = [
            Sink::start(0, well, seed, hour).await?,
            Sink::start(1, flaky, seed, hour).await?,
            Sink::start(2, dead, seed, hour).await?,
        ];
        Ok(Self(endpoints, BusSink::start().await?))
    }

    /// Puts the faults of an endpoint in force, at the flaky sink.
    pub fn set(&self, faults: &[Injection]) {
        for sink in self.0.iter().filter(|sink| sink.name == FLAKY) {
            sink.endpoint.set(faults);
        }
    }

    /// Returns how often each fault has struck.
    pub(crate) fn struck(&self) -> BTreeMap<String, u64> {
        let struck = self.0.iter().flat_map(|sink| sink.endpoint.struck());
        struck
            .map(|(name, count)| (name.to_owned(), count))
            .collect()
    }
}

/// Keeps what a sink is told.
fn keep(kept: &Mutex<Kept>, own: &Own, post: &Post) {
    let request = Request::of(post, own);
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    kept.keep(request);
}

/// Returns what is a sink's own: its path, its secret, its header, and what the others have.
fn own(place: usize, seed: u64) -> Result<Own, Error> {
    let secret = |name: &str| format!("the-secret-of-{name}-{seed}");
    let header = |name: &str| {
        (
            format!("x-storm-{name}"),
            format!("the-token-of-{name}-{seed}"),
        )
    };
    let (name, _, _) = SINKS.get(place).copied().unwrap_or_default();
    let others = SINKS.iter().map(|(other, _, _)| *other);
    let others = others.filter(|other| *other != name);
    let foreign = others.flat_map(|other| {
        let (header, token) = header(other);
        [secret(other), header, token]
    });
    Ok(Own {
        path: format!("/{name}"),
        secret: OutboundSecret::new(&secret(name))
            .map_err(|error| Error::Sink(error.to_string()))?,
        header: header(name),
        foreign: foreign.collect(),
    })
}
