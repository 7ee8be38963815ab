//! What comes in: signed webhooks as the gateway hands them over, and batches as the queue does.

use std::collections::BTreeMap;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};
use shared::admit::admit;
use shared::auth::only_field;
use shared::rejection::Rejection;
use shared::request::Request;
use shared::secrets::Secrets;
use shared::sender::{Sender, Signed};
use stack::build::root;

use crate::outcome::Outcome;

/// No secrets but the samples' own.
pub(crate) fn no_others() -> BTreeMap<String, String> {
    BTreeMap::new()
}

/// The kinds of an ordinary day, by their samples and their share in a thousand: Customer.io's
/// name, Insider's, share. The shares are ours: a list that is looked after, opens counted by
/// pixel.
pub(crate) const DAY: &[(&str, &str, usize)] = &[
    ("email_sent", "processed", 300),
    ("email_delivered", "delivered", 290),
    ("email_opened", "open", 310),
    ("email_clicked", "click", 60),
    ("email_attempted", "deferred", 15),
    ("email_bounced_no_such_user", "bounce", 10),
    ("email_dropped", "bounce_blocked", 8),
    ("email_unsubscribed", "unsubscribe", 5),
    ("email_spammed", "spam_complaint", 2),
];
/// How many rows of [`DAY`] are ordinary: the rest are problems, or end in one.
const ORDINARY: usize = 4;

/// Which events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mix {
    /// Sent, delivered, opened, clicked.
    Ordinary,
    /// Those, and what goes wrong on a day.
    Day,
}

/// Distinct events of one provider, endlessly.
pub(crate) struct Events {
    samples: Vec<(Value, usize)>,
    next: usize,
}

impl Events {
    pub(crate) fn new(provider: &str, mix: Mix) -> Outcome<Self> {
        let rows = if mix == Mix::Day { DAY.len() } else { ORDINARY };
        let sample = |(customerio, insider, share): &(&str, &str, usize)| {
            let name = if provider == "insider" {
                insider
            } else {
                customerio
            };
            let path = root().join(format!("events/{provider}/{name}.json"));
            let text = std::fs::read_to_string(&path)
                .map_err(|error| format!("{}: {error}", path.display()))?;
            let sample: Value = serde_json::from_str(&text)?;
            let first = sample.get(0).cloned(); // some samples are an array
            Ok((first.unwrap_or(sample), *share))
        };
        let samples: Outcome<Vec<_>> = DAY.iter().take(rows).map(sample).collect();
        Ok(Self {
            samples: samples?,
            next: 0,
        })
    }

    /// One more event, unlike any before it, of the same length as its sample.
    pub(crate) fn one(&mut self) -> Value {
        let total: usize = self.samples.iter().map(|(_, share)| share).sum();
        let number = self.next;
        self.next += 1;
        // A stride prime to the total visits every place once: the shares are exact, and the kinds
        // are mixed.
        let mut place = (number * 617) % total;
        let sample = self.samples.iter().find(|(_, share)| {
            let is_here = place < *share;
            place = place.saturating_sub(*share);
            is_here
        });
        let mut event = sample.map_or(Value::Null, |(event, _)| event.clone());
        renumber(&mut event, number);
        event
    }

    /// The text of one array.
    pub(crate) fn array(&mut self, length: usize) -> String {
        Value::Array((0..length).map(|_| self.one()).collect()).to_string()
    }

    /// The text of an array of at least this size.
    pub(crate) fn array_of_bytes(&mut self, bytes: usize) -> String {
        let mut text = String::from("[");
        while text.len() < bytes {
            if text.len() > 1 {
                text.push(',');
            }
            text.push_str(&self.one().to_string());
        }
        text.push(']');
        text
    }
}

/// Puts a number into every identifier and address, in place of as many characters.
fn renumber(event: &mut Value, number: usize) {
    let digits = format!("{number:08}");
    for pointer in ["/event_id", "/data/delivery_id", "/iid"] {
        if let Some(Value::String(id)) = event.pointer_mut(pointer) {
            let keep: String = id.chars().skip(digits.len()).collect();
            *id = format!("{digits}{keep}");
        }
    }
    for pointer in ["/data/recipient", "/data/identifiers/email", "/email"] {
        if let Some(Value::String(address)) = event.pointer_mut(pointer)
            && let Some((person, domain)) = address.split_once('@')
        {
            let start = person.len().saturating_sub(4).min(5);
            let person: String = person.chars().take(start).collect();
            *address = format!("{person}{:04}@{domain}", number % 10_000);
        }
    }
}

/// A webhook as API Gateway hands it over: a recorded event, with this body, signed now.
pub(crate) fn webhook(provider: &str, body: &str) -> Outcome<Bytes> {
    let path = root().join(format!("events/{provider}/request.json"));
    let mut event: Value = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let now = now();
    let provider = registry::sender(provider).ok_or("no such provider")?;
    let key = operator::secrets::signing_key(provider, &no_others())?;
    let Signed { headers, body } = provider.signed(&key, body.as_bytes(), now);
    let body = String::from_utf8(body)?;
    for (name, value) in headers {
        set(&mut event, "/headers", name, json!(value))?;
    }
    set(
        &mut event,
        "/headers",
        "content-type",
        json!("application/json"),
    )?;
    set(
        &mut event,
        "/headers",
        "content-length",
        json!(body.len().to_string()),
    )?;
    set(
        &mut event,
        "/requestContext",
        "timeEpoch",
        json!(now.as_millisecond()),
    )?;
    set(&mut event, "", "body", json!(body))?;
    set(&mut event, "", "isBase64Encoded", json!(false))?;
    Ok(Bytes::from(event.to_string()))
}

fn set(event: &mut Value, pointer: &str, name: &str, value: Value) -> Outcome<()> {
    let object = event.pointer_mut(pointer).and_then(Value::as_object_mut);
    let object = object.ok_or("the recorded request is of another form")?;
    object.insert(name.to_owned(), value);
    Ok(())
}

/// What a provider's recorded request says: its body, or the value of its form's only field.
pub(crate) fn recorded_body(provider: &str) -> Outcome<String> {
    let path = root().join(format!("events/{provider}/request.json"));
    let event: Value = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let body = event.get("body").and_then(Value::as_str).unwrap_or("");
    if event.get("isBase64Encoded") == Some(&Value::Bool(true)) {
        use base64::Engine as _;
        let bytes = base64::engine::general_purpose::STANDARD.decode(body)?;
        return Ok(String::from_utf8(bytes)?);
    }
    let is_form = registry::sender(provider).is_some_and(Sender::signs_url);
    match body.split_once('=').filter(|_| is_form) {
        Some((field, _)) => {
            let value = only_field(body.as_bytes(), field).ok_or("no form of one field")?;
            Ok(String::from_utf8(value)?)
        }
        None => Ok(body.to_owned()),
    }
}

/// What a receiver puts into the queue for this body.
pub(crate) fn message(provider: &str, body: &str) -> Outcome<String> {
    let request: Request = serde_json::from_slice(&webhook(provider, body)?)?;
    let provider = registry::sender(provider).ok_or("no such provider")?;
    let secrets = Secrets::parse(&operator::secrets::for_receiver(provider, &no_others())?)?;
    let admitted = admit(provider, &secrets, None, &request, now()).map_err(Rejection::code)?;
    let message = admitted.delivery.encode();
    Ok(message.map_err(Rejection::code)?)
}

/// An event source mapping's event.
pub(crate) fn batch(messages: &[String]) -> Bytes {
    let records: Vec<Value> = messages
        .iter()
        .enumerate()
        .map(|(number, body)| {
            json!({
                "messageId": format!("19dd0b57-b21e-4ac1-bd88-{number:012}"),
                "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a".repeat(5),
                "body": body,
                "attributes": {
                    "ApproximateReceiveCount": "1",
                    "SentTimestamp": "1767323100678",
                    "SenderId": "AROAEXAMPLEEXAMPLE:receiver",
                    "MessageGroupId": "customerio",
                    "ApproximateFirstReceiveTimestamp": "1767323100679",
                },
                "messageAttributes": {},
                "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:DeliveriesQueue",
                "awsRegion": "us-east-1",
            })
        })
        .collect();
    Bytes::from(json!({"Records": records}).to_string())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a webhook is signed when it is sent"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}
