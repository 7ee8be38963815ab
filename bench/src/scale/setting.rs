//! How a stack is set: the template's parameters, read as the local stack reads them, and what the
//! account has asked AWS for.

use std::time::Duration;

use registry::SENDERS;
use serde_json::Value;
use stack::template::{Source, TEMPLATE, Template, document, providers, resolved};

use super::chance::{length, number};
use super::limits::Limits;
use crate::outcome::Outcome;

/// How far a stack is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opened {
    /// Every parameter as it is in the template, in a new account.
    New,
    /// Every parameter as it is in the template.
    Shipped,
    /// The parameters opened, within AWS's quotas.
    Tuned,
    /// The table warmed, too.
    Warmed,
    /// The quotas raised, too, and the table warmed.
    Lifted,
}

/// What is turned in a tuned stack: parameter, value.
const TUNED: [(&str, &str); 6] = [
    ("RouteThrottleRate", "10000"),
    ("RouteThrottleBurst", "5000"),
    ("BatchSize", "100"),
    ("BatchWindow", "1"),
    ("MaximumConcurrency", "200"),
    ("DeliverConcurrency", "200"),
];
/// What is turned besides in one whose table is warmed, as far as a table's quota allows.
const WARMED: [(&str, &str); 1] = [("WarmWriteUnits", "40000")];
/// What is turned besides in one whose quotas are raised.
const LIFTED: [(&str, &str); 4] = [
    ("RouteThrottleRate", "200000"),
    ("RouteThrottleBurst", "100000"),
    ("MaximumConcurrency", "1000"),
    ("WarmWriteUnits", "150000"),
];
/// How much of a quota there is once it is raised.
const RAISED: f64 = 20.0;

/// A token bucket.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rate {
    pub(crate) per_second: f64,
    pub(crate) burst: f64,
}

/// The account's quotas.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quotas {
    pub(crate) gateway: Rate,
    /// Executions at once.
    pub(crate) concurrency: f64,
    /// New environments a second, of one function.
    pub(crate) environments: f64,
    /// Synchronous requests a second.
    pub(crate) requests: f64,
    /// Batches of a mapping at once: at first, more a second, and at most.
    pub(crate) pollers: (f64, f64, f64),
    pub(crate) in_flight: u64,
    pub(crate) noisy_share: f64,
    pub(crate) noisy_messages: u64,
    pub(crate) partition_units: f64,
    pub(crate) table_units: f64,
    /// Write units a second that the table and each index begin with.
    pub(crate) warm_units: f64,
    pub(crate) doubling_seconds: f64,
    pub(crate) split_seconds: f64,
    /// How often a shard of the stream is looked at, a second.
    pub(crate) shard_polls: f64,
}

/// How a stack is set.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub(crate) route: Rate,
    /// Of the consumer, and of deliver.
    pub(crate) consumer: Source,
    pub(crate) deliver: Source,
    pub(crate) consumer_timeout: Duration,
    pub(crate) memory_mb: f64,
    pub(crate) max_receives: u64,
    pub(crate) retention_seconds: u64,
    pub(crate) stream_batch: u64,
    pub(crate) quotas: Quotas,
}

impl Opened {
    pub(crate) const ALL: [Self; 5] = [
        Self::New,
        Self::Shipped,
        Self::Tuned,
        Self::Warmed,
        Self::Lifted,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::New => "new account",
            Self::Shipped => "as shipped",
            Self::Tuned => "tuned",
            Self::Warmed => "tuned and warmed",
            Self::Lifted => "quotas raised",
        }
    }

    fn parameters(self) -> Vec<(String, String)> {
        let names = SENDERS.iter().map(|sender| sender.name());
        let mut parameters = vec![providers(names)];
        let tuned: &[(&str, &str)] = match self {
            Self::New | Self::Shipped => &[],
            Self::Tuned | Self::Warmed | Self::Lifted => &TUNED,
        };
        let besides: &[(&str, &str)] = match self {
            Self::New | Self::Shipped | Self::Tuned => &[],
            Self::Warmed => &WARMED,
            Self::Lifted => &LIFTED,
        };
        let all = [("Outlets", "yes")];
        let all = all.iter().chain(tuned).chain(besides);
        parameters.extend(all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        parameters
    }

    /// Returns the template with these parameters.
    pub(crate) fn template(self) -> Outcome<Template> {
        Template::parse(TEMPLATE, &self.parameters(), "").map_err(|error| error.to_string().into())
    }

    /// Reads how such a stack is set.
    pub(crate) fn setting(self, limits: &Limits) -> Outcome<Setting> {
        let template = self.template()?;
        let resolved = resolved(&document(TEMPLATE)?, &self.parameters(), "")?;
        let function = |package: &str| {
            let mut functions = template.functions.iter();
            let found = functions.find(|function| function.package == package);
            found.ok_or_else(|| format!("the template has no function {package}"))
        };
        let source = |package: &str| -> Outcome<Source> {
            let source = function(package)?.sources.first().cloned();
            source.ok_or_else(|| format!("{package} has no queue").into())
        };
        let consumer = function("consumer")?;
        let api = at(&resolved, "/Resources/Api/Properties")?;
        let name = SENDERS
            .first()
            .map(|sender| sender.name())
            .unwrap_or_default();
        let route = api
            .pointer("/RouteSettings")
            .and_then(|routes| routes.get(format!("POST /webhooks/{name}")));
        let queue = at(&resolved, "/Resources/DeliveriesQueue/Properties")?;
        let mapped = function("fanout")?.streams.first();
        let table = at(&resolved, "/Resources/EventsTable/Properties")?;
        Ok(Setting {
            route: rate(route.ok_or("no route has a throttle")?)?,
            consumer: source("consumer")?,
            deliver: source("deliver")?,
            consumer_timeout: consumer.timeout,
            memory_mb: number(consumer.memory),
            max_receives: count_of(queue, "/RedrivePolicy/maxReceiveCount")?,
            retention_seconds: count_of(queue, "/MessageRetentionPeriod")?,
            stream_batch: length(mapped.ok_or("fanout has no stream")?.batch_size),
            quotas: self.quotas(limits, warmed(table)?)?,
        })
    }

    fn quotas(self, limits: &Limits, warmed: Option<f64>) -> Outcome<Quotas> {
        let raised = if self == Self::Lifted { RAISED } else { 1.0 };
        let concurrency = match self {
            Self::New => limits.of("lambda_concurrent_executions_of_a_new_account")?,
            _ => limits.of("lambda_concurrent_executions")? * raised,
        };
        let at_first = limits.of("dynamodb_on_demand_write_units_at_first")?;
        Ok(Quotas {
            gateway: Rate {
                per_second: limits.of("api_gateway_requests_per_second")? * raised,
                burst: limits.of("api_gateway_burst")? * raised,
            },
            concurrency,
            environments: limits.of("lambda_environments_per_10_seconds")? / 10.0,
            requests: limits.of("lambda_requests_per_concurrency")? * concurrency,
            pollers: (
                limits.of("sqs_pollers_at_first")?,
                limits.of("sqs_pollers_more_per_minute")? / 60.0,
                limits.of("sqs_pollers_most")?,
            ),
            in_flight: super::chance::whole(limits.of("sqs_in_flight")?),
            noisy_share: limits.of("sqs_noisy_percent")? / 100.0,
            noisy_messages: super::chance::whole(limits.of("sqs_noisy_messages")?),
            partition_units: limits.of("dynamodb_partition_write_units")?,
            table_units: limits.of("dynamodb_table_write_units")? * raised,
            warm_units: warmed.unwrap_or(at_first),
            doubling_seconds: limits.of("dynamodb_on_demand_doubling_minutes")? * 60.0,
            split_seconds: limits.assumed("split_for_heat_minutes")? * 60.0,
            shard_polls: limits.of("stream_batches_per_second_and_shard")?,
        })
    }
}

fn at<'a>(value: &'a Value, pointer: &str) -> Outcome<&'a Value> {
    let found = value.pointer(pointer);
    found.ok_or_else(|| format!("the template has no {pointer}").into())
}

/// Reads a number, which is text if somebody has given it.
fn count_of(value: &Value, pointer: &str) -> Outcome<u64> {
    let value = at(value, pointer)?;
    match value {
        Value::String(text) => Ok(text.parse()?),
        _ => value
            .as_u64()
            .ok_or_else(|| format!("{pointer} is no number").into()),
    }
}

/// Returns the write units a second for which a table and its indexes are warmed, if they are.
fn warmed(table: &Value) -> Outcome<Option<f64>> {
    let warm = table.pointer("/WarmThroughput");
    let units = warm.map(|warm| count_of(warm, "/WriteUnitsPerSecond"));
    Ok(units.transpose()?.map(number))
}

fn rate(throttle: &Value) -> Outcome<Rate> {
    Ok(Rate {
        per_second: number(count_of(throttle, "/ThrottlingRateLimit")?),
        burst: number(count_of(throttle, "/ThrottlingBurstLimit")?),
    })
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::*;
    use crate::scale::chance::whole;

    #[test]
    fn a_stack_is_set_as_the_template_says() {
        let limits = Limits::read().unwrap();
        let shipped = Opened::Shipped.setting(&limits).unwrap();
        let template = document(TEMPLATE).unwrap();
        let default = |name: &str| {
            let value = template.pointer(&format!("/Parameters/{name}/Default"));
            value.unwrap().as_u64().unwrap()
        };
        assert_eq!(
            whole(shipped.route.per_second),
            default("RouteThrottleRate")
        );
        assert_eq!(whole(shipped.route.burst), default("RouteThrottleBurst"));
        let concurrency = length(shipped.consumer.concurrency);
        assert_eq!(concurrency, default("MaximumConcurrency"));
        let tuned = Opened::Tuned.setting(&limits).unwrap();
        assert_eq!(tuned.consumer.batch_size, 100);
        assert_eq!(
            tuned
                .route
                .per_second
                .total_cmp(&tuned.quotas.gateway.per_second),
            Ordering::Equal
        );
        let lifted = Opened::Lifted.setting(&limits).unwrap();
        assert!(lifted.quotas.gateway.per_second > 100_000.0);
        let warmed = Opened::Warmed.setting(&limits).unwrap();
        let warm = [&shipped, &tuned, &warmed, &lifted].map(|set| whole(set.quotas.warm_units));
        assert_eq!(warm, [4_000, 4_000, 40_000, 150_000]);
        assert_eq!(lifted.max_receives, 1_000);
    }

    /// What is tuned is what a user may set.
    #[test]
    fn an_opened_stack_stays_within_the_parameters() {
        let template = document(TEMPLATE).unwrap();
        for (name, value) in TUNED.into_iter().chain(WARMED).chain(LIFTED) {
            let most = template.pointer(&format!("/Parameters/{name}/MaxValue"));
            let most = most.unwrap().as_u64().unwrap();
            assert!(value.parse::<u64>().unwrap() <= most, "{name}");
        }
    }
}
