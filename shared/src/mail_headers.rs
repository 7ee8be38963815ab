//! The headers of a message, where an event repeats them: a list of `{"name", "value"}`.
//!
//! SES and Resend do. Neither has a place for a tag without a name, so
//! [django-anymail](https://anymail.dev/en/stable/esps/resend/) writes the sender's tags and metadata
//! into headers: `X-Tag` (SES, one header a tag) or `X-Tags` (Resend, a list in JSON), and
//! `X-Metadata`, an object in JSON (its sources, read 2026-11-26).

use std::collections::BTreeMap;

use serde_json::Value;

use crate::element::{Element, MOST_TEXTS};

/// The headers of a message. Without any, there are no tags and no metadata.
pub struct MailHeaders<'a>(Vec<Element<'a>>);

impl<'a> MailHeaders<'a> {
    /// Reads `headers` of an object.
    #[must_use]
    pub fn of(object: &Element<'a>) -> Self {
        Self(object.objects("headers").collect())
    }

    /// Returns the values of the headers of a name, which is in lower case here and in any case
    /// there.
    pub fn get(&self, name: &'static str) -> impl Iterator<Item = String> + use<'_, 'a> {
        self.0.iter().filter_map(move |header| {
            let is_it = header.word("name") == name;
            header.text("value").filter(|_| is_it)
        })
    }

    /// Returns the sender's tags.
    #[must_use]
    pub fn tags(&self) -> Vec<String> {
        let lists = self.get("x-tags");
        let lists = lists.filter_map(|json| serde_json::from_str::<Vec<String>>(&json).ok());
        let tags = self.get("x-tag").chain(lists.flatten());
        tags.filter(|tag| !tag.is_empty())
            .take(MOST_TEXTS)
            .collect()
    }

    /// Returns the sender's metadata.
    #[must_use]
    pub fn metadata(&self) -> BTreeMap<String, Value> {
        let header = self.get("x-metadata").next();
        let header = header.as_deref().and_then(Element::parse);
        header.map(|header| header.others(&[])).unwrap_or_default()
    }
}
