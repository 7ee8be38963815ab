//! The dead letters: looked at without receiving them, and moved back.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};
use shared::dead_letter::{CODE, FIRST_MESSAGE_ID};
use shared::provider::Provider;
use shared::time::{from_millis, rfc3339_ms};
use sqs::Kept;

use super::body;
use super::detail::{explained, would_be_stored};
use crate::error::PageError;
use crate::inspector::{Inspector, Running};
use crate::memory::Caught;
use crate::own::own;
use crate::question::Answer;
use crate::veil::Veil;

/// The most dead letters that are shown.
const MOST: usize = 200;

/// A message in a dead-letter queue.
struct Letter {
    queue: String,
    kept: Kept,
}

impl Letter {
    /// Returns the id that it had when it was put aside first. Copies have the same one.
    fn first_id(&self) -> &str {
        let first = self.kept.content.message().text(FIRST_MESSAGE_ID);
        first.unwrap_or(&self.kept.message_id)
    }

    fn message(&self) -> &str {
        &self.kept.content.message().body
    }

    /// Returns the provider's own body, if it can be read, or else the message.
    fn body(&self) -> Vec<u8> {
        let delivery = shared::delivery::Delivery::decode(self.message());
        delivery.map_or_else(
            |_| self.message().as_bytes().to_vec(),
            |delivery| delivery.body().to_vec(),
        )
    }
}

/// Returns the dead letters, the newest first. One that was put aside twice is there once.
pub(crate) fn list(page: &Inspector, veil: &Veil) -> Result<Value, PageError> {
    let running = page.running().ok_or_else(PageError::starting)?;
    let mut letters = letters(running);
    letters.sort_by_key(|letter| std::cmp::Reverse(letter.kept.sent));
    let mut seen = BTreeSet::new();
    letters.retain(|letter| seen.insert(letter.first_id().to_owned()));
    let is_more = letters.len() > MOST;
    let shown = letters.iter().take(MOST);
    let shown = shown.map(|letter| shown_letter(page, running, letter, veil));
    Ok(json!({"dead": shown.collect::<Vec<_>>(), "more": is_more}))
}

fn letters(running: &Running) -> Vec<Letter> {
    let queues = running.aside().into_iter();
    let letters = queues.flat_map(|queue| {
        let kept = running.queues.queue(&queue).map(|queue| queue.kept());
        let kept = kept.and_then(Result::ok).unwrap_or_default().into_iter();
        kept.map(move |kept| Letter {
            queue: queue.clone(),
            kept,
        })
    });
    letters.collect()
}

fn shown_letter(page: &Inspector, running: &Running, letter: &Letter, veil: &Veil) -> Value {
    let Letter { queue, kept } = letter;
    let codes = kept.content.message().text(CODE).unwrap_or_default();
    let codes = codes.split(',').map(str::trim);
    let codes: Vec<&str> = codes.filter(|code| !code.is_empty()).collect();
    let opened = registry::open(letter.message()).ok();
    let provider = opened.map(|(provider, _)| provider.name());
    let provider = provider.or_else(|| {
        let sources = running.queues.dead_letter_sources(queue);
        sources
            .iter()
            .find_map(|name| own(name))
            .map(Provider::name)
    });
    let sent = running.queues.unix_millis(kept.sent);
    let sent = i64::try_from(sent).ok().and_then(from_millis);
    let of = page.memory();
    let webhook = of.of_message(letter.first_id()).map(Caught::name);
    drop(of);
    let body = letter.body();
    json!({
        "id": kept.message_id,
        "first": letter.first_id(),
        "at": sent.map(rfc3339_ms),
        "provider": provider,
        "codes": codes,
        "why": explained(page, codes.first().copied(), provider),
        "bytes": body.len(),
        "body": body::shown(&body, veil),
        "would_be_stored": would_be_stored(letter.message()),
        "visible": kept.is_visible,
        "webhook": webhook,
        "queue": queue,
    })
}

/// Returns the body of the dead letter of this id, to be kept in a file.
pub(crate) fn body(page: &Inspector, id: &str) -> Result<Answer, PageError> {
    let running = page.running().ok_or_else(PageError::starting)?;
    let letters = letters(running);
    let found = letters.iter().find(|letter| letter.kept.message_id == id);
    let found = found.ok_or_else(|| PageError::missing("the dead letter"))?;
    let name = format!("dead-{}.bin", found.kept.message_id);
    Ok(Answer::File(name, Bytes::from(found.body())))
}

/// Which dead letters are moved back: those of these ids, or all.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Redrive {
    ids: Option<Vec<String>>,
}

/// Moves dead letters back to the queue that they came from, as `postern redrive` does: what
/// somebody is reading stays. A copy goes with its first.
pub(crate) fn redrive(page: &Inspector, asked: &Redrive) -> Result<Value, PageError> {
    let running = page.running().ok_or_else(PageError::starting)?;
    let letters = letters(running);
    let wanted: Option<BTreeSet<&str>> = asked.ids.as_ref().map(|ids| {
        let of = letters.iter().filter(|l| ids.contains(&l.kept.message_id));
        of.map(Letter::first_id).collect()
    });
    let wanted = letters.iter().filter(|letter| {
        wanted
            .as_ref()
            .is_none_or(|ids| ids.contains(letter.first_id()))
    });
    let mut moved: BTreeMap<&str, bool> = BTreeMap::new();
    for letter in wanted {
        let is_moved = running
            .queues
            .move_one(&letter.queue, &letter.kept.message_id)
            .map_err(|error| PageError::failed(error.to_string()))?;
        *moved.entry(letter.first_id()).or_default() |= is_moved;
    }
    let all = moved.len();
    let moved = moved.values().filter(|is_moved| **is_moved).count();
    Ok(json!({"moved": moved, "left": all - moved}))
}
