//! Seals anew what an older version of the sealing secret has sealed, before that version is gone,
//! and forgets the secrets that sign no more.

use jiff::Timestamp;
use outlets::endpoint::Endpoint;
use outlets::store::{Outlets, StoreError};
use runtime::random::{self, RandomError};
use runtime::sealing::SealingKeys;
use shared::auth::{SealError, seal, sealed_by, unseal};

/// What became of what is sealed for an endpoint.
#[derive(Debug, Default)]
pub(crate) struct Sealed {
    /// Why some of it is as it was, if it should not be.
    pub(crate) code: Option<&'static str>,
    /// Whether the endpoint was changed.
    pub(crate) is_changed: bool,
}

/// Seals anew what must be. Somebody else's change of the endpoint wins, and the next sweep seals
/// what that has left.
pub(crate) async fn renew(
    endpoint: &Endpoint,
    keys: Option<&SealingKeys>,
    outlets: &Outlets,
    now: Timestamp,
) -> Result<Sealed, StoreError> {
    let kept = endpoint.without_old_secrets(now);
    let (anew, code) = match keys {
        Some(keys) => sealed_anew(&kept, keys),
        None => (kept, None),
    };
    let is_changed = anew != *endpoint && outlets.replace(endpoint, &anew).await?;
    Ok(Sealed { code, is_changed })
}

/// Seals each text by the current key. One that cannot be unsealed stays as it is, and must not
/// keep the others from it.
fn sealed_anew(endpoint: &Endpoint, keys: &SealingKeys) -> (Endpoint, Option<&'static str>) {
    let current = match keys.current() {
        Ok(current) => current,
        Err(error) => return (endpoint.clone(), Some(error.code())),
    };
    if endpoint.is_sealed_by(current.version()) {
        return (endpoint.clone(), None);
    }
    let mut code = None;
    let anew = |place: &str, sealed: &str| {
        if sealed_by(sealed) == Some(current.version()) {
            return Ok(sealed.to_owned());
        }
        let plain = unseal(keys.all(), place, sealed).map_err(SealError::code)?;
        let nonce = random::bytes().map_err(RandomError::code)?;
        seal(current, nonce, place, &plain).map_err(SealError::code)
    };
    let anew = endpoint.sealed_anew(|place, sealed| {
        Ok::<_, std::convert::Infallible>(anew(place, sealed).unwrap_or_else(|why| {
            code = Some(why);
            sealed.to_owned()
        }))
    });
    let anew = anew.unwrap_or_else(|never| match never {});
    (anew, code)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use outlets::endpoint::{SealedSecret, header_context, secret_context};
    use outlets::filter::Filter;
    use shared::auth::SealingKey;

    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_767_323_045, 678_000_000);

    fn key(version: &str) -> SealingKey {
        SealingKey::of(&version.repeat(32), version).unwrap()
    }

    fn endpoint(version: &str) -> Endpoint {
        let sealed = |place: String, plain| seal(&key(version), [7; 12], &place, plain).unwrap();
        Endpoint {
            id: 3,
            url: "https://crm.test/hook".to_owned(),
            filter: Filter::parse("*").unwrap(),
            providers: Vec::new(),
            sources: Vec::new(),
            headers: BTreeMap::from([(
                "x-token".to_owned(),
                sealed(header_context(3, "x-token"), "token"),
            )]),
            secrets: vec![SealedSecret {
                sealed: sealed(secret_context(3), "whsec_1"),
                since: NOW,
                until: None,
            }],
            active: true,
            created_at: NOW,
            created_by: "admin:ops".to_owned(),
            revision: 1,
        }
    }

    #[test]
    fn after_a_rotation_everything_is_sealed_by_the_current_version_and_reads_the_same() {
        let keys = SealingKeys::new(key("v2"), Some(key("v1")));
        let (anew, code) = sealed_anew(&endpoint("v1"), &keys);
        assert_eq!(code, None);
        assert!(anew.is_sealed_by("v2"));
        let plain: Vec<String> = anew
            .sealed()
            .map(|(place, sealed)| unseal(&[key("v2")], &place, sealed).unwrap())
            .collect();
        assert_eq!(plain, ["whsec_1", "token"]);
        let (again, _) = sealed_anew(&anew, &keys);
        assert!(again == anew, "it is sealed once");
    }

    #[test]
    fn what_cannot_be_unsealed_stays_and_the_rest_is_sealed() {
        let keys = SealingKeys::new(key("v2"), Some(key("v1")));
        let mut odd = endpoint("v1");
        odd.headers = endpoint("v0").headers;
        let (anew, code) = sealed_anew(&odd, &keys);
        assert_eq!(code, Some("sealed_by_another_version"));
        assert_eq!(anew.headers, odd.headers);
        let secrets: Vec<_> = anew
            .secrets
            .iter()
            .map(|one| sealed_by(&one.sealed))
            .collect();
        assert_eq!(secrets, [Some("v2")]);
    }
}
