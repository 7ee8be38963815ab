//! What comes is there at once, and nothing is there twice or missing.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use serde_json::json;
use tests::browser::Browser;
use tests::page::Paged;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::time::sleep;

use crate::{browse, is_live, rows, send_event};

/// The most rows that the page keeps.
const MOST_ROWS: usize = 500;

/// Each stack has a runtime of its own: with it end its connections, as with a process.
#[test]
fn a_stack_that_starts_again_is_live_again_and_nothing_is_twice_or_missing() {
    let runtime = || Runtime::new().expect("a runtime");
    let process = runtime();
    let first = process.block_on(async {
        let paged = Paged::new().await;
        for number in 1..=2 {
            send_event(&paged, "open", &format!("before-{number}"), "kim@mail.test").await;
        }
        paged
    });
    let mut browser = browse(&first);
    browser.until("document.querySelectorAll('#rows li').length === 2");
    let port = first.running.stack.api.port();
    drop(first);
    process.shutdown_background();
    browser.until("document.querySelector('#live').className === ''");

    let process = runtime();
    let second = process.block_on(async {
        while TcpListener::bind(("127.0.0.1", port)).await.is_err() {
            sleep(Duration::from_millis(50)).await;
        }
        let paged = Paged::with(|options| options.port = port).await;
        for number in 1..=3 {
            send_event(&paged, "click", &format!("after-{number}"), "lee@mail.test").await;
        }
        paged
    });
    is_live(&mut browser);
    browser.until("document.querySelectorAll('#rows li').length === 3");
    process.block_on(async {
        send_event(&second, "click", "after-4", "lee@mail.test").await;
        second.running.stored().await;
    });
    browser.until("document.querySelectorAll('#rows li').length === 4");
    assert_eq!(rows(&mut browser), newest(&mut browser));
    // Each of them is of the second stack, and stored.
    browser.until(
        "[...document.querySelectorAll('#rows .what')] \
         .every((e) => e.textContent.includes('lee@mail.test'))",
    );
}

/// Returns the ids of the newest webhooks that the stack remembers.
fn newest(browser: &mut Browser) -> Vec<String> {
    let known = crate::ask(browser, "webhooks?limit=500");
    let known = known["webhooks"].as_array().expect("rows").iter();
    let ids = known.map(|row| row["id"].as_str().expect("an id").to_owned());
    ids.collect()
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(browser), ignore = "no browser: .ci/browser installs one")]
async fn two_thousand_webhooks_leave_few_rows_and_little_memory() {
    let paged = Paged::new().await;
    let mut browser = browse(&paged);
    stream::iter(0..2_000)
        .for_each_concurrent(16, |number| {
            let (id, recipient) = (format!("m{number}"), format!("p{number}@mail.test"));
            let paged = &paged;
            async move { send_event(paged, "open", &id, &recipient).await }
        })
        .await;
    paged.running.stored().await;
    let newest = newest(&mut browser);
    assert_eq!(newest.len(), MOST_ROWS);
    browser.until(&format!(
        "document.querySelector('#rows li').dataset.id === {}",
        json!(newest[0])
    ));
    assert_eq!(rows(&mut browser), newest, "the newest, each once");
    browser.call("HeapProfiler.collectGarbage", &json!({}));
    let heap = browser.call("Runtime.getHeapUsage", &json!({}));
    let used = heap["usedSize"].as_f64().expect("bytes");
    assert!(used < 50_000_000.0, "{used} bytes");

    // The older ones take the place of the newest.
    browser.click("#older");
    browser.until(&format!(
        "!document.querySelector('#rows li[data-id={}]')",
        newest[0]
    ));
    assert_eq!(rows(&mut browser).len(), MOST_ROWS);
    browser.click("#newer");
    browser.until(&format!(
        "document.querySelector('#rows li').dataset.id === {}",
        json!(newest[0])
    ));
}

/// Opens a reader of what changes. Returns its connection and the status.
fn reader(paged: &Paged) -> (TcpStream, String) {
    let api = paged.running.stack.api;
    let mut connection = TcpStream::connect(api).expect("a connection");
    let asked = format!("GET /_postern/page/live HTTP/1.1\r\nhost: {api}\r\n\r\n");
    connection.write_all(asked.as_bytes()).expect("written");
    let mut status = [0; 12];
    connection.read_exact(&mut status).expect("an answer");
    (
        connection,
        String::from_utf8_lossy(&status[9..]).into_owned(),
    )
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(browser), ignore = "no browser: .ci/browser installs one")]
async fn a_page_that_is_open_too_often_has_its_list_and_says_so() {
    let paged = Paged::new().await;
    send_event(&paged, "open", "m1", "kim@mail.test").await;
    paged.running.stored().await;
    let mut readers = Vec::new();
    loop {
        assert!(readers.len() < 200, "there is no bound");
        match reader(&paged) {
            (connection, status) if status == "200" => readers.push(connection),
            (_, status) => {
                assert_eq!(status, "503");
                break;
            }
        }
    }
    let mut browser = Browser::start(Path::new(env!("CARGO_TARGET_TMPDIR")));
    browser.open(&paged.url());
    browser.until("document.querySelectorAll('#rows li').length === 1");
    browser.until("document.querySelector('#full').checkVisibility()");
    assert_eq!(
        browser.text("#full"),
        "Not live: the page is open too often: close one."
    );
    assert_eq!(
        browser.eval("document.querySelector('#live').className"),
        ""
    );
    readers.clear();
    is_live(&mut browser);
    assert_eq!(browser.count("#full[hidden]"), 1);
    send_event(&paged, "open", "m2", "kim@mail.test").await;
    browser.until("document.querySelectorAll('#rows li').length === 2");
}

/// The older ones that a reader has asked for stay, also while a filter is on.
#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(browser), ignore = "no browser: .ci/browser installs one")]
async fn what_comes_takes_no_older_ones_away() {
    let paged = Paged::new().await;
    let refused = async || {
        let reply = paged.running.post("/webhooks/resend", &[], b"{}").await;
        assert_eq!(reply.status, 401);
    };
    for _ in 0..130 {
        refused().await;
    }
    let mut browser = browse(&paged);
    browser.click("[data-show=refused]");
    browser.until("document.querySelectorAll('#rows li').length === 100");
    browser.click("#older");
    for count in 130..133 {
        browser.until(&format!(
            "document.querySelectorAll('#rows li').length === {count}"
        ));
        assert_eq!(
            browser.eval("document.querySelector('#older').hidden"),
            true
        );
        refused().await;
    }
}
