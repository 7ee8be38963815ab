//! Asks a deployed stack's metrics. Some are made of its functions' log lines, by the filters in
//! the template; the others are AWS's own.

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{
    Dimension, Metric as MetricName, MetricDataQuery, MetricDataResult, MetricStat,
};
use jiff::{SignedDuration, Timestamp};

use crate::account::deployed::Deployed;
use crate::account::error::AccountError;
use crate::account::refused::{Asked, failed};
use crate::print::now;

/// How long one value is for, in seconds.
const PERIOD: i32 = 300;
/// How long one value is for where days are asked for, so that there are fewer to read.
const LONG_PERIOD: i32 = 3600;
/// From this many hours on, the values are of hours.
const LONG: i64 = 48;
/// The most metrics that one request may ask for.
const METRICS: usize = 500;

/// A metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metric {
    namespace: String,
    name: &'static str,
    dimensions: Vec<(&'static str, String)>,
    statistic: &'static str,
}

impl Metric {
    /// Returns the sum of a metric of ours. The filters in the template make it, of log lines.
    #[must_use]
    pub fn of_stack(stack: &Deployed, name: &'static str) -> Self {
        Self {
            namespace: stack.name.clone(),
            name,
            dimensions: Vec::new(),
            statistic: "Sum",
        }
    }

    /// Returns the sum of a metric of ours that counts by provider: `accepted` or `rejected`.
    #[must_use]
    pub fn of_provider(stack: &Deployed, name: &'static str, provider: &str) -> Self {
        let mut metric = Self::of_stack(stack, name);
        metric.dimensions = vec![("provider", provider.to_owned())];
        metric
    }

    /// Returns the same metric's highest value instead of its sum.
    #[must_use]
    pub fn highest(self) -> Self {
        Self {
            statistic: "Maximum",
            ..self
        }
    }

    /// Returns the sum of a function's metric: `Errors`, `Throttles` or `Invocations`.
    #[must_use]
    pub fn of_function(name: &'static str, function: &str) -> Self {
        Self::of_aws("AWS/Lambda", name, &[("FunctionName", function)], "Sum")
    }

    /// Returns the highest value of a queue's metric, such as `ApproximateAgeOfOldestMessage`.
    #[must_use]
    pub fn of_queue(name: &'static str, queue: &str) -> Self {
        Self::of_aws("AWS/SQS", name, &[("QueueName", queue)], "Maximum")
    }

    /// Returns the sum of a table's metric, such as `WriteThrottleEvents`; with the name of an
    /// index, that of this index.
    #[must_use]
    pub fn of_table(name: &'static str, table: &str, index: Option<&str>) -> Self {
        let table = ("TableName", table);
        match index {
            None => Self::of_aws("AWS/DynamoDB", name, &[table], "Sum"),
            Some(index) => {
                let dimensions = [table, ("GlobalSecondaryIndexName", index)];
                Self::of_aws("AWS/DynamoDB", name, &dimensions, "Sum")
            }
        }
    }

    fn of_aws(
        namespace: &str,
        name: &'static str,
        dimensions: &[(&'static str, &str)],
        statistic: &'static str,
    ) -> Self {
        let dimensions = dimensions.iter();
        Self {
            namespace: namespace.to_owned(),
            name,
            dimensions: dimensions
                .map(|(name, value)| (*name, (*value).to_owned()))
                .collect(),
            statistic,
        }
    }

    fn query(&self, id: String, period: i32) -> MetricDataQuery {
        let dimensions = self.dimensions.iter();
        let dimensions =
            dimensions.map(|(name, value)| Dimension::builder().name(*name).value(value).build());
        let name = MetricName::builder()
            .namespace(&self.namespace)
            .metric_name(self.name)
            .set_dimensions(Some(dimensions.collect()))
            .build();
        let stat = MetricStat::builder()
            .metric(name)
            .period(period)
            .stat(self.statistic)
            .build();
        MetricDataQuery::builder().id(id).metric_stat(stat).build()
    }
}

/// The values of one metric, the oldest first. A time in which nothing was counted has no value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// When a value's time begins, and the value.
    pub values: Vec<(Timestamp, f64)>,
}

impl Series {
    /// Returns the sum of the values.
    #[must_use]
    pub fn total(&self) -> u64 {
        let sum: f64 = self.values.iter().map(|(_, value)| value).sum();
        whole(sum)
    }

    /// Returns the highest value. Returns `None` if there is none.
    #[must_use]
    pub fn highest(&self) -> Option<f64> {
        let values = self.values.iter().map(|(_, value)| *value);
        values.max_by(f64::total_cmp)
    }

    /// Returns the newest value.
    #[must_use]
    pub fn newest(&self) -> Option<f64> {
        self.values.last().map(|(_, value)| *value)
    }

    /// Returns when something was counted for the last time: the beginning of five minutes, or of
    /// an hour if more than two days were asked for.
    #[must_use]
    pub fn last_counted(&self) -> Option<Timestamp> {
        let counted = self.values.iter().rfind(|(_, value)| *value > 0.0);
        counted.map(|(at, _)| *at)
    }

    fn add(&mut self, result: &MetricDataResult) {
        let values = result.timestamps().iter().zip(result.values());
        let values = values
            .filter_map(|(at, value)| Some((Timestamp::from_second(at.secs()).ok()?, *value)));
        self.values.extend(values);
        self.values.sort_by_key(|(at, _)| *at);
    }
}

/// Returns a count as a whole number. `CloudWatch` counts with floating-point numbers.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast from a floating-point number saturates, and a count is not negative"
)]
fn whole(count: f64) -> u64 {
    count.round() as u64
}

/// Returns the values of these metrics over the last hours, in the order of the metrics.
///
/// # Errors
/// Returns an error if `CloudWatch` does not answer, or if this is not allowed.
pub async fn series(
    stack: &Deployed,
    metrics: &[Metric],
    hours: i64,
) -> Result<Vec<Series>, AccountError> {
    let client = Client::new(&stack.config);
    let end = now();
    let start = end - SignedDuration::from_hours(hours);
    let period = if hours < LONG { PERIOD } else { LONG_PERIOD };
    let mut series = Vec::with_capacity(metrics.len());
    for metrics in metrics.chunks(METRICS) {
        let queries = metrics.iter().enumerate();
        let queries = queries.map(|(index, metric)| metric.query(id(index), period));
        let mut pages = client
            .get_metric_data()
            .set_metric_data_queries(Some(queries.collect()))
            .start_time(DateTime::from_secs(start.as_second()))
            .end_time(DateTime::from_secs(end.as_second()))
            .into_paginator()
            .send();
        let mut found = vec![Series::default(); metrics.len()];
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| failed(&error, asked(stack)))?;
            for result in page.metric_data_results() {
                let mut all = found.iter_mut().enumerate();
                let its = all.find(|(index, _)| result.id() == Some(id(*index).as_str()));
                if let Some((_, its)) = its {
                    its.add(result);
                }
            }
        }
        series.extend(found);
    }
    Ok(series)
}

/// Returns the name of a metric within a request. It must begin with a small letter.
fn id(index: usize) -> String {
    format!("m{index}")
}

fn asked(stack: &Deployed) -> Asked<'_> {
    Asked {
        action: "cloudwatch:GetMetricData",
        resource: None,
        caller: Some(&stack.caller),
        profile: &stack.profile,
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_cbor::Encoder;
    use aws_smithy_types::DateTime;

    use super::*;
    use crate::account::answers::{config_of_bytes, stack};

    /// The newest value first, as `CloudWatch` answers, in two pages; no value of the second
    /// metric.
    fn values(asked: &[u8]) -> (u16, Vec<u8>) {
        let is_second = asked.windows(9).any(|word| word == b"NextToken");
        let mut cbor = Encoder::new(Vec::new());
        cbor.map(if is_second { 1 } else { 2 });
        if !is_second {
            cbor.str("NextToken").str("n");
        }
        cbor.str("MetricDataResults").array(2);
        for (id, values) in [
            ("m0", &[(600, 3.0), (300, 0.0)]),
            ("m9", &[(600, 7.0), (300, 7.0)]),
        ] {
            let (at, value) = values[usize::from(is_second)];
            cbor.map(3).str("Id").str(id);
            cbor.str("Timestamps")
                .array(1)
                .timestamp(&DateTime::from_secs(at));
            cbor.str("Values").array(1).double(value);
        }
        (200, cbor.into_writer())
    }

    #[tokio::test]
    async fn values_are_in_the_order_of_time_and_belong_to_their_metric() {
        let stack = stack(config_of_bytes(values));
        let accepted = Metric::of_provider(&stack, "accepted", "resend");
        let errors = Metric::of_function("Errors", "postern-resend");
        let found = series(&stack, &[accepted, errors], 1).await;
        let found = found.expect("values");
        let at = |second| Timestamp::from_second(second).expect("a time");
        assert_eq!(found[0].values, [(at(300), 0.0), (at(600), 3.0)]);
        assert_eq!(found[0].total(), 3);
        assert_eq!(found[0].last_counted(), Some(at(600)));
        assert_eq!(
            (found[0].newest(), found[0].highest()),
            (Some(3.0), Some(3.0))
        );
        assert_eq!(found[1], Series::default());
        assert_eq!((found[1].total(), found[1].last_counted()), (0, None));
    }
}
