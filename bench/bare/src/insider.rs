//! Insider's ordinary events.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::delivery;
use crate::item::{Facts, Take, machine};
use crate::outcome::Outcome;

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow, rename = "event")]
    name: Cow<'a, str>,
    #[serde(borrow)]
    iid: Cow<'a, str>,
    #[serde(borrow)]
    email: Cow<'a, str>,
    timestamp: i64,
    #[serde(borrow, default)]
    subject: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    campaign_name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    link_clicked: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    user_agent: Option<Cow<'a, str>>,
    url_offset: Option<Offset>,
}

#[derive(Deserialize)]
struct Offset {
    index: Option<u64>,
}

/// Reads an event, and hands its facts on.
pub(crate) fn read(raw: &str, take: &mut Take<'_>) -> Outcome<()> {
    let event: Event<'_> = delivery::read("an event of Insider", raw.as_bytes())?;
    let agent = event.user_agent.as_deref();
    let (kind, by) = match &*event.name {
        "processed" => ("queued", None),
        "delivered" => ("delivered", None),
        "open" => ("opened", Some(machine(agent))),
        "click" => ("clicked", Some(machine(agent))),
        other => return Err(format!("no ordinary event: {other}").into()),
    };
    let index = event.url_offset.as_ref().and_then(|offset| offset.index);
    let index = index.map(|index| index.to_string());
    let link = event.link_clicked.as_deref();
    let campaign = event.campaign_name.as_deref();
    let id = id(&[
        Some("insider"),
        Some(&event.iid),
        Some(&event.name),
        None,
        Some(&event.timestamp.to_string()),
        Some(&event.email),
        link,
        index.as_deref(),
        None,
        None,
        campaign,
        None,
        None,
        None,
    ]);
    take(&Facts {
        provider: "insider",
        id: &id,
        kind,
        provider_kind: &event.name,
        occurred_at: Timestamp::from_second(event.timestamp)?,
        recipient: event.email.trim(),
        message_id: &event.iid,
        subject: event.subject.as_deref(),
        campaign,
        url: link,
        machine: by,
        metadata: index.as_deref().map(|index| ("link_index", index)),
        raw,
    })
}

/// Returns the fingerprint of the facts that make the event what it is.
fn id(facts: &[Option<&str>]) -> String {
    let mut hash = Sha256::new();
    for fact in facts {
        match fact {
            None => hash.update([0]),
            Some(text) => {
                hash.update([1]);
                hash.update((text.len() as u64).to_be_bytes());
                hash.update(text.as_bytes());
            }
        }
    }
    let mut id = hex::encode(hash.finalize());
    id.truncate(32);
    id
}
