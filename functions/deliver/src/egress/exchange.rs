//! Sends one request over a stream, and reads the head of the answer (HTTP/1.1).

use std::error::Error as _;
use std::io;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::failure::Failure;

/// The largest head of an answer, in bytes. It has 100 headers at most, which is hyper's own bound.
const HEAD_BYTES: usize = 64 * 1024;

/// Sends a request, and returns the answer without its body. The stream is closed.
pub(super) async fn exchange<S>(
    stream: S,
    request: Request<Full<Bytes>>,
) -> Result<Response<()>, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut http = http1::Builder::new();
    http.max_buf_size(HEAD_BYTES);
    let (mut sender, connection) = http
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|error| failure(&error))?;
    let mut connection = Box::pin(connection);
    let mut answer = Box::pin(sender.send_request(request));
    let answer = tokio::select! {
        answer = &mut answer => answer,
        ended = &mut connection => match ended {
            // The connection tells the request why it has no answer.
            Ok(()) => answer.await,
            Err(error) => Err(error),
        },
    };
    let answer = answer.map_err(|error| failure(&error))?;
    Ok(answer.map(drop))
}

fn failure(error: &hyper::Error) -> Failure {
    if error.is_parse() {
        return Failure::HttpUnreadable;
    }
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(error) = inner.downcast_ref::<io::Error>() {
            return Failure::of_stream(error);
        }
        cause = inner.source();
    }
    match error {
        error if error.is_user() => Failure::RequestRefused,
        _ => Failure::Reset,
    }
}
