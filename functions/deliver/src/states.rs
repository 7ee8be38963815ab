//! Judges endpoints by what a batch has seen of them: once for each endpoint, however many messages
//! were tried. A healthy one is not written.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use outlets::breaker::State;
use outlets::bus::BUS;
use outlets::hour::Hour;
use outlets::store::Changed;
use runtime::clock;
use runtime::log::{self, Level};
use runtime::outlet_line::OutletLine;

use crate::end::Said;
use crate::known::Known;
use crate::line::FUNCTION;
use crate::state::Deliver;

/// Judges the endpoints.
pub(crate) async fn judge(said: Vec<Said>, known: &Known, deliver: &Deliver, request_id: &str) {
    let mut by_outlet: BTreeMap<u64, Vec<Said>> = BTreeMap::new();
    for said in said {
        by_outlet.entry(said.outlet).or_default().push(said);
    }
    let changes = by_outlet.into_iter().map(|(outlet, mut said)| async move {
        said.sort_by_key(|said| said.at);
        let before = known.state(outlet).cloned().unwrap_or_default();
        let after = judged(&before, &said, &deliver.hour);
        if after == before {
            return;
        }
        let changing = deliver
            .outlets
            .change_state(outlet, |state| judged(state, &said, &deliver.hour));
        if let Ok(changed) = changing.await {
            return tell(outlet, &changed, request_id);
        }
        let line = OutletLine::new(Level::Warn, FUNCTION, "unjudged", request_id, clock::now());
        log::line(&line.about(outlet).because(Some("state_unwritten")));
    });
    join_all(changes).await;
}

/// Returns the state after these attempts. A test counts only if it was accepted: then the endpoint
/// is back. The bus is never given up, and never tested.
fn judged(state: &State, said: &[Said], hour: &Hour) -> State {
    said.iter().fold(state.clone(), |state, said| {
        if said.outlet == BUS {
            return state.after_kept(&said.outcome, said.at, hour);
        }
        let Some(test) = &said.test else {
            return state.after(&said.outcome, said.at, hour);
        };
        let state = state.tested(test.clone());
        if test.delivered {
            state.after(&said.outcome, said.at, hour)
        } else {
            state
        }
    })
}

/// Logs what a person must know of an endpoint.
fn tell(outlet: u64, changed: &Changed, request_id: &str) {
    let Some(outcome) = changed.outcome() else {
        return;
    };
    let after = &changed.after;
    let last = after.last_code.as_deref();
    let (level, code) = match (after.disabled, outcome) {
        (Some(why), _) => (Level::Error, Some(why.name())),
        (None, "opened") => (Level::Warn, last),
        _ => (Level::Info, None),
    };
    let line = OutletLine::new(level, FUNCTION, outcome, request_id, clock::now());
    log::line(&line.about(outlet).because(code));
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::{SignedDuration, Timestamp};
    use outlets::breaker::{LastTest, Outcome};

    use super::*;
    use crate::samples::NOW;

    fn said(seconds: i64, outcome: Outcome, test: Option<bool>) -> Said {
        let now: Timestamp = NOW.parse().unwrap();
        let test = test.map(|delivered| LastTest {
            id: "tst_1".to_owned(),
            delivered,
            ..LastTest::default()
        });
        Said {
            outlet: 3,
            at: now + SignedDuration::from_secs(seconds),
            outcome,
            test,
        }
    }

    fn failed() -> Outcome {
        Outcome::Failed {
            code: "timeout".to_owned(),
            wasted: Duration::from_secs(1),
            retry_after: None,
            is_probe: false,
        }
    }

    fn after(said: &[Said]) -> State {
        judged(&State::default(), said, &Hour::default())
    }

    #[test]
    fn what_a_batch_has_seen_counts_one_by_one() {
        let state = after(&[said(0, failed(), None), said(1, failed(), None)]);
        assert_eq!(state.failures, 2);
        let state = after(&[said(0, failed(), None), said(1, Outcome::Delivered, None)]);
        assert_eq!(state.failures, 0);
        assert_eq!(
            after(&[said(0, Outcome::Delivered, None)]),
            State::default()
        );
    }

    #[test]
    fn a_test_that_fails_is_remembered_and_does_not_count() {
        let state = after(&[said(0, failed(), None), said(1, failed(), Some(false))]);
        assert_eq!(state.failures, 1);
        assert_eq!(state.tests.last().map(|test| test.delivered), Some(false));
        let state = after(&[
            said(0, failed(), None),
            said(1, Outcome::Delivered, Some(true)),
        ]);
        assert_eq!(state.failures, 0);
    }
}
