//! When an alarm rings, who hears it, and what it says.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::parts::{alarms, judged, number, provider_of, resources, strings};
use crate::rule::{Complaints, Rule};

pub const RULES: &[Rule] = &[
    Rule {
        name: "every alarm tells someone, nobody when it is over, and is on the dashboard unless it is one provider's",
        broken_by: alarms_that_nobody_hears,
        changes: &[
            (
                "/Resources/insiderRejectedAlarm/Properties/AlarmActions",
                None,
            ),
            (
                "/Resources/ApiErrorsAlarm/Properties/OKActions",
                Some(r#"[{"Ref": "AlarmTopicArn"}]"#),
            ),
            (
                "/Resources/Dashboard/Properties/DashboardBody/Fn::Sub/1/Alarms/Fn::Join/1/0",
                None,
            ),
        ],
    },
    Rule {
        name: "every alarm says what to do first, and which section says the rest",
        broken_by: alarms_that_say_nothing,
        changes: &[
            (
                "/Resources/insiderRejectedAlarm/Properties/AlarmDescription",
                None,
            ),
            (
                "/Resources/ApiErrorsAlarm/Properties/AlarmDescription",
                Some(r#""docs/operations.md: ApiErrorsAlarm""#),
            ),
            (
                "/Resources/ApiErrorsAlarm/Properties/AlarmDescription",
                Some(
                    r#""Something is wrong somewhere, look at it. docs/operations.md: ConsumerErrorsAlarm""#,
                ),
            ),
        ],
    },
    Rule {
        name: "what may happen once is no alarm before it happens in two of three periods",
        broken_by: alarms_that_ring_at_once,
        changes: &[
            (
                "/Resources/ApiErrorsAlarm/Properties/DatapointsToAlarm",
                None,
            ),
            (
                "/Resources/ConsumerErrorsAlarm/Properties/EvaluationPeriods",
                Some("2"),
            ),
            (
                "/Resources/TableThrottlesAlarm/Properties/DatapointsToAlarm",
                Some("1"),
            ),
            ("/Resources/ApiErrorsAlarm/Properties/Period", Some("300")),
            (
                "/Resources/ConsumerErrorsAlarm/Properties/TreatMissingData",
                Some(r#""breaching""#),
            ),
        ],
    },
    Rule {
        name: "what the API turns away itself is an alarm, and what a receiver refuses is not",
        broken_by: refusals_that_are_mixed,
        changes: &[
            (
                "/Resources/ApiRefusalsAlarm/Properties/Metrics/0/Expression",
                Some(r#""FILL(answered, 0) + FILL(ours, 0)""#),
            ),
            (
                "/Resources/ApiRefusalsAlarm/Properties/Metrics/2/MetricStat/Metric/MetricName",
                Some(r#""rejected""#),
            ),
            (
                "/Resources/ApiRefusalsAlarm/Properties/Metrics/2/MetricStat/Period",
                Some("60"),
            ),
            (
                "/Resources/ApiRefusalsAlarm/Properties/Threshold",
                Some("0"),
            ),
        ],
    },
    Rule {
        name: "silence is an alarm at the hour that it says, and of those alone that are watched",
        broken_by: silence_that_is_late,
        changes: &[
            (
                "/Resources/insiderSilenceAlarm/Properties/Metrics/0/Expression",
                Some(r#""accepted""#),
            ),
            (
                "/Resources/insiderSilenceAlarm/Properties/Metrics/1/MetricStat/Period",
                Some("300"),
            ),
            (
                "/Resources/insiderSilenceAlarm/Properties/EvaluationPeriods",
                Some("24"),
            ),
            (
                "/Resources/insiderSilenceAlarm/Properties/TreatMissingData",
                Some(r#""notBreaching""#),
            ),
            (
                "/Resources/insiderSilenceAlarm/Condition",
                Some(r#""Email""#),
            ),
            ("/Conditions/Watched", None),
            // seven days are the longest that CloudWatch looks back
            ("/Parameters/SilenceHours/MaxValue", Some("169")),
            ("/Parameters/SilenceHours/MinValue", Some("0")),
        ],
    },
    Rule {
        name: "dead letters are an alarm when they come, and again after three days",
        broken_by: dead_letters_that_are_forgotten,
        changes: &[
            ("/Resources/DeadLetterQueueAlarm", None),
            ("/Resources/DeadLetterQueueAgeAlarm", None),
            (
                "/Resources/DeadLetterQueueAlarm/Properties/Threshold",
                Some("1"),
            ),
            (
                "/Resources/DeadLetterQueueAgeAlarm/Properties/EvaluationPeriods",
                Some("168"),
            ),
            (
                "/Resources/DeadLetterQueueAgeAlarm/Properties/Statistic",
                Some(r#""Minimum""#),
            ),
            // it leaves out what was looked at three times
            (
                "/Resources/DeadLetterQueueAgeAlarm/Properties/MetricName",
                Some(r#""ApproximateAgeOfOldestMessage""#),
            ),
        ],
    },
    Rule {
        name: "what happens now and then is an alarm when it happens twice within an hour",
        broken_by: what_happens_once,
        changes: &[
            (
                "/Resources/WaitingAlarm/Properties/DatapointsToAlarm",
                Some("12"),
            ),
            (
                "/Resources/SecretRefreshAlarm/Properties/EvaluationPeriods",
                Some("2"),
            ),
            (
                "/Resources/OutboxWaitingAlarm/Properties/Period",
                Some("60"),
            ),
        ],
    },
];

fn alarms_that_nobody_hears(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let dashboards = resources(template, "AWS::CloudWatch::Dashboard");
    let shown: BTreeSet<&str> = dashboards.iter().flat_map(|(_, d)| strings(d)).collect();
    for (id, alarm) in alarms(template) {
        let told = alarm["AlarmActions"].as_array();
        complaints.unless(told.is_some_and(|told| told.len() == 2), id, "tells nobody");
        // A new alarm comes to OK once, and so does one for dead letters that have expired.
        complaints.unless(alarm["OKActions"].is_null(), id, "tells that it is over");
        let is_seen = shown.contains(id) || provider_of(id).is_some();
        complaints.unless(is_seen, id, "is not on the dashboard");
    }
    complaints.0
}

fn alarms_that_say_nothing(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    for (id, alarm) in alarms(template) {
        let name = &id[provider_of(id).map_or(0, str::len)..];
        let text = alarm["AlarmDescription"].as_str().unwrap_or_default();
        let section = format!(" docs/operations.md: {name}");
        let said = text.strip_suffix(&section).unwrap_or_default();
        // two sentences in a mail, no page of them
        let is_said = said.ends_with('.') && (60..=260).contains(&said.len());
        complaints.unless(is_said, id, "does not say what to do, and where");
    }
    complaints.0
}

fn alarms_that_ring_at_once(template: &Value) -> Vec<String> {
    const MAY_HAPPEN: [&str; 3] = ["5xx", "Errors", "WriteThrottleEvents"];
    let mut complaints = Complaints::default();
    let mut seen = BTreeSet::new();
    for (id, alarm) in alarms(template) {
        for metric in judged(alarm) {
            if MAY_HAPPEN.contains(&metric.name) {
                seen.insert(metric.name);
                let of = [&alarm["DatapointsToAlarm"], &alarm["EvaluationPeriods"]];
                // The newest minutes may be zeros that FILL has made.
                let minutes = if alarm["Metrics"].is_null() { 3 } else { 5 };
                let is_of_two = of.map(number) == [2, minutes] && metric.period == 60;
                complaints.unless(is_of_two, id, "is not of two minutes of three");
                let is_quiet = alarm["TreatMissingData"] == "notBreaching";
                complaints.unless(is_quiet, id, "rings where nothing comes");
            }
        }
    }
    complaints.unless(seen.len() == MAY_HAPPEN.len(), "errors", "are not watched");
    complaints.0
}

fn refusals_that_are_mixed(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let id = "ApiRefusalsAlarm";
    let alarm = &template["Resources"][id]["Properties"];
    let less = alarm["Metrics"][0]["Expression"] == "FILL(answered, 0) - FILL(ours, 0)";
    complaints.unless(less, id, "does not leave ours out");
    let metrics = judged(alarm);
    let names: Vec<(&str, u64)> = metrics.iter().map(|m| (m.name, m.period)).collect();
    let holds = names == [("4xx", 300), ("refused", 300)];
    complaints.unless(holds, id, "compares something else");
    let holds = alarm["Threshold"] == json!({"Ref": "RejectedThreshold"});
    complaints.unless(holds, id, "has another threshold");
    // The two come from different places, and the later one may be a period late.
    let of = [&alarm["DatapointsToAlarm"], &alarm["EvaluationPeriods"]];
    complaints.unless(
        of.map(number) == [2, 3],
        id,
        "is not of two periods of three",
    );
    complaints.0
}

fn silence_that_is_late(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let hours = &template["Parameters"]["SilenceHours"];
    let is_possible = number(&hours["MinValue"]) == 1 && number(&hours["MaxValue"]) == 168;
    complaints.unless(is_possible, "SilenceHours", "is no time to wait");
    // No other name is `none`: a rule of the template's sees to it.
    let first = json!({"Fn::Select": [0, {"Ref": "SilenceProviders"}]});
    let wanted = json!({"Fn::Not": [{"Fn::Equals": [first, "none"]}]});
    let is_decided = template["Conditions"]["Watched"] == wanted;
    complaints.unless(is_decided, "Watched", "is decided by something else");
    let alarms = alarms(template).into_iter();
    let alarms = alarms.filter(|(id, _)| id.ends_with("SilenceAlarm"));
    for (id, alarm) in alarms {
        let is_asked = template["Resources"][id]["Condition"] == "Watched";
        complaints.unless(is_asked, id, "is there unasked");
        // Without zeros CloudWatch looks for older values before it says that there is nothing.
        let is_filled = alarm["Metrics"][0]["Expression"] == "FILL(accepted, 0)";
        let is_hourly = judged(alarm).iter().all(|metric| metric.period == 3600);
        let is_counted = alarm["EvaluationPeriods"] == json!({"Ref": "SilenceHours"});
        let is_prompt = is_filled && is_hourly && is_counted;
        complaints.unless(is_prompt, id, "rings at another hour");
        let is_none = alarm["ComparisonOperator"] == "LessThanThreshold"
            && alarm["Threshold"] == 1
            && alarm["TreatMissingData"] == "breaching";
        complaints.unless(is_none, id, "is of something else than silence");
    }
    complaints.0
}

fn dead_letters_that_are_forgotten(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    // From the first one on; and in each of the hours of three days.
    for (id, period, periods) in [
        ("DeadLetterQueueAlarm", 60, 1),
        ("DeadLetterQueueAgeAlarm", 3600, 72),
    ] {
        let alarm = &template["Resources"][id]["Properties"];
        let holds = alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
            && alarm["Statistic"] == "Maximum"
            && alarm["Threshold"] == 0
            && [&alarm["Period"], &alarm["EvaluationPeriods"]].map(number) == [period, periods];
        complaints.unless(holds, id, "rings too late, or never");
    }
    complaints.0
}

fn what_happens_once(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    for id in ["SecretRefreshAlarm", "WaitingAlarm", "OutboxWaitingAlarm"] {
        let alarm = &template["Resources"][id]["Properties"];
        let of = ["Period", "EvaluationPeriods", "DatapointsToAlarm"].map(|n| number(&alarm[n]));
        complaints.unless(of == [300, 12, 2], id, "is not of twice in an hour");
    }
    complaints.0
}
