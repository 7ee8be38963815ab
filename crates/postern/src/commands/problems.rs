//! `problems`: prints who bounced, complained or unsubscribed, and what was rejected.

use operator::asked::{self, Asked};
use operator::events::{details, happened, when, who};
use operator::print::now;
use operator::problems::{Problems, csv, end, found};
use operator::{Error, Exit};
use serde_json::json;
use table::announced::Announced;

use super::events::limit;
use super::target::TargetArgs;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::Output;

const EXAMPLES: &str = "Examples:
  postern problems
  postern problems complained yesterday
  postern problems bounced 7d --class hard --provider sendgrid
  postern problems bounced 2026-01-02 --csv > bounces.csv";

/// How many rows are shown if it is not said.
const ROWS: usize = 50;

/// Show what someone should look at: the complaints, bounces, rejections … of some days
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    /// bounced, complained, failed, rejected or unsubscribed; and a day in UTC: 2026-01-02, today,
    /// yesterday, or 7d for the last seven
    #[arg(value_name = "KIND|DAY", num_args = 0..)]
    words: Vec<String>,
    /// Only this provider's
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
    /// Only bounces of this class: hard, soft, block or undetermined
    #[arg(long, value_name = "CLASS")]
    class: Option<String>,
    /// How many rows at most: 50, and all as CSV; all are counted
    #[arg(long, value_name = "N", value_parser = limit)]
    limit: Option<usize>,
    /// Go on where a list ended: the `next` of its last line
    #[arg(long, value_name = "NEXT")]
    next: Option<String>,
    /// As CSV for a spreadsheet
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    #[command(flatten)]
    target: TargetArgs,
}

impl Args {
    fn problems(&self) -> Result<Problems, Asked> {
        let words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        let class = self.class.as_deref().map(asked::class).transpose()?;
        let mut problems = Problems::read(&words, class, now())?;
        problems.provider = self.provider.as_deref().map(asked::provider).transpose()?;
        problems.after = self.next.as_deref().map(asked::next).transpose()?;
        Ok(problems)
    }
}

/// Prints how many problems there are, and the first of them.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    let problems = args.problems().map_err(Error::from)?;
    let events = args.target.reading(out, environment).await?.events();
    let progress = out.progress("reading the problems", Some(problems.reads()));
    // One more tells whether there are more.
    let rows_wanted = args
        .limit
        .unwrap_or(if args.csv { usize::MAX } else { ROWS });
    let most = rows_wanted.saturating_add(1);
    let found = found(&events, &problems, most, |read| progress.set(read)).await?;
    drop(progress);
    let summary = found.text();
    let mut items = found.first(most);
    let is_cut = items.len() > rows_wanted;
    items.truncate(rows_wanted);
    let events: Vec<Announced> = items.iter().filter_map(Announced::of).collect();
    if out.is_json() {
        for event in &events {
            out.json(event)?;
        }
        if let Some(last) = items.last().filter(|_| is_cut) {
            out.json(&json!({"more": true, "next": asked::end(&end(last))}))?;
        }
    } else if args.csv {
        out.line(&csv(&events));
    } else {
        out.rows(
            &["time", "what", "who", "provider", "details"],
            rows(&events, out),
        );
    }
    out.note(&summary);
    if is_cut {
        out.note(&format!("the first {rows_wanted}; more: --limit N"));
    }
    Ok(Exit::Done)
}

fn rows(events: &[Announced], out: &Output) -> Vec<Vec<String>> {
    let rows = events.iter().map(|event| {
        vec![
            when(event.text("occurred_at"), out.is_terminal()),
            happened(event),
            who(event).to_owned(),
            event.text("provider").to_owned(),
            details(event),
        ]
    });
    rows.collect()
}
