//! What `SparkPost` sends: an array of `{"msys": {"<class>": {…}}}`, one event an item, whose class
//! is one key.
//!
//! The class says little, and a template's failure has come under another one than its own: what
//! counts is the `type` inside. Nearly all scalars are texts.
//!
//! An item whose `msys` is empty is the handshake. Alone, no receiver lets it through; among events
//! it becomes an `unknown` one, since of every element something is told.
//!
//! Of mail that is older than 60 days, engagement has neither `transmission_id` nor campaign, tags
//! or metadata. There the message's own id is all that is left.

use std::collections::BTreeMap;

use serde_json::Value;
use shared::delivery::Delivery;
use shared::element::Element;
use shared::event::{Channel, Event, EventId, Kind, OccurredAt};
use shared::recipients::Recipients;
use shared::time;

use crate::vocabulary;

/// The documented classes. An item has one.
const CLASSES: &[&str] = &[
    "message_event",
    "track_event",
    "gen_event",
    "unsubscribe_event",
    "relay_event",
    "ab_test_event",
    "ingest_event",
    "relay_message",
];

/// What `SparkPost` makes up for a message without a template; digits follow, which are the
/// transmission's.
const MADE_UP: [&str; 2] = ["template_", "smtp_"];

/// The one event of an element.
pub(crate) fn events(element: &Element<'_>, delivery: &Delivery) -> Vec<Event> {
    let msys = element.object("msys");
    let (class, nested) = msys.as_ref().and_then(class).unzip();
    // A ping has no class; without `msys`, the facts of an unknown shape may stand in the open.
    let facts = nested.or(msys);
    let facts = facts.as_ref().unwrap_or(element);

    let channel = channel(facts);
    let kind = vocabulary::kind(facts, class.as_deref());
    let time = facts.id("timestamp");
    let time = time.as_deref().and_then(time::from_text);
    let event = Event {
        channel,
        provider_kind: facts.text("type").or(class),
        occurred_at: OccurredAt::event_or_received(time, delivery),
        // What the API that sent it returned, for all of its recipients. Mail that came by SMTP may
        // have none.
        message_id: facts
            .id("transmission_id")
            .or_else(|| facts.id("message_id")),
        subject: facts.text("subject"),
        campaign: campaign(facts),
        tags: facts.texts("rcpt_tags"),
        metadata: metadata(facts, &kind),
        kind,
        ..Event::of(delivery, element, event_id(element, facts, delivery))
    };
    vec![event.to(&recipients(facts, channel))]
}

/// The class of an item, and what is in it. One that is not documented is read, too.
fn class<'a>(msys: &Element<'a>) -> Option<(String, Element<'a>)> {
    let of = |class: &str| Some((class.to_owned(), msys.object(class)?));
    let known = CLASSES.iter().find_map(|class| of(class));
    known.or_else(|| {
        let others = msys.others(CLASSES).into_keys();
        others.into_iter().find_map(|class| of(&class))
    })
}

/// `SparkPost` sent text messages and pushes, too. Their addresses say nothing of a mailbox.
fn channel(facts: &Element<'_>) -> Channel {
    match facts.word("delv_method").as_str() {
        "smpp" => Channel::Sms,
        "apn" | "apns" | "gcm" | "fcm" => Channel::Push,
        // In the samples every event has the fields of all channels, and is sent by `esmtp`.
        _ if facts.word("type") == "sms_status" => Channel::Sms,
        _ => Channel::Email,
    }
}

fn recipients(facts: &Element<'_>, channel: Channel) -> Recipients {
    let own = match channel {
        Channel::Sms => facts.text("sms_dst"),
        Channel::Push => facts.text("device_token"),
        _ => None,
    };
    Recipients::of_channel(channel, own.or_else(|| address(facts)))
}

/// `rcpt_to` is in lower case, `raw_rcpt_to` as it was sent. A raw one that is not the same address
/// has been seen: the mail went to `rcpt_to`.
fn address(facts: &Element<'_>) -> Option<String> {
    match (facts.text("raw_rcpt_to"), facts.text("rcpt_to")) {
        (Some(raw), Some(to)) if raw.to_lowercase() != to.to_lowercase() => Some(to),
        (raw, to) => raw.or(to),
    }
}

fn campaign(facts: &Element<'_>) -> Option<String> {
    let template = facts.id("template_id").filter(|id| !is_made_up(id));
    facts.id("campaign_id").or(template)
}

fn is_made_up(template: &str) -> bool {
    let number = MADE_UP
        .iter()
        .find_map(|start| template.strip_prefix(start));
    number.is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit()))
}

/// The sender's variables, of the message and of the recipient; and those of `SparkPost`'s facts
/// that someone will ask for.
fn metadata(facts: &Element<'_>, kind: &Kind) -> BTreeMap<String, Value> {
    let variables = facts.object("rcpt_meta");
    let mut metadata = variables.map_or_else(BTreeMap::new, |meta| meta.others(&[]));
    let mut keep = |name: &str, key: &str| {
        if let Some(value) = facts.id(key) {
            metadata.insert(name.to_owned(), value.into());
        }
    };
    keep("rcpt_type", "rcpt_type"); // a copy's: cc, bcc, archive
    keep("subaccount_id", "subaccount_id");
    match kind {
        Kind::Deferred(_) => {
            keep("attempt", "num_retries");
            keep("sending_ip", "sending_ip");
        }
        Kind::Bounced(_) => keep("sending_ip", "sending_ip"),
        Kind::Complained => keep("fbtype", "fbtype"),
        _ => {}
    }
    metadata
}

/// See the top of `lib.rs`. The id is not signed, as nothing is, and stays the same whenever and to
/// whatever webhook the event is sent. Samples share one id, so recipient and message count, too.
fn event_id(element: &Element<'_>, facts: &Element<'_>, delivery: &Delivery) -> EventId {
    let id = |key| facts.id(key);
    let provider = Some(delivery.provider());
    let required = ["type", "message_id", "rcpt_to", "timestamp"].map(id);
    match (&required, id("event_id")) {
        ([Some(name), message, recipient, _], Some(event_id)) => EventId::of(&[
            provider,
            Some("event_id"),
            Some(name),
            Some(&event_id),
            message.as_deref(),
            recipient.as_deref(),
            id("transmission_id").as_deref(),
        ]),
        ([Some(name), Some(message), Some(recipient), Some(timestamp)], None) => EventId::of(&[
            provider,
            Some("facts"),
            Some(name),
            Some(message),
            Some(recipient),
            Some(timestamp),
            id("target_link_url").as_deref(),
            id("ip_address").as_deref(),
            id("user_agent").as_deref(),
        ]),
        _ => EventId::of(&[provider, Some(element.raw())]),
    }
}
