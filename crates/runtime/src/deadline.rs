//! How long a webhook may take.
//!
//! The provider's patience began when the gateway got the webhook, not when the function did: a
//! cold start lies between the two.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// The longest that a call with all its attempts may take. A webhook of some providers has less
/// time: see `Answers`.
pub(crate) const CALL_TIMEOUT: Duration = Duration::from_secs(3);
/// The longest that one attempt at a call may take. If a connection hangs, there is time for a
/// second attempt.
///
/// One attempt at the queue is made even if there is less time: a webhook that is sent again after
/// all is stored once, and one that is never sent is lost.
pub(crate) const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(1);
/// The longest ago that a gateway's time may be. One that is further away is another clock's, or
/// that of a recorded event.
const MAX_AGE: SignedDuration = SignedDuration::from_secs(10);

/// The time by which a webhook should have its answer.
#[derive(Clone, Copy)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    /// Returns the deadline of a webhook whose gateway's time is `received_at` and that should be
    /// answered `within` this time. The function began to work on it at `started`, and `clock` is
    /// the function's time then.
    pub(crate) fn of(
        received_at: Option<Timestamp>,
        clock: Timestamp,
        started: Instant,
        within: Duration,
    ) -> Self {
        Self(started + left(received_at, clock, within))
    }

    /// Returns when the call that starts at `now` ends. It has at least the time of one attempt.
    pub(crate) fn of_call(self, now: Instant) -> Instant {
        self.0.max(now + ATTEMPT_TIMEOUT)
    }
}

fn left(received_at: Option<Timestamp>, clock: Timestamp, within: Duration) -> Duration {
    let ago = received_at.map(|received_at| clock.duration_since(received_at));
    let ago = ago.filter(|ago| (SignedDuration::ZERO..=MAX_AGE).contains(ago));
    within.saturating_sub(ago.unwrap_or_default().unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WITHIN: Duration = Duration::from_secs(3);
    const CLOCK: Timestamp = Timestamp::constant(1_767_323_045, 678_000_000);

    fn ago(millis: i64) -> Timestamp {
        CLOCK - SignedDuration::from_millis(millis)
    }

    #[test]
    fn the_time_counts_from_the_gateway_where_that_is_up_to_ten_seconds_ago() {
        for (received_at, millis) in [
            (Some(ago(0)), 3_000),
            (Some(ago(1)), 2_999),
            (Some(ago(1_250)), 1_750),
            (Some(ago(3_000)), 0),
            (Some(ago(10_000)), 0),
            // Another clock's.
            (Some(ago(10_001)), 3_000),
            (Some(ago(86_400_000)), 3_000),
            (Some(ago(-1)), 3_000),
            (None, 3_000),
        ] {
            let wanted = Duration::from_millis(millis);
            assert_eq!(left(received_at, CLOCK, WITHIN), wanted, "{received_at:?}");
        }
    }

    #[test]
    fn a_call_ends_at_the_deadline_and_has_a_second_in_any_case() {
        let started = Instant::now();
        let after = |millis| started + Duration::from_millis(millis);
        let deadline = Deadline::of(Some(ago(500)), CLOCK, started, WITHIN);
        for (now, end) in [(0, 2_500), (1_500, 2_500), (1_501, 2_501), (9_000, 10_000)] {
            assert_eq!(deadline.of_call(after(now)), after(end), "{now}");
        }
        let late = Deadline::of(Some(ago(10_000)), CLOCK, started, WITHIN);
        assert_eq!(late.of_call(after(20)), after(1_020));
    }
}
