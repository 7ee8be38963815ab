//! The page of the local stack in a real browser: driven as a person drives it, with the real stack
//! behind it.
//!
//! `BLESS=1 cargo test -p tests --test page` takes the pictures of `docs/page` anew.

mod arriving;
mod hostile;
mod keys;
mod live;
mod looks;
mod picture;
mod pictures;
mod refused;
mod views;

use std::path::Path;

use registry::sender;
use serde_json::{Value, json};
use tests::browser::Browser;
use tests::page::Paged;

/// Opens the page of a stack, and waits until it is live.
fn browse(paged: &Paged) -> Browser {
    let mut browser = Browser::start(Path::new(env!("CARGO_TARGET_TMPDIR")));
    browser.open(&paged.url());
    is_live(&mut browser);
    browser
}

fn is_live(browser: &mut Browser) {
    browser.until("document.querySelector('#live').className === 'on'");
}

/// Goes to a view or a webhook, by its address.
fn go(browser: &mut Browser, hash: &str) {
    browser.eval(&format!("location.hash = {}", json!(hash)));
}

/// Returns the ids of the rows, the newest first.
fn rows(browser: &mut Browser) -> Vec<String> {
    let ids = browser.eval("[...document.querySelectorAll('#rows li')].map((li) => li.dataset.id)");
    serde_json::from_value(ids).expect("ids")
}

/// Waits for a row with this verdict, and returns its id.
fn row_with(browser: &mut Browser, verdict: &str) -> String {
    let found = format!(
        "[...document.querySelectorAll('#rows li')].find((li) => \
         li.querySelector('.badge').textContent === {})?.dataset.id",
        json!(verdict)
    );
    let id = browser.until(&found);
    id.as_str().expect("an id").to_owned()
}

/// Opens a webhook, and waits until it is shown.
fn read(browser: &mut Browser, id: &str) {
    go(browser, id);
    let shown = format!(
        "document.querySelector('#detail .facts a')?.textContent === {}",
        json!(id)
    );
    browser.until(&shown);
}

/// Waits until the open webhook's way has this step.
fn until_step(browser: &mut Browser, step: &str) {
    let found = format!(
        "[...document.querySelectorAll('.way b')].some((b) => b.textContent.startsWith({}))",
        json!(step)
    );
    browser.until(&found);
}

/// Clicks on the first button with this text.
fn press_button(browser: &mut Browser, within: &str, text: &str) {
    browser.click_on(&format!(
        "[...document.querySelectorAll({})].find((b) => b.textContent === {})",
        json!(format!("{within} button")),
        json!(text)
    ));
}

/// Returns what the stack answers to a question of the page.
fn ask(browser: &mut Browser, path: &str) -> Value {
    let path = json!(format!("/_postern/{path}"));
    browser.eval(&format!("fetch({path}).then((answer) => answer.json())"))
}

/// Sends a sample of a provider, unchanged but for its date.
async fn send_sample(paged: &Paged, name: &str) {
    let sample = operator::samples::find(name).expect("a sample");
    let provider = sender(sample.provider).expect("a provider");
    let sent = paged.running.sender.send(provider, sample.body.to_vec());
    assert_eq!(sent.await.expect("an answer").status, 200, "{name}");
}

/// Sends a webhook that is accepted and cannot be stored.
async fn send_poison(paged: &Paged) {
    let sent = paged.running.send("mailpanda", b"not json").await;
    assert_eq!(sent.status, 200);
}

/// Sends a webhook of Mailpanda about this person.
async fn send_event(paged: &Paged, kind: &str, id: &str, recipient: &str) {
    let body = json!({"type": kind, "email_id": id, "recipient": recipient,
        "timestamp": "2026-01-02T03:04:05Z"});
    let body = body.to_string();
    let sent = paged.running.send("mailpanda", body.as_bytes()).await;
    assert_eq!(sent.status, 200);
}
