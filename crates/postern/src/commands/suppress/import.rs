//! `suppress import`: the lists that a team already has.

use ::suppress::import::{Input, Options};
use operator::Exit;

use super::super::target::TargetArgs;
use super::speaker::speaker;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::Output;
use crate::typed;

const EXAMPLES: &str = "Examples:
  postern suppress import suppression_bounces.csv --from sendgrid
  postern suppress import asm_groups_3893_suppressions.csv --kind topic
  cat pages.json | postern suppress import - --from ses --go  (SES has pages: docs/cli.md)
  postern suppress import old.csv --map email=E-Mail --map created=Added --kind unsubscribes";

/// Import a provider's suppression list; a dry run without --go
///
/// CSV or JSON, recognized by its columns: `postern help formats` lists them. An address counts
/// from the time in its row, so that whoever was taken off a list since then stays off, and a
/// second import changes nothing. With --go, exit code 5 means that rows were unreadable, or that
/// the file is a page of a longer list.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    /// The file, or - for the standard input
    #[arg(value_name = "FILE|-")]
    file: String,
    /// Whose export it is: customerio mailgun postmark resend sendgrid ses
    #[arg(long, value_name = "PROVIDER")]
    from: Option<String>,
    /// Which list: bounces blocks invalid complaints unsubscribes topic manual
    #[arg(long, value_name = "LIST")]
    kind: Option<String>,
    /// Which column is which, for any other file: email=COLUMN, created= reason= status=
    #[arg(long, value_name = "WORD=COLUMN")]
    map: Vec<String>,
    /// Why: kept with the events
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    /// Write
    #[arg(long)]
    go: bool,
    #[command(flatten)]
    target: TargetArgs,
}

impl Args {
    fn input(&self) -> Input {
        match self.file.as_str() {
            "-" => Input::Stdin,
            file => Input::File(file.into()),
        }
    }
}

/// Prints what the list has, and writes what is new with `--go`.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    let options = Options::parse(args.from.as_deref(), args.kind.as_deref(), &args.map);
    let (options, input) = (options.map_err(::suppress::Error::from)?, args.input());
    let target = args.target.changing(out, environment).await?;
    let events = target.events();
    let speaker = speaker(&target, &events, args.why);
    let progress = out.progress("bytes read:", input.bytes());
    let tell = |bytes| progress.set(bytes);
    let report = speaker.import(&input, &options, args.go, tell).await?;
    drop(progress);
    if out.is_json() {
        out.json(&report.receipt())?;
    } else {
        out.line(&report.text());
    }
    for note in report.notes() {
        out.note(&note);
    }
    if report.is_dry_run && report.stopped.is_none() {
        let line = typed::with("--go", environment);
        out.note(&format!("A dry run: nothing was written.  {line}"));
    }
    Ok(report.exit())
}
