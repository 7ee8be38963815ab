//! Subscribes the sinks, as a user does.

use std::collections::BTreeMap;

use operator::Target;
use operator::webhooks::{Addition, WebhookError, Webhooks};

use super::sink::Sinks;

/// The id of each sink's endpoint, by the sink's name.
pub(crate) type Subscribed = BTreeMap<&'static str, u64>;

/// Adds an endpoint for each sink, with its own secret and its own header.
///
/// # Errors
/// Returns a [`WebhookError`] if the stack does not add it.
pub(crate) async fn subscribe(target: &Target, sinks: &Sinks) -> Result<Subscribed, WebhookError> {
    let webhooks = Webhooks::of(target, None)?;
    let mut subscribed = Subscribed::new();
    for sink in &sinks.0 {
        let (secret, header, token) = sink.keys();
        let addition = Addition {
            url: sink.url.as_str().into(),
            events: sink.filter.text().to_owned(),
            headers: vec![(header.to_owned(), token.into())],
            secret: Some(secret.expose().into()),
            ..Addition::default()
        };
        let added = webhooks.add(&addition).await?;
        subscribed.insert(sink.name, added.id);
    }
    Ok(subscribed)
}

/// Has an endpoint told nothing more. What it misses is held.
///
/// # Errors
/// Returns a [`WebhookError`] if the stack does not change it.
pub(crate) async fn silence(target: &Target, id: u64) -> Result<(), WebhookError> {
    let webhooks = Webhooks::of(target, None)?;
    webhooks.pause(id).await.map(|_| ())
}
