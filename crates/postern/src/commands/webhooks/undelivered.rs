//! `webhooks undelivered`: what waits for an endpoint, or for each.

use jiff::Timestamp;
use operator::Exit;
use operator::events::when;
use operator::print::now;
use operator::webhooks::Webhooks;
use outlets::bus::{BUS, NAME};
use outlets::manage::{Hidden, Waiting};
use serde::Serialize;

use super::api::ApiArgs;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::Output;

const EXAMPLES: &str = "Examples:
  postern webhooks undelivered
  postern webhooks undelivered 3 --limit 1000 --json
  postern webhooks undelivered --stack postern";

/// List what waits for an endpoint, the oldest first
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    /// The endpoint's id, or 0 for the event bus; else all of them
    #[arg(value_name = "ID")]
    id: Option<u64>,
    /// The most of each endpoint
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
    #[command(flatten)]
    api: ApiArgs,
}

/// A row for machines.
#[derive(Serialize)]
struct Row<'a> {
    webhook: u64,
    #[serde(flatten)]
    waiting: &'a Waiting,
}

/// Prints a notification a line.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    let api = args.api.reading(out, environment).await?;
    let ids = match args.id {
        Some(id) => vec![id],
        None => all(&api).await?,
    };
    let (mut rows, mut cut) = (Vec::new(), Vec::new());
    for id in ids {
        let (waiting, is_cut) = read(&api, id, args.limit).await?;
        if is_cut {
            cut.push(name(id));
        }
        for waiting in &waiting {
            if out.is_json() {
                out.json(&Row {
                    webhook: id,
                    waiting,
                })?;
            }
        }
        rows.extend(waiting.into_iter().map(|waiting| (id, waiting)));
    }
    if !out.is_json() {
        let cells = rows.iter().map(|(id, waiting)| cells(*id, waiting, out));
        out.rows(&HEADER, cells.collect());
    }
    if rows.is_empty() {
        out.note("nothing waits");
    }
    if !cut.is_empty() {
        let cut = cut.join(", ");
        out.note(&format!("more waits for {cut}: --limit N shows more"));
    }
    Ok(Exit::Done)
}

/// Returns the ids of all endpoints, and the bus's last.
async fn all(api: &Webhooks) -> Result<Vec<u64>, CommandError> {
    let all = api.all().await?;
    let endpoints = all.webhooks.iter().map(|shown| shown.id);
    Ok(endpoints.chain(all.bus.map(|_| BUS)).collect())
}

/// Returns how an endpoint is named, or the bus.
fn name(id: u64) -> String {
    match id {
        BUS => NAME.to_owned(),
        id => id.to_string(),
    }
}

/// Returns what waits for an endpoint, and whether there is more than so many.
async fn read(api: &Webhooks, id: u64, limit: usize) -> Result<(Vec<Waiting>, bool), CommandError> {
    let mut all = Vec::new();
    let mut next: Option<Hidden> = None;
    loop {
        let page = api.undelivered(id, next.as_ref()).await?;
        all.extend(page.undelivered);
        next = page.next;
        if all.len() >= limit || next.is_none() {
            let is_cut = all.len() > limit || next.is_some();
            all.truncate(limit);
            return Ok((all, is_cut));
        }
    }
}

const HEADER: [&str; 8] = [
    "webhook",
    "notification",
    "about",
    "who",
    "tries",
    "why",
    "next",
    "lost",
];

fn cells(id: u64, waiting: &Waiting, out: &Output) -> Vec<String> {
    let is_for_a_person = out.is_terminal();
    let tries = match waiting.attempts {
        1 => "1 try".to_owned(),
        tries => format!("{tries} tries"),
    };
    let text = |text: Option<&str>| text.unwrap_or("-").to_owned();
    vec![
        name(id),
        waiting.id.clone(),
        text(waiting.kind.as_deref()),
        text(waiting.recipient.as_ref().map(Hidden::expose)),
        tries,
        text(waiting.last_code.as_deref()),
        match &waiting.next_at {
            Some(at) => format!("next {}", when(at, is_for_a_person)),
            None => "-".to_owned(),
        },
        lost(&waiting.lost_at, now()),
    ]
}

/// Returns how soon a notification is lost.
fn lost(at: &str, now: Timestamp) -> String {
    let Ok(at) = at.parse::<Timestamp>() else {
        return "-".to_owned();
    };
    let hours = at.duration_since(now).as_hours();
    match hours {
        ..=0 => "lost within the hour".to_owned(),
        1..48 => format!("lost in {hours} h"),
        _ => format!("lost in {} d", hours / 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_soon_one_is_lost_is_said_in_hours_or_days() {
        let now = "2026-01-02T03:04:05Z".parse().expect("a time");
        for (at, wanted) in [
            ("2026-01-13T05:00:00.000Z", "lost in 11 d"),
            ("2026-01-03T05:00:00.000Z", "lost in 25 h"),
            ("2026-01-02T03:30:00.000Z", "lost within the hour"),
            ("2026-01-01T00:00:00.000Z", "lost within the hour"),
            ("soon", "-"),
        ] {
            assert_eq!(lost(at, now), wanted);
        }
    }
}
