//! Serves what happens on the stack as Server-Sent Events.

use std::fmt::Write as _;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use axum::response::Response;
use bytes::Bytes;
use http_body::Frame;
use http_body_util::channel::{Channel, Sender};
use tokio::sync::OwnedSemaphorePermit;
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
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// How many frames may be on their way to a reader.
const FRAMES: usize = 4;
/// A frame with so many bytes takes no further entry: what waits for a reader has to stay small.
const FRAME_BYTES: usize = 64 * 1024;

/// What a reader is sent. Its place is taken for as long as its connection has the body.
struct Told {
    body: Channel<Bytes, io::Error>,
    _place: OwnedSemaphorePermit,
}

impl HttpBody for Told {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }
}

/// Returns the stream of entries from where the request says on. Returns `None` if there are too
/// many readers.
pub(crate) fn serve(live: &Live, uri: &Uri, headers: &HeaderMap) -> Option<Response> {
    let place = live.place()?;
    let (entries, listener) = live.listen(after(uri, headers));
    let (sender, body) = Channel::<Bytes, io::Error>::new(FRAMES);
    tokio::spawn(send(sender, entries, listener));
    let body = Told {
        body,
        _place: place,
    };
    let mut response = Response::new(Body::new(body));
    for (name, value) in [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    Some(response)
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

/// Sends entries until the reader is gone, or too slow. Then its connection ends, with whatever is
/// still on the way: an orderly end would wait until the reader has taken that.
async fn send(
    mut sender: Sender<Bytes, io::Error>,
    entries: Vec<Entry>,
    listener: Receiver<Entry>,
) {
    let _ = follow(&mut sender, entries, listener).await;
    sender.abort(ErrorKind::TimedOut.into());
}

async fn follow(
    sender: &mut Sender<Bytes, io::Error>,
    entries: Vec<Entry>,
    mut listener: Receiver<Entry>,
) -> Option<()> {
    // The comment makes the answer begin at once.
    let mut frame = ":\n\n".to_owned();
    for entry in entries {
        add(&mut frame, &entry);
        if frame.len() >= FRAME_BYTES {
            pass(sender, &mut frame).await?;
        }
    }
    loop {
        if !frame.is_empty() {
            pass(sender, &mut frame).await?;
        }
        match timeout(SILENCE, listener.recv()).await {
            Ok(Ok(entry)) => add(&mut frame, &entry),
            Ok(Err(RecvError::Lagged(_) | RecvError::Closed)) => return None,
            Err(_) => frame.push_str(":\n\n"),
        }
        sleep(FRAME).await;
        while frame.len() < FRAME_BYTES
            && let Ok(entry) = listener.try_recv()
        {
            add(&mut frame, &entry);
        }
    }
}

/// Passes a frame on, and begins another one. Returns `None` if the reader does not take it in
/// time.
async fn pass(sender: &mut Sender<Bytes, io::Error>, frame: &mut String) -> Option<()> {
    let sending = sender.send_data(Bytes::from(std::mem::take(frame)));
    timeout(PATIENCE, sending).await.ok()?.ok()
}

fn add(frame: &mut String, entry: &Entry) {
    let _ = write!(frame, "id: {}\ndata: {}\n\n", entry.id, entry.json); // a String takes it all
}
