//! The metrics that the template's filters make of the functions' lines, as CloudWatch Logs would.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::pattern::Pattern;

/// A filter of the template.
#[derive(Debug)]
pub struct Filter {
    /// The resource.
    pub id: String,
    /// The log group that it reads, by its resource.
    pub group: String,
    /// What it counts.
    pub pattern: Pattern,
    /// The metric's name.
    pub metric: String,
    /// `1`, or the field that is the value.
    pub value: String,
    /// The dimensions: name and field.
    pub dimensions: BTreeMap<String, String>,
}

/// The filters of the template, with its loops expanded.
///
/// # Errors
/// Returns the resource that has an unexpected form.
pub fn filters(template: &Value) -> Result<Vec<Filter>, String> {
    let resources = template["Resources"].as_object().expect("resources");
    let filters = resources
        .iter()
        .filter(|(_, part)| part["Type"] == "AWS::Logs::MetricFilter");
    filters
        .map(|(id, part)| filter(id, &part["Properties"]).ok_or_else(|| id.clone()))
        .collect()
}

fn filter(id: &str, properties: &Value) -> Option<Filter> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let [made] = properties["MetricTransformations"].as_array()?.as_slice() else {
        return None;
    };
    let dimensions = made["Dimensions"].as_array().into_iter().flatten();
    let dimensions = dimensions
        .map(|dimension| Some((text(&dimension["Key"])?, field(&dimension["Value"])?)))
        .collect::<Option<_>>()?;
    Some(Filter {
        id: id.to_owned(),
        group: text(&properties["LogGroupName"]["Ref"])?,
        pattern: Pattern::parse(properties["FilterPattern"].as_str()?)?,
        metric: text(&made["MetricName"])?,
        value: field(&made["MetricValue"]).or_else(|| text(&made["MetricValue"]))?,
        dimensions,
    })
}

/// The field that `$.field` names.
fn field(value: &Value) -> Option<String> {
    value.as_str()?.strip_prefix("$.").map(str::to_owned)
}

impl Filter {
    /// The value that the line has for the metric, and its dimensions' values.
    #[must_use]
    pub fn of(&self, line: &Value) -> Option<(f64, Vec<String>)> {
        if !self.pattern.matches(line) {
            return None;
        }
        let value = match self.value.parse() {
            Ok(constant) => constant,
            Err(_) => line.get(&self.value)?.as_f64()?,
        };
        let of = |field: &String| Some(line.get(field)?.as_str()?.to_owned());
        let dimensions = self.dimensions.values().map(of).collect::<Option<_>>()?;
        Some((value, dimensions))
    }
}

/// How many values of each metric, by its dimensions' values, a function's lines have.
#[must_use]
pub fn counted(filters: &[&Filter], lines: &[Value]) -> BTreeMap<(String, Vec<String>), usize> {
    let mut counts = BTreeMap::new();
    for filter in filters {
        for (_, dimensions) in lines.iter().filter_map(|line| filter.of(line)) {
            *counts
                .entry((filter.metric.clone(), dimensions))
                .or_default() += 1;
        }
    }
    counts
}
