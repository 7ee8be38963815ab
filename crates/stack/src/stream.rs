//! Serves what happens on the stack as Server-Sent Events.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use axum::response::Response;
use bytes::Bytes;
use http_body_util::channel::{Channel, Sender};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{sleep, timeout};

use crate::live::{After, Entry, Live};

/// The path of the stream.
pub(crate) const PATH: &str = "/_postern/live";

const LAST_ID: HeaderName = HeaderName::from_static("last-event-id");
/// The shortest time between two frames: 20 a second are as many as anyone can see.
const FRAME: Duration = Duration::from_millis(50);
/// After so long without an entry a comment says that the stack is still there.
const SILENCE: Duration = Duration::from_secs(15);
/// A reader that accepts nothing for so long is dropped.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many frames may be on their way to a reader.
const FRAMES: usize = 4;

/// Returns the stream of entries from where the request says on.
pub(crate) fn serve(live: &Live, uri: &Uri, headers: &HeaderMap) -> Response {
    let (entries, listener) = live.listen(after(uri, headers));
    let (sender, body) = Channel::<Bytes, Infallible>::new(FRAMES);
    tokio::spawn(send(sender, entries, listener));
    let mut response = Response::new(Body::new(body));
    for (name, value) in [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

fn after(uri: &Uri, headers: &HeaderMap) -> After {
    let last = headers.get(LAST_ID).and_then(|id| id.to_str().ok());
    if let Some(id) = last.and_then(|id| id.parse().ok()) {
        return After::Id(id);
    }
    let query = uri.query().unwrap_or_default().as_bytes();
    let mut parameters = form_urlencoded::parse(query);
    let since = parameters.find(|(name, _)| name == "since");
    let since = since.and_then(|(_, value)| value.parse().ok());
    since.map_or(After::Now, After::Time)
}

/// Sends entries until the reader is gone, or too slow.
async fn send(
    mut sender: Sender<Bytes, Infallible>,
    entries: Vec<Entry>,
    mut listener: Receiver<Entry>,
) {
    // The comment makes the answer begin at once.
    let mut frame = ":\n\n".to_owned();
    for entry in &entries {
        add(&mut frame, entry);
    }
    loop {
        let sending = timeout(PATIENCE, sender.send_data(Bytes::from(frame)));
        if !matches!(sending.await, Ok(Ok(()))) {
            return;
        }
        frame = String::new();
        match timeout(SILENCE, listener.recv()).await {
            Ok(Ok(entry)) => add(&mut frame, &entry),
            Ok(Err(RecvError::Lagged(_) | RecvError::Closed)) => return,
            Err(_) => frame.push_str(":\n\n"),
        }
        sleep(FRAME).await;
        while let Ok(entry) = listener.try_recv() {
            add(&mut frame, &entry);
        }
    }
}

fn add(frame: &mut String, entry: &Entry) {
    let _ = write!(frame, "id: {}\ndata: {}\n\n", entry.id, entry.json); // a String takes it all
}
