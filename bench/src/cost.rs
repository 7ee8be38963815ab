//! What a million events use: requests, milliseconds, write units, bytes. Counted on the real
//! functions' output and on the items themselves; write units by the items' size and the template's
//! projections, checked against what the emulator says it consumed.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodb::types::{ConsumedCapacity, ReturnConsumedCapacity};
use operator::events::Events as Table;
use operator::services::Services as Ways;
use serde_json::Value;
use shared::delivery::BILLED_CHUNK;
use shared::event::Event;
use stack::lambda::Output;
use stack::template::Template;
use table::item::{Item, item, size};
use table::sight::{self, Wanted};
use table::word::word;

use crate::measure::{invoke, milliseconds};
use crate::outcome::Outcome;
use crate::prices::Prices;
use crate::process::cpu;
use crate::services::Services;
use crate::stats::count;
use crate::subject::{CONSUMER, PEER_CONSUMER, PEER_RECEIVER, Subject};
use crate::usage::Use;
use crate::workload::{self, Events, Mix};

/// How many events the counts are taken of.
const EVENTS: usize = 1_000;
const RETENTION_DAYS: u32 = 400;
/// What DynamoDB adds to every stored item and index entry, in bytes.
const OVERHEAD: usize = 100;

/// A share of a day's events, and how they come.
#[derive(Clone, Copy)]
pub(crate) struct Part {
    pub(crate) share: f64,
    pub(crate) provider: &'static str,
    /// Events in one webhook.
    pub(crate) length: usize,
    pub(crate) mix: Mix,
    /// Whether each webhook is alone in its batch.
    pub(crate) is_alone: bool,
}

/// Counts what a part's events use, by our functions or the Python ones.
pub(crate) async fn count_part(
    services: &Services,
    subjects: &[Subject],
    part: Part,
    is_peer: bool,
    prices: &Prices,
) -> Outcome<Use> {
    let per_batch = if part.is_alone {
        1
    } else {
        prices.deliveries_per_batch()?
    };
    let (receiver, consumer) = if is_peer {
        (PEER_RECEIVER, PEER_CONSUMER)
    } else {
        (part.provider, CONSUMER)
    };
    let mut events = Events::new(part.provider, part.mix)?;
    let body = |_| match part.length {
        1 => events.one().to_string(),
        length => events.array(length),
    };
    let bodies: Vec<String> = (0..EVENTS / part.length).map(body).collect();
    let message = |body: &String| workload::message(part.provider, body);
    let messages = bodies.iter().map(message).collect::<Outcome<Vec<_>>>()?;
    let batches: Vec<_> = messages.chunks(per_batch).collect();

    let webhook = |body: &String| workload::webhook(part.provider, body);
    let webhooks = bodies.iter().map(webhook).collect::<Outcome<Vec<_>>>()?;
    let at_receiver = printed(subjects, receiver, &webhooks).await?;
    let payloads: Vec<_> = batches.iter().map(|batch| workload::batch(batch)).collect();
    let at_consumer = printed(subjects, consumer, &payloads).await?;

    let chunks = |bytes: usize| count(bytes.div_ceil(BILLED_CHUNK).max(1));
    let per_event = |sum: f64| sum / count(EVENTS);
    let mut used = Use {
        webhooks: per_event(count(bodies.len())),
        queue_sends: per_event(messages.iter().map(|m| chunks(m.len())).sum()),
        queue_receives: per_event(
            batches
                .iter()
                .map(|batch| chunks(batch.iter().map(String::len).sum()))
                .sum(),
        ),
        queue_deletes: per_event(count(batches.len())),
        consumer_runs: per_event(count(batches.len())),
        receiver_cpu_ms: per_event(at_receiver.cpu_ms),
        consumer_cpu_ms: per_event(at_consumer.cpu_ms),
        log_bytes: per_event(count(at_receiver.bytes + at_consumer.bytes)),
        log_lines: per_event(count(at_receiver.lines + at_consumer.lines)),
        ..Use::default()
    };
    let events = normalized(&messages)?;
    write(services, &events, &mut used).await?;
    Ok(used)
}

struct Printed {
    bytes: usize,
    lines: usize,
    cpu_ms: f64,
}

/// Invokes a function with everything, once to warm it up, and counts the second time.
async fn printed(subjects: &[Subject], name: &str, payloads: &[bytes::Bytes]) -> Outcome<Printed> {
    let lines = Arc::new(Mutex::new((0, 0)));
    let output: Output = {
        let lines = Arc::clone(&lines);
        Arc::new(move |_, line| {
            let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
            lines.0 += line.len() + 1;
            lines.1 += 1;
        })
    };
    let subject = subjects.iter().find(|subject| subject.name == name);
    let subject = subject.ok_or_else(|| format!("no function {name}"))?;
    let lambda = subject.lambda(output, 1);
    lambda.warm().await?;
    let pid = lambda.idle_processes().first().copied().ok_or("died")?;
    for payload in payloads {
        invoke(&lambda, payload).await?;
    }
    let before = cpu(pid)?;
    for payload in payloads {
        invoke(&lambda, payload).await?;
    }
    let cpu_ms = milliseconds(cpu(pid)?.saturating_sub(before));
    // the last lines are read after the answer
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let (bytes, lines) = *lines.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(Printed {
        bytes: bytes / 2,
        lines: lines / 2,
        cpu_ms,
    })
}

fn normalized(messages: &[String]) -> Outcome<Vec<Event>> {
    let mut events = Vec::new();
    for message in messages {
        events.extend(registry::normalize(message)?.events);
    }
    Ok(events)
}

/// Writes the items and asks what they consumed.
async fn write(services: &Services, events: &[Event], used: &mut Use) -> Outcome<()> {
    let name = services.template.tables.keys().next();
    let name = name.ok_or("the template has no table")?.clone();
    let ways = Ways::local(&format!("http://{}", services.table_address));
    let table = Table::named(ways, name);
    let projections = projections(&services.template)?;
    let mut keys = BTreeSet::new();
    for event in events {
        let item = item(event, RETENTION_DAYS);
        keys.insert(table::store::key_of(&item));
        let per_event = 1.0 / count(events.len());
        used.item_bytes += per_event * count(size(&item));
        let entries = index_entries(&item, &projections);
        used.index_bytes += per_event * count(entries.iter().map(|bytes| bytes + OVERHEAD).sum());
        let own_units = units(size(&item));
        let index_units: f64 = entries.into_iter().map(units).sum();
        used.event_write_units += per_event * (own_units + index_units);
        let put = table.client().put_item().table_name(table.table());
        let put = put.return_consumed_capacity(ReturnConsumedCapacity::Total);
        let answer = put.set_item(Some(item)).send().await?;
        // The emulator counts the table and leaves the indexes out.
        let consumed = answer
            .consumed_capacity()
            .and_then(ConsumedCapacity::capacity_units);
        if consumed != Some(own_units) {
            return Err(format!("{own_units} write units, the emulator says {consumed:?}").into());
        }
    }
    if keys.len() != events.len() {
        return Err("the workload has an event twice".into());
    }
    // Items of their own, in no index, and well under 1 KB: one unit each.
    let mut changes = 0;
    let mut first_sights = Wanted::new();
    for event in events {
        changes += usize::from(word(event).is_some());
        sight::want(&mut first_sights, event, event.occurred_at.time(), 0);
    }
    used.suppression_write_units = count(changes) / count(events.len());
    used.first_sight_write_units = count(first_sights.len()) / count(events.len());
    Ok(())
}

/// The attributes of each index: its key first.
pub(crate) fn projections(template: &Template) -> Outcome<Vec<(String, Vec<String>)>> {
    let texts = |value: Option<&Value>| -> Vec<String> {
        let values = value.and_then(Value::as_array).into_iter().flatten();
        values
            .filter_map(|v| Some(v.as_str()?.to_owned()))
            .collect()
    };
    let table = template.tables.values().next();
    let indexes = table
        .and_then(|table| table.get("GlobalSecondaryIndexes")?.as_array())
        .ok_or("the table has no indexes")?;
    let index = |index: &Value| {
        let key = index
            .pointer("/KeySchema/0/AttributeName")?
            .as_str()?
            .to_owned();
        let mut names = texts(index.pointer("/Projection/NonKeyAttributes"));
        names.extend(["pk", "sk"].map(str::to_owned));
        names.push(key.clone());
        Some((key, names))
    };
    Ok(indexes.iter().filter_map(index).collect())
}

/// Bytes of the item's entry in each index that it is in.
fn index_entries(item: &Item, projections: &[(String, Vec<String>)]) -> Vec<usize> {
    projections
        .iter()
        .filter(|(key, _)| item.contains_key(key))
        .map(|(_, names)| entry_size(item, names))
        .collect()
}

/// Bytes of the item's entry in an index that has these attributes.
pub(crate) fn entry_size(item: &Item, names: &[String]) -> usize {
    let projected: Item = names
        .iter()
        .filter_map(|name| Some((name.clone(), item.get(name)?.clone())))
        .collect();
    size(&projected)
}

/// One for each KB begun.
pub(crate) fn units(bytes: usize) -> f64 {
    count(bytes.div_ceil(1024))
}
