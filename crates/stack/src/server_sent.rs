//! Sends a reader what happens, as Server-Sent Events, for as long as it takes them.

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http_body::Frame;
use http_body_util::channel::{Channel, Sender};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

/// The shortest time between two frames: 20 a second are as many as anyone can see.
pub const FRAME: Duration = Duration::from_millis(50);
/// After so long without anything to tell a comment says that the stack is still there.
pub const SILENCE: Duration = Duration::from_secs(15);
/// A frame with so many bytes takes nothing more: what waits for a reader has to stay small.
pub const FRAME_BYTES: usize = 64 * 1024;
/// The comment that says no more than that somebody is there.
pub const COMMENT: &str = ":\n\n";

/// A reader that accepts nothing for so long is dropped.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// How many frames may be on their way to a reader.
const FRAMES: usize = 4;

/// Whoever reads.
pub struct Reader(Sender<Bytes, io::Error>);

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

impl Reader {
    /// Returns a reader at this place, and the body of its answer.
    pub fn at(place: OwnedSemaphorePermit) -> (Self, Body) {
        let (sender, body) = Channel::<Bytes, io::Error>::new(FRAMES);
        let told = Told {
            body,
            _place: place,
        };
        (Self(sender), Body::new(told))
    }

    /// Passes a frame on, and begins another one. An empty frame is not sent. Returns `None` if the
    /// reader does not take it in time.
    pub async fn pass(&mut self, frame: &mut String) -> Option<()> {
        if frame.is_empty() {
            return Some(());
        }
        let sending = self.0.send_data(Bytes::from(std::mem::take(frame)));
        timeout(PATIENCE, sending).await.ok()?.ok()
    }

    /// Ends the connection, with whatever is still on the way: an orderly end would wait until the
    /// reader has taken that.
    pub fn drop_it(self) {
        self.0.abort(ErrorKind::TimedOut.into());
    }
}
