//! A new endpoint, as somebody asks for it.

use std::collections::BTreeMap;

use shared::auth::OutboundSecret;

use super::field::Field;
use super::hidden::Hidden;
use super::narrow;
use super::object::Object;
use super::own_headers;
use super::refusal::Refusal;
use crate::filter::Filter;
use crate::target::{Place, Target};

/// The fields of the request. The first three are `MailPanda`'s.
const FIELDS: &[Field] = &[
    Field::Url,
    Field::Events,
    Field::Secret,
    Field::Providers,
    Field::Sources,
    Field::Headers,
    Field::Active,
];

/// A new endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Where its notifications go.
    pub url: Hidden,
    /// What it wants: words with commas between them.
    pub events: String,
    /// What its notifications are signed with. If none is given, one is made.
    pub secret: Option<Hidden>,
    /// The providers that it is narrowed to. None means all.
    pub providers: Vec<String>,
    /// The labels of keys that it is narrowed to. None means all.
    pub sources: Vec<String>,
    /// Its own headers, by their names in lower case.
    pub headers: BTreeMap<String, Hidden>,
    /// Whether it is told anything from the start.
    pub active: bool,
}

impl Draft {
    /// Reads the body of a request, and checks every field.
    ///
    /// # Errors
    /// Returns the [`Refusal`] of the first field that cannot be accepted.
    pub fn read(body: &[u8], place: &Place) -> Result<Self, Refusal> {
        let object = Object::read(body, FIELDS)?;
        let url: String = object.needed(Field::Url)?;
        let url = url.trim();
        Target::parse(url, place)?;
        let events: String = object.needed(Field::Events)?;
        let events = Filter::parse(&events)?.text().to_owned();
        let secret: Option<String> = object.optional(Field::Secret)?;
        let secret = secret.as_deref().map(OutboundSecret::new).transpose()?;
        let headers = object.texts(Field::Headers)?.unwrap_or_default();
        Ok(Self {
            url: url.into(),
            events,
            secret: secret.map(|secret| secret.expose().into()),
            providers: narrow::providers(object.optional(Field::Providers)?.unwrap_or_default())?,
            sources: narrow::sources(object.optional(Field::Sources)?.unwrap_or_default())?,
            headers: own_headers::read(headers)?,
            active: object.optional(Field::Active)?.unwrap_or(true),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &Place = &Place::Here;

    #[test]
    fn mailpandas_three_fields_are_enough_and_the_third_is_optional() {
        let body = br#"{"url":"https://crm.example.com/a","events":" open,click ","secret":null}"#;
        let draft = Draft::read(body, HERE).unwrap();
        assert_eq!(draft.url.expose(), "https://crm.example.com/a");
        assert_eq!((draft.events.as_str(), draft.active), ("open,click", true));
        assert_eq!(draft.secret, None);
        assert!(draft.providers.is_empty() && draft.sources.is_empty() && draft.headers.is_empty());
    }

    #[test]
    fn a_draft_prints_neither_its_url_nor_its_secret_nor_its_headers() {
        let body = br#"{"url":"https://crm.example.com/a","events":"*","secret":"a-chosen-secret-1","headers":{"x-token":"a-value"}}"#;
        let printed = format!("{:?}", Draft::read(body, HERE).unwrap());
        for hidden in ["crm.example.com", "chosen", "a-value"] {
            assert!(!printed.contains(hidden), "{printed}");
        }
    }

    #[test]
    fn a_url_is_judged_by_where_the_stack_is() {
        let body = br#"{"url":"http://127.0.0.1:4000/hooks","events":"*"}"#;
        assert!(Draft::read(body, HERE).is_ok());
        let deployed = Place::Deployed { own_hosts: vec![] };
        let refused = Draft::read(body, &deployed).unwrap_err();
        assert_eq!((refused.status(), refused.code()), (400, "url_scheme"));
    }
}
