//! What the gateway shows of a running stack, and to whom.
#![expect(clippy::expect_used, reason = "a test that fails may panic")]

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;
use stack::gateway::Gateway;
use stack::live::Live;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, sleep};

/// A gateway without a route, and where it is.
async fn gateway() -> (SocketAddr, Live) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let live = Live::default();
    let gateway = Gateway {
        routes: Vec::new(),
        status: json!({"version": "1"}),
        port: address.port(),
        live: live.clone(),
        page: None,
        bus: None,
    };
    tokio::spawn(gateway.serve(listener));
    (address, live)
}

/// Sends a request line with these headers, and returns the lines of the answer.
async fn ask(address: SocketAddr, line: &str, headers: &[&str]) -> Lines<BufReader<TcpStream>> {
    let mut stream = TcpStream::connect(address).await.expect("connected");
    let headers = headers.join("\r\n");
    let request = format!("{line} HTTP/1.1\r\n{headers}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    BufReader::new(stream).lines()
}

/// Returns the next line that begins like this.
async fn line(lines: &mut Lines<BufReader<TcpStream>>, start: &str) -> String {
    loop {
        let line = lines.next_line().await.expect("a line").expect("more");
        if line.starts_with(start) {
            return line;
        }
    }
}

#[tokio::test]
async fn what_happens_is_told_with_its_id_and_what_was_missed_again() {
    let (address, live) = gateway().await;
    live.tell(json!({"status": 200}), 1);
    let host = format!("host: {address}");
    let mut lines = ask(address, "GET /_postern/live", &[&host]).await;
    assert_eq!(line(&mut lines, "HTTP").await, "HTTP/1.1 200 OK");
    assert_eq!(
        line(&mut lines, "content-type").await,
        "content-type: text/event-stream"
    );
    assert_eq!(line(&mut lines, ":").await, ":");
    live.tell(json!({"status": 401}), 2);
    assert_eq!(line(&mut lines, "id").await, "id: 2");
    assert_eq!(
        line(&mut lines, "data").await,
        r#"data: {"id":2,"status":401}"#
    );

    for (request, header, first) in [
        ("GET /_postern/live", "last-event-id: 1", "id: 2"),
        ("GET /_postern/live?since=1", "accept: */*", "id: 1"),
    ] {
        let mut again = ask(address, request, &[&host, header]).await;
        assert_eq!(line(&mut again, "id").await, first);
    }
}

#[tokio::test]
async fn a_path_that_no_function_has_is_told_too() {
    let (address, live) = gateway().await;
    let (_, mut told) = live.listen(stack::live::After::Now);
    let host = format!("host: {address}");
    let mut lines = ask(
        address,
        "POST /webhooks/sendgrd?key=SECRET",
        &[&host, "content-length: 0"],
    )
    .await;
    assert_eq!(line(&mut lines, "HTTP").await, "HTTP/1.1 404 Not Found");
    let id = line(&mut lines, "apigw-requestid: ").await;
    let entry = told.recv().await.expect("told");
    let entry: serde_json::Value = serde_json::from_str(&entry.json).expect("JSON");
    assert_eq!(entry["status"], 404);
    assert_eq!(entry["method"], "POST");
    assert_eq!(entry["path"], "/webhooks/sendgrd");
    assert_eq!(
        id,
        format!(
            "apigw-requestid: {}",
            entry["request_id"].as_str().expect("an id")
        )
    );
}

#[tokio::test]
async fn whoever_is_not_at_this_machine_learns_nothing() {
    let (address, _) = gateway().await;
    let (own, other) = (format!("host: {address}"), "host: hooks.example.test");
    for path in ["/_postern/status", "/_postern/live"] {
        for headers in [
            &[other][..],
            &[&own, "x-forwarded-for: 192.0.2.1"],
            &[&own, "via: 1.1 tunnel"],
            &[&own, "cf-ray: 1"],
            &[&own, "x-real-ip: 192.0.2.1"],
            &[&own, "origin: https://page.example.test"],
            &[&own, "sec-fetch-site: cross-site"],
        ] {
            let mut lines = ask(address, &format!("GET {path}"), headers).await;
            let status = line(&mut lines, "HTTP").await;
            assert_eq!(status, "HTTP/1.1 404 Not Found", "{path} {headers:?}");
        }
        let mut lines = ask(address, &format!("GET {path}"), &[&own]).await;
        assert_eq!(line(&mut lines, "HTTP").await, "HTTP/1.1 200 OK", "{path}");
        let mut stream = TcpStream::connect(address).await.expect("connected");
        let plain = format!("GET {path} HTTP/1.0\r\n{own}\r\n\r\n");
        stream.write_all(plain.as_bytes()).await.expect("sent");
        let status = line(&mut BufReader::new(stream).lines(), "HTTP").await;
        assert_eq!(status, "HTTP/1.0 404 Not Found", "{path}");
    }
}

/// Returns the status line of another reader's answer.
async fn reader(address: SocketAddr) -> String {
    let host = format!("host: {address}");
    let mut lines = ask(address, "GET /_postern/live", &[&host]).await;
    line(&mut lines, "HTTP").await
}

#[tokio::test]
async fn there_are_32_readers_at_most_and_one_that_does_not_read_loses_its_connection() {
    let (address, live) = gateway().await;
    for at in 0..16 {
        live.tell(json!({"text": "x".repeat(1_000_000)}), at);
    }
    let host = format!("host: {address}");
    let mut readers = Vec::new();
    for _ in 0..32 {
        let mut lines = ask(address, "GET /_postern/live?since=0", &[&host]).await;
        assert_eq!(line(&mut lines, "HTTP").await, "HTTP/1.1 200 OK");
        readers.push(lines);
    }
    let refused = "HTTP/1.1 503 Service Unavailable";
    assert_eq!(reader(address).await, refused);

    // One that leaves makes room for another one.
    drop(readers.pop());
    let deadline = Instant::now() + Duration::from_secs(5);
    while reader(address).await == refused {
        assert!(Instant::now() < deadline, "no place is free");
        sleep(Duration::from_millis(20)).await;
    }

    // Nobody reads. After ten seconds the connections are reset, and what was on the way is gone.
    sleep(Duration::from_secs(12)).await;
    assert_eq!(reader(address).await, "HTTP/1.1 200 OK");
    for lines in readers {
        let mut rest = Vec::new();
        let ended = lines.into_inner().read_to_end(&mut rest).await;
        let error = ended.expect_err("reset").kind();
        assert_eq!(error, std::io::ErrorKind::ConnectionReset);
        assert!(rest.len() < 16_000_000, "{}", rest.len());
    }
}
