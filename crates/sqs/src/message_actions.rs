//! The actions on messages.

use std::collections::BTreeMap;

use crate::{
    batch::{self, Outcomes},
    call::Call,
    entry::{Receive, Received},
    errors::SqsError,
    handle::QueueHandle,
    limits::{Limit, MAX_BYTES, RECEIVE_MAX, RECEIVE_WAIT, VISIBILITY},
    message::{Attribute, md5_of_attributes},
    wire::{
        Batch, Change, Delete, MessageSent, Messages, Nothing, ReceiveMessage, Send, WireMessage,
    },
};

const SYSTEM_ATTRIBUTES: [&str; 10] = [
    "All",
    "AWSTraceHeader",
    "ApproximateFirstReceiveTimestamp",
    "ApproximateReceiveCount",
    "DeadLetterQueueSourceArn",
    "MessageDeduplicationId",
    "MessageGroupId",
    "SenderId",
    "SentTimestamp",
    "SequenceNumber",
];

pub(crate) fn send(call: &Call, request: Send) -> Result<MessageSent, SqsError> {
    let queue = call.queue(request.queue_url.as_deref())?;
    send_one(&queue, request)
}

pub(crate) fn send_batch(
    call: &Call,
    request: Batch<Send>,
) -> Result<Outcomes<MessageSent>, SqsError> {
    let queue = call.queue(request.queue_url.as_deref())?;
    let entries = batch::check(request.entries)?;
    // The queue's own limit applies to each message. The limit of a batch is always 1 MiB.
    let bytes = entries.iter().map(|(_, entry)| entry.bytes()).sum();
    if bytes > MAX_BYTES {
        return Err(SqsError::BatchRequestTooLong(bytes));
    }
    Ok(batch::run(entries, |entry| send_one(&queue, entry)))
}

fn send_one(queue: &QueueHandle, request: Send) -> Result<MessageSent, SqsError> {
    queue.send(request.into_message()?).map(Into::into)
}

pub(crate) async fn receive(
    call: &Call<'_>,
    request: ReceiveMessage,
) -> Result<Messages, SqsError> {
    let queue = call.queue(request.queue_url.as_deref())?;
    let max = RECEIVE_MAX.read(request.max_number_of_messages.unwrap_or(1))?;
    let seconds =
        |limit: &Limit, value: Option<i64>| value.map(|value| limit.seconds(value)).transpose();
    let ask = Receive {
        max: u32::try_from(max).unwrap_or(1),
        visibility: seconds(&VISIBILITY, request.visibility_timeout)?,
        wait: seconds(&RECEIVE_WAIT, request.wait_time_seconds)?,
    };
    let mut system = request.message_system_attribute_names.unwrap_or_default();
    system.extend(request.attribute_names.unwrap_or_default());
    let known = |name: &String| SYSTEM_ATTRIBUTES.contains(&name.as_str());
    if let Some(unknown) = system.iter().find(|name| !known(name)) {
        return Err(SqsError::InvalidAttributeName(unknown.clone()));
    }
    let wanted = request.message_attribute_names.unwrap_or_default();
    let received = queue.receive(&ask).await?;
    let messages = received.into_iter();
    Ok(Messages {
        messages: messages
            .map(|message| to_wire(&queue, &message, &system, &wanted))
            .collect(),
    })
}

pub(crate) fn delete(call: &Call, request: &Delete) -> Result<Nothing, SqsError> {
    let queue = call.queue(request.queue_url.as_deref())?;
    delete_one(&queue, request)
}

pub(crate) fn delete_batch(
    call: &Call,
    request: Batch<Delete>,
) -> Result<Outcomes<Nothing>, SqsError> {
    let queue = call.queue(request.queue_url.as_deref())?;
    let entries = batch::check(request.entries)?;
    Ok(batch::run(entries, |entry| delete_one(&queue, &entry)))
}

fn delete_one(queue: &QueueHandle, request: &Delete) -> Result<Nothing, SqsError> {
    queue.delete(handle(request.receipt_handle.as_deref())?)?;
    Ok(Nothing {})
}

pub(crate) fn change(call: &Call, request: &Change) -> Result<Nothing, SqsError> {
    let queue = call.queue(request.queue_url.as_deref())?;
    change_one(&queue, request)
}

pub(crate) fn change_batch(
    call: &Call,
    request: Batch<Change>,
) -> Result<Outcomes<Nothing>, SqsError> {
    let queue = call.queue(request.queue_url.as_deref())?;
    let entries = batch::check(request.entries)?;
    Ok(batch::run(entries, |entry| change_one(&queue, &entry)))
}

fn change_one(queue: &QueueHandle, request: &Change) -> Result<Nothing, SqsError> {
    let handle = handle(request.receipt_handle.as_deref())?;
    let timeout = request.visibility_timeout;
    let timeout = timeout.ok_or(SqsError::MissingParameter("VisibilityTimeout"))?;
    queue.change_visibility(handle, VISIBILITY.seconds(timeout)?)?;
    Ok(Nothing {})
}

fn handle(handle: Option<&str>) -> Result<&str, SqsError> {
    let given = handle.filter(|handle| !handle.is_empty());
    given.ok_or(SqsError::MissingParameter("ReceiptHandle"))
}

fn to_wire(
    queue: &QueueHandle,
    received: &Received,
    system: &[String],
    wanted: &[String],
) -> WireMessage {
    let message = received.content.message();
    let asked = |name: &str| system.iter().any(|s| s == "All" || s == name);
    let mut attributes = queue.system_attributes(received);
    attributes.retain(|name, _| asked(name));
    // The MD5 covers the attributes that are returned, not those that were sent.
    let returned: BTreeMap<&String, &Attribute> = message
        .attributes
        .iter()
        .filter(|(name, _)| is_wanted(wanted, name))
        .collect();
    WireMessage {
        message_id: received.message_id.clone(),
        receipt_handle: received.receipt_handle.clone(),
        md5_of_body: received.content.md5_of_body().into(),
        body: message.body.clone(),
        attributes,
        md5_of_attributes: md5_of_attributes(returned.iter().map(|(n, a)| (*n, *a))),
        message_attributes: returned
            .into_iter()
            .map(|(name, attribute)| (name.clone(), attribute.into()))
            .collect(),
    }
}

/// Checks whether the names that a receiver asks for cover `name`. They may be `All`, or prefixes
/// with `.*`.
fn is_wanted(wanted: &[String], name: &str) -> bool {
    wanted.iter().any(|wanted| match wanted.strip_suffix(".*") {
        Some(prefix) => name.starts_with(prefix),
        None => wanted == "All" || wanted == name,
    })
}
