//! Tests the way out against servers on this machine.

mod bars;
mod server;
mod tls;

use std::net::SocketAddr;

use http::HeaderValue;

use self::server::{BODY, Server, ok};
use super::*;

const NOW: &str = "2026-03-03T08:15:00Z";
const SHORT: Duration = Duration::from_millis(400);
const LONG: Duration = Duration::from_secs(10);

/// Posts to this URL as from somebody's own machine.
async fn post(url: &str, time: Duration) -> Result<Answer, Failure> {
    let egress = Egress::new(Place::Here).unwrap();
    post_by(&egress, url, time).await
}

async fn post_by<R: Resolve>(
    egress: &Egress<R>,
    url: &str,
    time: Duration,
) -> Result<Answer, Failure> {
    let target = Target::parse(url, egress.place()).unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    headers.insert("webhook-id", HeaderValue::from_static("evt_1"));
    let now = NOW.parse().unwrap();
    egress.post(&target, headers, BODY.into(), now, time).await
}

fn status(answer: Result<Answer, Failure>) -> u16 {
    answer.unwrap().status
}

#[tokio::test]
async fn a_post_is_one_request_of_http_1_1_with_our_headers_and_the_body() {
    let server = Server::answering(ok()).await;
    assert_eq!(status(post(&server.url("/a/b?c=d%20e"), LONG).await), 200);
    let request = server.request();
    let wanted = [
        "POST /a/b?c=d%20e HTTP/1.1",
        "content-type: application/json",
        "webhook-id: evt_1",
        &format!("host: 127.0.0.1:{}", server.port()),
        &format!("content-length: {}", BODY.len()),
        "",
        BODY,
    ];
    assert_eq!(request.split("\r\n").collect::<Vec<_>>(), wanted);
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_nothing_follows_it() {
    let other = Server::answering(ok()).await;
    let head = format!("HTTP/1.1 307 X\r\nlocation: {}\r\n\r\n", other.url("/"));
    let server = Server::answering(head.into_bytes()).await;
    assert_eq!(status(post(&server.url("/"), LONG).await), 307);
    assert_eq!(other.request(), "");
}

#[tokio::test]
async fn when_to_come_again_is_read() {
    let head = b"HTTP/1.1 429 Slow down\r\nRetry-After: 60\r\n\r\n".to_vec();
    let server = Server::answering(head).await;
    let wanted = Answer {
        status: 429,
        retry_after: Some("2026-03-03T08:16:00Z".parse().unwrap()),
    };
    assert_eq!(post(&server.url("/"), LONG).await, Ok(wanted));
}

#[tokio::test]
async fn the_body_of_an_answer_is_never_waited_for_nor_read() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n";
    let server = Server::then(head, Some(b"x".repeat(1_000))).await;
    assert_eq!(status(post(&server.url("/"), LONG).await), 200);
    let sent = server.ended().await;
    assert!(sent < 100_000_000, "{sent} bytes");
}

#[tokio::test]
async fn interim_answers_without_end_are_cut_off() {
    let interim = b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
    let server = Server::then(b"", Some(interim.repeat(20))).await;
    let answer = post(&server.url("/"), LONG).await;
    assert_eq!(answer, Err(Failure::HttpUnreadable));
    server.ended().await;
}

#[tokio::test]
async fn some_interim_answers_are_passed_over() {
    let answer = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 X\r\n\r\nHTTP/1.1 204 X\r\n\r\n";
    let server = Server::answering(answer.to_vec()).await;
    assert_eq!(status(post(&server.url("/"), LONG).await), 204);
}

#[tokio::test]
async fn a_head_without_end_is_cut_off() {
    let server = Server::then(b"HTTP/1.1 200 OK\r\n", Some(b"a: b\r\n".repeat(90))).await;
    let answer = post(&server.url("/"), LONG).await;
    assert_eq!(answer, Err(Failure::HttpUnreadable));
    let line = [b"a".repeat(1_000)].concat();
    let server = Server::then(b"HTTP/1.1 200 OK\r\na: ", Some(line)).await;
    let answer = post(&server.url("/"), LONG).await;
    assert_eq!(answer, Err(Failure::HttpUnreadable));
}

#[tokio::test]
async fn what_is_no_http_is_unreadable() {
    for text in [
        "SSH-2.0-OpenSSH\r\n\r\n",
        "HTTP/1.1 2000 X\r\n\r\n",
        "\0\u{1}\r\n\r\n",
    ] {
        let server = Server::answering(text.into()).await;
        let answer = post(&server.url("/"), LONG).await;
        assert_eq!(answer, Err(Failure::HttpUnreadable), "{text:?}");
    }
}

#[tokio::test]
async fn an_endpoint_that_hangs_is_left() {
    let server = Server::then(b"HTTP/1.1 200", None).await;
    let answer = post(&server.url("/"), SHORT).await;
    assert_eq!(answer, Err(Failure::Timeout));
}

#[tokio::test]
async fn a_connection_that_ends_early_is_a_reset() {
    for text in ["", "HTTP/1.1 200 OK\r\na: b"] {
        let server = Server::answering(text.into()).await;
        let answer = post(&server.url("/"), LONG).await;
        assert_eq!(answer, Err(Failure::Reset), "{text}");
    }
}

#[tokio::test]
async fn nobody_there_is_a_failed_connection() {
    let server = Server::answering(ok()).await;
    let url = server.url("/");
    drop(server);
    let answer = post(&url, LONG).await;
    assert_eq!(answer, Err(Failure::ConnectFailed));
}

/// Answers with these addresses.
struct Told(Vec<SocketAddr>);

impl Resolve for Told {
    async fn resolve(&self, _: &str, _: u16) -> std::io::Result<Vec<SocketAddr>> {
        Ok(self.0.clone())
    }
}
