//! Changes an endpoint, and removes one.

use std::time::Duration;

use outlets::breaker::State;
use outlets::endpoint::Endpoint;
use outlets::filter::Filter;
use outlets::manage::{Patch, Refusal, Removed};
use tokio::time::Instant;

use crate::answer::Answer;
use crate::done::{Done, Wrong};
use crate::parts::{Asked, Parts, managed};
use crate::sealed::Seals;
use crate::show;

/// How often a change is made again because somebody else was faster.
const TRIES: usize = 4;
/// The longest that dropping what is held takes. The function has 20 seconds.
const DROPPING: Duration = Duration::from_secs(12);

/// Changes what a request names, and answers with all of the endpoint.
pub(crate) async fn change(
    parts: &Parts,
    id: u64,
    body: &[u8],
    asked: Asked<'_>,
) -> Result<Done, Wrong> {
    let patch = Patch::read(body, &parts.place(asked))?;
    let mut old = parts.endpoint(id).await?;
    if patch.held.is_some() {
        // Before it is active: what is dropped must not be sent in the meantime.
        parts.outlets.clear(id, Instant::now() + DROPPING).await?;
    }
    for _ in 0..TRIES {
        let new = changed(parts, &old, &patch, asked).await?;
        if parts.outlets.replace(&old, &new).await? {
            revive(parts, &old, &patch, asked).await?;
            let shown = show::of(parts, &new, asked.at).await?;
            let managed = managed("changed", &new);
            return Ok(Done::managed(Answer::ok(&shown), managed));
        }
        old = parts.endpoint(id).await?;
    }
    Err(Refusal::Changed.into())
}

async fn changed(
    parts: &Parts,
    old: &Endpoint,
    patch: &Patch,
    asked: Asked<'_>,
) -> Result<Endpoint, Wrong> {
    let mut new = old.clone();
    if let Some(url) = &patch.url {
        url.expose().clone_into(&mut new.url);
    }
    if let Some(events) = &patch.events {
        new.filter = Filter::parse(events).map_err(Refusal::from)?;
    }
    if let Some(providers) = &patch.providers {
        new.providers.clone_from(providers);
    }
    if let Some(sources) = &patch.sources {
        new.sources.clone_from(sources);
    }
    if let Some(headers) = &patch.headers {
        let seals = Seals::of(&parts.sealing, asked.at).await?;
        new.headers = seals.headers(old.id, headers)?;
    }
    new.active = patch.active.unwrap_or(old.active);
    Ok(new)
}

/// Lets what was held go out if the endpoint is active again, and what failed if it has moved.
async fn revive(
    parts: &Parts,
    old: &Endpoint,
    patch: &Patch,
    asked: Asked<'_>,
) -> Result<(), Wrong> {
    let was_active = old.active;
    let is_moved = patch.url.is_some();
    let is_active = patch.active;
    let change = |state: &State| match is_active {
        Some(true) if !was_active || state.is_disabled() => state.enabled(asked.at),
        _ if is_moved && state.failures > 0 && !state.is_disabled() => state.enabled(asked.at),
        _ => state.clone(),
    };
    parts.outlets.change_state(old.id, change).await?;
    Ok(())
}

/// Removes an endpoint, with all that waits for it.
pub(crate) async fn remove(parts: &Parts, id: u64) -> Result<Done, Wrong> {
    let endpoint = parts.endpoint(id).await?;
    let deadline = Instant::now() + DROPPING;
    if !parts.outlets.remove(id, deadline).await? {
        return Err(Refusal::NotFound.into());
    }
    let removed = Removed { id, removed: true };
    let managed = managed("removed", &endpoint);
    Ok(Done::managed(Answer::ok(&removed), managed))
}
