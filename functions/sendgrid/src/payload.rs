//! What `SendGrid` sends: an array of flat objects, of any kinds and messages.
//!
//! The sender's own arguments stand among the fields, at the top level: whatever is not a known
//! field is one of them, and becomes metadata. One that bears a field's name is taken for the
//! field. `raw` has all of it.
//!
//! `ip` is the sending server's on delivery events, where a refusal keeps it; the client's on
//! opens, clicks and the like, where it is left to `raw`: it is a person's.

use std::collections::BTreeMap;

use serde_json::Value;
use shared::delivery::Delivery;
use shared::element::Element;
use shared::event::{Event, EventId, Kind, OccurredAt, bare_message_id};
use shared::recipients::Recipients;
use shared::time;

use crate::vocabulary;

/// The fields that `SendGrid` itself sends. What is missing here would pass for an argument of the
/// sender's.
#[rustfmt::skip]
const FIELDS: &[&str] = &[
    // of every event
    "email", "timestamp", "event", "sg_event_id", "sg_message_id", "smtp-id", "category", "asm_group_id",
    // of delivery
    "send_at", "pool", "response", "attempt", "tls", "cert_err", "cert_error", "ip", "type", "bounce_classification", "reason",
    "status",
    // of engagement
    "useragent", "url", "url_offset", "sg_machine_open", "sg_content_type",
    // of the account; an unsubscription by its link has these, too
    "sg_user_id", "post_type",
    // of marketing mail and templates
    "marketing_campaign_id", "marketing_campaign_name", "marketing_campaign_version", "marketing_campaign_split_id",
    "singlesend_id", "singlesend_name", "template_id", "template_hash", "template_version_id", "sg_template_id", "sg_template_name", "phase_id",
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
    let time = element.id("timestamp");
    let time = time.as_deref().and_then(time::from_text);
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

/// What the names of the servers begin with that add theirs to a message's id.
const SERVERS: &[&str] = &["filter", "recvd", "ismtpd", "geopod"];

/// What the send API returned as `X-Message-Id`: `sg_message_id` without what the servers on the
/// way have added to it, as in `<id>.filter0905p1mdw1-4434-59E0C6FF-3.0` and
/// `<id>.recvd-67fdc7b4d6-wbpn9-1-666CAB97-15.0`.
///
/// An id may have dots of its own (`14c5d75ce93.dfd.64b469`); `smtp-id` has it whole. Of what was
/// dropped at once, in older events, nothing but the server's part is left, which many messages
/// share: there, too, `smtp-id` has it.
fn message_id(element: &Element<'_>) -> Option<String> {
    let id = element.text("sg_message_id")?;
    let smtp_id = element.text("smtp-id").and_then(|id| bare_message_id(&id));
    let smtp_id = smtp_id.as_deref().and_then(|id| id.rsplit_once('@'));
    if let Some((local, _)) = smtp_id
        && let Some(rest) = id.strip_prefix(local)
        && (rest.is_empty() || rest.starts_with('.'))
        && !local.is_empty()
    {
        return Some(local.to_owned());
    }
    let parts = id.split('.');
    let own: Vec<&str> = parts.take_while(|part| !is_server(part)).collect();
    let is_named = own.len() < id.split('.').count();
    let own = match own.as_slice() {
        // The sender may have written the Message-ID: only SendGrid's own has its id.
        [] => {
            let by_sendgrid = |(_, domain): &(&str, &str)| is_server(domain);
            smtp_id.filter(by_sendgrid)?.0.to_owned()
        }
        parts if is_named => parts.join("."),
        [first, ..] => (*first).to_owned(), // behind it something unknown
    };
    (!own.is_empty()).then_some(own)
}

/// Whether a part of an id is a server's name: such a word, then a digit, `-`, or SendGrid's
/// further words.
fn is_server(part: &str) -> bool {
    let part = part.to_ascii_lowercase();
    let rest = SERVERS.iter().find_map(|server| part.strip_prefix(server));
    let rest = rest.map(|rest| rest.strip_prefix("drecv").unwrap_or(rest));
    rest.is_some_and(|rest| rest.starts_with(|c: char| c == '-' || c.is_ascii_digit()))
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

/// See the top of `lib.rs`. The timestamp has whole seconds, so two opens within one, from one
/// place, are one.
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
