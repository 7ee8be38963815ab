//! The fourth sink: the event bus. It is in this process, so that a death of the stack takes
//! nothing of what it has accepted with it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use outlets::bus::Entry;
use outlets::filter::Filter;
use outlets::notification::Notification;
use serde_json::{Value, json};
use stack::bus::{Bus, Hear, serve};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::kept::Kept;
use super::request::{Request, digest};
use crate::error::Error;

/// The name of the bus among the sinks.
pub const BUS: &str = "bus";
/// Its ARN.
pub(crate) const ARN: &str = "arn:aws:events:us-east-1:000000000000:event-bus/storm";
/// Whose events it gets.
const SOURCE: &str = "postern.local";

/// The bus of a storm. It ends with this.
pub struct BusSink {
    /// Where the stack hands over what it puts.
    pub(crate) address: SocketAddr,
    kept: Arc<Mutex<Kept>>,
    task: JoinHandle<()>,
}

impl Drop for BusSink {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl BusSink {
    /// Starts the bus on a free port.
    pub(crate) async fn start() -> Result<Self, Error> {
        let failed = |error: std::io::Error| Error::Sink(error.to_string());
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let kept = Arc::new(Mutex::new(Kept::default()));
        let hear: Hear = {
            let kept = Arc::clone(&kept);
            Arc::new(move |event: &Value| {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.keep(request(event));
            })
        };
        let bus = Bus::heard(ARN.to_owned(), hear);
        let task = tokio::spawn(serve(bus, listener));
        Ok(Self {
            address,
            kept,
            task,
        })
    }

    /// Keeps an event as if the stack had put it.
    #[cfg(test)]
    pub(crate) fn put(&self, id: &str, kind: &str, detail: &Value, source: &str) {
        let event = json!({"resources": [id], "detail-type": kind, "detail": detail,
            "source": source});
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.keep(request(&event));
    }

    pub(crate) fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns what it subscribes to: everything.
pub(crate) fn filter() -> Filter {
    Filter::everything()
}

/// Returns the digest of the detail that a notification makes.
pub(crate) fn detail(notification: &Notification) -> Option<u64> {
    Some(digest(Entry::of(notification)?.detail.as_bytes()))
}

/// Returns an event as the check of the sinks sees a request. Every event that the bus has was
/// accepted. It is signed, so to speak, by its source.
fn request(event: &Value) -> Request {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let detail = event.get("detail").cloned().unwrap_or_default();
    let id = event.pointer("/resources/0").map(text).unwrap_or_default();
    let kind = event.get("detail-type").map(text).unwrap_or_default();
    let is_signed = event.get("source").is_some_and(|source| source == SOURCE);
    let body = digest(detail.to_string().as_bytes());
    let suppression = json!({"type": kind, "data": detail}).to_string();
    Request {
        is_accepted: true,
        body,
        is_signed,
        leaks: false,
        suppression: id.starts_with("sup_").then(|| suppression.into_bytes()),
        id,
    }
}
