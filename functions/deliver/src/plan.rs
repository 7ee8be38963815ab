//! Decides what is to be done with a message before anything about its content is read.

use jiff::{SignedDuration, Timestamp};
use outlets::breaker::State;
use outlets::endpoint::Endpoint;
use outlets::ladder::KEPT;
use outlets::message::Message;

/// What is to be done with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// It is tried.
    Try,
    /// It is held for its endpoint, which is spared, inactive or given up. The text says why.
    Hold(&'static str),
    /// Nobody is told. The text says why.
    Drop(&'static str),
}

impl Plan {
    /// Returns what is to be done with a message for this endpoint, if there still is one.
    ///
    /// A test is tried in any case: it is what a person asks for who wants to know. A probe is
    /// what finds out whether a spared endpoint is back.
    pub(crate) fn of(
        message: &Message,
        endpoint: Option<&Endpoint>,
        state: &State,
        now: Timestamp,
    ) -> Self {
        let Some(endpoint) = endpoint else {
            return Self::Drop("removed");
        };
        if message.test.is_some() {
            return Self::Try;
        }
        if is_over(message, now) {
            return Self::Drop("expired");
        }
        if state.is_disabled() {
            return Self::Hold("disabled");
        }
        if !endpoint.active {
            return Self::Hold("inactive");
        }
        if state.is_open() && !message.probe {
            return Self::Hold("breaker_open");
        }
        Self::Try
    }
}

/// Checks whether a notification is older than anything is kept.
fn is_over(message: &Message, now: Timestamp) -> bool {
    let kept = SignedDuration::try_from(KEPT).unwrap_or(SignedDuration::MAX);
    now.duration_since(message.first_at) > kept
}

#[cfg(test)]
mod tests {
    use outlets::breaker::Disabled;
    use outlets::fact::Fact;

    use super::*;
    use crate::samples::{NOW, endpoint};

    fn message() -> Message {
        let fact = Fact::event("email#kim@mail.test", "2026-03-03T08:14:59.000Z#a");
        Message::first(3, fact, NOW.parse().unwrap())
    }

    fn plan(message: &Message, is_active: bool, state: &State) -> Plan {
        let endpoint = Endpoint {
            active: is_active,
            ..endpoint()
        };
        Plan::of(message, Some(&endpoint), state, NOW.parse().unwrap())
    }

    fn states() -> [State; 3] {
        let open = State {
            opened_at: Some(NOW.parse().unwrap()),
            ..State::default()
        };
        let disabled = State::default().disabled(Disabled::Failing);
        [State::default(), open, disabled]
    }

    #[test]
    fn an_endpoint_that_is_spared_inactive_or_given_up_holds_what_it_is_told() {
        let plans = states().map(|state| plan(&message(), true, &state));
        assert_eq!(
            plans,
            [
                Plan::Try,
                Plan::Hold("breaker_open"),
                Plan::Hold("disabled")
            ]
        );
        let plans = states().map(|state| plan(&message(), false, &state));
        let inactive = Plan::Hold("inactive");
        assert_eq!(plans, [inactive, inactive, Plan::Hold("disabled")]);
    }

    #[test]
    fn a_probe_passes_an_open_breaker_and_nothing_else() {
        let probe = Message {
            probe: true,
            ..message()
        };
        let plans = states().map(|state| plan(&probe, true, &state));
        assert_eq!(plans, [Plan::Try, Plan::Try, Plan::Hold("disabled")]);
        assert_eq!(
            plan(&probe, false, &State::default()),
            Plan::Hold("inactive")
        );
    }

    #[test]
    fn a_test_is_tried_in_any_case() {
        let test = Message::test(3, "tst_1".to_owned(), NOW.parse().unwrap());
        for state in states() {
            assert_eq!(plan(&test, false, &state), Plan::Try);
        }
    }

    #[test]
    fn what_nobody_waits_for_is_dropped() {
        let now: Timestamp = NOW.parse().unwrap();
        let plan = |message: &Message, endpoint: Option<&Endpoint>, hours| {
            let now = now + SignedDuration::from_hours(hours);
            Plan::of(message, endpoint, &State::default(), now)
        };
        let endpoint = endpoint();
        assert_eq!(plan(&message(), None, 0), Plan::Drop("removed"));
        assert_eq!(plan(&message(), Some(&endpoint), 14 * 24), Plan::Try);
        let over = plan(&message(), Some(&endpoint), 14 * 24 + 1);
        assert_eq!(over, Plan::Drop("expired"));
    }
}
