//! One person: whether they may be mailed, what happened to them, and what an erasure would delete.

use operator::asked;
use operator::erase::{self, Person};
use operator::events::{Of, Selection};
use operator::may_mail::{Because, Question};
use operator::print::{now, printable};
use operator::recipient::Recipient;
use outlets::fact::event_id;
use serde_json::{Map, Value, json};
use shared::address::AddressError;
use shared::event::Channel;
use table::item::Item;
use table::read::text;
use table::timeline::Span;

use super::{commands, events};
use crate::error::PageError;
use crate::inspector::{Inspector, Running};
use crate::memory::Caught;
use crate::question::Query;

/// How many events are shown unless more are wanted, and at most.
const EVENTS: usize = 200;
const MOST_EVENTS: usize = 1_000;

/// Returns what the table says of a person.
pub(crate) async fn person(
    page: &Inspector,
    address: &str,
    query: &Query,
) -> Result<Value, PageError> {
    let running = page.running().ok_or_else(PageError::starting)?;
    let channel = match query.get("channel") {
        Some(word) => asked::channel(word)?,
        None => Channel::Email,
    };
    let recipient = Recipient::parse(address).map_err(operator::Error::from)?;
    if recipient.keys(channel).is_empty() {
        // A name without an at sign is none in mail.
        return Err(PageError::from(operator::Error::Address {
            text: address.trim().to_owned(),
            reason: AddressError::NoAddress,
        }));
    }
    let of = Of::Recipient(recipient);
    let table = running.target.events();
    let question = Question {
        channel,
        scope: None,
        ignore: Vec::new(),
    };
    let answer = question.one(&table, &of).await?;
    let selection = Selection {
        kinds: Vec::new(),
        providers: Vec::new(),
        channel: None,
        span: Span::default(),
        now: now(),
    };
    let most = query.limit(EVENTS, MOST_EVENTS);
    let timeline = table.timeline(&of, &selection, most, |_| {}).await?;
    let all = timeline.newest.count;
    let events = timeline.newest.kept();
    let events: Vec<Value> = events.iter().map(|item| event(page, item)).collect();
    let (erase, optouts) = erasure(page, running, address, channel).await?;
    Ok(json!({
        "address": of.name(),
        "channel": channel.name(),
        "may_mail": answer.may_mail,
        "reasons": answer.reasons.iter().map(reason).collect::<Vec<_>>(),
        "optouts": optouts,
        "more": all > events.len(),
        "events": events,
        "erase": erase,
    }))
}

fn reason(because: &Because) -> Value {
    json!({
        "reason": because.reason,
        "since": because.since,
        "event": because.event,
        "provider": because.provider,
        "text": because.text,
    })
}

/// Returns a stored event, with the webhook that it came by, if that is remembered.
fn event(page: &Inspector, item: &Item) -> Value {
    let [pk, sk] = ["pk", "sk"].map(|name| text(item, name));
    let at = sk.split('#').next().unwrap_or_default();
    let message = text(item, "message").split_once('#').map(|(_, id)| id);
    let facts = json!({
        "at": at,
        "provider": text(item, "provider"),
        "message_id": message,
        "webhook": webhook(page, pk, sk),
    });
    events::with(events::of_stored(item), object(facts))
}

/// Returns the name of the webhook that an event came by.
pub(crate) fn webhook(page: &Inspector, pk: &str, sk: &str) -> Option<String> {
    let memory = page.memory();
    let of = memory.of_event(&event_id(pk, sk));
    of.map(|(caught, _): (&Caught, usize)| caught.name())
}

pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// Returns what an erasure would delete, and what the person has opted out of.
async fn erasure(
    page: &Inspector,
    running: &Running,
    address: &str,
    channel: Channel,
) -> Result<(Value, Vec<Value>), PageError> {
    let target = &running.target;
    let person = Person::recipient(address)?;
    let mut plan = erase::plan(&target.events(), &person, false).await?;
    if let Some(outlets) = target.outlets_table() {
        plan = plan.with_parked(outlets, &person).await?;
    }
    let optouts = plan.suppressions.iter();
    let optouts = optouts.filter_map(|((of, sk), reasons)| {
        let scope = sk.strip_prefix("suppression#")?;
        let is_here = *of == channel.name() && !reasons.is_empty();
        is_here.then(|| json!({"scope": scope, "reason": reasons}))
    });
    let optouts = optouts.collect();
    let events: usize = plan.events.values().sum();
    let items = events + plan.suppressions.len() + plan.first_sights + plan.parked;
    let rows = plan.rows().into_iter().map(|row| {
        let [channel, what, count] = row.as_slice() else {
            return row.join(" ");
        };
        format!("{count} {channel} {what}").replace("  ", " ")
    });
    let rows: Vec<String> = rows.collect();
    let summary = plan.summary(target.table(), &person);
    // The rows are under a heading of the page's own.
    let summary: Vec<&str> = summary
        .lines()
        .filter(|line| !line.ends_with(':'))
        .collect();
    let command = format!("postern erase {}", quoted(&printable(address.trim())));
    let erase = json!({
        "items": items,
        "text": summary.join("\n"),
        "rows": rows,
        "command": commands::of_stack(page, &command),
    });
    Ok((erase, optouts))
}

/// Quotes a text for a shell, if it needs that.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "@.+-_".contains(c);
    if text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}
