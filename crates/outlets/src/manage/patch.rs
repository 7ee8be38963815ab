//! A change of an endpoint, as somebody asks for it.

use std::collections::BTreeMap;

use super::ask::Held;
use super::field::{Fault, Field};
use super::hidden::Hidden;
use super::narrow;
use super::object::Object;
use super::own_headers;
use super::refusal::Refusal;
use crate::filter::Filter;
use crate::target::{Place, Target};

/// The fields of the request. A secret is changed by a rotation.
const FIELDS: &[Field] = &[
    Field::Url,
    Field::Events,
    Field::Providers,
    Field::Sources,
    Field::Headers,
    Field::Active,
    Field::Held,
];

/// A change. What is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patch {
    /// Where its notifications go.
    pub url: Option<Hidden>,
    /// What it wants.
    pub events: Option<String>,
    /// The providers that it is narrowed to. An empty list means all.
    pub providers: Option<Vec<String>>,
    /// The labels of keys that it is narrowed to. An empty list means all.
    pub sources: Option<Vec<String>>,
    /// All of its own headers, by their names in lower case.
    pub headers: Option<BTreeMap<String, Hidden>>,
    /// Whether it is told anything.
    pub active: Option<bool>,
    /// What to do with what was held. Without it, it is sent.
    pub held: Option<Held>,
}

impl Patch {
    /// Reads the body of a request, and checks every field.
    ///
    /// # Errors
    /// Returns the [`Refusal`] of the first field that cannot be accepted.
    pub fn read(body: &[u8], place: &Place) -> Result<Self, Refusal> {
        let object = Object::read(body, FIELDS)?;
        if object.is_empty() {
            return Err(Refusal::Empty);
        }
        let url: Option<String> = object.field(Field::Url)?;
        let url = url.as_deref().map(str::trim);
        url.map(|url| Target::parse(url, place)).transpose()?;
        let events: Option<String> = object.field(Field::Events)?;
        let events = events.as_deref().map(Filter::parse).transpose()?;
        let providers = object.field(Field::Providers)?;
        let sources = object.field(Field::Sources)?;
        let headers = object.texts(Field::Headers)?;
        let active = object.field(Field::Active)?;
        let held = object.field(Field::Held)?;
        if held.is_some() && active != Some(true) {
            return Err(Refusal::Field(Field::Held, Fault::Unfit));
        }
        Ok(Self {
            url: url.map(Hidden::from),
            events: events.map(|filter| filter.text().to_owned()),
            providers: providers.map(narrow::providers).transpose()?,
            sources: sources.map(narrow::sources).transpose()?,
            headers: headers.map(own_headers::read).transpose()?,
            active,
            held,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_change_does_not_name_stays() {
        let patch = |body: &str| Patch::read(body.as_bytes(), &Place::Here);
        let named = patch(r#"{"events":" bounced "}"#).unwrap();
        let wanted = Patch {
            events: Some("bounced".to_owned()),
            ..Patch::default()
        };
        assert_eq!(named, wanted);
        let emptied = patch(r#"{"providers":[],"headers":{}}"#).unwrap();
        let (providers, headers) = (emptied.providers, emptied.headers);
        assert_eq!((providers, headers), (Some(vec![]), Some(BTreeMap::new())));
    }

    #[test]
    fn what_was_held_is_dropped_only_together_with_becoming_active() {
        let held = |body: &str| {
            let patch = Patch::read(body.as_bytes(), &Place::Here);
            patch
                .map(|patch| patch.held)
                .map_err(|refusal| refusal.code())
        };
        assert_eq!(
            held(r#"{"active":true,"held":"drop"}"#),
            Ok(Some(Held::Drop))
        );
        assert_eq!(held(r#"{"active":true}"#), Ok(None));
        assert_eq!(held(r#"{"held":"drop"}"#), Err("held_unfit"));
        assert_eq!(held(r#"{"active":false,"held":"drop"}"#), Err("held_unfit"));
        assert_eq!(
            held(r#"{"active":true,"held":"Drop"}"#),
            Err("held_unreadable")
        );
        assert_eq!(held("{}"), Err("body_empty"));
    }
}
