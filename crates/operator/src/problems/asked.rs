//! Which problems, as a user types them: `bounced yesterday`, `7d`, `bounced/2026-01-02`.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use table::asked;
use table::shard::{PROBLEMS, SHARDS};

use crate::asked::Asked;

/// The most days that are asked for at once.
const DAYS: u32 = 31;

/// Kinds and days of problems.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems {
    /// The kinds.
    pub kinds: Vec<&'static str>,
    /// The days in UTC, the newest first.
    pub days: Vec<Date>,
    /// Only this provider's.
    pub provider: Option<&'static str>,
    /// Only bounces of this class.
    pub class: Option<&'static str>,
    /// Only those after the one that ended an earlier list: see [`end`](super::end).
    pub after: Option<String>,
}

impl Problems {
    /// Reads a kind and a day, in any order. Without a kind they are all, and without a day it is
    /// today.
    ///
    /// # Errors
    /// Returns an [`Asked`] if a word is neither. It would find nothing, and look like a day
    /// without problems.
    pub fn read(
        words: &[&str],
        class: Option<&'static str>,
        now: Timestamp,
    ) -> Result<Self, Asked> {
        let (mut kind, mut days) = (None, None);
        let words = words.iter().flat_map(|word| word.trim().split('/'));
        for word in words {
            let is_second = if is_of_a_day(word) {
                days.replace(read_days(word, now)?).is_some()
            } else {
                kind.replace(read_kind(word)?).is_some()
            };
            if is_second {
                return Err(Asked::TooMany(word.to_owned()));
            }
        }
        let kinds = match (kind, class) {
            (Some(kind), Some(_)) if kind != "bounced" => return Err(Asked::NoClass(kind)),
            (_, Some(_)) => vec!["bounced"],
            (Some(kind), None) => vec![kind],
            (None, None) => PROBLEMS.to_vec(),
        };
        Ok(Self {
            kinds,
            days: days.map_or_else(|| read_days("today", now), Ok)?,
            provider: None,
            class,
            after: None,
        })
    }
}

impl Problems {
    /// Returns how many keys of the index are read.
    #[must_use]
    pub fn reads(&self) -> u64 {
        let reads = self.kinds.len() * self.days.len() * SHARDS.len();
        u64::try_from(reads).unwrap_or(u64::MAX)
    }
}

/// Checks whether a word is meant for a day: no kind has a digit in it.
fn is_of_a_day(word: &str) -> bool {
    crate::asked::DAYS.contains(&word) || word.chars().any(|c| c.is_ascii_digit())
}

fn read_kind(word: &str) -> Result<&'static str, Asked> {
    asked::problem(word).map_err(|_| Asked::Problem(word.to_owned()))
}

/// Reads a day, or so many of the last days.
fn read_days(word: &str, now: Timestamp) -> Result<Vec<Date>, Asked> {
    let refused = || Asked::Day(word.to_owned());
    let today = now.to_zoned(TimeZone::UTC).date();
    let back = |days: u32| today.checked_sub(i64::from(days).days());
    match word.strip_suffix('d').map(str::parse::<u32>) {
        Some(Ok(number @ 1..=DAYS)) => {
            let days = (0..number).map(back).collect::<Result<_, _>>();
            days.map_err(|_| refused())
        }
        _ => Ok(vec![asked::day(word, now).map_err(|_| refused())?]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<Problems, Asked> {
        let now = "2026-03-01T00:00:01Z".parse().expect("a time");
        Problems::read(words, None, now)
    }

    fn days(words: &[&str]) -> Vec<String> {
        let days = read(words).expect("problems").days;
        days.iter().map(Date::to_string).collect()
    }

    #[test]
    fn a_kind_and_a_day_may_be_given_or_not() {
        assert_eq!(days(&[]), ["2026-03-01"]);
        assert_eq!(days(&["today"]), ["2026-03-01"]);
        assert_eq!(days(&["bounced", "yesterday"]), ["2026-02-28"]);
        assert_eq!(days(&["3d"]), ["2026-03-01", "2026-02-28", "2026-02-27"]);
        assert_eq!(days(&[" 2026-01-02 "]), ["2026-01-02"]);
        assert_eq!(days(&["bounced/2026-01-02"]), ["2026-01-02"]);
        assert_eq!(read(&[]).expect("problems").kinds, PROBLEMS);
        let kinds = read(&["yesterday", "failed"]).expect("problems").kinds;
        assert_eq!(kinds, ["failed"]);
    }

    #[test]
    fn a_word_that_is_neither_is_refused() {
        let one_of = "one of: bounced complained failed rejected unsubscribed";
        let meant = format!("did you mean `bounced`?  {one_of}");
        let day = "a day in UTC: 2026-01-02, or today, yesterday, 7d";
        for (words, what, hint) in [
            (
                &["bounces"][..],
                "`bounces` is no kind of problem",
                meant.as_str(),
            ),
            (
                &["Bounced/2026-1-3"],
                "`Bounced` is no kind of problem",
                &meant,
            ),
            (
                &["bounces/2026-01-03"],
                "`bounces` is no kind of problem",
                &meant,
            ),
            (
                &["tody"],
                "`tody` is no kind of problem",
                "did you mean `today`?",
            ),
            (&[""], "`` is no kind of problem", one_of),
            (
                &["delivered/2026-01-03"],
                "`delivered` is no kind of problem",
                one_of,
            ),
            (&["bounced/2026-13-40"], "`2026-13-40` is no day", day),
            (&["bounced", "2026-02-29"], "`2026-02-29` is no day", day),
            (&["2026-1-3"], "`2026-1-3` is no day", day),
            (&["20260103"], "`20260103` is no day", day),
            (&["0d"], "`0d` is no day", day),
            (&["32d"], "`32d` is no day", day),
            (
                &["2026-01-03T00:00:00"],
                "`2026-01-03T00:00:00` is no day",
                day,
            ),
            (
                &["bounced", "failed"],
                "`failed` is one word too many: give one kind and one day",
                "postern problems bounced 2026-01-02 {target}",
            ),
            (
                &["today", "2026-01-03"],
                "`2026-01-03` is one word too many: give one kind and one day",
                "postern problems bounced 2026-01-02 {target}",
            ),
        ] {
            let refused = read(words).expect_err(what);
            assert_eq!(refused.to_string(), what);
            assert_eq!(refused.hint().as_deref(), Some(hint), "{what}");
        }
    }

    #[test]
    fn only_bounces_have_a_class() {
        let now = Timestamp::UNIX_EPOCH;
        let hard = |words: &[&str]| Problems::read(words, Some("hard"), now);
        assert_eq!(hard(&[]).expect("problems").kinds, ["bounced"]);
        let refused = hard(&["failed"]).expect_err("no class");
        assert_eq!(refused.code(), "class_impossible");
    }
}
