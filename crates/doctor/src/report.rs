//! The checklist.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::check::{Check, State};
use operator::exit::Exit;

/// The checklist of a stack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The lines, in the order of the checks.
    pub checks: Vec<Check>,
}

impl Report {
    pub(super) fn new(checks: Vec<Check>) -> Self {
        Self { checks }
    }

    /// Counts the checks by how they ended. One with several lines counts once, by its worst.
    fn counts(&self) -> BTreeMap<State, usize> {
        let mut by_id: BTreeMap<&str, State> = BTreeMap::new();
        for check in &self.checks {
            let worst = by_id.entry(check.id).or_insert(check.state);
            *worst = check.state.max(*worst);
        }
        let mut counts = BTreeMap::new();
        for state in by_id.into_values() {
            *counts.entry(state).or_default() += 1;
        }
        counts
    }

    /// Returns the last line: how many checks there were, and how they ended.
    #[must_use]
    pub fn summary(&self) -> String {
        let counts = self.counts();
        let all: usize = counts.values().sum();
        let of = |state| counts.get(&state).copied().unwrap_or_default();
        let noun = if all == 1 { "check" } else { "checks" };
        let mut summary = format!("{all} {noun}: {} ✓", of(State::Ok));
        for (state, sign) in [
            (State::Warning, "!"),
            (State::Failed, "✗"),
            (State::Skipped, "skipped"),
        ] {
            if of(state) > 0 {
                let _ = write!(summary, "  {} {sign}", of(state));
            }
        }
        summary
    }

    /// Returns how the command ends: 1 if a check fails, or else 3 if something did not answer.
    ///
    /// What the caller may not read is no failure: whoever gave the rights decided so.
    #[must_use]
    pub fn exit(&self) -> Exit {
        if self.checks.iter().any(|c| c.state == State::Failed) {
            return Exit::No;
        }
        if self.checks.iter().any(|check| check.is_unanswered) {
            return Exit::Unreachable;
        }
        Exit::Done
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Unread;

    #[test]
    fn the_last_line_counts_each_check_once_by_its_worst_line() {
        let mut report = Report::new(vec![
            Check::ok("stack", "postern"),
            Check::failed("keys", "mailgun", "postern secret set mailgun"),
            Check::warning("keys", "insider", "postern secret set insider"),
            Check::warning("accepted", "insider", "is it on there?"),
        ]);
        assert_eq!(report.summary(), "3 checks: 1 ✓  1 !  1 ✗");
        assert_eq!(report.exit(), Exit::No);
        report.checks.retain(|check| check.state == State::Ok);
        assert_eq!(report.summary(), "1 check: 1 ✓");
        assert_eq!(report.exit(), Exit::Done);
    }

    #[test]
    fn what_may_not_be_read_is_no_failure_and_what_does_not_answer_is_never_a_zero() {
        let denied = Unread::NotAllowed("sns:ListSubscriptionsByTopic".to_owned());
        let report = Report::new(vec![Check::unread("told", &denied)]);
        assert_eq!(report.summary(), "1 check: 0 ✓  1 skipped");
        assert_eq!(report.exit(), Exit::Done);
        let throttled = "dynamodb:DescribeTable failed (ThrottlingException)";
        let throttled = Unread::Failed(throttled.to_owned());
        let report = Report::new(vec![Check::unread("table", &throttled)]);
        let text = "skipped: dynamodb:DescribeTable failed (ThrottlingException)";
        assert_eq!(report.checks[0].text, text);
        assert_eq!(report.exit(), Exit::Unreachable);
    }
}
