//! What `SendGrid` sends: an array of flat objects, of any kinds and messages.
//!
//! The sender's own arguments stand among the fields, at the top level: whatever is not a known field is one of them, and
//! becomes metadata. One that bears a field's name is taken for the field. `raw` has all of it.
//!
//! `ip` is the sending server's on delivery events, where a refusal keeps it; the client's on opens, clicks and the like,
//! where it is left to `raw`: it is a person's.

use std::collections::BTreeMap;

use serde_json::Value;
use shared::delivery::Delivery;
use shared::element::Element;
use shared::event::{Event, EventId, Kind, OccurredAt, bare_message_id};
use shared::recipients::Recipients;
use shared::time;

use crate::vocabulary;

/// The fields that `SendGrid` itself sends. What is missing here would pass for an argument of the sender's.
#[rustfmt::skip]
const FIELDS: &[&str] = &[
    // of every event
    "email", "timestamp", "event", "sg_event_id", "sg_message_id", "smtp-id", "category", "asm_group_id",
    // of delivery
    "send_at", "pool", "response", "attempt", "tls", "cert_err", "cert_error", "ip", "type", "bounce_classification", "reason",
    "status",
    // of engagement
    "useragent", "url", "url_offset", "sg_machine_open", "sg_content_type",
    // of marketing mail and templates
    "marketing_campaign_id", "marketing_campaign_name", "marketing_campaign_version", "marketing_campaign_split_id",
    "singlesend_id", "singlesend_name", "template_id", "template_hash", "sg_template_id", "sg_template_name", "phase_id",
    "mc_auto_id", "mc_auto_name", "mc_auto_step_id", "mc_pod_id", "mc_stats", "newsletter",
];

/// What a message was part of, the first that is there.
const CAMPAIGNS: &[&str] = &[
    "marketing_campaign_id",
    "singlesend_id",
    "mc_auto_id",
    "sg_template_id",
    "template_id",
];

/// The one event of an element.
pub(crate) fn events(element: &Element<'_>, delivery: &Delivery) -> Vec<Event> {
    let time = element.integer("timestamp").and_then(time::from_seconds);
    let kind = vocabulary::kind(element);
    let event = Event {
        provider_kind: element.text("event"),
        occurred_at: OccurredAt::event_or_received(time, delivery),
        message_id: message_id(element),
        rfc_message_id: element.text("smtp-id").and_then(|id| bare_message_id(&id)),
        campaign: CAMPAIGNS.iter().find_map(|key| element.id(key)),
        tags: categories(element),
        metadata: metadata(element, &kind),
        kind,
        ..Event::of(delivery, element, event_id(element, delivery))
    };
    vec![event.to(&Recipients::of(element.text("email")))]
}

/// What the send API returned as `X-Message-Id`: `sg_message_id` without what the servers on the way have added to it.
fn message_id(element: &Element<'_>) -> Option<String> {
    let id = element.text("sg_message_id")?;
    let (sent, _) = id.split_once('.').unwrap_or((&id, ""));
    (!sent.is_empty()).then(|| sent.to_owned())
}

/// One as a text, several as a list.
fn categories(element: &Element<'_>) -> Vec<String> {
    match element.text("category") {
        Some(only) => vec![only],
        None => element.texts("category"),
    }
}

/// The sender's arguments, and under their own names those fields that someone will ask for.
fn metadata(element: &Element<'_>, kind: &Kind) -> BTreeMap<String, Value> {
    let mut metadata = element.others(FIELDS);
    let fields: &[&str] = match kind {
        Kind::Deferred(_) => &["attempt", "ip"],
        Kind::Bounced(_) => &["ip"],
        Kind::Unsubscribed { .. } | Kind::Subscribed(_) => &["asm_group_id"],
        _ => &[],
    };
    let facts = fields
        .iter()
        .filter_map(|key| Some(((*key).to_owned(), element.id(key)?.into())));
    metadata.extend(facts);
    if let Some(index) = link_index(element, kind) {
        metadata.insert("link_index".to_owned(), index.into());
    }
    metadata
}

/// Which of several links to one address was followed.
fn link_index(element: &Element<'_>, kind: &Kind) -> Option<String> {
    let is_click = matches!(kind, Kind::Clicked { .. });
    let offset = element.object("url_offset").filter(|_| is_click)?;
    offset.id("index")
}

/// See the top of `lib.rs`. The timestamp has whole seconds, so two opens within one, from one place, are one.
fn event_id(element: &Element<'_>, delivery: &Delivery) -> EventId {
    let provider = Some(delivery.provider());
    let required = ["event", "email", "timestamp"].map(|key| element.id(key));
    let [Some(event), Some(email), Some(timestamp)] = &required else {
        return EventId::of(&[provider, Some(&element.without("sg_event_id"))]);
    };
    let offset = element.object("url_offset");
    let id = |key| element.id(key);
    EventId::of(&[
        provider,
        Some(event),
        Some(email),
        Some(timestamp),
        id("type").as_deref(),
        id("sg_message_id").as_deref(),
        id("smtp-id").as_deref(), // a bounce that comes later has neither
        id("url").as_deref(),
        offset.and_then(|offset| offset.id("index")).as_deref(),
        id("ip").as_deref(),
        id("useragent").as_deref(),
        id("attempt").as_deref(),
        id("reason").as_deref(),
        id("response").as_deref(),
        id("asm_group_id").as_deref(),
    ])
}
