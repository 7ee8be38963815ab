//! `doctor`: checks a stack, and prints a checklist with the line that fixes each fault.

use doctor::check::{Check, State};
use doctor::{Options, Report, examine, without_a_stack};
use operator::print::printable;
use operator::{Exit, Target, permissions};

use super::target::TargetArgs;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::{Color, Output};
use crate::words;

const EXAMPLES: &str = "Examples:
  postern doctor
  postern doctor mailgun --stack postern
  postern doctor --policy > policy.json";

/// The stack that a policy is for, unless another one is named.
pub(super) const STACK: &str = "postern";
/// The column of the second line of a check.
const INDENT: usize = 13;

/// Check a stack, and print what to do about what is wrong
///
/// It only reads, but for one POST without a signature to each provider's URL, which is counted as
/// rejected. What may not be read is skipped, with the action that is missing.
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    /// Only what belongs to one provider, beside the stack itself
    #[arg(value_name = "PROVIDER", value_parser = words::provider)]
    provider: Option<String>,
    /// Post nothing
    #[arg(long)]
    no_post: bool,
    /// Print the IAM policy that all commands need, and check nothing
    #[arg(long, conflicts_with_all = ["provider", "no_post"])]
    policy: bool,
    #[command(flatten)]
    target: TargetArgs,
}

/// Prints the checklist, or the policy.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    let stack = args.target.name(environment);
    if args.policy {
        let all: Vec<&str> = permissions::commands().collect();
        let stack = stack.unwrap_or(STACK);
        policy(&all, stack, args.target.region(), out)?;
        return Ok(Exit::Done);
    }
    let found = args.target.reading(out, environment).await;
    let report = match found {
        Ok(target) => examined(&target, &args, out).await,
        Err(CommandError::Operator(error)) if stack.is_none() => without_a_stack(&error),
        Err(error) => return Err(error),
    };
    let report = pasted(report, &args.target.flags(environment), environment);
    print(&report, out)
}

async fn examined(target: &Target, args: &Args, out: &Output) -> Report {
    let options = Options {
        no_post: args.no_post,
        provider: args.provider.as_deref(),
        version: env!("CARGO_PKG_VERSION"),
    };
    let progress = out.progress("checking", None);
    examine(target, options, |done, _| progress.set(done)).await
}

/// Prints the IAM policy of some commands.
///
/// # Errors
/// Returns [`CommandError::NoHelp`] if one of them is none.
pub(super) fn policy(
    commands: &[&str],
    stack: &str,
    region: Option<&str>,
    out: &Output,
) -> Result<(), CommandError> {
    let policy = permissions::policy(commands, stack, region);
    let policy = policy.ok_or_else(|| CommandError::NoHelp(commands.join(" ")))?;
    if out.is_json() {
        out.json(&policy)?;
    } else {
        out.line(&serde_json::to_string_pretty(&policy)?);
    }
    out.note(&format!(
        "For the stack {stack}. `redrive` also needs its role in OperatorRoleArns, and where the stack has a KmsKeyArn, whoever reads needs kms:Decrypt on it, and whoever writes kms:GenerateDataKey."
    ));
    Ok(())
}

/// Returns the checklist with its commands as the user would type them, for the same stack.
fn pasted(mut report: Report, flags: &str, environment: &Environment) -> Report {
    for check in &mut report.checks {
        let fix = check.fix.take();
        check.fix = fix.map(|fix| environment.as_called(&fix.replace(" {target}", flags)));
    }
    report
}

fn print(report: &Report, out: &Output) -> Result<Exit, CommandError> {
    if out.is_json() {
        out.json(report)?;
        return Ok(report.exit());
    }
    match out.width() {
        Some(width) => {
            for check in &report.checks {
                at_a_terminal(check, width, out);
            }
        }
        None => out.rows(&[], report.checks.iter().map(cells).collect()),
    }
    out.note(&report.summary());
    Ok(report.exit())
}

/// Returns a check as cells, for a script.
fn cells(check: &Check) -> Vec<String> {
    vec![
        check.id.to_owned(),
        check.state.word().to_owned(),
        check.text.clone(),
        check.fix.clone().unwrap_or_default(),
    ]
}

/// Prints a check. What to do stands behind it, or below it where there is no room.
fn at_a_terminal(check: &Check, width: usize, out: &Output) {
    let (sign, color) = match check.state {
        State::Ok => ("✓", Color::Green),
        State::Warning => ("!", Color::Yellow),
        State::Failed => ("✗", Color::Red),
        State::Skipped => ("-", Color::Dim),
    };
    let (sign, text) = (out.paint(color, sign), printable(&check.text));
    let line = format!("{sign} {:<10} {text}", check.id);
    let Some(fix) = check.fix.as_deref().map(printable) else {
        return out.line(&line);
    };
    let length = INDENT + text.chars().count() + 3 + fix.chars().count();
    let fix = out.paint(Color::Dim, &fix);
    if length <= width {
        out.line(&format!("{line}   {fix}"));
    } else {
        out.line(&line);
        out.line(&format!("{:INDENT$}{fix}", ""));
    }
}
