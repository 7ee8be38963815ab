//! The length of an hour. On one machine an hour may be a second, so that three days of retries
//! pass while somebody watches.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// How long an hour is where nobody says otherwise.
const HOUR: Duration = Duration::from_hours(1);

/// The time that stands for an hour in ladder, breaker, ramp and leases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hour(Duration);

impl Default for Hour {
    fn default() -> Self {
        Self(HOUR)
    }
}

impl Hour {
    /// Returns an hour of so many milliseconds. Nothing, and zero, are a real hour.
    #[must_use]
    pub fn from_millis(millis: Option<u64>) -> Self {
        let millis = millis.filter(|millis| *millis > 0);
        millis.map_or_else(Self::default, |millis| Self(Duration::from_millis(millis)))
    }

    /// Returns how long a real time takes here. It is whole milliseconds, and at least one.
    #[must_use]
    pub fn of(&self, real: Duration) -> Duration {
        let millis = real.as_millis() * self.0.as_millis() / HOUR.as_millis();
        let millis = millis.max(u128::from(!real.is_zero()));
        Duration::from_millis(millis.try_into().unwrap_or(u64::MAX))
    }

    /// Returns the time that is a real time after another, in whole milliseconds. It is never
    /// earlier than the other.
    #[must_use]
    pub fn after(&self, time: Timestamp, real: Duration) -> Timestamp {
        later(time, self.of(real))
    }

    /// Checks whether a real time has passed since then.
    #[must_use]
    pub fn has_passed(&self, real: Duration, since: Timestamp, now: Timestamp) -> bool {
        self.after(since, real) <= whole(now)
    }

    /// Returns how many times a real time has passed since then.
    #[must_use]
    pub fn times(&self, real: Duration, since: Timestamp, now: Timestamp) -> u64 {
        let passed = now.duration_since(since).max(SignedDuration::ZERO);
        let times = passed.unsigned_abs().as_millis() / self.of(real).as_millis().max(1);
        times.try_into().unwrap_or(u64::MAX)
    }
}

/// Returns a time so much later, in whole milliseconds: what is written down has no more digits.
#[must_use]
pub fn later(time: Timestamp, by: Duration) -> Timestamp {
    let later = SignedDuration::try_from(by).ok();
    let later = later.and_then(|by| time.checked_add(by).ok());
    later.map_or(LAST, whole).min(LAST)
}

/// Returns a time in whole milliseconds, no earlier than it is.
#[must_use]
pub fn whole(time: Timestamp) -> Timestamp {
    let below = time.subsec_nanosecond().rem_euclid(1_000_000);
    if below == 0 {
        return time;
    }
    let up = SignedDuration::from_nanos(i64::from(1_000_000 - below));
    time.checked_add(up).unwrap_or(LAST)
}

/// The last time that anything is due: a day before the year 10000, whose five digits would not
/// sort.
pub const LAST: Timestamp = Timestamp::constant(253_402_207_200, 0);

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_767_323_045, 678_000_001);

    #[test]
    fn an_hour_is_an_hour_unless_somebody_says_otherwise() {
        for millis in [None, Some(0), Some(3_600_000)] {
            let hour = Hour::from_millis(millis);
            assert_eq!(hour, Hour::default());
            assert_eq!(hour.of(Duration::from_secs(5)), Duration::from_secs(5));
        }
        let short = Hour::from_millis(Some(1_000));
        assert_eq!(short.of(Duration::from_hours(24)), Duration::from_secs(24));
        assert_eq!(short.of(Duration::from_secs(1)), Duration::from_millis(1));
        assert_eq!(short.of(Duration::ZERO), Duration::ZERO);
    }

    #[test]
    fn times_are_whole_milliseconds_and_never_earlier() {
        assert_eq!(whole(NOW).to_string(), "2026-01-02T03:04:05.679Z");
        assert_eq!(whole(whole(NOW)), whole(NOW));
        let before = Timestamp::constant(-1, -999_999_999);
        assert!(whole(before) >= before);
        assert_eq!(later(NOW, Duration::MAX), LAST);
        assert_eq!(later(Timestamp::MAX, Duration::from_secs(1)), LAST);
        assert!(LAST.to_string().starts_with("9999-12-30"));
    }

    #[test]
    fn passed_times_are_counted_and_a_clock_that_goes_back_counts_none() {
        let minute = Duration::from_mins(1);
        let hour = Hour::default();
        let after = |secs| NOW + SignedDuration::from_secs(secs);
        assert_eq!(hour.times(minute, NOW, after(179)), 2);
        assert_eq!(hour.times(minute, NOW, after(-500)), 0);
        assert!(hour.has_passed(minute, NOW, after(60)));
        assert!(!hour.has_passed(minute, NOW, after(59)));
    }
}
