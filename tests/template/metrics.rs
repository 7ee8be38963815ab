//! The metrics, which filters make of log lines.

use std::collections::BTreeSet;

use serde_json::Value;
use tests::metrics::filters;
use tests::template::as_expanded;

use crate::parts::{alarms, functions, judged, names, package, referred, resources};
use crate::rule::{Complaints, Rule};

pub const RULES: &[Rule] = &[
    Rule {
        name: "every function's lines are counted by the filters of its own log, and each metric once",
        broken_by: filters_out_of_step,
        changes: &[
            ("/Resources/insiderAccepted", None),
            ("/Resources/insiderRefused", None),
            ("/Resources/ConsumerLag", None),
            ("/Resources/DeliverGone", None),
            (
                "/Resources/SweepOldest/Properties/MetricTransformations/0/MetricValue",
                Some(r#""1""#),
            ),
            (
                "/Resources/DeliverFailed/Properties/MetricTransformations/0/Dimensions/0/Value",
                Some(r#""$.webhook_id""#),
            ),
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

/// What a function's filters make: metric, dimensions.
fn made_of(package: &str) -> &'static [(&'static str, &'static [&'static str])] {
    match package {
        "consumer" => &[("ingest_lag_ms", &[]), ("waiting", &[])],
        "fanout" => &[],
        "deliver" => &[
            ("delivered", &["outlet"]),
            ("failed", &["outlet"]),
            ("gone", &["outlet"]),
            ("outbox_waiting", &[]),
            ("parked", &["outlet"]),
        ],
        "sweep" => &[("failing_s", &[]), ("oldest_s", &[])],
        "api" => &[("refused", &[])],
        _receiver => &[
            ("accepted", &["provider"]),
            ("refused", &[]),
            ("rejected", &["provider"]),
            ("secret_refresh_failed", &[]),
        ],
    }
}

/// The metrics whose value is a field of their name. The others count.
const MEASURED: [&str; 3] = ["failing_s", "ingest_lag_ms", "oldest_s"];

fn filters_out_of_step(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let filters = match filters(template) {
        Ok(filters) => filters,
        Err(id) => return vec![id],
    };
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
        let wanted = made_of(package(function)).iter();
        let wanted: Vec<_> = wanted.map(|(metric, by)| (*metric, by.to_vec())).collect();
        complaints.unless(made == wanted, id, &format!("is counted as {made:?}"));
    }
    for filter in &filters {
        let is_by_its_name = filter.dimensions.iter().all(|(name, field)| name == field);
        complaints.unless(is_by_its_name, &filter.id, "is by something else");
        let is_measured = MEASURED.contains(&filter.metric.as_str());
        let wanted = if is_measured { &filter.metric } else { "1" };
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
        let [body, names] = [0, 1].map(|n| &dashboard["Properties"]["DashboardBody"]["Fn::Sub"][n]);
        let way_out = &names["WayOut"]["Fn::If"][1]["Fn::Sub"];
        for body in [body, way_out].map(|text| text.as_str().unwrap_or_default()) {
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
    let metrics = |by: &str, of: &dyn Fn(&str) -> bool| {
        let filters = filters.iter().filter(|filter| {
            let own = filter.dimensions.keys().map(String::as_str);
            own.eq(Some(by).filter(|by| !by.is_empty())) && of(&filter.id)
        });
        let metrics = filters.map(|filter| {
            let group = (!by.is_empty()).then_some(filter.group.as_str());
            (filter.metric.as_str(), group)
        });
        metrics.collect::<BTreeSet<_>>().len()
    };
    let is_asked = |id: &str| template["Resources"][id]["Condition"] == "Outlets";
    let is_there = |id: &str| !is_asked(id);
    // Two of each provider, and four of the stack.
    assert_eq!(names().len(), 14);
    assert_eq!(metrics("provider", &is_there), 2 * 14);
    assert_eq!(metrics("", &is_there), 4);
    // With outlets: four of each outlet, and three of the stack beside one that it has.
    assert_eq!(metrics("outlet", &is_asked), 4);
    assert_eq!(metrics("", &is_asked), 3 + 1);
}
