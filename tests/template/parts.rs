//! The parts of the template that rules look at.

use std::collections::{BTreeMap, BTreeSet};

use registry::SENDERS;
use serde_json::{Value, json};

/// The resources of a type: id, resource.
pub fn resources<'a>(template: &'a Value, kind: &str) -> Vec<(&'a str, &'a Value)> {
    let all = template["Resources"].as_object().expect("resources");
    let all = all.iter().filter(|(_, r)| r["Type"] == kind);
    all.map(|(id, resource)| (id.as_str(), resource)).collect()
}

/// The alarms: id, properties.
pub fn alarms(template: &Value) -> Vec<(&str, &Value)> {
    let alarms = resources(template, "AWS::CloudWatch::Alarm").into_iter();
    alarms
        .map(|(id, alarm)| (id, &alarm["Properties"]))
        .collect()
}

pub fn functions(template: &Value) -> Vec<(&str, &Value)> {
    resources(template, "AWS::Serverless::Function")
}

/// The functions that a provider's route invokes, by provider; the folder is the provider's name.
pub fn receivers(template: &Value) -> BTreeMap<&str, (&str, &Value)> {
    let functions = functions(template).into_iter();
    let receivers = functions.filter(|(_, f)| {
        let events = f["Properties"]["Events"].as_object();
        let paths = events.into_iter().flat_map(serde_json::Map::values);
        let mut paths = paths.filter_map(|event| event["Properties"]["Path"].as_str());
        paths.any(|path| path.starts_with("/webhooks/"))
    });
    receivers.map(|(id, f)| (package(f), (id, f))).collect()
}

/// The functions of the way out: package, function's id.
pub const WAY_OUT: [(&str, &str); 4] = [
    ("fanout", "FanoutFunction"),
    ("deliver", "DeliverFunction"),
    ("sweep", "SweepFunction"),
    ("api", "ApiFunction"),
];

/// The functions that a queue invokes: queue, function's id and properties, the mapping's settings.
pub fn consumers(template: &Value) -> Vec<(&str, (&str, &Value), &Value)> {
    let mut consumers = Vec::new();
    for (id, function) in functions(template) {
        let events = function["Properties"]["Events"].as_object();
        for event in events.into_iter().flat_map(serde_json::Map::values) {
            let settings = &event["Properties"];
            if let (true, Some(queue)) = (event["Type"] == "SQS", referred(&settings["Queue"])) {
                consumers.push((queue, (id, &function["Properties"]), settings));
            }
        }
    }
    assert!(!consumers.is_empty(), "no queue is read");
    consumers
}

/// The dead-letter queues, of queues, of subscriptions and of streams' mappings.
pub fn dead_letter_queues(template: &Value) -> BTreeSet<&str> {
    let queues = resources(template, "AWS::SQS::Queue").into_iter();
    let subscriptions = resources(template, "AWS::SNS::Subscription");
    let mappings = resources(template, "AWS::Lambda::EventSourceMapping");
    queues
        .chain(subscriptions)
        .chain(mappings)
        .filter_map(|(_, part)| {
            let part = &part["Properties"];
            let target = referred(&part["RedrivePolicy"]["deadLetterTargetArn"]);
            target.or(referred(
                &part["DestinationConfig"]["OnFailure"]["Destination"],
            ))
        })
        .collect()
}

/// The last part of a function's folder.
pub fn package(function: &Value) -> &str {
    let uri = function["Properties"]["CodeUri"].as_str();
    uri.and_then(|uri| uri.rsplit('/').next())
        .unwrap_or_default()
}

/// The resource, or the parameter, that a value refers to.
pub fn referred(value: &Value) -> Option<&str> {
    value["Ref"].as_str().or(value["Fn::GetAtt"][0].as_str())
}

/// What stands for a property that is there under a condition only.
pub fn only_if(condition: &str, value: &Value) -> Value {
    json!({"Fn::If": [condition, value, {"Ref": "AWS::NoValue"}]})
}

pub fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_default()
}

pub fn strings(value: &Value) -> BTreeSet<&str> {
    match value {
        Value::String(text) => BTreeSet::from([text.as_str()]),
        Value::Array(list) => list.iter().flat_map(strings).collect(),
        Value::Object(map) => map.values().flat_map(strings).collect(),
        _ => BTreeSet::new(),
    }
}

/// The statements of a role's own policies, those under a condition, too.
pub fn statements(role: &Value) -> Vec<&Value> {
    let policies = role["Properties"]["Policies"].as_array();
    let documents = policies.into_iter().flatten();
    documents
        .filter_map(|policy| policy["PolicyDocument"]["Statement"].as_array())
        .flatten()
        .map(|statement| statement.pointer("/Fn::If/1").unwrap_or(statement))
        .collect()
}

/// The providers' names.
pub fn names() -> BTreeSet<&'static str> {
    SENDERS.iter().map(|provider| provider.name()).collect()
}

/// The provider whose resource this is: its id starts with the provider's name.
pub fn provider_of(id: &str) -> Option<&'static str> {
    names().into_iter().find(|name| id.starts_with(name))
}

/// A metric that an alarm judges.
pub struct Metric<'a> {
    pub namespace: &'a Value,
    pub name: &'a str,
    /// Name, and what the value refers to, or says.
    pub dimensions: BTreeMap<&'a str, &'a str>,
    pub period: u64,
}

/// The metrics that an alarm judges: its own, or those of its expression.
pub fn judged(alarm: &Value) -> Vec<Metric<'_>> {
    fn metric<'a>(metric: &'a Value, period: &Value) -> Metric<'a> {
        Metric {
            namespace: &metric["Namespace"],
            name: metric["MetricName"].as_str().unwrap_or_default(),
            dimensions: dimensions(metric),
            period: number(period),
        }
    }
    match alarm["Metrics"].as_array() {
        Some(metrics) => metrics
            .iter()
            .map(|part| &part["MetricStat"])
            .filter(|stat| stat.is_object())
            .map(|stat| metric(&stat["Metric"], &stat["Period"]))
            .collect(),
        None => vec![metric(alarm, &alarm["Period"])],
    }
}

fn dimensions(metric: &Value) -> BTreeMap<&str, &str> {
    let dimensions = metric["Dimensions"].as_array().into_iter().flatten();
    dimensions
        .map(|dimension| {
            let value = &dimension["Value"];
            let value = referred(value).or(value.as_str()).unwrap_or_default();
            (dimension["Name"].as_str().unwrap_or_default(), value)
        })
        .collect()
}
