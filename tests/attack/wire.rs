//! An HTTP/1.1 client that sends what no library would.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// The longest that an answer takes: a receiver has three seconds.
const PATIENCE: Duration = Duration::from_secs(30);

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Status line and headers.
    pub(crate) head: String,
    pub(crate) body: String,
}

/// A request, byte by byte: `headers` are lines as they are, without their ends.
pub(crate) fn request(method: &str, target: &str, headers: &[Vec<u8>], body: &[u8]) -> Vec<u8> {
    let mut bytes =
        format!("{method} {target} HTTP/1.1\r\nhost: postern.test\r\nconnection: close\r\n")
            .into_bytes();
    bytes.extend(format!("content-length: {}\r\n", body.len()).into_bytes());
    for header in headers {
        bytes.extend(header);
        bytes.extend(b"\r\n");
    }
    bytes.extend(b"\r\n");
    bytes.extend(body);
    bytes
}

/// Sends the bytes and reads until the server has nothing more to say.
pub(crate) async fn send(api: SocketAddr, bytes: &[u8]) -> Answer {
    let answered = timeout(PATIENCE, exchange(api, bytes)).await;
    let answer = answered.expect("an answer in time");
    let answer = String::from_utf8(answer).expect("text");
    let (head, body) = answer.split_once("\r\n\r\n").expect("an HTTP answer");
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    Answer {
        status: status.expect("a status"),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

async fn exchange(api: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let stream = TcpStream::connect(api).await.expect("a connection");
    let (mut incoming, mut outgoing) = stream.into_split();
    // A server that has seen enough answers before the request is at its end, and need not read the
    // rest.
    let bytes = bytes.to_vec();
    let sending = tokio::spawn(async move {
        let _ = outgoing.write_all(&bytes).await;
        outgoing
    });
    let mut answer = Vec::new();
    let read = incoming.read_to_end(&mut answer).await;
    assert!(read.is_ok() || !answer.is_empty(), "no answer: {read:?}");
    let _ = sending.await;
    answer
}
