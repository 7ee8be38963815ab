//! An endpoint as an item of the table.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use shared::time::{from_rfc3339, rfc3339_ms};
use table::item::Item;
use table::read::text;

use super::{Endpoint, PARTITION, SealedSecret, key};
use crate::filter::Filter;

impl Endpoint {
    /// Reads an item. Returns `None` if it is not an endpoint that can be told anything.
    #[must_use]
    pub fn of(item: &Item) -> Option<Self> {
        let id = text(item, "sk").parse().ok()?;
        let url = Some(text(item, "url")).filter(|url| !url.is_empty())?;
        let secrets = Some(secrets(item)).filter(|secrets| !secrets.is_empty())?;
        (text(item, "pk") == PARTITION).then_some(Self {
            id,
            url: url.to_owned(),
            filter: Filter::parse(text(item, "events")).ok()?,
            providers: texts(item, "providers")?,
            sources: texts(item, "sources")?,
            headers: headers(item)?,
            secrets,
            active: *item.get("active")?.as_bool().ok()?,
            created_at: from_rfc3339(text(item, "created_at"))?,
            created_by: text(item, "created_by").to_owned(),
            revision: text(item, "revision").parse().ok()?,
        })
    }

    /// Returns the item to write.
    #[must_use]
    pub fn item(&self) -> Item {
        let (pk, sk) = key(self.id);
        let list = |names: &[String]| {
            let names = names.iter().cloned().map(AttributeValue::S);
            AttributeValue::L(names.collect())
        };
        let headers = self.headers.iter();
        let headers = headers.map(|(name, sealed)| (name.clone(), s(sealed.clone())));
        let secrets = self.secrets.iter().map(secret_value);
        let attributes = [
            ("pk", s(pk)),
            ("sk", s(sk)),
            ("url", s(self.url.clone())),
            ("events", s(self.filter.text().to_owned())),
            ("providers", list(&self.providers)),
            ("sources", list(&self.sources)),
            ("headers", AttributeValue::M(headers.collect())),
            ("secrets", AttributeValue::L(secrets.collect())),
            ("active", AttributeValue::Bool(self.active)),
            ("created_at", s(rfc3339_ms(self.created_at))),
            ("created_by", s(self.created_by.clone())),
            ("revision", AttributeValue::N(self.revision.to_string())),
        ];
        let attributes = attributes.into_iter();
        attributes
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }
}

fn s(text: String) -> AttributeValue {
    AttributeValue::S(text)
}

fn secret_value(secret: &SealedSecret) -> AttributeValue {
    let mut value = HashMap::from([
        ("sealed".to_owned(), s(secret.sealed.clone())),
        ("since".to_owned(), s(rfc3339_ms(secret.since))),
    ]);
    if let Some(until) = secret.until {
        value.insert("until".to_owned(), s(rfc3339_ms(until)));
    }
    AttributeValue::M(value)
}

/// Reads the secrets. One that cannot be read does not keep the others out.
fn secrets(item: &Item) -> Vec<SealedSecret> {
    let list = item.get("secrets").and_then(|list| list.as_l().ok());
    let read = |value: &AttributeValue| {
        let value = value.as_m().ok()?;
        let sealed = Some(text(value, "sealed")).filter(|sealed| !sealed.is_empty())?;
        Some(SealedSecret {
            sealed: sealed.to_owned(),
            since: from_rfc3339(text(value, "since"))?,
            until: from_rfc3339(text(value, "until")),
        })
    };
    list.into_iter().flatten().filter_map(read).collect()
}

/// Reads a list of texts. What narrows an endpoint is read whole or not at all: half of it would
/// tell more than was asked for.
fn texts(item: &Item, name: &str) -> Option<Vec<String>> {
    let Some(list) = item.get(name) else {
        return Some(Vec::new());
    };
    let list = list.as_l().ok()?.iter();
    list.map(|text| text.as_s().ok().cloned()).collect()
}

fn headers(item: &Item) -> Option<BTreeMap<String, String>> {
    let Some(map) = item.get("headers") else {
        return Some(BTreeMap::new());
    };
    let map = map.as_m().ok()?.iter();
    map.map(|(name, sealed)| Some((name.clone(), sealed.as_s().ok()?.clone())))
        .collect()
}
