//! The problems of a day, as they are asked for: `bounced/2026-01-02`.

use jiff::civil::Date;
use table::shard::{SHARDS, problem_key};

use super::super::error::{Error, PROBLEMS};

/// One kind of problem on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    kind: String,
    day: String,
}

impl Problem {
    /// Reads `bounced/2026-01-02`. Anything else would find nothing, and look like a day without
    /// problems.
    ///
    /// # Errors
    /// Returns [`Error::Problem`], [`Error::ProblemKind`] or [`Error::Day`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let parts = text.split_once('/');
        let (kind, day) = parts.ok_or_else(|| Error::Problem(text.to_owned()))?;
        if !PROBLEMS.contains(&kind) {
            return Err(Error::ProblemKind(kind.to_owned()));
        }
        // The date as it is written, and no other way to write it, which would find nothing.
        let date: Option<Date> = day.parse().ok();
        if date.is_none_or(|date| date.to_string() != day) {
            return Err(Error::Day(day.to_owned()));
        }
        Ok(Self {
            kind: kind.to_owned(),
            day: day.to_owned(),
        })
    }

    /// Returns the key of every shard.
    pub(super) fn keys(&self) -> [String; SHARDS.len()] {
        SHARDS.map(|shard| problem_key(&self.kind, &self.day, shard))
    }
}

#[cfg(test)]
mod tests {
    use super::{Problem, SHARDS};

    #[test]
    fn a_problem_is_a_kind_and_a_day_and_what_is_neither_says_so() {
        let problem = Problem::parse(" unsubscribed/2026-01-02 ").expect("a problem");
        assert_eq!(
            (problem.kind.as_str(), problem.day.as_str()),
            ("unsubscribed", "2026-01-02")
        );
        assert_eq!(problem.keys().len(), SHARDS.len());
        assert_eq!(problem.keys()[10], "unsubscribed#2026-01-02#a");
        for (text, wrong) in [
            ("", "\"\" is no problem of a day"),
            ("bounced", "\"bounced\" is no problem of a day"),
            ("bounces/2026-13-40", "\"bounces\" is no kind of problem"),
            ("Bounced/2026-01-03", "\"Bounced\" is no kind of problem"),
            (
                "delivered/2026-01-03",
                "\"delivered\" is no kind of problem",
            ),
            ("bounced/2026-13-40", "\"2026-13-40\" is no day"),
            ("bounced/2026-02-29", "\"2026-02-29\" is no day"),
            ("bounced/2026-1-3", "\"2026-1-3\" is no day"),
            ("bounced/20260103", "\"20260103\" is no day"),
            ("bounced/2026-01-03T00:00:00", "is no day"),
            ("bounced/2026-01-03/7", "\"2026-01-03/7\" is no day"),
            ("bounced/", "\"\" is no day"),
        ] {
            let said = Problem::parse(text).expect_err(text).to_string();
            assert!(said.contains(wrong), "{text}: {said}");
        }
    }
}
