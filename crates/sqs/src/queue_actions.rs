//! The actions on queues and move tasks.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{
    address,
    call::Call,
    errors::SqsError,
    handle::QueueHandle,
    limits::{LIST_MAX, MOVE_RATE, TASKS_MAX},
    service::Sqs,
    settings::{self, QueueSettings},
    task::{MoveStatus, MoveTask},
    wire::{
        CreateQueue, GetQueueAttributes, GetQueueUrl, ListMoves, ListQueues, ListSources, Nothing,
        PurgeQueue, QueueUrl, SetQueueAttributes, StartMove,
    },
};

pub(crate) fn create(call: &Call, request: CreateQueue) -> Result<QueueUrl, SqsError> {
    let name = request.queue_name;
    let name = name.ok_or(SqsError::MissingParameter("QueueName"))?;
    let given = request.attributes.unwrap_or_default();
    let Some(queue) = call.sqs.queue(&name) else {
        let settings = apply(call.sqs, QueueSettings::new(name), &given)?;
        return Ok(url(call, &call.sqs.create(settings)?));
    };
    // If an attribute is not given, it agrees with any value that the queue has.
    let settings = queue.settings()?;
    for (attribute, value) in &given {
        let mut wanted = settings.clone();
        wanted.set(call.sqs.region(), attribute, value)?;
        if wanted != settings {
            return Err(SqsError::QueueNameExists(attribute.clone()));
        }
    }
    Ok(url(call, &queue))
}

pub(crate) fn get_url(call: &Call, request: &GetQueueUrl) -> Result<QueueUrl, SqsError> {
    let name = request.queue_name.as_deref();
    let name = name.ok_or(SqsError::MissingParameter("QueueName"))?;
    let owner = request.owner.as_deref().unwrap_or(address::ACCOUNT);
    let queue = call.sqs.queue(name).filter(|_| owner == address::ACCOUNT);
    let queue = queue.ok_or(SqsError::QueueDoesNotExist)?;
    Ok(url(call, &queue))
}

pub(crate) fn list(call: &Call, request: &ListQueues) -> Result<Value, SqsError> {
    let prefix = request.queue_name_prefix.as_deref().unwrap_or_default();
    let mut names = call.sqs.names();
    names.retain(|name| name.starts_with(prefix));
    let (urls, token) = page(
        call,
        names,
        request.max_results,
        request.next_token.as_deref(),
    )?;
    Ok(with_token(json!({ "QueueUrls": urls }), token))
}

pub(crate) fn list_sources(call: &Call, request: &ListSources) -> Result<Value, SqsError> {
    let queue = call.queue(request.queue_url.as_deref())?;
    let names = call.sqs.dead_letter_sources(queue.name());
    let (urls, token) = page(
        call,
        names,
        request.max_results,
        request.next_token.as_deref(),
    )?;
    // This is the only answer whose first letter is lower case on AWS.
    Ok(with_token(json!({ "queueUrls": urls }), token))
}

pub(crate) fn get_attributes(call: &Call, request: GetQueueAttributes) -> Result<Value, SqsError> {
    let queue = call.queue(request.queue_url.as_deref())?;
    let wanted = request.attribute_names.unwrap_or_default();
    let mut attributes = attributes(call.sqs, &queue)?;
    // An attribute that AWS knows and this queue does not have is left out of the answer.
    let known =
        |name: &str| name == "All" || attributes.contains_key(name) || settings::is_known(name);
    if let Some(unknown) = wanted.iter().find(|name| !known(name)) {
        return Err(SqsError::InvalidAttributeName(unknown.clone()));
    }
    if !wanted.iter().any(|name| name == "All") {
        attributes.retain(|name, _| wanted.contains(name));
    }
    Ok(json!({ "Attributes": attributes }))
}

pub(crate) fn set_attributes(
    call: &Call,
    request: SetQueueAttributes,
) -> Result<Nothing, SqsError> {
    let queue = call.queue(request.queue_url.as_deref())?;
    let given = request.attributes.unwrap_or_default();
    queue.configure(apply(call.sqs, queue.settings()?, &given)?)?;
    Ok(Nothing {})
}

pub(crate) fn purge(call: &Call, request: &PurgeQueue) -> Result<Nothing, SqsError> {
    call.queue(request.queue_url.as_deref())?.purge()?;
    Ok(Nothing {})
}

pub(crate) fn start_move(call: &Call, request: &StartMove) -> Result<Value, SqsError> {
    let source = source(call, request.source_arn.as_deref())?;
    let destination = match request.destination_arn.as_deref() {
        Some(arn) => Some(
            address::name_in_arn(call.sqs.region(), arn)
                .ok_or(SqsError::ResourceNotFound("DestinationArn"))?,
        ),
        None => None,
    };
    let rate = request.max_number_of_messages_per_second;
    let rate = rate.map(|rate| MOVE_RATE.read(rate)).transpose()?;
    let rate = rate.and_then(|rate| u32::try_from(rate).ok());
    let id = call.sqs.start_move(source, destination, rate)?;
    Ok(json!({ "TaskHandle": task_handle(call.sqs, source, &id) }))
}

pub(crate) fn list_moves(call: &Call, request: &ListMoves) -> Result<Value, SqsError> {
    let source = source(call, request.source_arn.as_deref())?;
    if call.sqs.queue(source).is_none() {
        return Err(SqsError::ResourceNotFound("SourceArn"));
    }
    let max = TASKS_MAX.read(request.max_results.unwrap_or(1))?;
    let tasks = call.sqs.moves(source).into_iter();
    let tasks = tasks.take(usize::try_from(max).unwrap_or(1));
    let results: Vec<_> = tasks.map(|task| task_entry(call.sqs, &task)).collect();
    Ok(json!({ "Results": results }))
}

fn source<'a>(call: &Call, arn: Option<&'a str>) -> Result<&'a str, SqsError> {
    let arn = arn.ok_or(SqsError::MissingParameter("SourceArn"))?;
    address::name_in_arn(call.sqs.region(), arn).ok_or(SqsError::ResourceNotFound("SourceArn"))
}

/// Returns a task's handle. It is opaque to callers and only shown while the task runs.
fn task_handle(sqs: &Sqs, source: &str, id: &str) -> String {
    STANDARD.encode(json!({ "taskId": id, "sourceArn": sqs.arn(source) }).to_string())
}

fn task_entry(sqs: &Sqs, task: &MoveTask) -> Value {
    let running = task.status == MoveStatus::Running;
    let mut entry = json!({
        "Status": task.status.as_str(),
        "SourceArn": sqs.arn(&task.source),
        "ApproximateNumberOfMessagesMoved": task.moved,
        "ApproximateNumberOfMessagesToMove": task.to_move,
        "StartedTimestamp": u64::try_from(sqs.unix_millis(task.started)).unwrap_or(u64::MAX),
    });
    let optional = [
        (
            "TaskHandle",
            running.then(|| task_handle(sqs, &task.source, &task.id).into()),
        ),
        (
            "DestinationArn",
            task.destination.as_deref().map(|name| sqs.arn(name).into()),
        ),
        ("MaxNumberOfMessagesPerSecond", task.rate.map(Value::from)),
        ("FailureReason", task.failure.map(Value::from)),
    ];
    let optional = optional
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    if let Some(entry) = entry.as_object_mut() {
        entry.extend(optional);
    }
    entry
}

fn url(call: &Call, queue: &QueueHandle) -> QueueUrl {
    QueueUrl {
        queue_url: queue.url(call.host),
    }
}

fn apply(
    sqs: &Sqs,
    mut settings: QueueSettings,
    given: &BTreeMap<String, String>,
) -> Result<QueueSettings, SqsError> {
    for (name, value) in given {
        settings.set(sqs.region(), name, value)?;
    }
    Ok(settings)
}

/// Returns the settings, counts and dates by their wire names.
fn attributes(sqs: &Sqs, queue: &QueueHandle) -> Result<BTreeMap<String, String>, SqsError> {
    let clock = sqs.clock();
    let (settings, counts, (created, modified)) = queue
        .with(|queue, now| Ok((queue.settings().clone(), queue.counts(now), queue.dates())))?;
    let mut all = settings.attributes(sqs.region());
    let mut put = |name: &str, value: String| all.insert(name.into(), value);
    put("QueueArn", queue.arn());
    put("ApproximateNumberOfMessages", counts.visible.to_string());
    put(
        "ApproximateNumberOfMessagesNotVisible",
        counts.in_flight.to_string(),
    );
    put(
        "ApproximateNumberOfMessagesDelayed",
        counts.delayed.to_string(),
    );
    put("CreatedTimestamp", clock.seconds(created).to_string());
    put("LastModifiedTimestamp", clock.seconds(modified).to_string());
    Ok(all)
}

/// Returns the URLs of one page of queues, and the token of the next page. The token is the last
/// name, encoded.
fn page(
    call: &Call,
    mut names: Vec<String>,
    max: Option<i64>,
    token: Option<&str>,
) -> Result<(Vec<String>, Option<String>), SqsError> {
    if let Some(token) = token {
        let last = STANDARD.decode(token).ok();
        let last = last.and_then(|bytes| String::from_utf8(bytes).ok());
        let last = last.ok_or_else(|| SqsError::value(token, "NextToken", "Not a token."))?;
        names.retain(|name| *name > last);
    }
    let limit = LIST_MAX.read(max.unwrap_or(1000))?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = names.len() > limit;
    names.truncate(limit);
    // If the caller sets no limit, AWS returns no token.
    let last = names.last().filter(|_| more && max.is_some());
    let next = last.map(|name| STANDARD.encode(name));
    let urls = names.iter().map(|name| address::url(call.host, name));
    Ok((urls.collect(), next))
}

fn with_token(mut answer: Value, token: Option<String>) -> Value {
    if let (Some(token), Some(fields)) = (token, answer.as_object_mut()) {
        fields.insert("NextToken".to_owned(), token.into());
    }
    answer
}
