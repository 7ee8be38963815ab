//! What a stack costs a month before its first event: what is billed for being there. Counted in
//! the template; nothing is measured.

use std::collections::{BTreeMap, BTreeSet};

use registry::SENDERS;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stack::build::root;
use stack::template::{document, providers, resolved};

use crate::outcome::Outcome;
use crate::prices::{Line, Prices};
use crate::stats::{count, round};

/// More providers than most teams use, each with traffic, and watched for silence.
pub(crate) const IN_USE: &str = "seven providers in use";
/// One provider, and nothing comes: an alarm has its price, a metric without a value has none.
pub(crate) const IDLE: &str = "one provider, idle";

/// The bill of a month.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Standing {
    pub(crate) lines: Vec<Line>,
    pub(crate) total: f64,
    /// Less what AWS gives every account each month, for ever, if nothing else uses it.
    pub(crate) within_allowances: f64,
}

/// The bills of a stack in use and of an idle one.
pub(crate) fn bills(prices: &Prices) -> Outcome<BTreeMap<String, Standing>> {
    let names = || SENDERS.iter().map(|provider| provider.name());
    let (all, one): (Vec<&str>, Vec<&str>) = (names().take(7).collect(), names().take(1).collect());
    Ok(BTreeMap::from([
        (IN_USE.to_owned(), bill(prices, &all, true)?),
        (IDLE.to_owned(), bill(prices, &one, false)?),
    ]))
}

fn bill(prices: &Prices, chosen: &[&str], in_use: bool) -> Outcome<Standing> {
    let text = std::fs::read_to_string(root().join("template.yaml"))?;
    let mut parameters = vec![providers(chosen.iter().copied())];
    if in_use {
        parameters.push(("SilenceProviders".to_owned(), chosen.join(",")));
    }
    let template = resolved(&document(&text)?, &parameters, "")?;
    let metrics = if in_use { metrics(&template) } else { 0 };
    // Made by hand: the stack has no secret that it could delete.
    let secrets = chosen.len();
    let readers = if in_use { secrets } else { 0 };
    let dashboards = of_type(&template, "AWS::CloudWatch::Dashboard").count();
    let [lines, beyond] = [false, true].map(|with_allowances| -> Outcome<Vec<Line>> {
        let month = |driver: &str, quantity: usize, each: &str| {
            prices.month(driver, count(quantity), each, with_allowances)
        };
        Ok(vec![
            month("secrets", secrets, "secret")?,
            month("alarms, by their metrics", alarms(&template), "alarm")?,
            month("dashboard", dashboards, "dashboard")?,
            month("metrics of log lines", metrics, "metric")?,
            prices.polls(with_allowances)?,
            prices.secret_reads(readers)?,
        ])
    });
    let sum = |lines: &[Line]| round(lines.iter().map(|line| line.dollars).sum());
    let (lines, beyond) = (lines?, beyond?);
    Ok(Standing {
        total: sum(&lines),
        within_allowances: sum(&beyond),
        lines,
    })
}

/// The properties of the resources of a type.
fn of_type<'a>(template: &'a Value, kind: &'a str) -> impl Iterator<Item = &'a Value> {
    let all = template.get("Resources").and_then(Value::as_object);
    let all = all.into_iter().flat_map(serde_json::Map::values);
    all.filter(move |part| part.get("Type").and_then(Value::as_str) == Some(kind))
        .filter_map(|part| part.get("Properties"))
}

/// An alarm is billed by the metrics that it judges.
fn alarms(template: &Value) -> usize {
    let metrics = |alarm: &Value| {
        let metrics = alarm.get("Metrics").and_then(Value::as_array);
        metrics.map_or(1, |metrics| {
            let judged = metrics
                .iter()
                .filter(|part| part.get("MetricStat").is_some());
            judged.count()
        })
    };
    of_type(template, "AWS::CloudWatch::Alarm")
        .map(metrics)
        .sum()
}

/// The metrics that filters make: by name, and by each value of a dimension. The only dimension is
/// the provider, and each provider has a log of its own.
fn metrics(template: &Value) -> usize {
    let text = |value: Option<&Value>| value.map(ToString::to_string);
    let made = of_type(template, "AWS::Logs::MetricFilter").map(|filter| {
        let made = filter.pointer("/MetricTransformations/0");
        let dimensions = made.and_then(|made| made.get("Dimensions"));
        let log = dimensions.and_then(|_| text(filter.get("LogGroupName")));
        (text(made.and_then(|made| made.get("MetricName"))), log)
    });
    made.collect::<BTreeSet<_>>().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantities(bill: &Standing) -> Vec<(&str, f64, f64)> {
        let lines = bill.lines.iter();
        lines
            .map(|line| (line.driver.as_str(), line.quantity, line.dollars))
            .collect()
    }

    #[test]
    fn a_stack_costs_what_it_may_cost_for_being_there() {
        let bills = bills(&Prices::read().unwrap()).unwrap();
        let in_use = &bills[IN_USE];
        assert_eq!(
            quantities(in_use),
            [
                ("secrets", 7.0, 2.8),
                ("alarms, by their metrics", 26.0, 2.6),
                ("dashboard", 1.0, 3.0),
                ("metrics of log lines", 18.0, 5.4),
                ("polls of an empty queue", 648_000.0, 0.2592),
                ("readings of the secrets", 121_000.0, 0.6048),
            ]
        );
        assert!(in_use.total <= 15.0, "{}", in_use.total);
        let idle = &bills[IDLE];
        assert_eq!(
            quantities(idle),
            [
                ("secrets", 1.0, 0.4),
                ("alarms, by their metrics", 13.0, 1.3),
                ("dashboard", 1.0, 3.0),
                ("metrics of log lines", 0.0, 0.0),
                ("polls of an empty queue", 648_000.0, 0.2592),
                ("readings of the secrets", 0.0, 0.0),
            ]
        );
        assert!(idle.total < 5.0, "{}", idle.total);
        assert!(idle.within_allowances < 1.0, "{}", idle.within_allowances);
    }

    /// `cargo run -p bench -- --standing` writes them.
    #[test]
    fn the_committed_results_have_the_bills_of_this_template() {
        let results = std::fs::read_to_string(root().join("bench/results.json")).unwrap();
        let results: Value = serde_json::from_str(&results).unwrap();
        let bills = bills(&Prices::read().unwrap()).unwrap();
        assert_eq!(results["standing"], serde_json::to_value(bills).unwrap());
    }
}
