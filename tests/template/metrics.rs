//! The metrics, which filters make of log lines.

use std::collections::BTreeSet;

use serde_json::Value;
use tests::metrics::filters;
use tests::template::as_expanded;

use crate::parts::{alarms, functions, judged, names, package, receivers, referred, resources};
use crate::rule::{Complaints, Rule};

pub const RULES: &[Rule] = &[
    Rule {
        name: "every function's lines are counted by the filters of its own log, and each metric once",
        broken_by: filters_out_of_step,
        changes: &[
            ("/Resources/insiderAccepted", None),
            ("/Resources/insiderRefused", None),
            ("/Resources/ConsumerLag", None),
            (
                "/Resources/insiderRejected/Properties/LogGroupName/Ref",
                Some(r#""mailpandaLogs""#),
            ),
            (
                "/Resources/insiderRejected/Properties/MetricTransformations/0/MetricNamespace",
                Some(r#""Postern""#),
            ),
            // a dimension's every value is a metric that is paid by the month
            (
                "/Resources/insiderRejected/Properties/MetricTransformations/0/Dimensions/0/Value",
                Some(r#""$.request_id""#),
            ),
            (
                "/Resources/insiderRefused/Properties/MetricTransformations/0/Dimensions",
                Some(r#"[{"Key": "provider", "Value": "$.provider"}]"#),
            ),
            // nor is a zero of any use
            (
                "/Resources/insiderRefused/Properties/MetricTransformations/0/DefaultValue",
                Some("0"),
            ),
            (
                "/Resources/ConsumerLag/Properties/MetricTransformations/0/MetricValue",
                Some(r#""1""#),
            ),
        ],
    },
    Rule {
        name: "every metric of ours that is looked at is made by a filter, in this stack",
        broken_by: metrics_that_nobody_makes,
        changes: &[
            (
                "/Resources/insiderRejectedAlarm/Properties/MetricName",
                Some(r#""refused""#),
            ),
            (
                "/Resources/SecretRefreshAlarm/Properties/MetricName",
                Some(r#""secret_failed""#),
            ),
            (
                "/Resources/Dashboard/Properties/DashboardBody/Fn::Sub/0",
                Some(
                    r#""SEARCH('{\\\"${AWS::StackName}\\\",provider} MetricName=\\\"refused\\\"', 'Sum', 300)""#,
                ),
            ),
            (
                "/Resources/Dashboard/Properties/DashboardBody/Fn::Sub/0",
                Some(r#""[\"${AWS::StackName}\", \"batch_size\", {}]""#),
            ),
            (
                "/Resources/insiderRejectedAlarm/Properties/Namespace",
                Some(r#""Postern""#),
            ),
            (
                "/Resources/Dashboard/Properties/DashboardBody/Fn::Sub/0",
                Some(r#""SEARCH('{Postern,provider} MetricName=\\\"rejected\\\"', 'Sum', 300)""#),
            ),
        ],
    },
];

/// What a receiver's filters make, and the consumer's: metric, dimensions.
const OF_RECEIVERS: [(&str, &[&str]); 4] = [
    ("accepted", &["provider"]),
    ("refused", &[]),
    ("rejected", &["provider"]),
    ("secret_refresh_failed", &[]),
];
const OF_CONSUMER: [(&str, &[&str]); 2] = [("ingest_lag_ms", &[]), ("waiting", &[])];

fn filters_out_of_step(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let filters = match filters(template) {
        Ok(filters) => filters,
        Err(id) => return vec![id],
    };
    let receivers = receivers(template);
    for (id, function) in functions(template) {
        let group = referred(&function["Properties"]["LoggingConfig"]["LogGroup"]);
        let own = filters
            .iter()
            .filter(|filter| Some(filter.group.as_str()) == group);
        let made = own.map(|filter| {
            let dimensions = filter.dimensions.keys().map(String::as_str);
            (filter.metric.as_str(), dimensions.collect())
        });
        let mut made: Vec<(&str, Vec<&str>)> = made.collect();
        made.sort();
        let wanted: &[(&str, &[&str])] = if receivers.contains_key(package(function)) {
            &OF_RECEIVERS
        } else {
            &OF_CONSUMER
        };
        let wanted: Vec<_> = wanted.iter().map(|(m, by)| (*m, by.to_vec())).collect();
        complaints.unless(made == wanted, id, &format!("is counted as {made:?}"));
    }
    for filter in &filters {
        let is_by_provider = filter.dimensions.iter().all(|(name, field)| name == field);
        complaints.unless(is_by_provider, &filter.id, "is by something else");
        let is_lag = filter.metric == "ingest_lag_ms";
        let wanted = if is_lag { "ingest_lag_ms" } else { "1" };
        complaints.unless(filter.value == wanted, &filter.id, "adds something else");
    }
    for (id, filter) in resources(template, "AWS::Logs::MetricFilter") {
        let made = &filter["Properties"]["MetricTransformations"][0];
        let is_ours = referred(&made["MetricNamespace"]) == Some("AWS::StackName");
        complaints.unless(is_ours, id, OTHER_NAMESPACE);
        complaints.unless(made["DefaultValue"].is_null(), id, "is paid for zeros");
    }
    complaints.0
}

const OTHER_NAMESPACE: &str = "is not the stack's own namespace";

fn metrics_that_nobody_makes(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let filters = filters(template).unwrap_or_default();
    let made: BTreeSet<(&str, Vec<&str>)> = filters
        .iter()
        .map(|filter| {
            let dimensions = filter.dimensions.keys().map(String::as_str);
            (filter.metric.as_str(), dimensions.collect())
        })
        .collect();
    let mut looked_at = BTreeSet::new();
    for (id, alarm) in alarms(template) {
        for metric in judged(alarm) {
            let is_ours = referred(metric.namespace) == Some("AWS::StackName");
            let is_awss = metric
                .namespace
                .as_str()
                .is_some_and(|name| name.starts_with("AWS/"));
            complaints.unless(is_awss || is_ours, id, OTHER_NAMESPACE);
            if is_ours {
                looked_at.insert((metric.name, metric.dimensions.into_keys().collect()));
            }
        }
    }
    for (id, dashboard) in resources(template, "AWS::CloudWatch::Dashboard") {
        let body = dashboard["Properties"]["DashboardBody"]["Fn::Sub"][0].as_str();
        let body = body.unwrap_or_default();
        for search in body.split("SEARCH('{").skip(1) {
            let ours = search.strip_prefix("\\\"${AWS::StackName}\\\",");
            let is_known = ours.is_some() || search.starts_with("AWS/");
            complaints.unless(is_known, id, OTHER_NAMESPACE);
            let Some((dimensions, rest)) = ours.and_then(|ours| ours.split_once("} ")) else {
                continue;
            };
            let name = rest.split("\\\"").nth(1).unwrap_or_default();
            looked_at.insert((name, dimensions.split(',').collect()));
        }
        for ours in body.split("[\"${AWS::StackName}\", \"").skip(1) {
            looked_at.insert((ours.split('"').next().unwrap_or_default(), vec![]));
        }
    }
    for (metric, dimensions) in looked_at.difference(&made) {
        complaints.unless(false, metric, &format!("is not made by {dimensions:?}"));
    }
    for (metric, dimensions) in made.difference(&looked_at) {
        complaints.unless(
            false,
            metric,
            &format!("is made by {dimensions:?} for nobody"),
        );
    }
    complaints.0
}

/// A metric is paid by the month for each of its dimensions' values.
#[test]
fn each_provider_in_use_has_two_metrics() {
    let template = as_expanded();
    let filters = filters(&template).expect("filters");
    let metrics: BTreeSet<(&str, Option<&str>)> = filters
        .iter()
        .map(|filter| {
            let is_by_provider = !filter.dimensions.is_empty();
            (
                filter.metric.as_str(),
                is_by_provider.then_some(filter.group.as_str()),
            )
        })
        .collect();
    // Two of each provider, and four of the stack.
    assert_eq!(names().len(), 14);
    assert_eq!(metrics.len(), 2 * 14 + 4);
}
