//! The endpoints of a stack on this machine, as its API lists them.

use operator::target::Target;
use operator::webhooks::{WebhookError, Webhooks};
use outlets::manage::Shown;

use super::check::Check;
use super::counts::many;

const ID: &str = "outlets";

/// Asks the API for the endpoints, and which of them are told nothing.
pub(super) async fn outlets(target: &Target) -> Vec<Check> {
    let listed = match Webhooks::of(target, None) {
        Ok(webhooks) => webhooks.list().await,
        Err(error) => Err(error),
    };
    match listed {
        Ok(endpoints) => judged(&endpoints),
        Err(WebhookError::Off { .. }) => vec![Check::ok(ID, "this stack has no outlets")],
        Err(error @ WebhookError::NoKey) => vec![Check::left_out(ID, error.to_string())],
        Err(error) => vec![Check::unanswered(ID, &error.to_string())],
    }
}

fn judged(endpoints: &[Shown]) -> Vec<Check> {
    let checks: Vec<Check> = endpoints.iter().filter_map(wrong).collect();
    if !checks.is_empty() {
        return checks;
    }
    let text = match endpoints.len() {
        0 => "no endpoint is registered".to_owned(),
        count => {
            let endpoints = many(count as u64, "endpoint", "endpoints");
            format!("{endpoints}, none of them fails")
        }
    };
    vec![Check::ok(ID, text)]
}

/// Returns what is wrong with an endpoint. One that somebody paused is as it should be.
fn wrong(endpoint: &Shown) -> Option<Check> {
    let (id, standing) = (endpoint.id, &endpoint.standing);
    let code = |code: &Option<String>| match code {
        Some(code) => format!(" ({code})"),
        None => String::new(),
    };
    match standing.state.as_str() {
        "failing" | "open" => {
            let text = format!("endpoint {id} fails{}", code(&standing.last_code));
            let fix = format!("postern webhooks undelivered {id} {{target}}");
            Some(Check::failed(ID, text, fix))
        }
        "disabled" => {
            let why = code(&standing.disabled);
            let text = format!("endpoint {id} is turned off{why}, and what it misses is held");
            let fix = format!("postern webhooks resume {id} {{target}}");
            Some(Check::failed(ID, text, fix))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::check::State;

    fn shown(id: u64, standing: Value) -> Shown {
        let mut shown = json!({
            "id": id, "url": "https://crm.example.com/hooks", "events": "*", "active": true,
            "created_at": "2026-01-02T03:04:05Z",
        });
        if let (Some(shown), Value::Object(standing)) = (shown.as_object_mut(), standing) {
            shown.extend(standing);
        }
        serde_json::from_value(shown).unwrap()
    }

    fn lines(endpoints: &[Shown]) -> Vec<(State, String, Option<String>)> {
        let checks = judged(endpoints).into_iter();
        checks.map(|it| (it.state, it.text, it.fix)).collect()
    }

    #[test]
    fn an_endpoint_that_fails_or_is_turned_off_is_named_and_its_url_is_not() {
        let well = |text: &str| vec![(State::Ok, text.to_owned(), None)];
        assert_eq!(lines(&[]), well("no endpoint is registered"));
        let ok = || shown(1, json!({"state": "ok"}));
        let paused = shown(2, json!({"state": "inactive"}));
        let text = "2 endpoints, none of them fails";
        assert_eq!(lines(&[ok(), paused]), well(text));
        let failed = |text: &str, fix: &str| (State::Failed, text.to_owned(), Some(fix.to_owned()));
        let told = lines(&[
            ok(),
            shown(3, json!({"state": "open", "last_code": "http_status"})),
            shown(4, json!({"state": "disabled", "disabled": "gone"})),
        ]);
        let wanted = [
            failed(
                "endpoint 3 fails (http_status)",
                "postern webhooks undelivered 3 {target}",
            ),
            failed(
                "endpoint 4 is turned off (gone), and what it misses is held",
                "postern webhooks resume 4 {target}",
            ),
        ];
        assert_eq!(told, wanted);
    }
}
