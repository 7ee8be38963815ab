//! The endpoints of a stack on this machine, and its event bus, as its API lists them.

use operator::target::Target;
use operator::webhooks::{WebhookError, Webhooks};
use outlets::bus::BUS;
use outlets::manage::{List, Shown, Standing};

use super::check::Check;
use super::counts::many;

const ID: &str = "outlets";

/// Asks the API for the endpoints and the event bus, and which of them are told nothing.
pub(super) async fn outlets(target: &Target) -> Vec<Check> {
    let listed = match Webhooks::of(target, None) {
        Ok(webhooks) => webhooks.all().await,
        Err(error) => Err(error),
    };
    match listed {
        Ok(all) => judged(&all),
        Err(WebhookError::Off { .. }) => vec![Check::ok(ID, "this stack has no outlets")],
        Err(error @ WebhookError::NoKey) => vec![Check::left_out(ID, error.to_string())],
        Err(error) => vec![Check::unanswered(ID, &error.to_string())],
    }
}

fn judged(all: &List) -> Vec<Check> {
    let endpoints = all.webhooks.iter().filter_map(wrong);
    let bus = all.bus.as_ref().and_then(wrong_with_the_bus);
    let checks: Vec<Check> = endpoints.chain(bus).collect();
    if !checks.is_empty() {
        return checks;
    }
    let endpoints = match all.webhooks.len() {
        0 => "no endpoint is registered".to_owned(),
        count => {
            let endpoints = many(count as u64, "endpoint", "endpoints");
            format!("{endpoints}, none of them fails")
        }
    };
    let bus = all
        .bus
        .as_ref()
        .map_or("", |_| "; the bus takes what it is told");
    vec![Check::ok(ID, format!("{endpoints}{bus}"))]
}

/// Returns what is wrong with the event bus.
fn wrong_with_the_bus(standing: &Standing) -> Option<Check> {
    let is_failing = ["failing", "open"].contains(&standing.state.as_str());
    let code = code(standing.last_code.as_deref());
    let fix = format!("postern webhooks undelivered {BUS} {{target}}");
    is_failing.then(|| Check::failed(ID, format!("the event bus fails{code}"), fix))
}

/// Returns a code, if there is one, as it stands behind other words.
fn code(code: Option<&str>) -> String {
    code.map_or_else(String::new, |code| format!(" ({code})"))
}

/// Returns what is wrong with an endpoint. One that somebody paused is as it should be.
fn wrong(endpoint: &Shown) -> Option<Check> {
    let (id, standing) = (endpoint.id, &endpoint.standing);
    match standing.state.as_str() {
        "failing" | "open" => {
            let text = format!("endpoint {id} fails{}", code(standing.last_code.as_deref()));
            let fix = format!("postern webhooks undelivered {id} {{target}}");
            Some(Check::failed(ID, text, fix))
        }
        "disabled" => {
            let why = code(standing.disabled.as_deref());
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
        with_bus(endpoints, None)
    }

    fn with_bus(endpoints: &[Shown], bus: Option<Value>) -> Vec<(State, String, Option<String>)> {
        let all = List {
            webhooks: endpoints.to_vec(),
            bus: bus.map(|bus| serde_json::from_value(bus).unwrap()),
        };
        let checks = judged(&all).into_iter();
        checks.map(|it| (it.state, it.text, it.fix)).collect()
    }

    #[test]
    fn a_bus_that_fails_is_named_and_one_that_does_not_is_well() {
        let text = "no endpoint is registered; the bus takes what it is told";
        let well = (State::Ok, text.to_owned(), None);
        assert_eq!(with_bus(&[], Some(json!({"state": "ok"}))), [well]);
        for state in ["failing", "open"] {
            let failing = json!({"state": state, "last_code": "bus_denied"});
            let text = "the event bus fails (bus_denied)".to_owned();
            let fix = "postern webhooks undelivered 0 {target}".to_owned();
            let wanted = (State::Failed, text, Some(fix));
            assert_eq!(with_bus(&[], Some(failing)), [wanted]);
        }
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
