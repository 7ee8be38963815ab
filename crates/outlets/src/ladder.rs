//! When a notification is tried again: ten attempts in three days, as Standard Webhooks proposes.
//!
//! The first two pauses are the queue's own delay. The others are parked items, because a queue
//! delays for fifteen minutes at most.

use std::time::Duration;

use jiff::Timestamp;

use crate::hour::{Hour, later, whole};

/// How many attempts a notification has.
pub const ATTEMPTS: u32 = 10;
/// How long a notification is kept after its first attempt. Nothing is tried later than this.
pub const KEPT: Duration = Duration::from_hours(14 * 24);
/// The longest that an endpoint may ask for.
pub const MOST_ASKED: Duration = Duration::from_hours(10);
/// The longest that a queue delays a message.
const MOST_DELAYED: Duration = Duration::from_mins(15);
/// How many pauses are the queue's.
const DELAYED: usize = 2;

/// The pauses after the first attempt, the second, and so on.
const PAUSES: [Duration; 9] = [
    Duration::from_secs(5),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
    Duration::from_hours(14),
    Duration::from_hours(20),
    Duration::from_hours(24),
];

/// What comes after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Another message, which the queue delays for so long.
    Delayed(Duration),
    /// A parked item, which is due then.
    Parked(Timestamp),
    /// Nothing. The notification is undelivered.
    Over,
}

/// Returns what comes after so many attempts, of which the last has just failed.
///
/// `chance` is from 0 to 1 and moves the pause by up to 20 % either way. `asked` is the endpoint's
/// own word (`Retry-After`): it only ever makes the pause longer, up to [`MOST_ASKED`].
#[must_use]
pub fn next(
    attempts: u32,
    first_at: Timestamp,
    now: Timestamp,
    chance: f64,
    asked: Option<Timestamp>,
    hour: &Hour,
) -> Next {
    let step = usize::try_from(attempts.max(1) - 1).unwrap_or(usize::MAX);
    let Some(pause) = PAUSES.get(step) else {
        return Next::Over;
    };
    let pause = jittered(hour.of(*pause), chance);
    let most_asked = hour.after(now, MOST_ASKED);
    let asked = asked.map(|asked| whole(asked.min(most_asked)));
    let due = later(now, pause);
    let due = asked.map_or(due, |asked| asked.max(due));
    if due > hour.after(first_at, KEPT) {
        return Next::Over;
    }
    let delay = due.duration_since(now).unsigned_abs();
    if step < DELAYED && delay <= MOST_DELAYED {
        Next::Delayed(delay)
    } else {
        Next::Parked(due)
    }
}

/// Moves a pause by up to 20 %, so that what failed together is not tried together.
fn jittered(pause: Duration, chance: f64) -> Duration {
    let chance = if chance.is_finite() { chance } else { 0.5 };
    pause.mul_f64(0.8 + 0.4 * chance.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests;
