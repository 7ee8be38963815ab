//! Serves what happens on the stack as Server-Sent Events.

use std::fmt::Write as _;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use axum::response::Response;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{sleep, timeout};

use crate::live::{After, Entry, Live};
use crate::server_sent::{COMMENT, FRAME, FRAME_BYTES, Reader, SILENCE};

/// The path of the stream.
pub(crate) const PATH: &str = "/_postern/live";

const LAST_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Returns the stream of entries from where the request says on. Returns `None` if there are too
/// many readers.
pub(crate) fn serve(live: &Live, uri: &Uri, headers: &HeaderMap) -> Option<Response> {
    let place = live.place()?;
    let (entries, listener) = live.listen(after(uri, headers));
    let (mut reader, body) = Reader::at(place);
    tokio::spawn(async move {
        let _ = follow(&mut reader, entries, listener).await;
        reader.drop_it();
    });
    let mut response = Response::new(body);
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

/// Sends entries until the reader is gone, or too slow.
async fn follow(
    reader: &mut Reader,
    entries: Vec<Entry>,
    mut listener: Receiver<Entry>,
) -> Option<()> {
    // The comment makes the answer begin at once.
    let mut frame = COMMENT.to_owned();
    for entry in entries {
        add(&mut frame, &entry);
        if frame.len() >= FRAME_BYTES {
            reader.pass(&mut frame).await?;
        }
    }
    loop {
        reader.pass(&mut frame).await?;
        match timeout(SILENCE, listener.recv()).await {
            Ok(Ok(entry)) => add(&mut frame, &entry),
            Ok(Err(RecvError::Lagged(_) | RecvError::Closed)) => return None,
            Err(_) => frame.push_str(COMMENT),
        }
        sleep(FRAME).await;
        while frame.len() < FRAME_BYTES
            && let Ok(entry) = listener.try_recv()
        {
            add(&mut frame, &entry);
        }
    }
}

fn add(frame: &mut String, entry: &Entry) {
    let _ = write!(frame, "id: {}\ndata: {}\n\n", entry.id, entry.json); // a String takes it all
}
