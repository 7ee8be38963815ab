//! `template.yaml`, with every provider chosen.

use registry::SENDERS;
use serde_json::Value;
use stack::template::{TEMPLATE, Template, document, expanded, providers};

/// The parameter that chooses every provider.
#[must_use]
pub fn every_provider() -> (String, String) {
    providers(SENDERS.iter().map(|provider| provider.name()))
}

/// The parameter that watches every provider for silence.
#[must_use]
pub fn everyone_watched() -> (String, String) {
    ("SilenceProviders".to_owned(), every_provider().1)
}

/// The parameter that turns the way out on.
#[must_use]
pub fn with_outlets() -> (String, String) {
    ("Outlets".to_owned(), "yes".to_owned())
}

/// The template as it is written.
#[must_use]
pub fn as_written() -> Value {
    document(TEMPLATE).expect("YAML")
}

/// The template with its loops expanded, and every provider watched. Nothing else is resolved.
#[must_use]
pub fn as_expanded() -> Value {
    expanded(&as_written(), &[every_provider(), everyone_watched()]).expect("loops")
}

/// The template as the local stack reads it.
#[must_use]
pub fn as_read() -> Template {
    Template::parse(TEMPLATE, &[every_provider()], "http://sqs").expect("a template")
}
