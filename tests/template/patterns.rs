//! The filters' patterns, tried on lines of every form.

use serde_json::{Value, json};
use tests::metrics::{Filter, counted, filters};

use crate::parts::{functions, names, package, referred};
use crate::rule::{Complaints, Rule};

pub const RULES: &[Rule] = &[Rule {
    name: "every filter counts the lines that the functions write, and no others",
    broken_by: patterns_that_count_something_else,
    changes: &[
        (
            "/Resources/insiderAccepted/Properties/FilterPattern",
            Some(r#""{ $.outcome = \"accept\" && $.provider = \"*\" }""#),
        ),
        (
            "/Resources/insiderRefused/Properties/FilterPattern",
            Some(r#""{ $.outcome = \"rejected\" && $.status < 400 }""#),
        ),
        // a 503 is none of the gateway's 4xx
        (
            "/Resources/insiderRefused/Properties/FilterPattern",
            Some(r#""{ $.outcome = \"rejected\" }""#),
        ),
        (
            "/Resources/insiderUnreadable/Properties/FilterPattern",
            Some(r#""{ $.code = \"secret_refresh_failed\" }""#),
        ),
        // a field must be in the pattern to be a dimension or a value
        (
            "/Resources/insiderRejected/Properties/FilterPattern",
            Some(r#""{ $.outcome = \"rejected\" }""#),
        ),
        (
            "/Resources/ConsumerLag/Properties/FilterPattern",
            Some(r#""{ $.outcome = \"stored\" }""#),
        ),
        (
            "/Resources/ConsumerLag/Properties/FilterPattern",
            Some(r#""stored""#),
        ),
        (
            "/Resources/DeliverGone/Properties/FilterPattern",
            Some(r#""{ $.code = \"gone\" && $.outlet = \"*\" }""#),
        ),
        (
            "/Resources/SweepFailing/Properties/FilterPattern",
            Some(r#""{ $.outcome = \"swept\" }""#),
        ),
        (
            "/Resources/ApiFunctionRefused/Properties/FilterPattern",
            Some(r#""{ $.outcome = \"rejected\" && $.status < 500 }""#),
        ),
    ],
}];

/// A receiver's lines, one of each form.
fn lines_of(provider: &str) -> Vec<Value> {
    let line = |level: &str, outcome: &str, rest: Value| {
        let mut line = json!({
            "timestamp": "2026-01-02T03:05:00.678Z", "level": level, "provider": provider,
            "outcome": outcome, "request_id": "dGVzdA==",
        });
        let (fields, rest) = (line.as_object_mut(), rest.as_object().cloned());
        fields.expect("fields").extend(rest.unwrap_or_default());
        line
    };
    vec![
        line(
            "info",
            "accepted",
            json!({"body_bytes": 315, "message_id": "m"}),
        ),
        line(
            "info",
            "accepted",
            json!({"body_bytes": 315, "source": "eu", "stage": "AWSPREVIOUS"}),
        ),
        line("info", "ping", json!({"body_bytes": 2})),
        line(
            "warn",
            "rejected",
            json!({"status": 401, "code": "signature_mismatch"}),
        ),
        line(
            "warn",
            "rejected",
            json!({"status": 413, "code": "body_too_large"}),
        ),
        line(
            "error",
            "rejected",
            json!({"status": 503, "code": "queue_unavailable"}),
        ),
        line(
            "error",
            "rejected",
            json!({"status": 503, "code": "key_unavailable"}),
        ),
        line(
            "error",
            "secret_refresh_failed",
            json!({"code": "secret_unavailable"}),
        ),
        line(
            "warn",
            "secret_previous_unusable",
            json!({"code": "secrets_blank"}),
        ),
        line("warn", "secret_odd", json!({"code": "secrets_key_weak"})),
        // Lambda's own
        json!({"time": "2026-01-02T03:05:00.678Z", "type": "platform.report", "record": {"status": "success"}}),
    ]
}

/// The consumer's, likewise.
fn lines_of_consumer() -> Vec<Value> {
    vec![
        json!({"level": "info", "outcome": "stored", "provider": "insider", "messages": ["m"],
            "events": 3, "kinds": {"delivered": 3}, "ingest_lag_ms": 1200}),
        json!({"level": "info", "outcome": "stored", "provider": "resend", "messages": ["n"],
            "events": 1, "kinds": {"opened": 1}, "ingest_lag_ms": -30}),
        // nothing but what had expired
        json!({"level": "info", "outcome": "stored", "provider": "resend", "messages": ["n"],
            "events": 0, "expired": 1}),
        json!({"level": "error", "outcome": "put_aside", "message_id": "o", "provider": "insider",
            "codes": ["element_not_json"], "events": 0, "elements": 1}),
        json!({"level": "warn", "outcome": "waiting", "message_id": "p", "provider": "insider",
            "codes": ["table_write_failed"], "receives": 2, "hidden_s": 400}),
    ]
}

/// Those of the way out, likewise.
fn lines_of_the_way_out(package: &str) -> Vec<Value> {
    let id = "evt_9f2c17d0a1b24c6e8f3a5b7c9d1e2f30";
    match package {
        "fanout" => vec![
            json!({"function": "fanout", "outcome": "fanned_out", "records": 100,
                "announced": 3, "messages": 4}),
            json!({"function": "fanout", "outcome": "unreadable"}),
        ],
        "deliver" => vec![
            json!({"function": "deliver", "outcome": "delivered", "outlet": "3", "webhook_id": id,
                "attempt": 1, "status": 204, "latency_ms": 80}),
            json!({"function": "deliver", "outcome": "failed", "outlet": "3", "webhook_id": id,
                "attempt": 1, "code": "status", "status": 500}),
            json!({"function": "deliver", "outcome": "failed", "outlet": "3", "webhook_id": id,
                "attempt": 2, "code": "timed_out"}),
            json!({"function": "deliver", "outcome": "parked", "outlet": "3", "webhook_id": id}),
            // the bus
            json!({"function": "deliver", "outcome": "delivered", "outlet": "0", "webhook_id": id,
                "attempt": 1, "latency_ms": 20}),
            json!({"function": "deliver", "outcome": "dropped", "outlet": "3", "webhook_id": id,
                "code": "gone_item"}),
            json!({"function": "deliver", "outcome": "gone", "outlet": "3", "webhook_id": id,
                "status": 410}),
            json!({"function": "deliver", "outcome": "opened", "outlet": "3"}),
            json!({"function": "deliver", "outcome": "waiting", "outlet": "3", "code": "read_late"}),
            json!({"function": "deliver", "outcome": "put_aside", "code": "unreadable"}),
        ],
        "sweep" => vec![
            json!({"function": "sweep", "outcome": "swept", "outlet": "3", "failing_s": 1200,
                "oldest_s": 1100}),
            json!({"function": "sweep", "outcome": "swept", "outlet": "4", "oldest_s": 90}),
            json!({"function": "sweep", "outcome": "closed", "outlet": "3"}),
        ],
        "api" => vec![
            json!({"function": "api", "outcome": "managed", "what": "created", "outlet": "3"}),
            json!({"function": "api", "outcome": "refused", "status": 401, "code": "unproven"}),
            json!({"function": "api", "outcome": "refused", "status": 503, "code": "table"}),
        ],
        other => panic!("{other} has no lines here"),
    }
}

/// A metric, its dimensions' values, and how many values it has.
type Count = ((String, Vec<String>), usize);

/// A function's lines, and what its filters make of them.
fn wanted_of(package: &str) -> (Vec<Value>, Vec<Count>) {
    let of = |name: &str, by: &str| (name.to_owned(), vec![by.to_owned()]);
    let of_all = |name: &str| (name.to_owned(), vec![]);
    let wanted = match package {
        "consumer" => vec![(of_all("ingest_lag_ms"), 1), (of_all("waiting"), 1)],
        "fanout" => vec![],
        "deliver" => vec![
            (of("delivered", "0"), 1),
            (of("delivered", "3"), 1),
            (of("failed", "3"), 2),
            (of("gone", "3"), 1),
            (of_all("outbox_waiting"), 1),
            (of("parked", "3"), 1),
        ],
        "sweep" => vec![(of_all("failing_s"), 1), (of_all("oldest_s"), 2)],
        "api" => vec![(of_all("refused"), 1)],
        provider => vec![
            (of("accepted", provider), 2),
            (of_all("refused"), 2),
            (of("rejected", provider), 4),
            (of_all("secret_refresh_failed"), 1),
        ],
    };
    let lines = match package {
        "consumer" => lines_of_consumer(),
        provider if names().contains(provider) => lines_of(provider),
        other => lines_of_the_way_out(other),
    };
    (lines, wanted)
}

fn patterns_that_count_something_else(template: &Value) -> Vec<String> {
    let filters = match filters(template) {
        Ok(filters) => filters,
        Err(id) => return vec![id],
    };
    let mut complaints = Complaints::default();
    for filter in &filters {
        let named = filter.pattern.fields();
        let used = filter.dimensions.values().chain([&filter.value]);
        for field in used.filter(|field| *field != "1") {
            let is_named = named.contains(&field.as_str());
            complaints.unless(is_named, &filter.id, "uses a field that it does not name");
        }
    }
    for (id, function) in functions(template) {
        let group = referred(&function["Properties"]["LoggingConfig"]["LogGroup"]);
        let own = filters
            .iter()
            .filter(|filter| Some(filter.group.as_str()) == group);
        let own: Vec<&Filter> = own.collect();
        let (lines, wanted) = wanted_of(package(function));
        let counts: Vec<_> = counted(&own, &lines).into_iter().collect();
        complaints.unless(counts == wanted, id, &format!("{counts:?}"));
    }
    complaints.0
}
