//! Whose queue a queue is.

use shared::provider::{Provider, Strength};

/// Returns the provider whose own queue this is. The template names such a queue after it:
/// `SesQueue`.
pub(crate) fn own(queue_arn: &str) -> Option<&'static dyn Provider> {
    let queue = queue_arn.rsplit(':').next()?;
    let name = queue.strip_suffix("Queue")?.to_ascii_lowercase();
    let provider = registry::provider(&name)?;
    (provider.strength() == Strength::Transport).then_some(provider)
}
