//! `demo`: sends every provider's samples and shows what the table then holds.

use std::collections::BTreeMap;

use comfy_table::{Table, presets};
use operator::events;
use operator::print::{printable, say};
use operator::samples;
use operator::send::Poster;
use operator::{Exit, Target};
use registry::{PROVIDERS, SENDERS};
use stack::Stack;
use table::announced::Announced;
use table::item::Item;
use table::read::text;

use super::target::PORT;
use super::up;
use crate::error::CommandError;
use crate::output::Output;
use crate::signals::interrupted;

const EXAMPLES: &str = "Examples:
  postern demo";

/// Run everything on this machine, send samples, and show what became of them
#[derive(clap::Args)]
#[group(id = "demo")]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    up: up::Args,
}

/// Starts everything, shows what becomes of the samples, and stays up until it is stopped.
pub(super) async fn run(args: Args, out: &Output) -> Result<Exit, CommandError> {
    let read_faults = args.up.read_faults;
    let Some((stack, sender)) = up::start(args.up, out).await? else {
        return Ok(Exit::Done);
    };
    tokio::select! {
        shown = show(&stack, &sender) => shown?,
        () = interrupted() => return Ok(Exit::Done),
    }
    up::stay(&stack, read_faults).await;
    Ok(Exit::Done)
}

/// Sends every sample, waits until the queue is empty, and shows what the table holds.
async fn show(stack: &Stack, sender: &Poster) -> Result<(), CommandError> {
    let mut accepted = 0;
    for provider in SENDERS {
        for sample in samples::of(provider.name()) {
            let reply = sender.send(*provider, sample.body.to_vec()).await?;
            if !reply.status.is_success() {
                return Err(CommandError::SampleRefused {
                    sample: sample.name,
                    status: reply.status.as_u16(),
                });
            }
            accepted += 1;
        }
    }
    stack.settled().await?;
    let events = Target::local(stack.api).await?.events();
    let items = events.all().await?;
    let suppressed = events.suppressed().await?;
    say("");
    say(&format!(
        "{accepted} webhooks were accepted. The table now holds {} events:",
        items.len()
    ));
    say(&by_kind(&items));
    say("One of each kind:");
    for item in one_of_each_kind(items) {
        if let Some(event) = Announced::of(&item) {
            let (who, what) = (events::who(&event), events::happened(&event));
            say(&printable(&format!(
                "  {who}  {what}  {}",
                events::details(&event)
            )));
        }
    }
    say(&format!(
        "Not to be mailed again: {} addresses. In the dead-letter queue: {} webhooks that no one could read (some samples are meant to be).",
        suppressed.len(),
        stack.dead_letters()
    ));
    say("");
    say("Your turn, in another terminal:");
    say(&format!("  {}", curl(sender)?));
    let port = match stack.api.port() {
        PORT => String::new(),
        port => format!(" --port {port}"),
    };
    say(&format!(
        "  cargo run -p postern -- events --recipient you@example.test{port}"
    ));
    say("");
    say("Ctrl-C stops everything.");
    Ok(())
}

/// Counts the events in a table, with a row for each kind and a column for each provider.
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

/// Selects one event of each kind: the one with the most attributes. The events are ordered by
/// time.
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

/// Returns a command for the user to paste. It posts a signed webhook.
fn curl(sender: &Poster) -> Result<String, operator::Error> {
    // This provider's signature has no time in it, so that the line still works tomorrow.
    let provider = &mailpanda::Mailpanda;
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
        url = format!("'{url}?key=THE-URL-KEY'"); // the key must not appear on the screen
    }
    Ok(format!(
        "curl -i {url} -H 'content-type: application/json' {headers} -d '{body}'"
    ))
}
