//! An API on this machine that answers each provider's URL with a status.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Timestamp};
use operator::print::now;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// How the API answers.
#[derive(Clone, Default)]
pub(crate) struct Answers {
    /// By path; 401 without a body where nothing is said.
    pub(crate) by_path: BTreeMap<String, (u16, &'static str)>,
    /// How far its clock is from this machine's.
    pub(crate) clock: SignedDuration,
}

/// Serves, and returns the base URL.
pub(crate) async fn serve(answers: Answers) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, answers.clone()));
        }
    });
    format!("http://{address}")
}

async fn answer(mut stream: TcpStream, answers: Answers) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).await.unwrap_or_default() == 0 {
            return;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let path = head.split(' ').nth(1).unwrap_or_default();
    let (status, body) = answers.by_path.get(path).copied().unwrap_or((401, ""));
    let date = date(now() + answers.clock);
    let mut answer = format!("HTTP/1.1 {status} -\r\ndate: {date}\r\nconnection: close\r\n");
    let _ = write!(answer, "content-length: {}\r\n\r\n{body}", body.len());
    let _ = stream.write_all(answer.as_bytes()).await;
}

fn date(at: Timestamp) -> String {
    DateTimePrinter::new()
        .timestamp_to_rfc9110_string(&at)
        .unwrap()
}
