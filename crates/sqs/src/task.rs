//! A move task as its caller sees it.

use tokio::time::Instant;

/// The status of a move task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoveStatus {
    /// The task is moving messages.
    Running,
    /// Every message that was visible at the start has been moved or is gone.
    Completed,
    /// The task stopped: see [`MoveTask::failure`].
    Failed,
}

impl MoveStatus {
    /// Returns AWS's word for the status.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
        }
    }
}

/// A move task.
#[derive(Debug, Clone)]
pub struct MoveTask {
    /// The task's id.
    pub id: String,
    /// The dead-letter queue.
    pub source: String,
    /// The queue that the messages go to. If not given, each goes to the queue that it came from.
    pub destination: Option<String>,
    /// The most messages per second. If not given, it moves as fast as possible.
    pub rate: Option<u32>,
    /// When the task started.
    pub started: Instant,
    /// The task's status.
    pub status: MoveStatus,
    /// How many messages have moved.
    pub moved: u64,
    /// How many messages were visible at the start. It never moves more.
    pub to_move: u64,
    /// Why the task stopped.
    pub failure: Option<&'static str>,
}
