//! Shows the user what a running stack does: a line for each webhook, and for what became of it.

use std::io::IsTerminal as _;
use std::sync::Arc;

use operator::print::{printable, say};
use serde_json::Value;
use stack::lambda;
use stack::{READY, Stack};

use crate::output::Output;

fn paint(color: u8, text: &str) -> String {
    if std::io::stdout().is_terminal() {
        format!("\u{1b}[{color}m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}

const RED: u8 = 31;
const GREEN: u8 = 32;
const BLUE: u8 = 34;

/// The outcome of a reading of a secret that gave no key.
const NO_KEY: &str = "secret_refresh_failed";

/// How much is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verbosity {
    /// Only lines that are not the outcome of a webhook, such as why a function stopped, or has no
    /// key.
    Quiet,
    /// A line for each webhook, and for what became of it.
    Outcomes,
    /// Also the functions' own log lines.
    Lines,
}

/// Shows what the functions print.
#[must_use]
pub(crate) fn output(verbosity: Verbosity) -> lambda::Output {
    Arc::new(move |function, line| {
        if let Some(line) = shown(verbosity, function, line) {
            say(&line);
        }
    })
}

/// Returns what is shown of a line that a function prints.
fn shown(verbosity: Verbosity, function: &str, line: &str) -> Option<String> {
    let fields: Option<Value> = serde_json::from_str(line).ok();
    let fields = fields.filter(Value::is_object);
    let has = |name: &str| {
        fields
            .as_ref()
            .and_then(|fields| fields.get(name)?.as_str())
    };
    let is_outcome = has("outcome").is_some_and(|outcome| outcome != NO_KEY);
    match (verbosity, &fields) {
        (Verbosity::Quiet, _) if is_outcome => None,
        (Verbosity::Lines, _) | (_, None) => Some(format!("{function}: {}", printable(line))),
        (_, Some(fields)) => outcome(function, fields),
    }
}

/// Returns a line for an outcome, for what is wrong with a secret, or for why a function stopped.
fn outcome(function: &str, fields: &Value) -> Option<String> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    let number = |name: &str| fields.get(name).and_then(Value::as_u64).unwrap_or_default();
    let codes = || {
        let codes = fields.get("codes").and_then(Value::as_array);
        let codes = codes.into_iter().flatten().filter_map(Value::as_str);
        codes.collect::<Vec<_>>().join(" ")
    };
    match text("outcome") {
        "accepted" => {
            let bytes = number("body_bytes");
            let source = printable(text("source"));
            let verdict = paint(BLUE, "accepted");
            Some(format!(
                "{verdict}  {function:<10} 200 {bytes} bytes {source}"
            ))
        }
        NO_KEY | "secret_previous_unusable" | "secret_odd" | "" => Some(format!(
            "{function}: {} ({})",
            printable(text("message")),
            printable(text("code"))
        )),
        "ping" => {
            let verdict = paint(BLUE, "accepted");
            Some(format!("{verdict}  {function:<10} 200 without an event"))
        }
        "rejected" => {
            let status = number("status");
            let verdict = paint(RED, "rejected");
            Some(format!(
                "{verdict}  {function:<10} {status} {}",
                text("code")
            ))
        }
        "stored" => {
            let verdict = paint(GREEN, "stored");
            let kinds = fields.get("kinds").and_then(Value::as_object);
            let kinds = kinds.into_iter().flatten();
            let kinds: Vec<String> = kinds
                .map(|(kind, count)| format!("{kind} {count}"))
                .collect();
            let provider = printable(text("provider"));
            Some(format!("{verdict}    {provider:<10} {}", kinds.join(", ")))
        }
        "put_aside" => {
            let verdict = paint(RED, "put aside");
            Some(format!("{verdict} {function:<10} {}", codes()))
        }
        "waiting" => {
            let verdict = paint(RED, "waiting");
            Some(format!("{verdict}   {function:<10} {}", codes()))
        }
        _ => None,
    }
}

/// Prints where everything is, and that it is ready.
pub(crate) fn welcome(stack: &Stack, out: &Output) {
    let version = env!("CARGO_PKG_VERSION");
    let (sqs, dynamodb) = (stack.sqs.port(), stack.dynamodb.port());
    out.note(&format!(
        "postern {version}, everything on this machine: queue :{sqs}  table :{dynamodb}"
    ));
    let url = format!("http://{}/", stack.api);
    if out.is_json() {
        let ready = serde_json::json!({"ready": true, "url": url});
        out.line(&ready.to_string());
    } else {
        out.line(&format!("{READY}{url}"));
    }
}

/// Makes a panic say only where it happened, because its message may quote a body.
pub(crate) fn hide_panic_messages() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        eprintln!("panic at {}", place.unwrap_or_default());
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `up --secret sendgrid=KEY` makes of a key that is none.
    #[test]
    fn a_secret_that_cannot_be_used_is_shown_also_quietly() {
        let line = r#"{"level":"error","provider":"sendgrid","outcome":"secret_refresh_failed","code":"secrets_key_short","message":"a key is short: put the whole"}"#;
        let wanted = "sendgrid: a key is short: put the whole (secrets_key_short)";
        for verbosity in [Verbosity::Quiet, Verbosity::Outcomes] {
            let shown = shown(verbosity, "sendgrid", line);
            assert_eq!(shown.as_deref(), Some(wanted), "{verbosity:?}");
        }
        let odd = line.replace("secret_refresh_failed", "secret_odd");
        assert_eq!(shown(Verbosity::Quiet, "sendgrid", &odd), None);
        let shown = shown(Verbosity::Outcomes, "sendgrid", &odd);
        assert_eq!(shown.as_deref(), Some(wanted));
    }

    #[test]
    fn quietly_no_outcome_is_shown_and_whatever_else_is_printed_is() {
        let accepted = r#"{"outcome":"accepted","body_bytes":7}"#;
        let stopped = r#"{"function":"insider","code":"panicked","message":"src/main.rs:1:1"}"#;
        assert_eq!(shown(Verbosity::Quiet, "insider", accepted), None);
        let shown = |line| shown(Verbosity::Quiet, "insider", line);
        let stop = "insider: src/main.rs:1:1 (panicked)";
        assert_eq!(shown(stopped).as_deref(), Some(stop));
        assert_eq!(shown("a word").as_deref(), Some("insider: a word"));
    }
}
