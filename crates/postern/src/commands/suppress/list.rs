//! `suppress list`: who is not to be mailed.

use ::suppress::import::Exporter;
use ::suppress::{Entry, Selection, spreadsheet};
use operator::asked::{self, Asked};
use operator::events::when;
use operator::{Error, Exit};

use super::super::target::TargetArgs;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::Output;

const EXAMPLES: &str = "Examples:
  postern suppress list
  postern suppress list --reason complained --csv > complained.csv
  postern suppress list --provider sendgrid --stack postern --scan";

/// List who is not to be mailed, and why
///
/// This reads the whole table. An opt-out of a list, group or topic is not among them.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    /// Only for this reason: bounced, complained, unsubscribed, manual
    #[arg(long, value_name = "REASON")]
    reason: Option<String>,
    /// Only what this provider said, or its list
    #[arg(long, value_name = "PROVIDER")]
    provider: Option<String>,
    /// Print CSV for a spreadsheet
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// Read the whole table of a deployed stack
    #[arg(long)]
    scan: bool,
    #[command(flatten)]
    target: TargetArgs,
}

impl Args {
    /// Reads what was typed, before anything is asked of a stack.
    fn selection(&self) -> Result<Selection, Asked> {
        let provider = self.provider.as_deref();
        Ok(Selection {
            reason: self.reason.as_deref().map(asked::reason).transpose()?,
            provider: provider.map(provider_of_lists).transpose()?,
        })
    }
}

/// Reads the name of a provider of webhooks, or of one whose lists can be imported.
fn provider_of_lists(word: &str) -> Result<String, Asked> {
    match Exporter::of_name(word) {
        Some(exporter) => Ok(exporter.name().to_owned()),
        None => asked::provider(word).map(str::to_owned),
    }
}

/// Prints an entry a line.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    let selection = args.selection().map_err(Error::from)?;
    let target = args.target.reading(out, environment).await?;
    let events = target.events();
    let (items, bytes) = events.estimate().await?;
    if target.local_stack().is_none() && !args.scan {
        return Err(Error::from(Asked::WholeTable { items, bytes }).into());
    }
    let progress = out.progress("reading the table", Some(items).filter(|items| *items > 0));
    let mut failed = None;
    if args.csv {
        out.line(&spreadsheet(None));
    }
    let mut rows = Vec::new();
    let count = ::suppress::list(&events, &selection, |entries, read| {
        progress.set(read);
        if out.is_json() {
            let printed = entries.iter().try_for_each(|entry| out.json(entry));
            failed = failed.take().or(printed.err());
        } else if args.csv {
            let lines = spreadsheet(Some(&entries));
            if !lines.is_empty() {
                out.line(&lines);
            }
        } else if out.is_terminal() {
            rows.extend(entries.iter().map(|entry| cells(entry, true)));
        } else {
            let cells = entries.iter().map(|entry| cells(entry, false));
            out.rows(&HEADER, cells.collect());
        }
    })
    .await?;
    drop(progress);
    if let Some(error) = failed {
        return Err(error.into());
    }
    if !rows.is_empty() {
        out.rows(&HEADER, rows);
    }
    if count == 0 {
        out.note("nobody");
    }
    Ok(Exit::Done)
}

const HEADER: [&str; 4] = ["address", "reason", "since", "said by"];

fn cells(entry: &Entry, is_for_a_person: bool) -> Vec<String> {
    let said_by = Some(entry.said_by()).filter(|said_by| !said_by.is_empty());
    vec![
        entry.address.clone(),
        entry.reason.to_owned(),
        when(&entry.standing.since, is_for_a_person),
        said_by.unwrap_or_else(|| "-".to_owned()),
    ]
}
