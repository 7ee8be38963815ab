//! Writes what comes after an attempt, or instead of one: the next message, or a parked item. Only
//! then is the message done.

use jiff::{SignedDuration, Timestamp};
use outlets::ladder::{self, Next};
use outlets::message::Message;
use outlets::notification::Notification;
use outlets::parked::{NEVER, Parked, place_of};
use runtime::outbox::Letter;
use runtime::random;
use tokio::time::{Duration, Instant};

use crate::state::Deliver;
use crate::tried::Tried;

/// The longest that one write takes.
const WRITE: Duration = Duration::from_secs(3);

/// Nothing was written, because SQS or DynamoDB did not answer.
pub(crate) struct Unwritten;

/// Holds a message for its endpoint, untried. It is due since its first attempt, so that the oldest
/// goes out first. What comes from a parked item is held already: only its lease ends.
pub(crate) async fn hold(
    message: &Message,
    notification: &Notification,
    deliver: &Deliver,
    now: Timestamp,
) -> Result<(), Unwritten> {
    if message.parked.is_some() {
        release(message, deliver).await;
        return Ok(());
    }
    let made = message.attempt.saturating_sub(1);
    park(
        parked(message, notification, message.first_at, made, now),
        deliver,
    )
    .await
}

/// Returns what is parked of a message, unless it is a test.
fn parked(
    message: &Message,
    notification: &Notification,
    due: Timestamp,
    made: u32,
    now: Timestamp,
) -> Option<Parked> {
    let parked = Parked::new(message, notification.id.clone(), due, made, now)?;
    Some(parked.of_type(&notification.kind))
}

/// Keeps a message for an endpoint that is gone, until somebody says that it is not.
pub(crate) async fn keep(
    message: &Message,
    notification: &Notification,
    tried: &Tried,
    deliver: &Deliver,
    now: Timestamp,
) -> Result<(), Unwritten> {
    let parked = parked(
        message,
        notification,
        message.first_at,
        message.attempt,
        now,
    );
    park(
        parked.map(|parked| parked.because(&tried.reason())),
        deliver,
    )
    .await?;
    forget(message, deliver).await;
    Ok(())
}

/// Writes what comes after a failed attempt. Returns when the next one is due, if there is one.
///
/// After a failed probe only its lease ends: its item is still parked, and it has cost no attempt.
pub(crate) async fn next(
    message: &Message,
    notification: &Notification,
    tried: &Tried,
    deliver: &Deliver,
    now: Timestamp,
) -> Result<Option<Timestamp>, Unwritten> {
    if message.probe || message.test.is_some() {
        release(message, deliver).await;
        return Ok(None);
    }
    let (made, hour) = (message.attempt, &deliver.hour);
    let asked = tried.retry_after;
    let next = ladder::next(made, message.first_at, now, random::chance(), asked, hour);
    let park_until = |due: Timestamp| {
        let parked = parked(message, notification, due, made, now);
        parked.map(|parked| parked.because(&tried.reason()))
    };
    let due = match next {
        Next::Delayed(delay) => {
            send(&again(message), delay, deliver).await?;
            let delay = SignedDuration::try_from(delay).unwrap_or_default();
            now.checked_add(delay).ok()
        }
        Next::Parked(due) => {
            park(park_until(due), deliver).await?;
            Some(due)
        }
        Next::Over => {
            park(park_until(NEVER), deliver).await?;
            None
        }
    };
    forget(message, deliver).await;
    Ok(due)
}

/// Forgets the parked item that a message comes from. If that fails, it is told twice, under the
/// same id.
pub(crate) async fn forget(message: &Message, deliver: &Deliver) {
    if let Some(place) = place_of(message) {
        let end = Instant::now() + WRITE;
        deliver.outlets.unpark(&[place], end).await;
    }
}

async fn release(message: &Message, deliver: &Deliver) {
    if let Some(place) = place_of(message) {
        let end = Instant::now() + WRITE;
        deliver.outlets.release(&[place], end).await;
    }
}

/// Returns the message of the next attempt.
fn again(message: &Message) -> Message {
    Message {
        attempt: message.attempt.saturating_add(1),
        parked: None,
        ..message.clone()
    }
}

async fn send(message: &Message, delay: Duration, deliver: &Deliver) -> Result<(), Unwritten> {
    let letter = Letter {
        group: message.group(),
        body: message.encode(),
        delay,
    };
    let sent = deliver.outbox.send(&[letter]).await;
    if sent == [true] {
        Ok(())
    } else {
        Err(Unwritten)
    }
}

async fn park(parked: Option<Parked>, deliver: &Deliver) -> Result<(), Unwritten> {
    let Some(parked) = parked else {
        return Ok(()); // a test is never parked
    };
    let end = Instant::now() + WRITE;
    let unwritten = deliver.outlets.park(&[parked], end).await;
    if unwritten.is_empty() {
        Ok(())
    } else {
        Err(Unwritten)
    }
}
