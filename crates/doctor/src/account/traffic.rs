//! Does each provider still send, and is what it sends accepted?

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::check::{Check, Unread};
use operator::account::Deployed;
use operator::explain::{Explanation, explain};
use operator::number::thousands;

use super::figures::{FORTNIGHT_HOURS, Figures};
use super::lines;

const ACCEPTED: &str = "accepted";
const REFUSED: &str = "refused";
/// As in the template, where a stack does not say it.
const SILENCE_HOURS: i64 = 24;
/// A provider of which this share is refused has a line.
const MANY_PERCENT: u64 = 5;
/// So few unsigned requests are those of a doctor, or of somebody who only tries.
const FEW: u64 = 20;
const REJECTED: &str = r#"{ $.outcome = "rejected" }"#;
const UNSIGNED: &str = "signature_missing";

/// Checks that each provider was heard within `SilenceHours`.
pub(super) fn accepted(
    deployed: &Deployed,
    providers: &[String],
    figures: &Figures,
    now: Timestamp,
) -> Vec<Check> {
    let mut heard = BTreeMap::new();
    for provider in providers {
        match last(figures, provider) {
            Ok(last) => heard.insert(provider.as_str(), last),
            Err(unread) => return vec![Check::unread(ACCEPTED, &unread)],
        };
    }
    let hours = deployed.parameters.get("SilenceHours");
    let hours = hours.and_then(|hours| hours.parse().ok());
    let limit = SignedDuration::from_hours(hours.unwrap_or(SILENCE_HOURS));
    silent(deployed, &heard, limit, now)
}

/// Returns when a webhook of a provider was accepted for the last time in a fortnight.
fn last(figures: &Figures, provider: &str) -> Result<Option<Timestamp>, Unread> {
    let day = figures.accepted(provider)?.last_counted();
    let fortnight = figures.accepted_in_fortnight(provider)?.last_counted();
    Ok(day.or(fortnight))
}

fn silent(
    deployed: &Deployed,
    heard: &BTreeMap<&str, Option<Timestamp>>,
    limit: SignedDuration,
    now: Timestamp,
) -> Vec<Check> {
    let since = |last: &Option<Timestamp>| last.map(|at| now.duration_since(at));
    let is_silent = |last: &Option<Timestamp>| since(last).is_none_or(|since| since >= limit);
    let newest = heard.values().filter_map(since).min();
    let mut checks = Vec::new();
    for (provider, last) in heard.iter().filter(|(_, last)| is_silent(last)) {
        let nothing = match since(last) {
            Some(since) => format!("nothing for {}", about(since)),
            None => format!("nothing for {} days or more", FORTNIGHT_HOURS / 24),
        };
        let others = newest.filter(|newest| *newest < limit);
        let others = others.map(|newest| format!(" (others: {})", unit(newest)));
        let text = format!("{provider}: {nothing}{}", others.unwrap_or_default());
        let url = deployed.webhook_url(provider).unwrap_or("it has none");
        let fix = format!("is the webhook on there? URL: {url}");
        checks.push(Check::warning(ACCEPTED, text, fix));
    }
    if checks.is_empty() {
        let oldest = heard.values().filter_map(since).max();
        let oldest = oldest.map_or_else(String::new, |oldest| {
            format!(", the most silent {} ago", about(oldest))
        });
        let all = heard.len();
        let text = format!("{all} of {all} providers send{oldest}");
        checks.push(Check::ok(ACCEPTED, text));
    }
    checks
}

/// Writes how long something is ago, in its largest unit.
pub(super) fn about(time: SignedDuration) -> String {
    let (number, unit) = match (time.as_hours(), time.as_mins()) {
        (hours, _) if hours >= 48 => (hours / 24, "days"),
        (hours, _) if hours >= 2 => (hours, "hours"),
        (_, minutes) => (minutes.max(1), "min"),
    };
    format!("{number} {unit}")
}

fn unit(time: SignedDuration) -> &'static str {
    match time.as_hours() {
        48.. => "days",
        2.. => "hours",
        _ => "minutes",
    }
}

/// Checks how many of each provider's webhooks are refused, and why.
pub(super) async fn refused(
    deployed: &Deployed,
    providers: &[String],
    figures: &Figures,
    now: Timestamp,
) -> Vec<Check> {
    let mut checks = Vec::new();
    for provider in providers {
        let figures = figures
            .accepted(provider)
            .and_then(|accepted| Ok((accepted.total(), figures.rejected(provider)?)));
        let (accepted, rejected) = match figures {
            Ok(both) => both,
            Err(unread) => return vec![Check::unread(REFUSED, &unread)],
        };
        if rejected * 100 < (accepted + rejected) * MANY_PERCENT || rejected == 0 {
            continue;
        }
        let codes = codes(deployed, provider, now).await;
        checks.extend(judged(provider, accepted, rejected, &codes));
    }
    if checks.is_empty() {
        let text = format!("less than {MANY_PERCENT} % of each provider in 24 h");
        checks.push(Check::ok(REFUSED, text));
    }
    checks
}

/// A line of a refusal, as far as it is read.
#[derive(Deserialize)]
struct Refused {
    code: String,
}

/// Counts the codes of a provider's refusals, as far as they are soon read.
async fn codes(
    deployed: &Deployed,
    provider: &str,
    now: Timestamp,
) -> Result<BTreeMap<String, u64>, Unread> {
    let mut codes = BTreeMap::new();
    let Some(group) = deployed.receiver_log(provider) else {
        return Ok(codes);
    };
    let since = now - SignedDuration::from_hours(24);
    for line in lines::of(deployed, group, REJECTED, since).await? {
        if let Ok(refused) = serde_json::from_str::<Refused>(&line.text) {
            *codes.entry(refused.code).or_default() += 1;
        }
    }
    Ok(codes)
}

fn judged(
    provider: &str,
    accepted: u64,
    rejected: u64,
    codes: &Result<BTreeMap<String, u64>, Unread>,
) -> Option<Check> {
    let percent = rejected * 100 / (accepted + rejected).max(1);
    let share = format!(
        "{provider}: {percent} % refused in 24 h ({} of {})",
        thousands(rejected),
        thousands(accepted + rejected)
    );
    let codes = match codes {
        Ok(codes) => codes,
        Err(unread) => {
            let text = format!("{share}; why is not read: {unread}");
            let fix = "postern listen --only refused {target}";
            return Some(Check::failed(REFUSED, text, fix));
        }
    };
    if rejected <= FEW && codes.keys().all(|code| code == UNSIGNED) {
        return None;
    }
    let mut by_count: Vec<(&str, u64)> = codes.iter().map(|(c, n)| (c.as_str(), *n)).collect();
    by_count.sort_by_key(|(code, count)| (std::cmp::Reverse(*count), *code));
    let each = by_count.iter();
    let each: Vec<String> = each
        .map(|(code, count)| format!("{code} {}", thousands(*count)))
        .collect();
    let why = if each.is_empty() {
        String::new()
    } else {
        format!(": {}", each.join(", "))
    };
    let fix = by_count.first().map_or_else(
        || "postern listen --only refused {target}".to_owned(),
        |(code, _)| cure(provider, code),
    );
    Some(Check::failed(REFUSED, format!("{share}{why}"), fix))
}

/// Returns what to do about the code of a refusal.
fn cure(provider: &str, code: &str) -> String {
    let Some(Explanation { cure, page, .. }) = explain(code, Some(provider)) else {
        return format!("docs/providers/{provider}.md#when-it-fails");
    };
    let with_target = |cure: String, verb: &str| {
        let command = format!("postern secret {verb} {provider}");
        cure.replace(&command, &format!("{command} {{target}}"))
    };
    let cure = ["check", "set"].into_iter().fold(cure, with_target);
    format!("{cure} ({page})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::State;

    fn line(accepted: u64, rejected: u64, codes: &[(&str, u64)]) -> Option<(String, String)> {
        let codes = codes
            .iter()
            .map(|(code, count)| ((*code).to_owned(), *count));
        let check = judged("mailgun", accepted, rejected, &Ok(codes.collect()))?;
        assert_eq!(check.state, State::Failed);
        Some((check.text, check.fix.expect("a fix")))
    }

    #[test]
    fn refusals_are_told_by_code_and_a_few_unsigned_ones_are_nothing() {
        assert_eq!(line(3, 20, &[("signature_missing", 20)]), None);
        assert_eq!(
            line(90, 10, &[("signature_missing", 3), ("signature_mismatch", 7)]),
            Some((
                "mailgun: 10 % refused in 24 h (10 of 100): signature_mismatch 7, signature_missing 3"
                    .to_owned(),
                "postern secret check mailgun {target} compares; put the key again: postern secret set mailgun {target} (docs/providers/mailgun.md#when-it-fails)".to_owned()
            ))
        );
        assert_eq!(
            line(0, 1_204, &[("timestamp_stale", 1_204)]),
            Some((
                "mailgun: 100 % refused in 24 h (1,204 of 1,204): timestamp_stale 1,204".to_owned(),
                "a replay; or the test button (docs/providers/mailgun.md#when-it-fails)".to_owned()
            ))
        );
    }

    #[test]
    fn how_long_ago_is_said_in_one_unit() {
        let about = |minutes| about(SignedDuration::from_mins(minutes));
        assert_eq!(about(0), "1 min");
        assert_eq!(about(119), "119 min");
        assert_eq!(about(120), "2 hours");
        assert_eq!(about(9 * 24 * 60), "9 days");
    }
}
