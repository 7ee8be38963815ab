//! Reads the parts of a request.

use std::borrow::Cow;

use super::age::came;
use super::part::{Part, Place, Role};
use super::scheme::{Field, Form, Scheme};
use super::{credential, encoding};
use crate::element::Element;
use crate::incoming::{Incoming, KEY_HEADER};
use crate::json;

/// The parameter of the URL that may have a key.
const KEY_PARAMETER: &str = "key";

/// Returns the parts of a request by this scheme, those that are missing among them, and last what
/// the signature covers.
#[must_use]
pub fn of(scheme: &Scheme, request: &Incoming<'_>) -> Vec<Part> {
    let shown = keys(request);
    let in_body = scheme.fields.iter().any(|field| field.place == Place::Body);
    let body = if in_body { text(request) } else { None };
    let object = body
        .as_deref()
        .and_then(Element::parse)
        .and_then(|body| body.object(scheme.object));
    let mut parts = Vec::with_capacity(scheme.fields.len() + shown.len() + 1);
    for field in scheme.fields {
        let values: Vec<Cow<'_, str>> = match field.place {
            Place::Header => request.values(field.name).map(Cow::Borrowed).collect(),
            Place::Query => request.parameters(field.name).map(Cow::Borrowed).collect(),
            Place::Body => {
                let value = object.as_ref().and_then(|object| object.id(field.name));
                value.into_iter().map(Cow::Owned).collect()
            }
        };
        parts.extend(part(field, &values, !shown.is_empty(), scheme, request));
    }
    parts.extend(shown);
    let covers = Part::new(Place::Body, "signed", Role::Signed, scheme.covers);
    parts.push(covers);
    parts
}

/// Returns the part that these values of a field are, or `None` if it need not be there.
fn part(
    field: &Field,
    values: &[Cow<'_, str>],
    another_key_is_shown: bool,
    scheme: &Scheme,
    request: &Incoming<'_>,
) -> Option<Part> {
    let Field {
        place, name, role, ..
    } = *field;
    let first = values.first().filter(|value| !value.is_empty());
    let Some(value) = first else {
        let is_elsewhere = role == Role::Key && another_key_is_shown;
        let is_needed = !field.is_optional && !is_elsewhere;
        return is_needed.then(|| Part::missing(place, name, role));
    };
    let part = match role {
        Role::Key => Part::hidden(place, name),
        _ => Part::new(place, name, role, value),
    };
    // The gateway joins repeated headers with a comma.
    let is_list = matches!(field.form, Form::StandardWebhooks);
    let is_repeated =
        values.len() > 1 || (place == Place::Header && !is_list && value.contains(','));
    let repeated = is_repeated.then(|| "came more than once".to_owned());
    let words = match field.form {
        Form::Authorization => vec![credential::authorization(value)],
        Form::Seconds => came(value, request, scheme.window),
        form => encoding::words(form, value),
    };
    Some(part.saying(repeated).saying(words))
}

/// Returns the keys that the request shows beside `Authorization`.
fn keys(request: &Incoming<'_>) -> Vec<Part> {
    let part =
        |place, name, value: &str| Part::hidden(place, name).saying([credential::secret(value)]);
    let in_header = request
        .values(KEY_HEADER)
        .map(|value| (Place::Header, KEY_HEADER, value));
    let in_query = request
        .parameters(KEY_PARAMETER)
        .map(|value| (Place::Query, KEY_PARAMETER, value));
    // More than two of them say no more than two.
    let all = in_header.take(2).chain(in_query.take(2));
    all.filter(|(.., value)| !value.is_empty())
        .map(|(place, name, value)| part(place, name, value))
        .collect()
}

/// Returns the body as text, repaired if it must be.
fn text<'a>(request: &Incoming<'a>) -> Option<Cow<'a, str>> {
    let body = json::without_mark(request.body());
    match std::str::from_utf8(body) {
        Ok(text) if Element::parse(text).is_some() => Some(Cow::Borrowed(text)),
        _ => json::repair(body).map(Cow::Owned),
    }
}
