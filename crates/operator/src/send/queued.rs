//! Puts a body into the queue of a provider that has no receiver, as its topic does.

use http::StatusCode;
use shared::provider::Strength;
use shared::sender::Sender;

use super::error::SendError;
use super::reply::Reply;
use crate::target::Target;

/// Puts a body into its provider's own queue. The reply is that of an accepted webhook.
///
/// # Errors
/// Returns [`SendError::OwnQueue`] for a deployed stack, whose queue takes messages of its topic
/// only, [`SendError::NotOn`] if the provider is not on, [`SendError::NoText`] if the body is no
/// text, and the service's error.
pub async fn enqueue(
    target: &Target,
    sender: &'static dyn Sender,
    body: &[u8],
) -> Result<Reply, SendError> {
    let name = sender.name();
    if target.local_stack().is_none() {
        return Err(SendError::OwnQueue(name));
    }
    let queue = target.own_queue(name).ok_or(SendError::NotOn(name))?;
    let body = std::str::from_utf8(body);
    let body = body.map_err(|_| SendError::NoText(name.to_owned()))?;
    let client = target.queues().sqs();
    let sending = client
        .send_message()
        .queue_url(&queue.url)
        .message_body(body);
    sending.send().await.map_err(|error| {
        let error = error.into_service_error();
        target.queues().failed("the message cannot be sent", &error)
    })?;
    Ok(Reply {
        status: StatusCode::OK,
        body: String::new(),
        request_id: None,
    })
}

/// Checks whether a provider's events come through a queue of its own.
pub(super) fn is_queued(sender: &dyn Sender) -> bool {
    sender.strength() == Strength::Transport
}
