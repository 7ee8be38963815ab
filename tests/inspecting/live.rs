//! What changes, told as it changes: nothing twice, and nothing missing.

use std::collections::BTreeMap;

use serde_json::Value;
use tests::page::Paged;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{PATIENCE, get, in_state, sample};

/// A reader of what changes.
struct Reader(Lines<BufReader<TcpStream>>);

/// One thing that changed.
#[derive(Debug)]
struct Told {
    id: String,
    event: String,
    data: Value,
}

impl Reader {
    async fn open(paged: &Paged, query: &str, last: Option<&str>) -> Self {
        let address = paged.running.stack.api;
        let last = last.map(|id| format!("last-event-id: {id}\r\n"));
        let request = format!(
            "GET /_postern/page/live{query} HTTP/1.1\r\nhost: {address}\r\n{}\r\n",
            last.unwrap_or_default()
        );
        let mut stream = TcpStream::connect(address).await.expect("connected");
        stream.write_all(request.as_bytes()).await.expect("sent");
        Self(BufReader::new(stream).lines())
    }

    async fn line(&mut self, start: &str) -> String {
        loop {
            let line = timeout(PATIENCE, self.0.next_line()).await;
            let line = line.expect("in time").expect("a line").expect("more");
            if let Some(rest) = line.strip_prefix(start) {
                return rest.to_owned();
            }
        }
    }

    async fn next(&mut self) -> Told {
        let id = self.line("id: ").await;
        let event = self.line("event: ").await;
        let data = self.line("data: ").await;
        Told {
            id,
            event,
            data: serde_json::from_str(&data).expect("JSON"),
        }
    }

    /// Returns the next thing of this kind.
    async fn of(&mut self, event: &str) -> Told {
        loop {
            let told = self.next().await;
            if told.event == event {
                return told;
            }
        }
    }

    /// Returns the last that is told of each webhook, once all of these are in this state.
    async fn until(&mut self, names: &[String], state: &str) -> (BTreeMap<String, Value>, String) {
        let mut rows = BTreeMap::new();
        loop {
            let told = self.of("webhook").await;
            let name = told.data["id"].as_str().expect("a name").to_owned();
            rows.insert(name, told.data);
            let is_done = |name| {
                rows.get(name)
                    .is_some_and(|row: &Value| row["state"] == *state)
            };
            if names.iter().all(is_done) {
                return (rows, told.id);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_learns_of_each_webhook_and_what_becomes_of_it() {
    let paged = Paged::new().await;
    let mut reader = Reader::open(&paged, "", None).await;
    let hello = reader.of("hello").await;
    assert_eq!(hello.data["boot"], get(&paged, "webhooks").await["boot"]);
    let counts = reader.of("counts").await.data;
    assert_eq!(counts["webhooks"], 0);
    let first = sample(&paged, "mailpanda/click", None).await;
    let (rows, last) = reader.until(std::slice::from_ref(&first), "stored").await;
    assert_eq!(rows.len(), 1);
    let listed = get(&paged, "webhooks").await;
    assert_eq!(rows[&first], listed["webhooks"][0], "the row of the list");

    // Another one comes while nobody reads. Whoever comes back is told of that alone.
    drop(reader);
    let second = sample(&paged, "resend/email_bounced", None).await;
    in_state(&paged, &second, "stored").await;
    let mut reader = Reader::open(&paged, "", Some(&last)).await;
    let (rows, _) = reader.until(std::slice::from_ref(&second), "stored").await;
    assert_eq!(rows.into_keys().collect::<Vec<_>>(), [second.as_str()]);

    // By the id that a list has, nothing between the list and the stream is missed.
    let after = listed["last"].as_str().expect("an id");
    let mut reader = Reader::open(&paged, &format!("?after={after}"), None).await;
    let (rows, _) = reader.until(std::slice::from_ref(&second), "stored").await;
    assert_eq!(rows.into_keys().collect::<Vec<_>>(), [second.as_str()]);

    // An id of another run of the stack means nothing: all of this one is told.
    let mut reader = Reader::open(&paged, "", Some("18e-7.4")).await;
    let names = [first, second];
    let (rows, _) = reader.until(&names, "stored").await;
    assert_eq!(rows.into_keys().collect::<Vec<_>>(), names);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_that_come_at_once_are_all_told_and_no_change_twice() {
    let paged = Paged::new().await;
    let mut reader = Reader::open(&paged, "", None).await;
    reader.of("hello").await;
    let mut names = Vec::new();
    for _ in 0..40 {
        names.push(sample(&paged, "mailpanda/click", None).await);
    }
    let mut ids = Vec::new();
    let mut rows: BTreeMap<String, Value> = BTreeMap::new();
    while names
        .iter()
        .any(|name| rows.get(name).is_none_or(|row| row["state"] != "stored"))
    {
        let told = reader.of("webhook").await;
        let name = told.data["id"].as_str().expect("a name").to_owned();
        rows.insert(name, told.data);
        let (_, change) = told.id.rsplit_once('.').expect("an id");
        ids.push(change.parse::<u64>().expect("a number"));
    }
    assert!(ids.is_sorted_by(|one, next| one < next), "{ids:?}");
    assert_eq!(rows.len(), names.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_32_readers_at_most() {
    let paged = Paged::new().await;
    let mut readers = Vec::new();
    for _ in 0..32 {
        let mut reader = Reader::open(&paged, "", None).await;
        reader.of("hello").await;
        readers.push(reader);
    }
    let ask = || paged.running.ask("GET", "/_postern/page/live", &[], b"");
    let refused = ask().await;
    assert_eq!(refused.status.as_u16(), 503);
    assert!(
        refused.body.contains("too_many_readers"),
        "{}",
        refused.body
    );
}
