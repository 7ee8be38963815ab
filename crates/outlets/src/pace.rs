//! How fast parked notifications go out. An endpoint that has just come back is not run over: it
//! gets a hundred in the first minute, then twice as many each minute, up to three thousand.

use std::time::Duration;

use jiff::Timestamp;

use crate::hour::Hour;

/// The most in one sweep, and in one minute.
pub const MOST: u64 = 3_000;
/// The most in the first minute after a return.
pub const FIRST: u64 = 100;
/// In which minute there are as many as ever. Before, they double.
const DOUBLINGS: u64 = 5;
const MINUTE: Duration = Duration::from_mins(1);

/// Returns how many may have been sent by `now`, all in all, to an endpoint that is back since
/// then.
#[must_use]
pub fn quota(back_since: Timestamp, now: Timestamp, hour: &Hour) -> u64 {
    let minutes = hour.times(MINUTE, back_since, now).saturating_add(1);
    let doubled = (0..minutes.min(DOUBLINGS)).map(|minute| FIRST << minute);
    let steady = minutes.saturating_sub(DOUBLINGS).saturating_mul(MOST);
    doubled.sum::<u64>().saturating_add(steady)
}

/// Returns how many one sweep may send. `sent` counts what was sent since the return.
#[must_use]
pub fn allowed(back_since: Option<Timestamp>, sent: u64, now: Timestamp, hour: &Hour) -> u64 {
    let left = |since| quota(since, now, hour).saturating_sub(sent);
    back_since.map_or(MOST, left).min(MOST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    const BACK: Timestamp = Timestamp::constant(1_767_323_045, 0);

    #[test]
    fn an_endpoint_that_is_back_gets_a_hundred_and_twice_as_many_each_minute() {
        let hour = Hour::default();
        let mut sent = 0;
        let minutes = (0..9).map(|minute| {
            let now = BACK + SignedDuration::from_mins(minute);
            let allowed = allowed(Some(BACK), sent, now, &hour);
            sent += allowed;
            allowed
        });
        let minutes: Vec<u64> = minutes.collect();
        assert_eq!(
            minutes,
            [100, 200, 400, 800, 1_600, 3_000, 3_000, 3_000, 3_000]
        );
    }

    #[test]
    fn a_second_sweep_in_one_minute_sends_no_more_and_a_late_one_no_flood() {
        let hour = Hour::default();
        assert_eq!(allowed(Some(BACK), 100, BACK, &hour), 0);
        let day = BACK + SignedDuration::from_hours(24);
        assert_eq!(allowed(Some(BACK), 0, day, &hour), MOST);
        assert_eq!(allowed(None, 0, day, &hour), MOST);
        assert_eq!(allowed(Some(day), 0, BACK, &hour), FIRST);
        let short = Hour::from_millis(Some(1));
        assert!(quota(Timestamp::MIN, Timestamp::MAX, &short) > MOST);
    }
}
