//! Customer.io's ordinary events.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Deserialize;

use crate::delivery;
use crate::item::{Facts, Take, machine};
use crate::outcome::Outcome;

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow, rename = "event_id")]
    id: Cow<'a, str>,
    #[serde(borrow)]
    metric: Cow<'a, str>,
    timestamp: i64,
    #[serde(borrow)]
    data: Data<'a>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    delivery_id: Cow<'a, str>,
    #[serde(borrow)]
    recipient: Cow<'a, str>,
    #[serde(borrow, default)]
    subject: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    href: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    user_agent: Option<Cow<'a, str>>,
    #[serde(default)]
    machine: bool,
    #[serde(default)]
    prefetched: bool,
    #[serde(default)]
    proxied: bool,
    link_id: Option<u64>,
    transactional_message_id: Option<u64>,
    newsletter_id: Option<u64>,
    broadcast_id: Option<u64>,
    campaign_id: Option<u64>,
}

/// Reads an event, and hands its facts on.
pub(crate) fn read(raw: &str, take: &mut Take<'_>) -> Outcome<()> {
    let event: Event<'_> = delivery::read("an event of Customer.io", raw.as_bytes())?;
    let data = &event.data;
    let agent = data.user_agent.as_deref();
    let (kind, by) = match &*event.metric {
        "drafted" => ("queued", None),
        "sent" => ("sent", None),
        "delivered" => ("delivered", None),
        "opened" if data.prefetched => ("opened", Some(("confirmed", Some("prefetch")))),
        "opened" if data.proxied => ("opened", Some(("suspected", Some("proxy")))),
        "opened" => ("opened", Some(machine(agent))),
        "clicked" if data.machine => ("clicked", Some(("confirmed", Some("scanner")))),
        "clicked" => ("clicked", Some(machine(agent))),
        other => return Err(format!("no ordinary event: {other}").into()),
    };
    let link = data.link_id.map(|id| id.to_string());
    take(&Facts {
        provider: "customerio",
        id: &event.id,
        kind,
        provider_kind: &event.metric,
        occurred_at: Timestamp::from_second(event.timestamp)?,
        recipient: data.recipient.trim(),
        message_id: &data.delivery_id,
        subject: data.subject.as_deref(),
        campaign: campaign(data).as_deref(),
        url: data.href.as_deref(),
        machine: by,
        metadata: link.as_deref().map(|id| ("link_id", id)),
        raw,
    })
}

fn campaign(data: &Data<'_>) -> Option<String> {
    let (prefix, id) = [
        ("transactional:", data.transactional_message_id),
        ("newsletter:", data.newsletter_id),
        ("broadcast:", data.broadcast_id),
        ("", data.campaign_id),
    ]
    .into_iter()
    .find_map(|(prefix, id)| Some((prefix, id?)))?;
    Some(format!("{prefix}{id}"))
}
