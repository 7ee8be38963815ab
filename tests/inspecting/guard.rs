//! Who may see the page, who may change something by it, and what its answers carry.

use serde_json::json;
use tests::page::Paged;
use tests::stack::Running;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::{get, listed};

/// What is served to this machine alone.
const PATHS: [&str; 12] = [
    "/",
    "/_postern/app.js",
    "/_postern/app.css",
    "/_postern/webhooks",
    "/_postern/webhooks/w1",
    "/_postern/webhooks/w1/body",
    "/_postern/page/live",
    "/_postern/people/kim@mail.test",
    "/_postern/dead",
    "/_postern/outbound",
    "/_postern/samples",
    "/_postern/status",
];

/// Sends a request with these headers, and returns the beginning of the answer.
async fn ask(running: &Running, line: &str, headers: &[&str], body: &str) -> String {
    let headers = headers.join("\r\n");
    let length = body.len();
    let request = format!(
        "{line}\r\n{headers}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    let stream = TcpStream::connect(running.stack.api).await;
    let mut stream = stream.expect("connected");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut start = vec![0; 4_096];
    let read = stream.read(&mut start).await.expect("an answer");
    String::from_utf8_lossy(&start[..read]).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_at_this_machine_gets_the_gateways_404() {
    let paged = Paged::new().await;
    let running = &paged.running;
    running.post("/webhooks/resend", &[], b"{}").await;
    let port = running.stack.api.port();
    let own = format!("host: 127.0.0.1:{port}");
    for path in PATHS {
        let line = format!("GET {path} HTTP/1.1");
        for name in ["127.0.0.1", "localhost", "[::1]"] {
            let host = format!("host: {name}:{port}");
            let answer = ask(running, &line, &[&host], "").await;
            assert!(
                answer.starts_with("HTTP/1.1 200 OK\r\n"),
                "{path}: {answer}"
            );
        }
        for headers in [
            vec![format!("host: rebind.example.test:{port}")],
            vec![format!("host: 127.0.0.1.rebind.test:{port}")],
            vec!["host: hooks.example.test".to_owned()],
            vec!["host: 127.0.0.1".to_owned()],
            vec![own.clone(), "x-forwarded-for: 192.0.2.1".to_owned()],
            vec![own.clone(), "via: 1.1 tunnel".to_owned()],
            vec![own.clone(), "cf-ray: 1".to_owned()],
            vec![own.clone(), "forwarded: for=192.0.2.1".to_owned()],
            vec![own.clone(), "origin: https://page.example.test".to_owned()],
            vec![own.clone(), "sec-fetch-site: cross-site".to_owned()],
            vec![own.clone(), "sec-fetch-site: same-site".to_owned()],
        ] {
            let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
            let answer = ask(running, &line, &headers, "").await;
            let is_refused = answer.starts_with("HTTP/1.1 404 Not Found\r\n");
            assert!(is_refused, "{path} {headers:?}: {answer}");
            assert!(answer.ends_with(r#"{"message":"Not Found"}"#), "{answer}");
        }
        let plain = ask(running, &format!("GET {path} HTTP/1.0"), &[&own], "").await;
        assert!(plain.starts_with("HTTP/1.0 404 "), "{path}: {plain}");
    }
    for line in [
        "PUT /_postern/send HTTP/1.1",
        "GET /_postern/nothing HTTP/1.1",
    ] {
        let answer = ask(running, line, &[&own], "").await;
        assert!(answer.starts_with("HTTP/1.1 404 "), "{line}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_page_itself_changes_something() {
    let paged = Paged::new().await;
    let running = &paged.running;
    let port = running.stack.api.port();
    let host = format!("host: localhost:{port}");
    let origin = format!("origin: http://localhost:{port}");
    let json = "content-type: application/json";
    let body = json!({"sample": "mailpanda/click"}).to_string();
    let paths = [
        "/_postern/send",
        "/_postern/dead/redrive",
        "/_postern/webhooks/w1/send",
    ];
    for path in paths {
        let line = format!("POST {path} HTTP/1.1");
        for headers in [
            &[&*host, json][..],
            &[&host, "x-postern: 1"],
            &[&host, "x-postern: 1", "content-type: text/plain"],
            &[
                &host,
                "x-postern: 1",
                "content-type: application/x-www-form-urlencoded",
            ],
            &[
                &host,
                "x-postern: 1",
                json,
                "origin: https://page.example.test",
            ],
            &[&host, "x-postern: 1", json, "origin: null"],
            &[&host, "x-postern: 1", json, "origin: http://127.0.0.1:1"],
            &[&host, "x-postern: 1", json, "sec-fetch-site: cross-site"],
            &[
                &host,
                "x-postern: 1",
                json,
                &origin,
                "sec-fetch-site: same-site",
            ],
        ] {
            let answer = ask(running, &line, headers, &body).await;
            let is_refused = answer.starts_with("HTTP/1.1 403 Forbidden\r\n");
            assert!(is_refused, "{path} {headers:?}: {answer}");
            assert!(answer.contains(r#""code":"not_of_the_page""#), "{answer}");
            assert!(!answer.contains("access-control-"), "{answer}");
        }
        let other = format!("host: rebind.example.test:{port}");
        for headers in [
            &[&*other, "x-postern: 1", json][..],
            &[&host, "x-postern: 1", json, "x-forwarded-for: 192.0.2.1"],
        ] {
            let answer = ask(running, &line, headers, &body).await;
            assert!(answer.starts_with("HTTP/1.1 404 "), "{headers:?}: {answer}");
        }
        let preflight = ask(running, &line.replace("POST", "OPTIONS"), &[&host], "").await;
        assert!(preflight.starts_with("HTTP/1.1 404 "), "{preflight}");
        assert!(!preflight.contains("access-control-"), "{preflight}");
    }
    assert_eq!(listed(&paged, "").await, [""; 0], "nothing was sent");
    let line = "POST /_postern/send HTTP/1.1";
    let headers = [
        &*host,
        "x-postern: 1",
        json,
        &origin,
        "sec-fetch-site: same-origin",
    ];
    let answer = ask(running, line, &headers, &body).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert_eq!(listed(&paged, "").await, ["w1"]);
    let large = " ".repeat(65_537);
    let answer = ask(running, line, &headers, &large).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_the_pages_policy() {
    let paged = Paged::new().await;
    let host = format!("host: {}", paged.running.stack.api);
    for (path, kind) in [
        ("/", "text/html; charset=utf-8"),
        ("/_postern/app.js", "text/javascript; charset=utf-8"),
        ("/_postern/app.css", "text/css; charset=utf-8"),
        ("/_postern/webhooks", "application/json"),
        ("/_postern/webhooks/w9", "application/json"),
        ("/_postern/page/live", "text/event-stream"),
    ] {
        let line = format!("GET {path} HTTP/1.1");
        let answer = ask(&paged.running, &line, &[&host], "").await;
        for header in [
            &format!("content-type: {kind}"),
            "cache-control: no-store",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "cross-origin-opener-policy: same-origin",
            "cross-origin-resource-policy: same-origin",
            "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; \
             connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
             require-trusted-types-for 'script'; trusted-types 'none'",
        ] {
            assert!(
                answer.contains(&format!("\r\n{header}\r\n")),
                "{path} {header}: {answer}"
            );
        }
        assert!(!answer.contains("access-control-"), "{path}: {answer}");
    }
}

/// As in a storm, or with `--no-page`.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_page_there_is_none() {
    let running = Running::new().await;
    let host = format!("host: {}", running.stack.api);
    for path in PATHS.into_iter().filter(|path| *path != "/_postern/status") {
        let answer = ask(&running, &format!("GET {path} HTTP/1.1"), &[&host], "").await;
        assert!(
            answer.starts_with("HTTP/1.1 404 Not Found\r\n"),
            "{path}: {answer}"
        );
    }
    let headers = [&*host, "x-postern: 1", "content-type: application/json"];
    let answer = ask(&running, "POST /_postern/send HTTP/1.1", &headers, "{}").await;
    assert!(answer.starts_with("HTTP/1.1 404 Not Found\r\n"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_browser_asks_for_by_itself_is_no_webhook() {
    let paged = Paged::new().await;
    let icon = paged.running.ask("GET", "/favicon.ico", &[], b"").await;
    assert_eq!(icon.status.as_u16(), 204);
    let list = get(&paged, "webhooks").await;
    assert_eq!(list["webhooks"], json!([]));
    assert_eq!(list["url"], paged.url().trim_end_matches('/'));
}
