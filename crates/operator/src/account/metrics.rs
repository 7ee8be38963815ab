//! Asks a deployed stack's metrics. Some are made of its functions' log lines, by the filters in the
//! template; the others are AWS's own.

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
/// The hours of [`signed`].
const DAY: i64 = 24;

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

    /// Returns the sum of a metric of ours that counts by provider: `accepted`, `rejected` or
    /// `signed_previous`.
    #[must_use]
    pub fn of_provider(stack: &Deployed, name: &'static str, provider: &str) -> Self {
        let mut metric = Self::of_stack(stack, name);
        metric.dimensions = vec![("provider", provider.to_owned())];
        metric
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

/// How many webhooks of a provider were accepted in the last 24 hours, by the version of its secret
/// that had signed them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Signed with a key of the current version.
    pub current: u64,
    /// Signed with a key of the version before. Returns `None` if the stack does not count it.
    pub previous: Option<u64>,
}

/// Returns how many webhooks each version of a provider's secret has signed in the last 24 hours.
///
/// # Errors
/// Returns an error if `CloudWatch` does not answer, or if this is not allowed.
pub async fn signed(stack: &Deployed, provider: &str) -> Result<Signed, AccountError> {
    let found = signed_by(stack, &[provider]).await?;
    Ok(found.into_iter().next().unwrap_or(Signed {
        current: 0,
        previous: None,
    }))
}

/// Returns what [`signed`] does, of several providers with one request.
///
/// # Errors
/// Returns an error if `CloudWatch` does not answer, or if this is not allowed.
pub async fn signed_by(stack: &Deployed, providers: &[&str]) -> Result<Vec<Signed>, AccountError> {
    let metrics = ["accepted", "signed_previous"]
        .into_iter()
        .flat_map(|name| {
            let of = move |provider: &&str| Metric::of_provider(stack, name, provider);
            providers.iter().map(of)
        });
    let metrics: Vec<Metric> = metrics.collect();
    let series = series(stack, &metrics, DAY).await?;
    let (accepted, previous) = series.split_at(providers.len());
    let of_each = providers.iter().zip(accepted.iter().zip(previous));
    let signed = of_each.map(|(provider, (accepted, previous))| {
        let previous = previous.total();
        // A stack of a version before this one does not count them: 0 would be a guess.
        let is_counted = stack.resource(&format!("{provider}Previous")).is_some();
        Signed {
            // What has no event is not accepted, and is counted if it is the previous key's.
            current: accepted.total().saturating_sub(previous),
            previous: is_counted.then_some(previous),
        }
    });
    Ok(signed.collect())
}
