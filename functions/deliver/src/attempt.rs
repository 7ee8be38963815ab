//! Tries one message: says what there is to say, signs it, and posts it.

use http::HeaderMap;
use jiff::Timestamp;
use outlets::bus::BUS;
use outlets::endpoint::Endpoint;
use outlets::message::Message;
use outlets::notification::Notification;
use outlets::target::Target;
use runtime::clock;
use tokio::time::{Duration, Instant};

use crate::content::notification;
use crate::egress::ATTEMPT;
use crate::headers::{HeadersError, headers};
use crate::known::Known;
use crate::putting::Putting;
use crate::state::Deliver;
use crate::tried::Tried;

/// The least time that an attempt is begun with. An endpoint is not judged by less.
const LEAST: Duration = Duration::from_secs(2);

/// What became of a message that is to be tried.
pub(crate) enum Attempt {
    /// It was.
    Tried(Notification, Tried),
    /// There is nothing to tell. The text says why.
    Dropped(&'static str),
    /// It was not, and waits. The text says why.
    Waits(&'static str),
}

/// Tries a message. The attempt ends by the `deadline`. What the bus is told is put with its
/// neighbours.
pub(crate) async fn attempt(
    message: &Message,
    known: &Known,
    deliver: &Deliver,
    putting: &Putting<'_>,
    deadline: Instant,
) -> Attempt {
    let now = clock::now();
    let Some(endpoint) = known.endpoint(message) else {
        return Attempt::Dropped("removed");
    };
    let item = match known.item(message) {
        Ok(item) => item,
        Err(code) => return Attempt::Waits(code),
    };
    let notification = match notification(message, endpoint, item, now) {
        Ok(notification) => notification,
        Err(code) => return Attempt::Dropped(code),
    };
    let time = deadline.saturating_duration_since(Instant::now());
    if time < LEAST {
        return Attempt::Waits("no_time");
    }
    if message.outlet == BUS {
        return match putting.tried(&notification.id).await {
            Some(tried) => Attempt::Tried(notification, tried),
            None => Attempt::Waits("bus_unknown"),
        };
    }
    match tried(
        endpoint,
        known,
        deliver,
        &notification,
        now,
        time.min(ATTEMPT),
    )
    .await
    {
        Ok(tried) => Attempt::Tried(notification, tried),
        Err(code) => Attempt::Waits(code),
    }
}

/// Posts a notification.
///
/// # Errors
/// Returns why it could not be signed, if that may pass.
async fn tried(
    endpoint: &Endpoint,
    known: &Known,
    deliver: &Deliver,
    notification: &Notification,
    now: Timestamp,
    time: Duration,
) -> Result<Tried, &'static str> {
    let headers = match signed(endpoint, known, deliver, notification, now).await {
        Ok(headers) => headers,
        Err(error @ HeadersError::KeyUnknown) => return Err(error.code()),
        Err(error) => return Ok(Tried::failed(error.code(), Duration::ZERO)),
    };
    // The rules of the URL hold at each attempt: they may have changed since it was registered.
    let target = match Target::parse(&endpoint.url, deliver.egress.place()) {
        Ok(target) => target,
        Err(error) => return Ok(Tried::failed(error.code(), Duration::ZERO)),
    };
    let (began, body) = (Instant::now(), notification.body.clone());
    let answer = deliver.egress.post(&target, headers, body, now, time);
    let answer = answer.await;
    Ok(Tried::of(answer, began.elapsed()))
}

/// Returns the headers of an attempt. What another version of the sealing secret has sealed is
/// tried once more with other keys: the secret may have been rotated a moment ago.
async fn signed(
    endpoint: &Endpoint,
    known: &Known,
    deliver: &Deliver,
    notification: &Notification,
    now: Timestamp,
) -> Result<HeaderMap, HeadersError> {
    let keys = known.keys.as_ref().ok_or(HeadersError::KeyUnknown)?;
    let signed = headers(endpoint, keys.all(), notification, now);
    if signed != Err(HeadersError::KeyUnknown) {
        return signed;
    }
    match deliver.sealing.others(keys, now).await {
        Some(keys) => headers(endpoint, keys.all(), notification, now),
        None => signed,
    }
}
