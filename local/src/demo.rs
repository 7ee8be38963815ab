//! The demonstration: every provider's samples in, the table out.

use std::collections::BTreeMap;
use std::time::Duration;

use comfy_table::{Table, presets};
use consumer::PROVIDERS;
use consumer::item::Item;
use tokio::time::{Instant, sleep};

use crate::events::{self, Events, Filter, text};
use crate::send::{Sender, samples};
use crate::stack::{DYNAMODB_PORT, Stack};
use crate::terminal::say;

/// How long the stack may take to store the samples.
const PATIENCE: Duration = Duration::from_mins(1);

/// Sends every sample, waits until the queue is empty, and shows what the table holds.
///
/// # Errors
/// A text for the person at the terminal.
pub async fn run(stack: &Stack, sender: &Sender) -> Result<(), String> {
    let mut accepted = 0;
    for provider in PROVIDERS {
        for file in samples(*provider)? {
            let body =
                std::fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
            let reply = sender.send(*provider, body).await?;
            if !reply.status.is_success() {
                return Err(format!("{} was answered {}", file.display(), reply.status));
            }
            accepted += 1;
        }
    }
    drained(stack).await?;
    let events = Events::new(stack.dynamodb)?;
    let items = events.find(&Filter::All).await?;
    let suppressed = events.suppressed().await?;
    say("");
    say(&format!(
        "{accepted} webhooks were accepted. The table now holds {} events:",
        items.len()
    ));
    say(&by_kind(&items));
    say("One of each kind:");
    say(&events::table(&one_of_each_kind(items)));
    say(&format!(
        "Not to be mailed again: {} addresses. In the dead-letter queue: {} webhooks that no one could read (some samples are meant to be).",
        suppressed.len(),
        dead(stack)
    ));
    say("");
    say("Your turn, in another terminal:");
    say(&format!("  {}", curl(sender)?));
    let port = match stack.dynamodb.port() {
        DYNAMODB_PORT => String::new(),
        port => format!(" --dynamodb-port {port}"),
    };
    say(&format!(
        "  cargo run -p local -- events --recipient you@example.test{port}"
    ));
    say("");
    say("Ctrl-C stops everything.");
    Ok(())
}

/// Waits until every queue that has a consumer is empty.
///
/// # Errors
/// A text for the person at the terminal: it takes more than a minute.
pub async fn drained(stack: &Stack) -> Result<(), String> {
    let deadline = Instant::now() + PATIENCE;
    while waiting(stack) > 0 {
        if Instant::now() > deadline {
            return Err(format!(
                "{} webhooks are still in the queue after {PATIENCE:?}",
                waiting(stack)
            ));
        }
        sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

fn waiting(stack: &Stack) -> usize {
    messages(stack, |has_redrive| has_redrive)
}

fn dead(stack: &Stack) -> usize {
    messages(stack, |has_redrive| !has_redrive)
}

/// Counts the messages of the queues with, or without, a dead-letter queue of their own.
fn messages(stack: &Stack, wanted: impl Fn(bool) -> bool) -> usize {
    let queues = stack.queues.names();
    let queues = queues.iter().filter_map(|name| stack.queues.queue(name));
    queues
        .filter(|queue| {
            queue
                .settings()
                .is_ok_and(|settings| wanted(settings.redrive.is_some()))
        })
        .filter_map(|queue| queue.counts().ok())
        .map(|counts| counts.visible + counts.in_flight + counts.delayed)
        .sum()
}

/// Kinds down, providers across.
fn by_kind(items: &[Item]) -> String {
    let mut counts: BTreeMap<&str, BTreeMap<&str, usize>> = BTreeMap::new();
    for item in items {
        let of_kind = counts.entry(text(item, "kind")).or_default();
        *of_kind.entry(text(item, "provider")).or_default() += 1;
    }
    let mut table = Table::new();
    table.load_preset(presets::UTF8_FULL_CONDENSED);
    let header = PROVIDERS.iter().map(|provider| provider.name());
    table.set_header(["kind"].into_iter().chain(header));
    for (kind, of_kind) in counts {
        let cells = PROVIDERS.iter().map(|provider| {
            of_kind
                .get(provider.name())
                .map_or_else(String::new, usize::to_string)
        });
        table.add_row([kind.to_owned()].into_iter().chain(cells));
    }
    table.to_string()
}

/// Of each kind the event that says most, in the order of their times.
fn one_of_each_kind(items: Vec<Item>) -> Vec<Item> {
    let mut best: BTreeMap<String, Item> = BTreeMap::new();
    for item in items {
        let kind = text(&item, "kind").to_owned();
        if best.get(&kind).is_none_or(|best| best.len() < item.len()) {
            best.insert(kind, item);
        }
    }
    let mut chosen: Vec<Item> = best.into_values().collect();
    chosen.sort_by(|a, b| text(a, "sk").cmp(text(b, "sk")));
    chosen
}

/// A line to paste: a signed webhook of the reader's own.
fn curl(sender: &Sender) -> Result<String, String> {
    // A provider whose signature has no time in it, so that the line still works tomorrow.
    let provider = consumer::provider("mailpanda").ok_or("no such provider")?;
    let body = r#"{"type":"email.click","email_id":"msg_yours","recipient":"you@example.test","timestamp":"2026-01-02T03:04:05Z","url":"https://shop.example/"}"#;
    let signed = sender.signed(provider, body.as_bytes())?;
    let headers: Vec<String> = signed
        .headers
        .iter()
        .map(|(name, value)| format!("-H '{name}: {value}'"))
        .collect();
    let headers = headers.join(" ");
    let mut url = sender.url(provider);
    if sender.url_with_key(provider)? != url {
        url = format!("'{url}?key=THE-URL-KEY'"); // the key itself is for nobody's screen
    }
    Ok(format!(
        "curl -i {url} -H 'content-type: application/json' {headers} -d '{body}'"
    ))
}
