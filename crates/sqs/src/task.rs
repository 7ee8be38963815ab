//! A move task, as its caller sees it.

use tokio::time::Instant;

/// How far a move task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoveStatus {
    /// Moving.
    Running,
    /// Every message that was visible at the start has moved or gone.
    Completed,
    /// Stopped; see [`MoveTask::failure`].
    Failed,
}

impl MoveStatus {
    /// AWS's word.
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
    /// Names the task.
    pub id: String,
    /// The dead-letter queue.
    pub source: String,
    /// Where the messages go; each to the queue that it came from if not given.
    pub destination: Option<String>,
    /// The most messages per second; as fast as possible if not given.
    pub rate: Option<u32>,
    /// When it started.
    pub started: Instant,
    /// How far it is.
    pub status: MoveStatus,
    /// How many messages have moved.
    pub moved: u64,
    /// How many messages were visible at the start: the most that it moves.
    pub to_move: u64,
    /// Why it stopped.
    pub failure: Option<&'static str>,
}
