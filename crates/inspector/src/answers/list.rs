//! The list of webhooks.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::error::PageError;
use crate::follow;
use crate::inspector::Inspector;
use crate::memory::{Caught, State};
use crate::question::Query;
use crate::veil::Veil;

/// How many rows there are unless more are wanted, and at most.
const ROWS: usize = 100;
const MOST_ROWS: usize = 500;
/// How much of a body is searched that became no event.
const SEARCHED: usize = 64 * 1024;

/// Which webhooks are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Show {
    All,
    Refused,
    Dead,
    /// Those that were accepted and made no event.
    None,
}

impl Show {
    fn of(word: Option<&str>) -> Result<Self, PageError> {
        match word {
            None | Some("all") => Ok(Self::All),
            Some("refused") => Ok(Self::Refused),
            Some("dead") => Ok(Self::Dead),
            Some("none") => Ok(Self::None),
            Some(_) => Err(PageError::asked(
                "show_unknown",
                "show is one of all, refused, dead, none",
            )),
        }
    }

    fn has(self, caught: &Caught) -> bool {
        match self {
            Self::All => true,
            Self::Refused => caught.entry.is_refused(),
            Self::Dead => caught.state == State::Dead,
            Self::None => {
                let is_over = [State::Stored, State::Ping].contains(&caught.state);
                is_over && caught.entry.events.is_empty()
            }
        }
    }
}

/// Returns the webhooks that are asked for, the newest first.
pub(crate) fn list(page: &Inspector, query: &Query, veil: &Veil) -> Result<Value, PageError> {
    let show = Show::of(query.get("show"))?;
    let provider = query.get("provider");
    let words = query.get("q").map(str::to_lowercase);
    let before = query.get("before");
    let before = before.map(|id| id.strip_prefix('w').and_then(|id| id.parse().ok()));
    let before: u64 = match before {
        None => u64::MAX,
        Some(before) => {
            before.ok_or_else(|| PageError::asked("before_unreadable", "before is an id"))?
        }
    };
    let limit = query.limit(ROWS, MOST_ROWS);
    let counts = page.counts();
    // Whoever brings a webhook waits for the memory, so no row is made in it.
    let (mut all, changes) = {
        let memory = page.memory();
        (memory.changed_since(0), memory.changes())
    };
    all.reverse();
    let wanted = all.iter().filter(|caught| {
        caught.number < before
            && show.has(caught)
            && (provider.is_none() || caught.provider_name() == provider)
            && words
                .as_deref()
                .is_none_or(|words| has(caught, words, veil))
    });
    let mut rows: Vec<Value> = wanted.take(limit + 1).map(|caught| caught.row()).collect();
    let is_more = rows.len() > limit;
    rows.truncate(limit);
    let providers = all.iter().filter_map(|caught| caught.provider_name());
    let providers: BTreeSet<&str> = providers.collect();
    let last = follow::id(&page.boot, changes);
    Ok(json!({
        "webhooks": rows,
        "more": is_more,
        "counts": counts,
        "url": page.running().map(|running| running.target.api()),
        "providers": providers,
        "version": env!("CARGO_PKG_VERSION"),
        "boot": page.boot,
        "last": last,
    }))
}

/// Checks whether a webhook has these words, which are in lower case, where it is shown.
fn has(caught: &Caught, words: &str, veil: &Veil) -> bool {
    let contains = |text: &str| {
        text.to_lowercase().contains(words)
            && veil
                .text(text)
                .is_none_or(|shown| shown.to_lowercase().contains(words))
    };
    let texts = [
        caught.provider_name(),
        caught.entry.code.as_deref(),
        Some(&caught.arrived.shown_path),
        caught.arrived.id.as_deref(),
        caught.message_id.as_deref(),
    ];
    let status = caught.entry.status;
    let is_status = status.is_some_and(|status| status.to_string() == words);
    if is_status || caught.name() == words || texts.into_iter().flatten().any(contains) {
        return true;
    }
    match &caught.message {
        Some(message) if !message.words.is_empty() => message.words.contains(words),
        _ => {
            let body = caught.arrived.body();
            let part = body.get(..SEARCHED).unwrap_or(body);
            contains(&String::from_utf8_lossy(part))
        }
    }
}
