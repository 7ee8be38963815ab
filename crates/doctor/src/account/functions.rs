//! Are the functions there, for the right processor, and without errors?

use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::{Architecture, LastUpdateStatus, State as Life};
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::check::{Check, Unread, ask};
use crate::counts::many;
use operator::account::Deployed;
use operator::print::printable;

use super::figures::Figures;
use super::function::Function;
use super::lines;

const ID: &str = "functions";
const ACTION: &str = "lambda:GetFunctionConfiguration";
/// What a function writes about itself, and what Lambda does.
const ERRORS: &str = r#"{ $.level = "error" || $.level = "ERROR" || $.type = "platform.report" }"#;
/// How far back an error is looked for.
const SPAN: SignedDuration = SignedDuration::from_hours(1);

/// What Lambda says of a function.
struct Configuration {
    life: Option<Life>,
    update: Option<LastUpdateStatus>,
    why: String,
    architecture: String,
}

/// Asks for each function.
pub(super) async fn functions(
    deployed: &Deployed,
    functions: &[Function],
    figures: &Figures,
    now: Timestamp,
) -> Vec<Check> {
    let client = &Client::new(&deployed.config);
    let asked = functions.iter().map(|function| async move {
        let found = configuration(client, function).await;
        (function, found)
    });
    let wanted = deployed.parameters.get("Architecture");
    let mut checks = Vec::new();
    for (function, found) in join_all(asked).await {
        match found {
            Ok(found) => checks.extend(judged(&function.name, &found, wanted)),
            Err(unread @ Unread::NotAllowed(_)) => return vec![Check::unread(ID, &unread)],
            Err(unread) => checks.push(Check::unread(ID, &unread)),
        }
    }
    let mut without_figures = String::new();
    for function in functions {
        let sums = figures
            .errors(&function.physical)
            .and_then(|errors| Ok((errors, figures.throttles(&function.physical)?)));
        match sums {
            Err(unread) => without_figures = format!("; errors not read: {unread}"),
            Ok((0, 0)) => {}
            Ok((0, throttles)) => {
                let text = format!("{}: throttled {throttles} times in 1 h", function.name);
                let fix = "raise ReceiverConcurrency or MaximumConcurrency, or the account's quota";
                checks.push(Check::warning(ID, text, fix));
            }
            Ok((errors, _)) => {
                let text = format!(
                    "{}: {} in 1 h",
                    function.name,
                    many(errors, "error", "errors")
                );
                let why = why(deployed, function, now - SPAN).await;
                checks.push(Check::failed(ID, text, why));
            }
        }
    }
    if checks.is_empty() {
        let all = functions.len();
        let errors = if without_figures.is_empty() {
            ", no errors or throttles in 1 h"
        } else {
            &without_figures
        };
        checks.push(Check::ok(ID, format!("{all} of {all} active{errors}")));
    }
    checks
}

async fn configuration(client: &Client, function: &Function) -> Result<Configuration, Unread> {
    let asking = client
        .get_function_configuration()
        .function_name(&function.physical)
        .send();
    let found = ask(ACTION, asking).await?;
    let why = found
        .last_update_status_reason()
        .or_else(|| found.state_reason());
    let architectures = found.architectures().iter();
    let architectures: Vec<&str> = architectures.map(Architecture::as_str).collect();
    Ok(Configuration {
        life: found.state().cloned(),
        update: found.last_update_status().cloned(),
        why: why.unwrap_or("Lambda does not say why").to_owned(),
        architecture: architectures.join(" "),
    })
}

fn judged(name: &str, found: &Configuration, wanted: Option<&String>) -> Option<Check> {
    let Configuration {
        life,
        update,
        why,
        architecture,
    } = found;
    match life {
        Some(Life::Active) | None => {}
        Some(Life::Inactive) => {
            let text = format!("{name}: asleep, nobody has called it for weeks");
            return Some(Check::warning(ID, text, "the next webhook wakes it"));
        }
        Some(Life::Pending) => {
            let text = format!("{name}: a deploy is under way");
            return Some(Check::warning(ID, text, "ask again when it has ended"));
        }
        Some(life) => {
            let text = format!("{name}: {life}: {}", printable(why));
            return Some(Check::failed(ID, text, "sam build && sam deploy"));
        }
    }
    match update {
        Some(LastUpdateStatus::Successful) | None => {}
        Some(LastUpdateStatus::InProgress) => {
            let text = format!("{name}: a deploy is under way");
            return Some(Check::warning(ID, text, "ask again when it has ended"));
        }
        Some(update) => {
            let text = format!("{name}: its last update is {update}: {}", printable(why));
            return Some(Check::failed(ID, text, "sam build && sam deploy"));
        }
    }
    let wanted = wanted.filter(|wanted| *wanted != architecture)?;
    let text = format!("{name}: is for {architecture}, and the stack's Architecture is {wanted}");
    let fix = "name Architecture once, in samconfig.toml, then: sam build && sam deploy";
    Some(Check::failed(ID, text, fix))
}

/// Returns the last line that says why a function failed.
async fn why(deployed: &Deployed, function: &Function, since: Timestamp) -> String {
    let look = format!(
        "aws logs tail {} --since 1h --region {}",
        function.log_group, deployed.region
    );
    let Ok(lines) = lines::of(deployed, &function.log_group, ERRORS, since).await else {
        return look;
    };
    let last = lines.into_iter().max_by_key(|line| line.at);
    let fields = last.and_then(|line| serde_json::from_str::<Value>(&line.text).ok());
    let said = fields.and_then(|fields| said(&fields));
    said.map_or(look, |said| format!("its log: {}", printable(&said)))
}

/// Returns the code and the message of a line.
fn said(fields: &Value) -> Option<String> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let record = |name: &str| fields.get("record")?.get(name)?.as_str();
    let code = text("code")
        .or_else(|| record("errorType"))
        .or_else(|| record("status"))
        .or_else(|| text("errorType"))?;
    let message = text("message").or_else(|| text("errorMessage"));
    Some(match message {
        Some(message) => format!("{code}: {message}"),
        None => code.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_says_why_by_its_code_and_message() {
        let stopped = json!({"level": "error", "function": "insider", "code": "queue_url_unset", "message": "QUEUE_URL is not set"});
        let stopped = said(&stopped);
        assert_eq!(
            stopped.as_deref(),
            Some("queue_url_unset: QUEUE_URL is not set")
        );
        let exited = json!({"type": "platform.report", "record": {"status": "error", "errorType": "Runtime.ExitError"}});
        assert_eq!(said(&exited).as_deref(), Some("Runtime.ExitError"));
        assert_eq!(said(&json!({"message": "a word"})), None);
    }
}
