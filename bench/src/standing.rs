//! What the stack costs a month before its first event: what is billed for being there.

use std::collections::BTreeSet;

use registry::SENDERS;
use serde_json::Value;
use stack::build::root;
use stack::template::{document, expanded, providers};

use crate::outcome::Outcome;
use crate::prices::{Line, Prices};
use crate::stats::count;

/// A line for everything that is billed by the month, with all providers chosen and `metrics` in
/// use.
pub(crate) fn lines(prices: &Prices, metrics: usize) -> Outcome<Vec<Line>> {
    let text = std::fs::read_to_string(root().join("template.yaml"))?;
    let all = providers(SENDERS.iter().map(|provider| provider.name()));
    let template = expanded(&document(&text)?, &[all])?;
    let resources = |kind: &str| {
        let all = template.get("Resources").and_then(Value::as_object);
        let all = all.into_iter().flat_map(serde_json::Map::values);
        let of_kind = all.filter(|part| part.get("Type").and_then(Value::as_str) == Some(kind));
        count(of_kind.count())
    };
    Ok(vec![
        prices.month(
            "secrets",
            resources("AWS::SecretsManager::Secret"),
            "secret",
        )?,
        prices.month("alarms", resources("AWS::CloudWatch::Alarm"), "alarm")?,
        prices.month(
            "dashboard",
            resources("AWS::CloudWatch::Dashboard"),
            "dashboard",
        )?,
        prices.month(
            "metrics of two providers' mixed day",
            count(metrics),
            "metric",
        )?,
        prices.polls()?,
    ])
}

/// The metrics that a log line is counted in (embedded metric format): name and dimensions with
/// their values. CloudWatch bills each by the month.
pub(crate) fn metrics(line: &str, into: &mut BTreeSet<String>) {
    let Ok(line) = serde_json::from_str::<Value>(line) else {
        return;
    };
    let list = |value: &Value, path: &str| {
        let list = value.pointer(path).and_then(Value::as_array);
        list.cloned().unwrap_or_default()
    };
    for directive in list(&line, "/_aws/CloudWatchMetrics") {
        for dimensions in list(&directive, "/Dimensions") {
            let names = list(&dimensions, "");
            let values = names.iter().filter_map(|name| line.get(name.as_str()?));
            let values: Vec<&Value> = values.collect();
            for metric in list(&directive, "/Metrics") {
                let name = metric.get("Name");
                into.insert(format!("{name:?} {dimensions} {values:?}"));
            }
        }
    }
}
