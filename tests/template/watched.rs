//! Whatever may go wrong has its alarm.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::parts::{
    WAY_OUT, alarms, consumers, dead_letter_queues, judged, receivers, referred, resources,
};
use crate::rule::Rule;

pub const RULES: &[Rule] = &[Rule {
    name: "every queue, the stream, every function, every provider, the API, the secrets, the tables and their indexes have their alarms",
    broken_by: what_has_no_alarm,
    changes: &[
        ("/Resources/DeliveriesQueueAlarm", None),
        ("/Resources/WaitingAlarm", None),
        ("/Resources/ApiErrorsAlarm", None),
        ("/Resources/ApiRefusalsAlarm", None),
        ("/Resources/ConsumerErrorsAlarm", None),
        ("/Resources/TableThrottlesAlarm", None),
        // `TableName` alone leaves the indexes out
        (
            "/Resources/TableThrottlesAlarm/Properties/Metrics/2/MetricStat/Metric/Dimensions/1",
            None,
        ),
        (
            "/Resources/TableThrottlesAlarm/Properties/Metrics/3/MetricStat/Metric/MetricName",
            Some(r#""ReadThrottleEvents""#),
        ),
        // counted, and not in the sum
        (
            "/Resources/TableThrottlesAlarm/Properties/Metrics/0/Expression",
            Some(r#""FILL(events, 0) + FILL(by_message, 0)""#),
        ),
        (
            "/Resources/EventsTable/Properties/GlobalSecondaryIndexes/1/IndexName",
            Some(r#""by_trouble""#),
        ),
        ("/Resources/OutletsTableAlarm", None),
        ("/Resources/OutboxQueueAlarm", None),
        ("/Resources/OutboxWaitingAlarm", None),
        ("/Resources/FanoutAgeAlarm", None),
        ("/Resources/OutletFailingAlarm", None),
        ("/Resources/OutletLateAlarm", None),
        (
            "/Resources/OutletErrorsAlarm/Properties/Metrics/3/MetricStat/Metric/Dimensions/0/Value/Ref",
            Some(r#""FanoutFunction""#),
        ),
        (
            "/Resources/OutboxDeadLettersAlarm/Properties/Metrics/0/Expression",
            Some(r#""FILL(aside, 0)""#),
        ),
        ("/Resources/mailpandaRejectedAlarm", None),
        ("/Resources/inboxroadSilenceAlarm", None),
        ("/Resources/SecretRefreshAlarm", None),
        // by provider it would need one alarm each
        (
            "/Resources/SecretRefreshAlarm/Properties/Dimensions",
            Some(r#"[{"Name": "provider", "Value": "insider"}]"#),
        ),
        (
            "/Resources/inboxroadSilenceAlarm/Properties/Metrics/1/MetricStat/Metric/Dimensions/0/Value",
            Some(r#""insider""#),
        ),
    ],
}];

fn what_has_no_alarm(template: &Value) -> Vec<String> {
    let mut watched = BTreeSet::new();
    for (_, alarm) in alarms(template) {
        for metric in judged(alarm) {
            let of: Vec<&str> = metric.dimensions.into_values().collect();
            watched.insert((of.join(" "), metric.name));
        }
    }
    let mut wanted = BTreeSet::new();
    let mut want = |of: &str, metric| wanted.insert((of.to_owned(), metric));
    for dead in dead_letter_queues(template) {
        want(dead, "ApproximateNumberOfMessagesVisible");
    }
    for (queue, (function, _), _) in consumers(template) {
        want(queue, "ApproximateAgeOfOldestMessage");
        want(function, "Errors");
    }
    // A receiver that does not start, or is throttled, is 5xx to a provider.
    for (api, _) in resources(template, "AWS::Serverless::HttpApi") {
        want(api, "5xx");
        want(api, "4xx");
    }
    for provider in receivers(template).into_keys() {
        want(provider, "rejected");
        want(provider, "accepted");
    }
    want("", "secret_refresh_failed"); // of all of them, without a dimension
    // The age of the oldest message leaves out what was received three times.
    want("", "waiting");
    want("", "outbox_waiting");
    // An endpoint that takes nothing, and what is late, of all outlets: an alarm cannot search.
    want("", "failing_s");
    want("", "oldest_s");
    for (_, function) in WAY_OUT {
        want(function, "Errors");
    }
    for (_, mapping) in resources(template, "AWS::Lambda::EventSourceMapping") {
        let mapping = &mapping["Properties"];
        let is_of_stream = mapping["EventSourceArn"]["Fn::GetAtt"][1] == "StreamArn";
        if let (true, Some(function)) = (is_of_stream, referred(&mapping["FunctionName"])) {
            want(function, "IteratorAge");
        }
    }
    for (table, part) in resources(template, "AWS::DynamoDB::Table") {
        want(table, "WriteThrottleEvents");
        let indexes = part["Properties"]["GlobalSecondaryIndexes"].as_array();
        for index in indexes.into_iter().flatten() {
            let index = index["IndexName"].as_str().unwrap_or_default();
            want(&format!("{index} {table}"), "WriteThrottleEvents");
        }
    }
    let missing = wanted.difference(&watched);
    missing
        .map(|(of, metric)| format!("{of}: {metric}"))
        .chain(what_no_expression_has(template))
        .collect()
}

/// A metric of an alarm's that its expression does not name is not judged.
fn what_no_expression_has(template: &Value) -> Vec<String> {
    let mut unused = Vec::new();
    for (id, alarm) in alarms(template) {
        let parts = alarm["Metrics"].as_array();
        let (metrics, expressions): (Vec<&Value>, Vec<&Value>) = parts
            .into_iter()
            .flatten()
            .partition(|part| part["Expression"].is_null());
        let expressions: Vec<&str> = expressions
            .iter()
            .filter_map(|part| part["Expression"].as_str())
            .collect();
        for metric in metrics {
            let name = metric["Id"].as_str().unwrap_or_default();
            let filled = format!("FILL({name}, 0)");
            let is_used = expressions.iter().any(|text| text.contains(&filled));
            if !is_used || metric["ReturnData"] != false {
                unused.push(format!("{id}: {name}"));
            }
        }
    }
    unused
}
