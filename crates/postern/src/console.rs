//! Shows the user what a running stack does: a line for each webhook.

use std::sync::Arc;

use inspector::{Feed, Inspector};
use operator::live::{Entry, Line, line};
use operator::print::printable;
use serde_json::Value;
use stack::lambda;
use stack::live::{After, Live};
use stack::{READY, Stack};

use crate::environment::Environment;
use crate::output::{Color, Output};

/// The columns of the verdict and of the longest provider's name.
const VERDICT: usize = 4;
const PROVIDER: usize = 10;

/// Reads what the functions print. What is about a webhook goes to the feed. What is not, such as
/// why a function stopped or has no key, is shown on stderr; with -v everything is.
pub(crate) fn output(is_verbose: bool, feed: Option<Arc<Feed>>) -> lambda::Output {
    Arc::new(move |function, line| {
        let fields: Option<Value> = serde_json::from_str(line).ok();
        let fields = fields.filter(Value::is_object);
        let is_of_webhook = match (&feed, &fields) {
            (Some(feed), Some(fields)) => feed.hear(fields),
            (None, Some(fields)) => is_outcome(fields),
            (_, None) => false,
        };
        if is_verbose {
            eprintln!("{function}: {}", printable(line));
        } else if !is_of_webhook && let Some(text) = trouble(function, line, fields.as_ref()) {
            eprintln!("{text}");
        }
    })
}

/// The outcomes of a reading of a secret that somebody has to do something about.
const SECRETS: [&str; 3] = [
    "secret_refresh_failed",
    "secret_previous_unusable",
    "secret_odd",
];

fn is_outcome(fields: &Value) -> bool {
    let outcome = fields.get("outcome").and_then(Value::as_str);
    outcome.is_some_and(|outcome| !SECRETS.contains(&outcome))
}

/// Returns what is shown of a line that is about no webhook.
fn trouble(function: &str, line: &str, fields: Option<&Value>) -> Option<String> {
    let Some(fields) = fields else {
        return Some(format!("{function}: {}", printable(line)));
    };
    if is_outcome(fields) {
        return None;
    }
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let (message, code) = (text("message")?, text("code")?);
    Some(format!(
        "{function}: {} ({})",
        printable(message),
        printable(code)
    ))
}

/// Prints an entry of the stack that these options name. A command in its line names it, too. What
/// somebody should look at ends with where the page shows it, if there is one.
pub(crate) fn show_of(
    entry: &Entry,
    target: &str,
    page: Option<&str>,
    out: &Output,
    environment: &Environment,
) {
    if out.is_json() {
        let _ = out.json(entry); // an entry can be written as JSON
        return;
    }
    let Line {
        time,
        verdict,
        provider,
        text,
        is_bad,
    } = line(entry);
    let color = match (is_bad, entry.waits) {
        (true, false) => Color::Red,
        (true, true) => Color::Yellow,
        (false, _) => Color::Green,
    };
    let verdict = out.paint(color, &format!("{verdict:<VERDICT$}"));
    let time = out.paint(Color::Dim, &time);
    let mut text = with_commands(&text, target, environment);
    if let Some(page) = page.filter(|_| is_bad) {
        text.push_str("   ");
        text.push_str(&out.paint(Color::Dim, page));
    }
    out.line(&format!("{time}  {verdict} {provider:<PROVIDER$} {text}"));
}

/// Returns a text with its command as this tool was called, for the stack that these options name.
pub(crate) fn with_commands(text: &str, target: &str, environment: &Environment) -> String {
    let text = text.replace("postern redrive", &format!("postern redrive{target}"));
    environment.as_called(&text)
}

/// The page of a stack, and its URL.
pub(crate) type Paged = Option<(Arc<Inspector>, String)>;

/// Returns the address at which the page shows an entry. Only a person at a terminal opens it.
fn address(entry: &Entry, page: &Paged, out: &Output) -> Option<String> {
    let (page, url) = page.as_ref().filter(|_| out.is_terminal())?;
    Some(format!("{url}#{}", page.name_of(entry)?))
}

/// Prints every entry of the stack that these options name from now on, until the task is aborted.
pub(crate) async fn follow(
    live: Live,
    target: String,
    page: Paged,
    out: Output,
    environment: Environment,
) {
    let (_, mut listener) = live.listen(After::Now);
    loop {
        match listener.recv().await {
            Ok(told) => {
                if let Ok(entry) = serde_json::from_str(&told.json) {
                    let address = address(&entry, &page, &out);
                    show_of(&entry, &target, address.as_deref(), &out, &environment);
                }
            }
            Err(tokio::sync::broadcast::error::RecvError::Lagged(missed)) => {
                out.note(&format!("{missed} webhooks more than can be printed"));
            }
            Err(_) => return,
        }
    }
}

/// Says at once that something starts, and where its data is.
pub(crate) fn welcome(out: &Output, data: Option<&std::path::Path>, ports: [u16; 2]) {
    let version = env!("CARGO_PKG_VERSION");
    let data = match data {
        Some(folder) => format!("in {}", folder.display()),
        None => "in memory (--data DIR keeps it)".to_owned(),
    };
    let port = |port: u16| match port {
        0 => "on a free port".to_owned(), // `doctor` and the status know which
        port => format!(":{port}"),
    };
    let [sqs, dynamodb] = ports.map(port);
    out.note(&format!(
        "postern {version}, everything on this machine; {data}   queue {sqs}  table {dynamodb}"
    ));
}

/// Prints that a stack is ready; at a terminal also where its webhooks go, if that is wanted.
pub(crate) fn ready(stack: &Stack, with_routes: bool, out: &Output) {
    let url = format!("http://{}/", stack.api);
    if out.is_json() {
        let ready = serde_json::json!({"ready": true, "url": url});
        out.line(&ready.to_string());
        return;
    }
    if !with_routes || !out.is_terminal() {
        out.line(&format!("{READY}{url}"));
        return;
    }
    let names = stack.routes.iter();
    let names = names.filter_map(|route| route.strip_prefix("/webhooks/"));
    let names: Vec<&str> = names.collect();
    out.line(&format!(
        "{READY}{url}   POST /webhooks/{{{}}}",
        names.join(",")
    ));
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

    fn shown(line: &str) -> Option<String> {
        let fields = serde_json::from_str(line).ok();
        trouble("sendgrid", line, fields.as_ref())
    }

    /// What `up --keys FILE` makes of a key that is none.
    #[test]
    fn a_secret_that_cannot_be_used_is_shown_and_so_is_why_a_function_stops() {
        for (line, wanted) in [
            (
                r#"{"level":"error","provider":"sendgrid","outcome":"secret_refresh_failed","code":"secrets_key_short","message":"a key is short: put the whole"}"#,
                Some("sendgrid: a key is short: put the whole (secrets_key_short)"),
            ),
            (
                r#"{"provider":"sendgrid","outcome":"secret_odd","code":"secrets_key_weak","message":"could be guessed"}"#,
                Some("sendgrid: could be guessed (secrets_key_weak)"),
            ),
            (
                r#"{"function":"sendgrid","code":"panicked","message":"src/main.rs:1:1"}"#,
                Some("sendgrid: src/main.rs:1:1 (panicked)"),
            ),
            ("a word", Some("sendgrid: a word")),
            (r#"{"outcome":"accepted","body_bytes":7}"#, None),
            (r#"{"code":"started","version":"0.2.0"}"#, None),
        ] {
            assert_eq!(shown(line).as_deref(), wanted, "{line}");
        }
    }
}
