//! Shows endpoints, and how they do.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use outlets::breaker::State;
use outlets::endpoint::Endpoint;
use outlets::manage::{List, Shown, ShownSecret, Standing};
use outlets::store::{Counted, StoreError};
use tokio::time::Instant;

use crate::answer::Answer;
use crate::done::{Done, Wrong};
use crate::parts::{Asked, Parts};
use crate::times::{self, text};

/// How many endpoints are counted at the same time.
const CONCURRENCY: usize = 8;
/// How far it is counted what waits for one endpoint, and for each of all.
const MOST_OF_ONE: usize = 25_000;
const MOST_OF_EACH: usize = 2_500;
/// The longest that reading all states takes.
const PATIENCE: Duration = Duration::from_secs(5);

/// Answers with all endpoints, and how the bus does.
pub(crate) async fn list(parts: &Parts, asked: Asked<'_>) -> Result<Done, Wrong> {
    let endpoints = parts.outlets.endpoints().await?;
    let ids = endpoints.iter().map(|endpoint| endpoint.id).collect();
    let deadline = Instant::now() + PATIENCE;
    let states = parts.outlets.states(&ids, deadline);
    let counts = stream::iter(ids.iter().copied())
        .map(|id| async move {
            let counted = parts.outlets.count(id, MOST_OF_EACH).await?;
            Ok::<_, StoreError>((id, counted))
        })
        .buffer_unordered(CONCURRENCY)
        .try_collect::<BTreeMap<u64, Counted>>();
    let (states, counts, bus) = tokio::try_join!(states, counts, of_bus(parts))?;
    let webhooks = endpoints.iter().map(|endpoint| {
        let state = states.get(&endpoint.id).cloned().unwrap_or_default();
        let counted = counts.get(&endpoint.id).copied().unwrap_or_default();
        shown(endpoint, &state, (counted, MOST_OF_EACH), asked.at)
    });
    let list = List {
        webhooks: webhooks.collect(),
        bus,
    };
    Ok(Done::read(Answer::ok(&list)))
}

/// Returns how the bus does, if there is one.
async fn of_bus(parts: &Parts) -> Result<Option<Standing>, StoreError> {
    let Some(bus) = &parts.bus else {
        return Ok(None);
    };
    let (state, counted) = tokio::try_join!(
        parts.outlets.state(bus.id),
        parts.outlets.count(bus.id, MOST_OF_ONE)
    )?;
    Ok(Some(standing(bus, &state, (counted, MOST_OF_ONE))))
}

/// Answers with one endpoint.
pub(crate) async fn one(parts: &Parts, id: u64, asked: Asked<'_>) -> Result<Done, Wrong> {
    let endpoint = parts.endpoint(id).await?;
    let shown = of(parts, &endpoint, asked.at).await?;
    Ok(Done::read(Answer::ok(&shown)))
}

/// Returns an endpoint as it is shown.
pub(crate) async fn of(
    parts: &Parts,
    endpoint: &Endpoint,
    now: Timestamp,
) -> Result<Shown, StoreError> {
    let state = parts.outlets.state(endpoint.id);
    let counted = parts.outlets.count(endpoint.id, MOST_OF_ONE);
    let (state, counted) = tokio::try_join!(state, counted)?;
    Ok(shown(endpoint, &state, (counted, MOST_OF_ONE), now))
}

fn shown(endpoint: &Endpoint, state: &State, counted: (Counted, usize), now: Timestamp) -> Shown {
    let secrets = endpoint.secrets_at(now).map(|secret| ShownSecret {
        since: text(secret.since),
        until: secret.until.map(text),
    });
    Shown {
        id: endpoint.id,
        url: endpoint.url.as_str().into(),
        events: endpoint.filter.text().to_owned(),
        active: endpoint.active && !state.is_disabled(),
        created_at: text(endpoint.created_at),
        providers: endpoint.providers.clone(),
        sources: endpoint.sources.clone(),
        headers: endpoint.headers.keys().cloned().collect(),
        secrets: secrets.collect(),
        created_by: endpoint.created_by.clone(),
        standing: standing(endpoint, state, counted),
    }
}

fn standing(endpoint: &Endpoint, state: &State, (counted, most): (Counted, usize)) -> Standing {
    let word = match state {
        _ if !endpoint.active => "inactive",
        state if state.is_disabled() => "disabled",
        state if state.is_open() => "open",
        state if state.failures > 0 => "failing",
        _ => "ok",
    };
    let is_failing = word != "ok";
    let count = counted.waiting.saturating_add(counted.undelivered);
    Standing {
        state: word.to_owned(),
        failing_since: state.failing_since.map(times::text),
        last_code: state.last_code.clone().filter(|_| is_failing),
        next_at: state.next_probe().map(times::text),
        disabled: state.disabled.map(|why| why.name().to_owned()),
        undelivered: count.try_into().unwrap_or(u64::MAX),
        undelivered_more: counted.waiting >= most || counted.undelivered >= most,
    }
}

#[cfg(test)]
mod tests;
