//! A subscriber: it keeps what it is told, and answers what it is told to.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;
use shared::auth::{Checked, OutboundSecret, Signatures, check_outbound};
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep};

/// A notification that came.
#[derive(Clone)]
pub struct Told {
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, to the letter.
    pub body: Bytes,
    /// The status that it was answered.
    pub answered: u16,
}

impl Told {
    /// A header's text.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name).expect("a header");
        value.to_str().expect("a text")
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        self.header("webhook-id")
    }

    /// Its body, read.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// Which signatures are good by this secret.
    #[must_use]
    pub fn signed_by(&self, secret: &str) -> (bool, bool) {
        let secret = OutboundSecret::new(secret).expect("a secret");
        let signatures = Signatures {
            standard: self.header("webhook-signature").to_owned(),
            hex: self.header("x-webhook-signature").to_owned(),
        };
        let (id, at) = (self.header("webhook-id"), self.header("webhook-timestamp"));
        let Checked { standard, hex } = check_outbound(&secret, id, at, &self.body, &signatures);
        (standard, hex)
    }
}

/// A subscriber on this machine.
pub struct Sink {
    /// Where it is.
    pub url: String,
    status: Arc<AtomicU16>,
    told: Arc<Mutex<Vec<Told>>>,
}

impl Sink {
    /// Answers 204, on a free port.
    pub async fn new() -> Self {
        Self::answering(204).await
    }

    /// Answers with this status, on a free port.
    pub async fn answering(status: u16) -> Self {
        Self::with(status, "").await
    }

    /// Sends everybody elsewhere.
    pub async fn redirecting(to: &str) -> Self {
        Self::with(307, to).await
    }

    async fn with(status: u16, location: &str) -> Self {
        let status = Arc::new(AtomicU16::new(status));
        let location = location.to_owned();
        let told = Arc::new(Mutex::new(Vec::new()));
        let (answers, keeps) = (Arc::clone(&status), Arc::clone(&told));
        let router = Router::new().fallback(move |headers: HeaderMap, body: Bytes| async move {
            let answered = answers.load(Ordering::SeqCst);
            let told = Told {
                headers,
                body,
                answered,
            };
            keeps.lock().expect("told").push(told);
            let status = StatusCode::from_u16(answered).expect("a status");
            (status, [("location", location)])
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!(
            "http://{}/hooks",
            listener.local_addr().expect("an address")
        );
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, status, told }
    }

    /// Answers this from now on.
    pub fn answers(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    /// What came so far.
    #[must_use]
    pub fn told(&self) -> Vec<Told> {
        self.told.lock().expect("told").clone()
    }

    /// What came, once there are so many.
    pub async fn told_within(&self, seconds: u64, count: usize) -> Vec<Told> {
        self.told_until(seconds, |told| told.len() >= count).await
    }

    /// What came, once it is all that is waited for.
    pub async fn told_until(&self, seconds: u64, is_all: impl Fn(&[Told]) -> bool) -> Vec<Told> {
        let deadline = Instant::now() + Duration::from_secs(seconds);
        loop {
            let told = self.told();
            if is_all(&told) || Instant::now() > deadline {
                return told;
            }
            sleep(Duration::from_millis(20)).await;
        }
    }
}
