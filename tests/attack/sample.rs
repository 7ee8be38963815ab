//! One sample of each provider, signed as the provider would, and its text with one value replaced.

use std::collections::BTreeMap;

use jiff::Timestamp;
use operator::print::now;
use serde_json::Value;
use shared::sender::{Sender, Signed};

/// A sample of one mail event that names its message exactly once, as text.
pub(crate) struct Sample {
    pub(crate) text: String,
    /// The message id, as JSON text.
    pub(crate) literal: String,
    /// The stored attribute.
    pub(crate) message: String,
    pub(crate) kind: String,
}

/// The sample of a provider.
pub(crate) fn sample(provider: &dyn Sender) -> Sample {
    let found = tests::cases(provider)
        .into_iter()
        .find_map(|(body, expected)| {
            let text = std::fs::read_to_string(body).ok()?;
            let expected = std::fs::read_to_string(expected).ok()?;
            // Some samples are what a reader trips over.
            serde_json::from_str::<Value>(&text).ok()?;
            let items: Vec<Value> = serde_json::from_str(&expected).ok()?;
            let [item] = items.as_slice() else {
                return None;
            };
            let is_dated = item["occurred_at_source"] == "event" && item["channel"] == "email";
            let (message, kind) = (item["message"].as_str()?, item["kind"].as_str()?);
            let id = message.split_once('#')?.1;
            let forms = [Value::from(id), Value::from(format!("<{id}>"))];
            let forms = forms.iter().map(Value::to_string);
            // Some providers count their messages.
            let number = id.parse::<u64>().ok().map(|number| number.to_string());
            let is_once = |literal: &String| text.matches(literal.as_str()).count() == 1;
            let literal = forms.chain(number).find(is_once)?;
            let sample = Sample {
                literal,
                message: message.to_owned(),
                kind: kind.to_owned(),
                text: text.trim_end().to_owned(),
            };
            // Some providers name a message twice, and the other name would take over.
            let without = tests::deliver(provider, sample.with("null").as_bytes());
            let results = provider.normalize(&without);
            let is_named_once = results.iter().flatten().all(|e| e.message_id.is_none());
            (is_dated && is_named_once).then_some(sample)
        });
    found.unwrap_or_else(|| {
        let name = provider.name();
        panic!("{name}: the attack tests need a sample in events/{name}/ of one mail event with a time and, once, its only message id")
    })
}

/// A sample that is one bounce and has the server's answer once: its body, and the answer as JSON.
pub(crate) fn bounce(provider: &dyn Sender) -> (String, String) {
    let found = tests::cases(provider)
        .into_iter()
        .find_map(|(body, expected)| {
            let body = std::fs::read_to_string(body).ok()?;
            let expected = std::fs::read_to_string(expected).ok()?;
            let items: Vec<Value> = serde_json::from_str(&expected).ok()?;
            let [item] = items.as_slice() else {
                return None;
            };
            let is_dated = item["occurred_at_source"] == "event" && item["kind"] == "bounced";
            let answer = item["reason"].as_str()?;
            let answer = Value::from(answer).to_string();
            let is_once = is_dated && body.matches(&answer).count() == 1;
            is_once.then(|| (body.trim_end().to_owned(), answer))
        });
    let name = provider.name();
    found.unwrap_or_else(|| {
        panic!("{name}: the attack tests need a sample in events/{name}/ of one bounce with a time and, once, the server's answer")
    })
}

impl Sample {
    /// The sample with other JSON in the place of its message id.
    pub(crate) fn with(&self, json: &str) -> String {
        self.text.replacen(&self.literal, json, 1)
    }

    /// The sample with the key of the message id given twice, this value first.
    pub(crate) fn with_repeated_key(&self, first: &str) -> String {
        let (before, after) = self.text.split_once(&self.literal).expect("the message id");
        let key_end = before
            .trim_end()
            .strip_suffix(':')
            .expect("a key")
            .trim_end();
        let key = key_end
            .strip_suffix('"')
            .expect("a key")
            .rfind('"')
            .map(|at| &key_end[at..]);
        let key = key.expect("a key");
        format!("{before}{first}, {key}: {}{after}", self.literal)
    }
}

/// The one element of a body, as it is stored: `raw`.
pub(crate) fn element<'a>(provider: &dyn Sender, body: &'a str) -> &'a str {
    let element = match provider.name() {
        "mailgun" => body
            .split_once(r#""event-data":"#)
            .and_then(|(_, rest)| rest.strip_suffix('}')),
        "mailtrap"
            if body
                .trim_start_matches('{')
                .trim_start()
                .starts_with(r#""events""#) =>
        {
            let inner = body
                .split_once('[')
                .and_then(|(_, rest)| rest.rsplit_once(']'));
            inner.map(|(inner, _)| inner)
        }
        _ if body.starts_with('[') => {
            let inner = body.strip_prefix('[').expect("an array");
            inner.strip_suffix(']')
        }
        _ => Some(body),
    };
    element.expect("one element").trim()
}

/// The key that the local stack's provider signs with.
pub(crate) fn key(provider: &dyn Sender) -> String {
    operator::secrets::signing_key(provider, &BTreeMap::new()).expect("a sample secret")
}

/// The request that the provider sends with this body, now.
pub(crate) fn signed(provider: &dyn Sender, body: &[u8]) -> Signed {
    signed_at(provider, body, now())
}

/// The request that the provider sends with this body, at this time; the signature is the last of
/// its headers, if it has any.
pub(crate) fn signed_at(provider: &dyn Sender, body: &[u8], at: Timestamp) -> Signed {
    provider.signed(&key(provider), body, at)
}
