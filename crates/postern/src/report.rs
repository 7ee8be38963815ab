//! Says on stderr why a command fails: what, the cause, and a line to paste.

use std::process::ExitCode;

use clap::error::ErrorKind;
use operator::print::{json, printable};
use serde_json::json;

use crate::cli::{grammar, wrong};
use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::Output;

/// Prints why a command fails, and returns its exit code.
pub(crate) fn error(error: &CommandError, out: &Output, environment: &Environment) -> ExitCode {
    let hint = error.hint().map(|hint| filled(&hint, environment));
    if out.is_json() {
        let said = json!({
            "code": error.code(),
            "message": error.to_string(),
            "cause": error.cause(),
            "hint": hint,
        });
        let said = json(&json!({"error": said}));
        eprintln!("{}", said.unwrap_or_default());
    } else {
        eprintln!("error: {}", printable(&error.to_string()));
        if let Some(cause) = error.cause() {
            eprintln!("  {}", printable(&cause));
        }
        if let Some(hint) = hint {
            eprintln!("hint: {hint}");
        }
    }
    ExitCode::from(error.exit().code())
}

/// Prints what is wrong with a command line, or the help that it asks for, and returns the exit
/// code.
pub(crate) fn line(error: &clap::Error) -> ExitCode {
    let is_help = matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    );
    if !is_help && std::env::args().any(|argument| argument == "--json") {
        let text = error.to_string();
        let mut lines = text.lines().filter(|line| !line.trim().is_empty());
        let message = lines.next().unwrap_or_default();
        let message = message.strip_prefix("error: ").unwrap_or(message);
        let tip = lines.find_map(|line| line.trim().strip_prefix("tip: "));
        let said = json!({"error": {"code": "line_wrong", "message": message, "hint": tip}});
        eprintln!("{}", json(&said).unwrap_or_default());
        return wrong();
    }
    // If nobody reads it, that is all right.
    let _ = error.print();
    if is_help { ExitCode::SUCCESS } else { wrong() }
}

/// Fills in what a hint leaves open: the options that name the stack, the line that was typed, and
/// its command.
fn filled(hint: &str, environment: &Environment) -> String {
    let typed: Vec<String> = std::env::args().skip(1).collect();
    let hint = hint.replace(" {target}", &target(typed.iter().cloned()));
    let hint = hint.replace("{line}", &format!("postern {}", pasted(&typed)));
    let command = command(&typed, &grammar(environment));
    environment.as_called(&hint.replace("{command}", &command))
}

/// Returns arguments as a line that a shell reads as the same arguments.
fn pasted(arguments: &[String]) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@=,+%".contains(c);
    let words = arguments.iter().map(|argument| {
        if !argument.is_empty() && argument.chars().all(is_plain) {
            return argument.clone();
        }
        format!("'{}'", printable(argument).replace('\'', r"'\''"))
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Returns the command of a line, with the command below it if it has any: `secret set`.
fn command(arguments: &[String], grammar: &clap::Command) -> String {
    let mut names = Vec::new();
    let mut grammar = grammar;
    for argument in arguments {
        if let Some(below) = grammar.find_subcommand(argument) {
            names.push(below.get_name());
            grammar = below;
        }
    }
    names.join(" ")
}

/// The options that say which stack a command works on.
const TARGET: [&str; 4] = ["--stack", "--region", "--profile", "--port"];

/// Returns the options that name the stack, as they were given, with a blank before each.
fn target(arguments: impl Iterator<Item = String>) -> String {
    let mut flags = String::new();
    let mut is_value = false;
    for argument in arguments {
        let name = argument.split('=').next().unwrap_or_default();
        let is_target = TARGET.contains(&name);
        if is_value || is_target {
            flags.push(' ');
            flags.push_str(&printable(&argument));
        }
        is_value = is_target && name == argument;
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::{command, pasted, target};
    use crate::cli::grammar;
    use crate::environment::Environment;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn a_line_is_shown_so_that_it_can_be_pasted() {
        let typed = ["events", "kim@mail.test", "--stack=postern", "it's me", ""];
        assert_eq!(
            pasted(&typed.map(str::to_owned)),
            r"events kim@mail.test --stack=postern 'it'\''s me' ''"
        );
    }

    #[test]
    fn a_line_s_command_is_known() {
        let grammar = grammar(&Environment::default());
        for (line, wanted) in [
            ("redrive --stack postern --go", "redrive"),
            ("--color never events kim@mail.test", "events"),
            ("--version", ""),
        ] {
            assert_eq!(command(&words(line), &grammar), wanted, "{line}");
        }
    }

    #[test]
    fn a_hint_names_the_same_stack() {
        for (line, flags) in [
            ("events kim@mail.test", ""),
            (
                "events --stack postern kim@mail.test --region=eu-west-1",
                " --stack postern --region=eu-west-1",
            ),
            ("redrive --port 3100 --go", " --port 3100"),
            ("redrive --port", " --port"),
        ] {
            let arguments = line.split(' ').map(str::to_owned);
            assert_eq!(target(arguments), flags, "{line}");
        }
    }
}
