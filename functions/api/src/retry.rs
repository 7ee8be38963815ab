//! Sends again what waits for an endpoint.

use std::time::Duration;

use jiff::Timestamp;
use outlets::breaker::{State, lease_until};
use outlets::manage::{Refusal, Retried, Retry};
use outlets::parked::Parked;
use shared::time::rfc3339_ms;
use tokio::time::Instant;

use crate::answer::Answer;
use crate::done::{Done, Wrong};
use crate::parts::{Asked, Parts, managed};

/// The most that one request makes due, and how far it counts what is due.
const MOST: usize = 2_000;
/// The longest that this takes. The function has 20 seconds.
const PATIENCE: Duration = Duration::from_secs(12);
/// Sorts behind the `#` between a time and an id.
const BEHIND: &str = "$";

/// Sends one notification at once, or makes all due now. The sweep sends what is due at the pace
/// that the endpoint takes, within a minute.
pub(crate) async fn retry(
    parts: &Parts,
    id: u64,
    body: &[u8],
    asked: Asked<'_>,
) -> Result<Done, Wrong> {
    let retry = Retry::read(body)?;
    let endpoint = parts.endpoint(id).await?;
    let state = parts.outlets.state(id).await?;
    if !endpoint.active || state.is_disabled() {
        return Err(Refusal::Inactive.into());
    }
    let retried = match retry {
        Retry::One(webhook_id) => one(parts, id, &webhook_id, &state, asked.at).await?,
        Retry::All => all(parts, id, &state, asked.at).await?,
    };
    let managed = managed("retried", &endpoint);
    Ok(Done::managed(Answer::ok(&retried), managed))
}

async fn one(
    parts: &Parts,
    id: u64,
    webhook_id: &str,
    state: &State,
    now: Timestamp,
) -> Result<Retried, Wrong> {
    let found = parts.outlets.find(id, webhook_id).await?;
    let parked = found.first().ok_or(Refusal::NotFound)?;
    send(parts, parked, state, now).await?;
    Ok(Retried {
        retried: 1,
        more: false,
    })
}

/// Sends a parked notification, unless it was sent a moment ago. To an endpoint that is spared it
/// goes as a probe, which is not held back.
async fn send(parts: &Parts, parked: &Parked, state: &State, now: Timestamp) -> Result<(), Wrong> {
    let until = lease_until(parked.leases, now, &parts.hour);
    if !parts.outlets.lease(parked, until, now).await? {
        return Ok(());
    }
    let sent = parts.send(&parked.message(state.is_open())).await;
    if sent.is_err() {
        let held = (parked.key(), rfc3339_ms(parked.since));
        parts
            .outlets
            .release(&[held], Instant::now() + PATIENCE)
            .await;
    }
    sent
}

async fn all(parts: &Parts, id: u64, state: &State, now: Timestamp) -> Result<Retried, Wrong> {
    let deadline = Instant::now() + PATIENCE;
    let behind = format!("{}{BEHIND}", rfc3339_ms(now));
    let later = parts.outlets.parked_after(id, &behind, MOST + 1).await?;
    hasten(parts, later.get(..MOST).unwrap_or(&later), now, deadline).await?;
    let due = parts.outlets.parked(id, Some(now), MOST).await?;
    // Everything waits for the next probe of an endpoint that is spared, so that is sent now.
    if let Some(oldest) = due.first().filter(|_| state.is_open()) {
        send(parts, oldest, state, now).await?;
    }
    Ok(Retried {
        retried: due.len().try_into().unwrap_or(u64::MAX),
        more: later.len() > MOST,
    })
}

/// Makes notifications due. Each is parked anew before its old item is removed, so a crash between
/// the two sends it twice, under one id.
async fn hasten(
    parts: &Parts,
    later: &[Parked],
    now: Timestamp,
    deadline: Instant,
) -> Result<(), Wrong> {
    let waiting = later.iter().filter(|parked| !parked.is_leased(now));
    let (mut held, mut anew) = (Vec::new(), Vec::new());
    for parked in waiting {
        held.push((parked.key(), rfc3339_ms(parked.since)));
        anew.push(again(parked, now));
    }
    let unparked = parts.outlets.park(&anew, deadline).await;
    if !unparked.is_empty() {
        return Err(Wrong::because(Refusal::Unfinished, "outlets_late"));
    }
    let left = parts.outlets.unpark(&held, deadline).await;
    if left.is_empty() {
        Ok(())
    } else {
        Err(Wrong::because(Refusal::Unfinished, "outlets_late"))
    }
}

/// Returns a notification that is due since its first attempt, so that the oldest goes out first.
fn again(parked: &Parked, now: Timestamp) -> Parked {
    Parked {
        due: parked.first_at.min(now),
        ..parked.again(now)
    }
}

#[cfg(test)]
mod tests {
    use outlets::fact::Fact;
    use outlets::message::Message;
    use outlets::parked::NEVER;

    use super::*;

    #[test]
    fn what_is_made_due_keeps_its_place_among_the_oldest_and_its_attempts() {
        let first: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
        let now: Timestamp = "2026-01-05T03:04:05Z".parse().unwrap();
        let fact = Fact::event("email#kim@mail.test", "sk");
        let message = Message::first(3, fact, first);
        let parked = Parked::new(&message, "evt_1f".to_owned(), NEVER, 10, first).unwrap();
        let due = again(&parked, now);
        assert_eq!((due.due, due.since, due.attempt), (first, now, 10));
        assert_eq!(due.expires_at(), parked.expires_at());
        assert_ne!(due.key(), parked.key());
    }
}
