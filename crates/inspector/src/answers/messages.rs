//! What happened to one message.

use operator::message::{MessageId, find};
use operator::print::now;
use serde_json::{Value, json};
use table::announced::Announced;

use super::events;
use super::people::{object, webhook};
use crate::error::PageError;
use crate::inspector::Inspector;

/// Returns what happened to the message of this id, to each of its recipients.
pub(crate) async fn message(
    page: &Inspector,
    provider: &str,
    id: &str,
) -> Result<Value, PageError> {
    let running = page.running().ok_or_else(PageError::starting)?;
    let known = registry::provider(provider);
    let known = known.ok_or_else(|| PageError::asked("provider_unknown", "no such provider"))?;
    let asked = MessageId::parse(&format!("{}#{id}", known.name()))?;
    let found = find(&asked, &running.target.events(), now()).await?;
    let recipients = found.iter().flat_map(|message| &message.recipients);
    let recipients = recipients.map(|recipient| {
        let all = recipient.events.iter().map(|event| shown(page, event));
        json!({
            "address": recipient.address,
            "customer_id": recipient.customer_id,
            "events": all.collect::<Vec<_>>(),
        })
    });
    Ok(json!({
        "provider": known.name(),
        "id": id,
        "recipients": recipients.collect::<Vec<_>>(),
    }))
}

fn shown(page: &Inspector, event: &Announced) -> Value {
    let at = event.text("occurred_at");
    let sk = format!("{at}#{}", event.text("id"));
    let (channel, address) = (event.text("channel"), event.text("address"));
    let pk = match (address, event.text("customer_id")) {
        ("", customer) => format!("customer#{channel}#{customer}"),
        (address, _) => format!("{channel}#{address}"),
    };
    let facts = json!({
        "at": at,
        "provider": event.text("provider"),
        "message_id": event.get("message_id"),
        "webhook": webhook(page, &pk, &sk),
    });
    events::with(events::of_announced(event, None), object(facts))
}
