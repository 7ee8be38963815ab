//! One webhook, whole.

use std::collections::HashSet;

use operator::explain::explain;
use operator::redrive::{STORED, STORED_IF_AGREED, STORED_IF_FIRST, verdict};
use registry::Normalized;
use serde_json::{Value, json};
use shared::incoming::Incoming;
use shared::parts::{Part, Place, Role};
use shared::time::rfc3339_ms;

use super::held::held;
use super::hidden;
use super::{body, commands, events, vouched};
use crate::inspector::Inspector;
use crate::memory::{Caught, Message, State, Step};
use crate::near::{Held, NearMiss, Refused, Versions, near_miss};
use crate::veil::{HIDDEN, Veil};

/// The most events that are shown.
const EVENTS: usize = 100;

/// Returns all that is known of a webhook.
pub(crate) async fn detail(page: &Inspector, caught: Caught, veil: &Veil) -> Value {
    let is_refused = caught.entry.is_refused() && caught.entry.code.is_some();
    let held = match page.running() {
        Some(running) if is_refused => held(&running.target).await,
        _ => Held::new(),
    };
    let mut parts = signature(page, &caught);
    compared(&caught, &held, &mut parts);
    let mut near = if is_refused {
        near(page, &caught, held).await
    } else {
        None
    };
    if let Some(command) = near.as_mut().and_then(|near| near.command.as_mut()) {
        *command = commands::of_stack(page, command);
    }
    let age = if is_refused { age(page, &caught) } else { None };
    let normalized = caught.message.as_ref().and_then(Message::normalized);
    let (shown, more) = shown_events(&caught, normalized.as_ref());
    let mut detail = caught.row();
    let rest = json!({
        "request_id": caught.arrived.id,
        "message_id": caught.message_id,
        "source": caught.entry.source,
        "why": why(page, &caught),
        "age": age.map(|text| json!({"text": text})),
        "near": near,
        "headers": headers(&caught, &parts),
        "signature": parts,
        "query": query(&caught),
        "body": body::shown(caught.arrived.body(), veil),
        "would": would(&caught),
        "events": shown,
        "more_events": more,
        "attempts": caught.attempts,
        "dead": dead(&caught),
        "known": known(page, &caught),
    });
    let (told, steps) = told(page, &caught);
    if let (Some(detail), Value::Object(rest)) = (detail.as_object_mut(), rest) {
        // how many events there are is in the list alone
        detail.extend(rest);
        detail.insert("told".to_owned(), told.into());
        detail.insert("way".to_owned(), way(&caught, &steps));
    }
    detail
}

/// Returns the words of the operator on why it was refused or put aside.
pub(crate) fn explained(page: &Inspector, code: Option<&str>, provider: Option<&str>) -> Value {
    let explanation = code.and_then(|code| explain(code, provider));
    explanation.map_or(
        Value::Null,
        |why| json!({"cause": why.cause, "cure": commands::in_text(page, &why.cure), "page": why.page}),
    )
}

fn why(page: &Inspector, caught: &Caught) -> Value {
    explained(page, caught.code(), caught.provider_name())
}

/// Returns what would match, if it is one of the common slips.
async fn near(page: &Inspector, caught: &Caught, held: Held) -> Option<NearMiss> {
    let (provider, caught) = (caught.provider?, caught.clone());
    let window = page.setup.window;
    let trying = tokio::task::spawn_blocking(move || {
        let (headers, query) = (
            caught.arrived.headers_joined(),
            caught.arrived.parameters_joined(),
        );
        let refused = Refused {
            provider,
            headers: &headers,
            query: &query,
            path: &caught.arrived.path,
            body: caught.arrived.body(),
            received_at: caught.arrived.at,
            window,
        };
        near_miss(&refused, &held)
    });
    trying.await.ok().flatten()
}

/// Says beside a signature, or a secret that is shown, which keys it is none of.
fn compared(caught: &Caught, held: &Held, parts: &mut [Part]) {
    let is_mismatch = matches!(
        caught.code(),
        Some("signature_mismatch" | "credential_mismatch")
    );
    let own = caught
        .provider
        .and_then(|provider| held.get(provider.name()));
    let Some(words) = own.filter(|_| is_mismatch).and_then(Versions::none_of) else {
        return;
    };
    let is_compared = |part: &&mut Part| matches!(part.role, Role::Signature | Role::Key);
    for part in parts.iter_mut().filter(is_compared) {
        // One that is missing was compared with nothing.
        if part.value.as_deref() != Some("") {
            part.words.push(words.clone());
        }
    }
}

/// Gives the request to a function as a receiver reads it.
fn incoming<T>(page: &Inspector, caught: &Caught, of: impl FnOnce(&Incoming<'_>) -> T) -> T {
    let (headers, query) = (
        caught.arrived.headers_joined(),
        caught.arrived.parameters_joined(),
    );
    let body = caught.arrived.body();
    let incoming = Incoming::new(&headers, body, caught.arrived.at, page.setup.window);
    of(&incoming.with_query(&query))
}

fn signature(page: &Inspector, caught: &Caught) -> Vec<Part> {
    match caught.provider {
        Some(provider) if caught.arrived.queue_arn.is_none() => {
            incoming(page, caught, |incoming| provider.parts(incoming))
        }
        _ => Vec::new(),
    }
}

fn age(page: &Inspector, caught: &Caught) -> Option<String> {
    let provider = caught.provider?;
    incoming(page, caught, |incoming| provider.age(incoming))
}

fn headers(caught: &Caught, parts: &[Part]) -> Vec<Value> {
    let is_part = |name: &str| {
        let mut parts = parts.iter().filter(|part| part.place == Place::Header);
        parts.any(|part| part.name.eq_ignore_ascii_case(name))
    };
    let shown = |name: &str| {
        let mut parts = parts.iter().filter(|part| part.place == Place::Header);
        parts.any(|part| {
            let has_value = part.value.as_ref().is_some_and(|value| !value.is_empty());
            has_value && part.name.eq_ignore_ascii_case(name)
        })
    };
    let headers = caught.arrived.header_list().map(|(name, value)| {
        let is_hidden = !shown(name) && hidden::is_secret_header(caught.provider, name, &value);
        let value = if is_hidden { HIDDEN.to_owned() } else { value };
        json!({"name": name, "value": value, "part": is_part(name)})
    });
    headers.collect()
}

fn query(caught: &Caught) -> Vec<Value> {
    let parameters = caught.arrived.parameters().into_iter();
    let shown = parameters.map(|(name, value)| {
        let (name, value) = hidden::parameter(caught.provider, name, value);
        json!({"name": name, "value": value})
    });
    shown.collect()
}

fn would(caught: &Caught) -> Value {
    if !caught.entry.is_refused() {
        return Value::Null;
    }
    let normalized = caught
        .provider
        .and_then(|provider| vouched::events(provider, caught.arrived.body(), caught.arrived.at));
    normalized.map_or(Value::Null, |normalized| {
        let all = normalized.events.iter().take(EVENTS);
        json!({
            "events": all.map(events::of_event).collect::<Vec<_>>(),
            "more_events": normalized.events.len().saturating_sub(EVENTS),
        })
    })
}

/// Returns the events that are in the table, and how many more there are.
fn shown_events(caught: &Caught, normalized: Option<&Normalized>) -> (Vec<Value>, usize) {
    let stored = caught.entry.events.len() + caught.entry.more_events;
    let Some(normalized) = normalized.filter(|_| stored > 0) else {
        return (Vec::new(), 0);
    };
    let all = normalized.events.iter().take(EVENTS);
    let more = normalized.events.len().saturating_sub(EVENTS);
    (all.map(events::of_event).collect(), more)
}

fn dead(caught: &Caught) -> Value {
    if caught.state != State::Dead {
        return Value::Null;
    }
    let codes = caught.entry.code.as_deref().unwrap_or_default().split(',');
    let codes: Vec<&str> = codes.filter(|code| !code.is_empty()).collect();
    let message = caught.message.as_ref();
    let would = message.is_some_and(|message| would_be_stored(&message.body));
    json!({"codes": codes, "would_be_stored": would})
}

/// Returns the first webhook that has brought events of this one before, and how many of them: each
/// is stored once.
fn known(page: &Inspector, caught: &Caught) -> Value {
    let own = caught.message.iter().flat_map(|message| &message.ids);
    let own: HashSet<&str> = own.map(String::as_str).collect();
    if caught.state != State::Stored || own.is_empty() {
        return Value::Null;
    }
    let memory = page.memory();
    let before = memory.webhooks().filter(|other| {
        let is_before = other.number < caught.number;
        is_before && other.state != State::Dead
    });
    let same = before.filter_map(|other| {
        let all = other.message.iter().flat_map(|message| &message.ids);
        let events = all.filter(|id| own.contains(id.as_str())).count();
        (events > 0).then(|| json!({"webhook": other.name(), "events": events}))
    });
    same.last().unwrap_or(Value::Null)
}

/// Checks whether a message of the queue would be stored now.
pub(crate) fn would_be_stored(message: &str) -> bool {
    [STORED, STORED_IF_FIRST, STORED_IF_AGREED].contains(&verdict(message))
}

/// Returns the notifications of a webhook's events, and the steps that they were.
fn told(page: &Inspector, caught: &Caught) -> (Vec<Value>, Vec<Step>) {
    let memory = page.memory();
    let of_it = memory.outbound().filter(|sent| {
        let of = memory.of_event(&sent.id);
        of.is_some_and(|(other, _)| other.number == caught.number)
    });
    let (mut told, mut steps) = (Vec::new(), Vec::new());
    for sent in of_it.take(EVENTS) {
        told.push(memory.shown(sent));
        let name = if sent.outcome == "delivered" {
            "told"
        } else {
            "failed"
        };
        let text = format!("endpoint {}: {}", sent.outlet, sent.code);
        if let Ok(at) = sent.at.parse() {
            steps.push(Step { name, at, text });
        }
    }
    (told, steps)
}

/// Returns the way that a webhook took, step by step.
fn way(caught: &Caught, told: &[Step]) -> Value {
    let mut steps: Vec<&Step> = caught.way.iter().chain(told).collect();
    steps.sort_by_key(|step| step.at);
    let came = caught.arrived.at.as_millisecond();
    let steps = steps.into_iter().map(|step| {
        json!({
            "step": step.name,
            "at": rfc3339_ms(step.at),
            "after_ms": (step.at.as_millisecond() - came).max(0),
            "text": step.text,
        })
    });
    steps.collect()
}
