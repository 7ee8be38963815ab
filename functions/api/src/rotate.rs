//! Gives an endpoint another secret.

use jiff::{SignedDuration, Timestamp};
use outlets::endpoint::{Endpoint, SealedSecret};
use outlets::manage::{Refusal, Rotated, Rotation};

use crate::answer::Answer;
use crate::done::{Done, Wrong};
use crate::parts::{Asked, Parts, managed};
use crate::sealed::{Seals, given_or_made};
use crate::times::{second, text};

/// How often a rotation is tried again because somebody else was faster.
const TRIES: usize = 4;

/// Rotates the secret of an endpoint. The old one signs beside the new one for some hours.
pub(crate) async fn rotate(
    parts: &Parts,
    id: u64,
    body: &[u8],
    asked: Asked<'_>,
) -> Result<Done, Wrong> {
    let rotation = Rotation::read(body)?;
    let secret = given_or_made(rotation.secret.as_ref())?;
    let seals = Seals::of(&parts.sealing, asked.at).await?;
    let now = second(asked.at);
    let until = until(now, rotation.keep_hours);
    for _ in 0..TRIES {
        let old = parts.endpoint(id).await?;
        let is_used = |sealed: &SealedSecret| seals.is(id, sealed, &secret);
        if old.secrets_at(asked.at).any(is_used) {
            return Err(Refusal::SecretInUse.into());
        }
        let newest = seals.secret(id, &secret, now)?;
        let new = rotated(&old, newest, until, now)?;
        if parts.outlets.replace(&old, &new).await? {
            let rotated = Rotated {
                secret: rotation.secret.is_none().then(|| secret.expose().into()),
                old_until: text(until),
            };
            let managed = managed("rotated", &new);
            return Ok(Done::managed(Answer::ok(&rotated), managed));
        }
    }
    Err(Refusal::Changed.into())
}

fn until(now: Timestamp, hours: u32) -> Timestamp {
    let hours = SignedDuration::from_hours(hours.into());
    now.checked_add(hours).unwrap_or(now)
}

/// Returns an endpoint with a new secret. Two sign at most. If the old one is dropped at once, so
/// is whatever signs beside it: a secret that has leaked must not wait.
fn rotated(
    old: &Endpoint,
    newest: SealedSecret,
    until: Timestamp,
    now: Timestamp,
) -> Result<Endpoint, Refusal> {
    let mut signing = old.secrets_at(now);
    let before = signing.next().filter(|_| until > now);
    if before.is_some() && signing.next().is_some() {
        return Err(Refusal::StillRotating);
    }
    let before = before.map(|secret| SealedSecret {
        until: Some(until),
        ..secret.clone()
    });
    Ok(Endpoint {
        secrets: [newest].into_iter().chain(before).collect(),
        ..old.clone()
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use outlets::filter::Filter;

    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_767_323_045, 0);

    fn secret(sealed: &str, until: Option<Timestamp>) -> SealedSecret {
        SealedSecret {
            sealed: sealed.to_owned(),
            since: NOW,
            until,
        }
    }

    fn endpoint(secrets: Vec<SealedSecret>) -> Endpoint {
        Endpoint {
            id: 3,
            url: "https://crm.example.com/".to_owned(),
            filter: Filter::parse("*").unwrap(),
            providers: Vec::new(),
            sources: Vec::new(),
            headers: BTreeMap::new(),
            secrets,
            active: true,
            created_at: NOW,
            created_by: "kim".to_owned(),
            revision: 1,
        }
    }

    fn secrets(
        old: Vec<SealedSecret>,
        keep_hours: u32,
        at: Timestamp,
    ) -> Result<Vec<(String, Option<Timestamp>)>, Refusal> {
        let newest = SealedSecret {
            since: at,
            ..secret("new", None)
        };
        let new = rotated(&endpoint(old), newest, until(at, keep_hours), at)?;
        let secrets = new.secrets.into_iter();
        Ok(secrets
            .map(|secret| (secret.sealed, secret.until))
            .collect())
    }

    #[test]
    fn the_old_secret_signs_beside_the_new_one_until_its_time() {
        let rotated = secrets(vec![secret("old", None)], 24, NOW);
        let day = Some(until(NOW, 24));
        let wanted = vec![("new".to_owned(), None), ("old".to_owned(), day)];
        assert_eq!(rotated, Ok(wanted));
    }

    #[test]
    fn with_no_hours_the_old_one_is_gone_and_whatever_signs_beside_it() {
        let old = vec![secret("old", None), secret("older", Some(until(NOW, 5)))];
        assert_eq!(secrets(old, 0, NOW), Ok(vec![("new".to_owned(), None)]));
    }

    #[test]
    fn two_secrets_sign_at_most() {
        let old = vec![secret("old", None), secret("older", Some(until(NOW, 5)))];
        let refused = secrets(old.clone(), 1, NOW);
        assert_eq!(refused, Err(Refusal::StillRotating));
        let later = until(NOW, 5);
        let rotated = secrets(old, 1, later).unwrap();
        assert_eq!(rotated.len(), 2, "the oldest is over");
        assert_eq!(rotated[1].0, "old");
    }
}
