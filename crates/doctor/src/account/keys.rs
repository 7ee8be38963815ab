//! Are the keys there, can they be used, and has a rotation come to its end?

use aws_sdk_secretsmanager::Client;
use jiff::{SignedDuration, Timestamp};

use crate::check::{Check, Unread, ask};
use crate::counts::many;
use crate::keys::{self, Key, Named};
use operator::account::Deployed;
use operator::account::signed::{Signed, signed_by};
use operator::number::thousands;

use super::figures::{Figures, unread};

const KEYS: &str = "keys";
const ROTATION: &str = "rotation";
const ACTION: &str = "secretsmanager:DescribeSecret";
const PREVIOUS: &str = "AWSPREVIOUS";
/// How long after a put the old key may still sign: the longest that a provider retries.
const UNDER_WAY: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Reads each provider's secret.
pub(super) async fn keys(deployed: &Deployed, secrets: &[Named], figures: &Figures) -> Vec<Check> {
    let client = Client::new(&deployed.config);
    let mut found = Vec::new();
    for (provider, name) in secrets {
        let mut key = keys::read(&client, provider, name).await;
        if let Key::Unread(Unread::NotAllowed(_)) = key {
            // Whoever may not read a key may still see that there is one.
            key = described(&client, name).await.map_or(key, |_| Key::NotRead);
        }
        found.push(((provider.clone(), name.clone()), key));
    }
    let mut checks = keys::told(&found);
    match figures.unreadable_secrets() {
        Ok(0) | Err(_) => {}
        Ok(times) => {
            let times = many(times, "reading", "readings");
            let text = format!("{times} of a secret failed in 24 h");
            let fix = "postern secret status {target}";
            checks.push(Check::warning(KEYS, text, fix));
        }
    }
    checks
}

/// When the current version of a secret was put, and whether there is one before it.
struct Versions {
    since: Option<Timestamp>,
    has_previous: bool,
}

async fn described(client: &Client, name: &str) -> Result<Versions, Unread> {
    let found = ask(ACTION, client.describe_secret().secret_id(name).send()).await?;
    let stages = found.version_ids_to_stages().into_iter().flatten();
    let mut stages = stages.flat_map(|(_, stages)| stages);
    let since = found.last_changed_date();
    Ok(Versions {
        since: since.and_then(|at| Timestamp::from_second(at.secs()).ok()),
        has_previous: stages.any(|stage| stage == PREVIOUS),
    })
}

/// Checks that no key of before the last rotation is still in use, or that this is still new.
pub(super) async fn rotation(deployed: &Deployed, secrets: &[Named], now: Timestamp) -> Vec<Check> {
    let client = Client::new(&deployed.config);
    let names: Vec<&str> = secrets
        .iter()
        .map(|(provider, _)| provider.as_str())
        .collect();
    let signed = match signed_by(deployed, &names).await {
        Ok(signed) => signed,
        Err(error) => return vec![Check::unread(ROTATION, &unread(error))],
    };
    let mut checks = Vec::new();
    for ((provider, name), signed) in secrets.iter().zip(signed) {
        match described(&client, name).await {
            Ok(versions) => checks.extend(judged(provider, &versions, signed, now)),
            Err(unread @ Unread::NotAllowed(_)) => return vec![Check::unread(ROTATION, &unread)],
            // That there is no secret is what `keys` says.
            Err(Unread::Failed(_)) => {}
        }
    }
    if checks.is_empty() {
        checks.push(Check::ok(ROTATION, "no old key is in use"));
    }
    checks
}

fn judged(provider: &str, versions: &Versions, signed: Signed, now: Timestamp) -> Option<Check> {
    let Versions {
        since,
        has_previous: true,
    } = versions
    else {
        return None;
    };
    let put = since.map_or_else(String::new, |at| {
        format!(" since {}", at.strftime("%Y-%m-%d"))
    });
    let is_new = since.is_some_and(|at| now.duration_since(at) < UNDER_WAY);
    let retire = format!("postern secret retire {provider} {{target}}");
    match signed.previous {
        None => None,
        Some(0) if is_new || signed.current == 0 => None,
        Some(0) => {
            let text = format!("{provider}: the old key is unused, the new one is there{put}");
            Some(Check::advice(ROTATION, text, retire))
        }
        Some(previous) if is_new => {
            let previous = thousands(previous);
            let text = format!("{provider}: under way{put}; the old key signed {previous} in 24 h");
            Some(Check::ok(ROTATION, text))
        }
        Some(previous) => {
            let previous = thousands(previous);
            let text = format!(
                "{provider}: the new key is there{put}, and the old one still signed {previous} in 24 h"
            );
            let fix = format!("set the new key at {provider}, then: {retire}");
            Some(Check::warning(ROTATION, text, fix))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::State;

    fn line(days: i64, previous: Option<u64>) -> Option<(State, String, Option<String>)> {
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let versions = Versions {
            since: Some(now - SignedDuration::from_hours(days * 24)),
            has_previous: true,
        };
        let signed = Signed {
            current: 18_204,
            previous,
        };
        let check = judged("insider", &versions, signed, now)?;
        Some((check.state, check.text, check.fix))
    }

    #[test]
    fn a_rotation_has_its_time_and_then_it_should_end() {
        let retire = "postern secret retire insider {target}";
        assert_eq!(line(2, None), None);
        assert_eq!(line(2, Some(0)), None);
        assert_eq!(
            line(2, Some(1_204)),
            Some((
                State::Ok,
                "insider: under way since 2026-11-18; the old key signed 1,204 in 24 h".to_owned(),
                None
            ))
        );
        assert_eq!(
            line(18, Some(0)),
            Some((
                State::Ok,
                "insider: the old key is unused, the new one is there since 2026-11-02".to_owned(),
                Some(retire.to_owned())
            ))
        );
        assert_eq!(
            line(18, Some(7)),
            Some((
                State::Warning,
                "insider: the new key is there since 2026-11-02, and the old one still signed 7 in 24 h"
                    .to_owned(),
                Some(format!("set the new key at insider, then: {retire}"))
            ))
        );
    }
}
