//! The breaker of an endpoint: when it is spared, when it is probed, and when it is given up.
//!
//! A [`State`] is a pure function of the state before, an outcome and the time. A healthy endpoint
//! has the state [`State::default`], which is never written.

mod state;
mod written;

#[cfg(test)]
mod tests;

use std::time::Duration;

use jiff::Timestamp;

pub use self::state::{Disabled, LastTest, State};
use crate::hour::{Hour, later, whole};

/// How many failures in a row open a breaker, and disable an endpoint.
const FAILURES: u32 = 10;
/// The time over which these failures must lie: a burst that fails at once is one failure.
const OPENS_AFTER: Duration = Duration::from_secs(30);
/// How many failures in a row open it if they waste much time.
const HANGS: u32 = 2;
/// How much that is. It is real time, because whoever waits is a function that costs money.
const WASTED: Duration = Duration::from_secs(25);
/// An attempt that fails after so much time counts as a hang, whatever is accepted beside it.
const HANG: Duration = Duration::from_secs(5);
/// For how long a hang is remembered. What an endpoint accepts does not make up for it: others wait
/// while it hangs.
const REMEMBERED: Duration = Duration::from_mins(5);
/// How long an endpoint may fail until it is disabled.
const DISABLED_AFTER: Duration = Duration::from_hours(5 * 24);
/// After how many failures, over how long, all that was parked goes out on a success. The breaker
/// need not have opened.
const RETURN_FAILURES: u32 = 3;
const RETURN_AFTER: Duration = Duration::from_mins(5);
/// The pauses before the first probe, the second, and so on. The last one stays.
const PROBES: [u64; 4] = [1, 1, 2, 5];
/// The longest time between two probes.
pub const MOST_BETWEEN_PROBES: Duration = Duration::from_mins(10);

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The endpoint accepted it.
    Delivered,
    /// It failed, and is tried again.
    Failed {
        /// The stable name of why.
        code: String,
        /// How long the attempt took.
        wasted: Duration,
        /// When the endpoint wants to be asked again, if it said so.
        retry_after: Option<Timestamp>,
        /// Whether it was a probe. Only a probe moves the next one.
        is_probe: bool,
    },
    /// The endpoint wants nothing any more (410).
    Gone,
}

impl State {
    /// Returns the state after an attempt with this outcome. An endpoint that has failed for days
    /// is disabled.
    #[must_use]
    pub fn after(&self, outcome: &Outcome, now: Timestamp, hour: &Hour) -> Self {
        let after = self.after_kept(outcome, now, hour);
        let has_failed = matches!(outcome, Outcome::Failed { .. });
        if has_failed && after.is_overdue(whole(now), hour) {
            return after.disabled(Disabled::Failing);
        }
        after
    }

    /// Returns the state of what is never given up, however long it fails: the bus.
    #[must_use]
    pub fn after_kept(&self, outcome: &Outcome, now: Timestamp, hour: &Hour) -> Self {
        let now = whole(now);
        match outcome {
            Outcome::Delivered => self.delivered(now, hour),
            Outcome::Gone => Self {
                last_code: Some("gone".to_owned()),
                last_at: Some(now),
                ..self.disabled(Disabled::Gone)
            },
            Outcome::Failed {
                code,
                wasted,
                retry_after,
                is_probe,
            } => {
                let failed = self.failed(code, *wasted, now, hour);
                failed.judged(*is_probe, *retry_after, now, hour)
            }
        }
    }

    /// Ends the row of failures. If the endpoint was spared, or failed for long, all that was
    /// parked goes out.
    fn delivered(&self, now: Timestamp, hour: &Hour) -> Self {
        let failed_long =
            self.failures >= RETURN_FAILURES && self.has_failed_for(RETURN_AFTER, now, hour);
        let is_back = (self.is_open() || failed_long) && !self.is_disabled();
        let mut state = self.closed();
        if !self.has_hung(now, hour) {
            (state.hung_ms, state.hung_at) = (0, None);
        }
        if is_back { state.back(now) } else { state }
    }

    /// Adds a failure to the row.
    fn failed(&self, code: &str, wasted: Duration, now: Timestamp, hour: &Hour) -> Self {
        let hangs = wasted >= HANG;
        let wasted = wasted.as_millis().try_into().unwrap_or(u64::MAX);
        let hung = if self.has_hung(now, hour) {
            self.hung_ms
        } else {
            0
        };
        Self {
            hung_ms: if hangs {
                hung.saturating_add(wasted)
            } else {
                hung
            },
            hung_at: if hangs { Some(now) } else { self.hung_at },
            failures: self.failures.saturating_add(1),
            failing_since: self.failing_since.or(Some(now)),
            wasted_ms: self.wasted_ms.saturating_add(wasted),
            last_code: Some(code.to_owned()),
            last_at: Some(now),
            ..self.clone()
        }
    }

    /// Opens the breaker, or moves the next probe, if the row of failures says so.
    fn judged(
        self,
        is_probe: bool,
        retry_after: Option<Timestamp>,
        now: Timestamp,
        hour: &Hour,
    ) -> Self {
        if self.is_disabled() {
            return self;
        }
        if self.is_open() {
            let step = self.step.saturating_add(1);
            return if is_probe {
                self.probed(step, retry_after, now, hour)
            } else {
                self
            };
        }
        if self.opens(now, hour) {
            let opened = Self {
                opened_at: Some(now),
                back_since: None,
                paced: 0,
                ..self
            };
            return opened.probed(0, retry_after, now, hour);
        }
        self
    }

    fn opens(&self, now: Timestamp, hour: &Hour) -> bool {
        let is_long = self.failures >= FAILURES && self.has_failed_for(OPENS_AFTER, now, hour);
        let wasted = Duration::from_millis(self.wasted_ms);
        let hung = Duration::from_millis(self.hung_ms);
        is_long || (self.failures >= HANGS && wasted >= WASTED) || hung >= WASTED
    }

    /// Checks whether a hang is still remembered.
    fn has_hung(&self, now: Timestamp, hour: &Hour) -> bool {
        let at = self.hung_at;
        at.is_some_and(|at| !hour.has_passed(REMEMBERED, at, now))
    }

    fn has_failed_for(&self, real: Duration, now: Timestamp, hour: &Hour) -> bool {
        let since = self.failing_since;
        since.is_some_and(|since| hour.has_passed(real, since, now))
    }

    /// Checks whether the endpoint has failed for so long that it is to be disabled.
    #[must_use]
    pub fn is_overdue(&self, now: Timestamp, hour: &Hour) -> bool {
        let is_failing = self.failures >= FAILURES && !self.is_disabled();
        is_failing && self.has_failed_for(DISABLED_AFTER, now, hour)
    }

    /// Sets the next probe, for so many probes that failed. The endpoint may ask for more time, up
    /// to ten minutes.
    fn probed(
        self,
        step: u32,
        retry_after: Option<Timestamp>,
        now: Timestamp,
        hour: &Hour,
    ) -> Self {
        let latest = hour.after(now, MOST_BETWEEN_PROBES);
        let asked = retry_after.unwrap_or(now).min(latest);
        let due = hour.after(now, pause(step)).max(whole(asked));
        Self {
            step,
            probe_at: Some(due),
            ..self
        }
    }

    /// Returns the state once a probe is sent. The next one is due as if this one had failed,
    /// because a message may be lost. Returns `None` if no probe is due.
    #[must_use]
    pub fn probing(&self, now: Timestamp, hour: &Hour) -> Option<Self> {
        let is_due = self.probe_at.is_some_and(|due| due <= now);
        if !self.is_open() || self.is_disabled() || !is_due {
            return None;
        }
        let wait = hour.of(pause(self.step.saturating_add(1)));
        Some(Self {
            probes: self.probes.wrapping_add(1),
            probe_at: Some(later(now, wait.max(SHORTEST_LEASE))),
            ..self.clone()
        })
    }

    /// Returns the state of an endpoint that somebody has made active again. What was held goes out
    /// as after an outage.
    #[must_use]
    pub fn enabled(&self, now: Timestamp) -> Self {
        Self {
            disabled: None,
            ..self.closed().back(whole(now))
        }
    }

    fn back(self, now: Timestamp) -> Self {
        Self {
            back_since: Some(now),
            paced: 0,
            ..self
        }
    }
}

/// Returns the pause after so many probes that failed.
fn pause(step: u32) -> Duration {
    let minutes = usize::try_from(step).ok();
    let minutes = minutes.and_then(|step| PROBES.get(step));
    minutes.map_or(MOST_BETWEEN_PROBES, |minutes| Duration::from_mins(*minutes))
}

/// Returns when an attempt that is sent now counts as lost: about five minutes, and never less than
/// an attempt may take.
#[must_use]
pub fn lease_until(leases: u32, now: Timestamp, hour: &Hour) -> Timestamp {
    let times = 1_u32 << leases.min(MOST_DOUBLINGS);
    let lease = hour.of(LEASE.saturating_mul(times));
    later(now, lease.max(SHORTEST_LEASE))
}

/// How long a parked item is leased first. It doubles each time, because an endpoint that is slower
/// than this must not get everything twice.
const LEASE: Duration = Duration::from_mins(5);
const MOST_DOUBLINGS: u32 = 4;
const SHORTEST_LEASE: Duration = Duration::from_secs(20);
