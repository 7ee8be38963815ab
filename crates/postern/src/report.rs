//! Says on stderr why a command fails: what, the cause, and a line to paste.

use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use operator::Exit;
use operator::print::{json, printable, printable_lines};
use serde_json::json;

use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::Output;
use crate::typed::{arguments, command, pasted, target};

/// Prints why a command fails, and returns its exit code.
pub(crate) fn error(
    error: &CommandError,
    out: &Output,
    environment: &Environment,
    grammar: &dyn Fn() -> clap::Command,
) -> ExitCode {
    let hint = error.hint().map(|hint| filled(&hint, environment, grammar));
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
            eprintln!("hint: {}", printable_lines(&hint));
        }
    }
    ExitCode::from(error.exit().code())
}

/// Prints what is wrong with a command line, or the help that it asks for, and returns the exit
/// code.
pub(crate) fn line(mut error: clap::Error) -> ExitCode {
    let is_help = matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    );
    let wrong = ExitCode::from(Exit::Line.code());
    if is_help {
        // If nobody reads it, that is all right.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    let typed = arguments();
    if takes_secrets(&typed) {
        forget_values(&mut error);
    }
    let text = error.to_string();
    if typed.iter().any(|argument| argument == "--json") {
        let mut lines = text.lines().filter(|line| !line.trim().is_empty());
        let message = lines.next().unwrap_or_default();
        let message = message.strip_prefix("error: ").unwrap_or(message);
        let tip = lines.find_map(|line| line.trim().strip_prefix("tip: "));
        let said = json!({"error": {"code": "line_wrong", "message": message, "hint": tip}});
        eprintln!("{}", json(&said).unwrap_or_default());
    } else if typed
        .iter()
        .any(|argument| printable(argument) != *argument)
    {
        // It quotes what was typed, which a terminal may obey.
        eprintln!("{}", printable_lines(&text));
    } else {
        let _ = error.print();
    }
    wrong
}

/// The fewest characters of a secret.
const SECRET_CHARS: usize = 16;

/// Checks whether a line is of a command that reads secrets from standard input. One that was put
/// on the line by mistake must not be repeated.
fn takes_secrets(typed: &[String]) -> bool {
    let is_option = |word: &String| {
        let options = ["--secret", "--header", "--api-key"];
        options.iter().any(|option| word.starts_with(option))
    };
    let mut words = typed.iter();
    words.any(|word| ["webhooks", "--out"].contains(&word.as_str()) || is_option(word))
}

/// Takes out of an error whatever was typed and may be a secret.
fn forget_values(error: &mut clap::Error) {
    let quoted = [
        ContextKind::InvalidArg,
        ContextKind::InvalidSubcommand,
        ContextKind::InvalidValue,
    ];
    for kind in quoted {
        let is_secret = |text: &str| !text.starts_with("--") && text.len() >= SECRET_CHARS;
        let holds_one = match error.get(kind) {
            Some(ContextValue::String(text)) => is_secret(text),
            Some(ContextValue::Strings(texts)) => texts.iter().any(|text| is_secret(text)),
            _ => false,
        };
        if holds_one {
            error.remove(kind);
        }
    }
}

/// Fills in what a hint leaves open: the options that name the stack, the line that was typed, and
/// its command.
fn filled(hint: &str, environment: &Environment, grammar: &dyn Fn() -> clap::Command) -> String {
    let typed = arguments();
    let hint = hint.replace(" {target}", &target(&typed));
    let hint = hint.replace("{line}", &format!("postern {}", pasted(&typed)));
    let command = command(&typed, &grammar());
    environment.as_called(&hint.replace("{command}", &command))
}
