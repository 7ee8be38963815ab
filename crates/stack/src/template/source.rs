//! The event source mappings: which queue or which table's stream invokes a function, and how.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::error::TemplateError;
use super::intrinsics::whole;
use super::pattern::Pattern;
use super::resources::of_type;

/// An event source mapping from a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The queue's name.
    pub queue: String,
    /// The most messages in one batch.
    pub batch_size: usize,
    /// The longest time that a batch waits to be filled.
    pub window: Duration,
    /// The most batches that are processed at once.
    pub concurrency: usize,
    /// Whether the function may report single messages of a batch as failed.
    pub reports_failures: bool,
}

/// An event source mapping from a table's stream.
///
/// How often and for how long a failed batch is tried is not read: here it is tried for ever. So
/// nothing is ever sent to the mapping's destination.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamSource {
    /// The mapping's name. Its position is kept by this name.
    pub name: String,
    /// The stream's ARN.
    pub arn: String,
    /// The table's name.
    pub table: String,
    /// The most records in one batch.
    pub batch_size: usize,
    /// The patterns of which a record has to meet one. Without any, every record is passed on.
    pub patterns: Vec<Pattern>,
    /// Whether a batch is split in two if the function fails it.
    pub bisects: bool,
    /// Whether the function may report the record from which on a batch has failed.
    pub reports_failures: bool,
}

/// What invokes a function by itself: one of a queue's or a stream's mappings.
pub(super) enum Mapping {
    Queue(Source),
    Stream(StreamSource),
}

/// Returns the event source mappings of a function that are resources of their own.
pub(super) fn mapped(
    id: &str,
    resources: &Map<String, Value>,
) -> Result<Vec<Mapping>, TemplateError> {
    let mappings = of_type(resources, "AWS::Lambda::EventSourceMapping");
    let of_function = mappings
        .filter(|(_, settings)| settings.get("FunctionName").and_then(Value::as_str) == Some(id));
    let sources = of_function.map(|(name, settings)| {
        let unexpected = || TemplateError::Unexpected(name.clone());
        mapping(name, settings).ok_or_else(unexpected)
    });
    sources.collect()
}

fn mapping(name: &str, settings: &Value) -> Option<Mapping> {
    let arn = settings.get("EventSourceArn")?.as_str()?;
    if arn.contains(":dynamodb:") {
        return stream(name, arn, settings).map(Mapping::Stream);
    }
    source(settings, "EventSourceArn").map(Mapping::Queue)
}

/// Reads an event source mapping from a queue, which names its queue's ARN under this key.
pub(super) fn source(settings: &Value, queue: &str) -> Option<Source> {
    let arn = settings.get(queue)?.as_str()?;
    Some(Source {
        queue: arn.rsplit(':').next()?.to_owned(),
        batch_size: number(settings, "/BatchSize", 10)?,
        window: window(settings),
        concurrency: number(settings, "/ScalingConfig/MaximumConcurrency", 2)?,
        reports_failures: reports_failures(settings),
    })
}

/// Reads an event source mapping from a stream. Whoever needs another one than all that the stream
/// has needs another stack: it begins with the oldest record.
fn stream(name: &str, arn: &str, settings: &Value) -> Option<StreamSource> {
    let (_, table) = arn.split_once(":table/")?;
    let (table, _) = table.split_once("/stream/")?;
    (settings.get("StartingPosition")? == "TRIM_HORIZON").then_some(())?;
    window(settings).is_zero().then_some(())?;
    let filters = settings.pointer("/FilterCriteria/Filters");
    let filters = filters.and_then(Value::as_array).into_iter().flatten();
    let pattern = |filter: &Value| {
        let pattern = serde_json::from_str(filter.get("Pattern")?.as_str()?);
        Pattern::read(&pattern.ok()?)
    };
    Some(StreamSource {
        name: name.to_owned(),
        arn: arn.to_owned(),
        table: table.to_owned(),
        batch_size: number(settings, "/BatchSize", 100)?,
        patterns: filters.map(pattern).collect::<Option<_>>()?,
        bisects: settings.get("BisectBatchOnFunctionError") == Some(&json!(true)),
        reports_failures: reports_failures(settings),
    })
}

fn number(settings: &Value, pointer: &str, default: u64) -> Option<usize> {
    let number = settings.pointer(pointer).and_then(whole).unwrap_or(default);
    usize::try_from(number).ok()
}

fn window(settings: &Value) -> Duration {
    let seconds = settings.get("MaximumBatchingWindowInSeconds");
    Duration::from_secs(seconds.and_then(whole).unwrap_or_default())
}

fn reports_failures(settings: &Value) -> bool {
    let responses = settings
        .get("FunctionResponseTypes")
        .and_then(Value::as_array);
    responses.is_some_and(|types| types.contains(&json!("ReportBatchItemFailures")))
}
