//! The files of `events/outlets`: what a notification is made of, and what is sent.

use std::fs;
use std::path::PathBuf;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use outlets::filter::Filter;
use outlets::notification::Notification;
use registry::{QUEUED, SENDERS};
use serde_json::{Value, json};
use shared::auth::{OutboundSecret, sign_outbound};
use shared::event::Reason;
use stack::build::root;
use table::item::Item;

pub(crate) struct Vector {
    path: PathBuf,
    pub(crate) value: Value,
}

/// Every vector, by name.
pub(crate) fn vectors() -> Vec<Vector> {
    let folder = fs::read_dir(root().join("events/outlets")).expect("a folder");
    let paths = folder.map(|entry| entry.expect("an entry").path());
    let is_vector = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "json");
    let mut paths: Vec<PathBuf> = paths.filter(is_vector).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a vector");
        let value = serde_json::from_str(&text);
        let value = value.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Vector { path, value }
    };
    paths.into_iter().map(read).collect()
}

impl Vector {
    pub(crate) fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// The notification that the vector is about.
    pub(crate) fn notification(&self) -> Notification {
        let text = |name: &str| self.value[name].as_str();
        if let Some(id) = text("test") {
            return Notification::of_test(id, self.at());
        }
        let item = item_of(&self.value["item"]);
        let notification = if let Some(name) = text("reason") {
            let reason = Reason::ALL.into_iter().find(|reason| reason.name() == name);
            Notification::of_suppression(&item, reason.expect("a reason"))
        } else {
            let filter = Filter::parse(text("events").expect("events")).expect("a filter");
            Notification::of_event(&item, &filter)
        };
        notification.unwrap_or_else(|| panic!("{}: nothing is sent", self.name()))
    }

    fn at(&self) -> Timestamp {
        let at = self.value["at"].as_i64().expect("a time");
        Timestamp::from_second(at).expect("a time")
    }

    /// The file as it ought to be.
    pub(crate) fn sent(&self) -> Value {
        let secrets = self.value["secrets"].as_array().expect("secrets").iter();
        let secrets = secrets.map(|secret| secret.as_str().expect("a text"));
        let secrets: Vec<OutboundSecret> = secrets
            .map(|secret| OutboundSecret::new(secret).expect("a secret"))
            .collect();
        let (notification, at) = (self.notification(), self.at().as_second());
        let signed = sign_outbound(&secrets, &notification.id, at, &notification.body);
        let mut sent = self.value.clone();
        sent["body"] = json!(String::from_utf8(notification.body).expect("UTF-8"));
        sent["headers"] = json!({
            "content-type": "application/json",
            "webhook-id": notification.id,
            "webhook-timestamp": at.to_string(),
            "webhook-signature": signed.standard,
            "x-webhook-signature": signed.hex,
        });
        sent
    }

    pub(crate) fn write(&self, sent: &Value) {
        let text = serde_json::to_string_pretty(sent).expect("JSON");
        fs::write(&self.path, text + "\n").expect("a vector");
    }
}

/// Every item that a sample of a provider becomes.
pub(crate) fn items_of_the_samples() -> Vec<Item> {
    let samples = SENDERS.iter().chain(QUEUED);
    let expected = samples.flat_map(|provider| tests::cases(*provider));
    let items = expected.flat_map(|(_, expected)| {
        let text = fs::read_to_string(expected).expect("an expectation");
        let items: Vec<Value> = serde_json::from_str(&text).expect("a list");
        items
    });
    let items = items.filter(|item| item.get("pk").is_some());
    items.map(|item| item_of(&item)).collect()
}

/// An item from plain JSON.
pub(crate) fn item_of(plain: &Value) -> Item {
    let fields = plain.as_object().expect("an item").iter();
    let fields = fields.map(|(name, value)| (name.clone(), attribute(value)));
    fields.collect()
}

fn attribute(value: &Value) -> AttributeValue {
    match value {
        Value::String(text) => AttributeValue::S(text.clone()),
        Value::Number(number) => AttributeValue::N(number.to_string()),
        Value::Bool(flag) => AttributeValue::Bool(*flag),
        Value::Array(list) => AttributeValue::L(list.iter().map(attribute).collect()),
        Value::Object(_) => AttributeValue::M(item_of(value)),
        Value::Null => AttributeValue::Null(true),
    }
}
