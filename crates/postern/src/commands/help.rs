//! `help`: prints a command's help, or what belongs to no single command.

use clap::ValueEnum;
use operator::Exit;

use super::doctor;
use crate::error::CommandError;
use crate::output::Output;

const EXAMPLES: &str = "Examples:
  postern help events
  postern help exit-codes
  postern help permissions events";

/// Print the help of a command, or of a topic
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    /// A command, or a topic: exit-codes, environment, faults, formats, permissions
    #[arg(value_name = "COMMAND|TOPIC")]
    of: Vec<String>,
}

/// The topic that takes a command.
const PERMISSIONS: &str = "permissions";

/// What belongs to no single command.
#[derive(Clone, Copy, ValueEnum)]
enum Topic {
    ExitCodes,
    Environment,
    Faults,
    Formats,
}

/// Prints the help.
pub(super) fn run(
    args: &Args,
    out: &Output,
    grammar: &dyn Fn() -> clap::Command,
) -> Result<Exit, CommandError> {
    let first = args.of.first().map(String::as_str).unwrap_or_default();
    if first == PERMISSIONS {
        permissions(args.of.get(1..).unwrap_or_default(), out)?;
        return Ok(Exit::Done);
    }
    if let Ok(topic) = Topic::from_str(first, false) {
        out.line(&text(topic));
        return Ok(Exit::Done);
    }
    let mut command = grammar();
    // Now a command below has its whole name, and the options of all.
    command.build();
    for name in &args.of {
        let below = command.find_subcommand(name).cloned();
        command = below.ok_or_else(|| CommandError::NoHelp(name.clone()))?;
    }
    out.line(&command.render_long_help().to_string());
    Ok(Exit::Done)
}

/// Prints the IAM policy of a command; without one, that of all commands.
fn permissions(command: &[String], out: &Output) -> Result<(), CommandError> {
    let command = command.join(" ");
    let of: Vec<&str> = match command.as_str() {
        "" => operator::permissions::commands().collect(),
        command => vec![command],
    };
    doctor::policy(&of, doctor::STACK, None, out)
}

fn text(topic: Topic) -> String {
    match topic {
        Topic::ExitCodes => exit_codes(),
        Topic::Environment => ENVIRONMENT.to_owned(),
        Topic::Faults => stack::faults::help(),
        Topic::Formats => ::suppress::import::formats(),
    }
}

fn exit_codes() -> String {
    let codes = Exit::ALL.iter();
    let mut lines: Vec<String> = codes
        .map(|exit| format!("{:>3}  {}", exit.code(), exit.meaning()))
        .collect();
    lines.push("130  stopped by Ctrl-C before its end; 143: by SIGTERM".to_owned());
    lines.push("     up, demo and listen end so: 0, once they are ready".to_owned());
    lines.join("\n")
}

/// What the tool takes from its environment.
const ENVIRONMENT: &str = "\
POSTERN_PORT            the local stack's port, as --port
POSTERN_STACK           the deployed stack, as --stack; only for commands that change nothing
POSTERN_API_KEY         the bearer key of a stack with ApiAuth=key, for `webhooks`
POSTERN_WEBHOOK_SECRET  what `listen --out` checks signatures with
POSTERN_FORCE_TTY       print as for a terminal of so many columns, also into a pipe
NO_COLOR                no colours (no-color.org); TERM=dumb, too
CLICOLOR_FORCE          colours also into a pipe; --color decides before all of them
AWS_PROFILE, AWS_REGION, AWS_ACCESS_KEY_ID … with --stack, as for every AWS tool";
