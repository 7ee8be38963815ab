//! `webhooks replay`: tells an endpoint what is stored.

use jiff::Timestamp;
use operator::print::now;
use operator::webhooks::{self, Mode, Selection};
use operator::{Error, Exit, asked};

use super::super::target::TargetArgs;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::Output;
use crate::typed;
use crate::words;

const EXAMPLES: &str = "Examples:
  postern webhooks replay 3 --from 2026-03-01
  postern webhooks replay 3 --from 2d --kind bounced --kind suppression --go
  postern webhooks replay 3 --stack postern --rate 100 --go";

/// Tell an endpoint what is stored, again or for the first time; a dry run without --go
///
/// Reads the whole table, and parks what the endpoint wants. It is then sent like everything that
/// waits: the oldest first, at a pace, under the ids of before. What waits already is left alone,
/// so it can be repeated.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    /// The endpoint's id, or 0 for the event bus
    #[arg(value_name = "ID")]
    id: u64,
    /// Only what occurred at this time or later: RFC 3339, a day in UTC, or how long ago (2h)
    #[arg(long, value_name = "TIME", value_parser = words::time)]
    from: Option<Timestamp>,
    /// Only what occurred before this time
    #[arg(long, value_name = "TIME", value_parser = words::time)]
    to: Option<Timestamp>,
    /// Only this kind of event, or `suppression`; may be repeated
    #[arg(long, value_name = "KIND")]
    kind: Vec<String>,
    /// Send it
    #[arg(long)]
    go: bool,
    /// The most that are parked a second; as fast as possible without it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rate: Option<u32>,
    #[command(flatten)]
    target: TargetArgs,
}

impl Args {
    /// Reads what was typed, before anything is asked of a stack.
    fn selection(&self) -> Result<Selection, CommandError> {
        words::in_order(self.from, self.to)?;
        let kind = |word: &String| match word.trim() {
            "suppression" => Ok("suppression".to_owned()),
            word => asked::kind(word).map(str::to_owned),
        };
        let kinds: Result<Vec<String>, _> = self.kind.iter().map(kind).collect();
        Ok(Selection {
            from: self.from,
            to: self.to,
            kinds: kinds.map_err(Error::from)?,
        })
    }
}

/// Prints what would be sent, and has it sent with `--go`.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    let selection = args.selection()?;
    let target = args.target.changing(out, environment).await?;
    let endpoint = webhooks::endpoint(&target, args.id).await?;
    let mode = if args.go {
        Mode::Go(args.rate)
    } else {
        Mode::DryRun
    };
    let progress = out.progress("reading the table, items", None);
    let seen = |read| progress.set(read);
    let replayed = webhooks::replay(&target, &endpoint, &selection, mode, now(), seen);
    let report = replayed.await?;
    drop(progress);
    if out.is_json() {
        out.json(&report)?;
    } else {
        out.rows(&["kind", "notifications"], report.rows());
        out.line(&report.summary());
    }
    if !args.go && report.all() > 0 {
        let line = typed::with("--go", environment);
        out.note(&format!("A dry run: nothing was sent.  {line}"));
    }
    match usize::try_from(report.failed).unwrap_or(usize::MAX) {
        0 => Ok(Exit::Done),
        failed => Err(CommandError::NotWritten(failed)),
    }
}
