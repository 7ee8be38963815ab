//! Runs the work of a function as a task of tokio's.

use std::future::Future;

/// Runs a future as a task. Returns `None` if it has panicked.
///
/// Each time that the future a program starts with is woken, the runtime asks the operating system
/// for news first. For a task it does not (docs/performance.md).
pub async fn in_a_task<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Option<T> {
    tokio::spawn(work).await.ok()
}
