//! An event as the page shows it: field by field, beside the field that it came from.

use serde_json::{Map, Value, json};
use shared::event::Event;
use table::announced::{Announced, FIELDS};
use table::item::{Item, item};
use table::read::text;
use table::word::word_of;

use crate::origin::origins;

/// The fields that are shown elsewhere, or are the same for every event.
const ELSEWHERE: [&str; 3] = ["kind", "schema", "expires_at"];
/// The most bytes of an element in which fields are looked for.
const ELEMENT_BYTES: usize = 256 * 1024;

/// Returns an event that is, or would be, in the table.
pub(crate) fn of_event(event: &Event) -> Value {
    of_item(&item(event, 0), Some(&event.raw))
}

/// Returns a stored event.
pub(crate) fn of_stored(item: &Item) -> Value {
    let raw = text(item, "raw");
    of_item(item, Some(raw).filter(|raw| !raw.is_empty()))
}

fn of_item(item: &Item, element: Option<&str>) -> Value {
    let Some(announced) = Announced::of(item) else {
        return Value::Null;
    };
    let mut shown = of_announced(&announced, element);
    if let Some(fields) = shown.as_object_mut() {
        let key = json!({"pk": text(item, "pk"), "sk": text(item, "sk")});
        fields.insert("key".to_owned(), key);
        fields.insert("suppression".to_owned(), json!(suppression(item)));
    }
    shown
}

/// Returns an event that is known without its key. `element` is what the provider sent of it.
pub(crate) fn of_announced(announced: &Announced, element: Option<&str>) -> Value {
    let names = FIELDS.into_iter().filter(|name| !ELSEWHERE.contains(name));
    let fields = names.filter_map(|name| Some((name, plain(announced.get(name)?))));
    let fields: Vec<(&str, String)> = fields.collect();
    let known: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let element = element.filter(|element| element.len() <= ELEMENT_BYTES);
    let origins = element.map(|element| origins(element, &known));
    let origins = origins.unwrap_or_default();
    let fields = known
        .iter()
        .map(|(name, value)| json!({"name": name, "value": value, "from": origins.get(*name)}));
    let fields: Vec<Value> = fields.collect();
    let recipient = Some(announced.text("recipient")).filter(|text| !text.is_empty());
    json!({
        "kind": announced.text("kind"),
        "recipient": recipient,
        "key": null,
        "fields": fields,
        "suppression": null,
        "machine": !["", "none"].contains(&announced.text("machine")),
    })
}

/// Returns the same with these facts added.
pub(crate) fn with(mut event: Value, facts: Map<String, Value>) -> Value {
    if let Some(fields) = event.as_object_mut() {
        fields.extend(facts);
    }
    event
}

/// Returns what an event says about mailing its recipient again.
fn suppression(item: &Item) -> Option<&'static str> {
    // An opt-out of a stream, a group or a list suppresses no address.
    let word = word_of(item).filter(|word| word.sk == table::keys::SUPPRESSION)?;
    Some(if word.sets { "suppressed" } else { "lifted" })
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
