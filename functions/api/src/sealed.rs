//! Seals what an endpoint's owner gives once, each text for its place.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use outlets::endpoint::{SealedSecret, header_context, secret_context};
use outlets::manage::{Hidden, Refusal};
use runtime::random;
use runtime::sealing::{Sealing, SealingKeys};
use shared::auth::{OutboundSecret, seal, unseal};

use crate::done::Wrong;

/// The keys that seal now.
pub(crate) struct Seals(Arc<SealingKeys>);

impl Seals {
    /// Returns the keys, if there are any.
    pub(crate) async fn of(sealing: &Sealing, now: Timestamp) -> Result<Self, Wrong> {
        let keys = sealing.keys(now).await;
        keys.map(Self).map_err(|error| unsealable(error.code()))
    }

    /// Seals a secret of an endpoint. It signs from now on.
    pub(crate) fn secret(
        &self,
        id: u64,
        secret: &OutboundSecret,
        since: Timestamp,
    ) -> Result<SealedSecret, Wrong> {
        Ok(SealedSecret {
            sealed: self.seal(&secret_context(id), secret.expose())?,
            since,
            until: None,
        })
    }

    /// Seals the headers of an endpoint.
    pub(crate) fn headers(
        &self,
        id: u64,
        headers: &BTreeMap<String, Hidden>,
    ) -> Result<BTreeMap<String, String>, Wrong> {
        let headers = headers.iter();
        let sealed = headers.map(|(name, value)| {
            let sealed = self.seal(&header_context(id, name), value.expose())?;
            Ok((name.clone(), sealed))
        });
        sealed.collect()
    }

    /// Checks whether a sealed secret of an endpoint is this one. One that cannot be unsealed is
    /// none: it must be possible to replace it.
    pub(crate) fn is(&self, id: u64, sealed: &SealedSecret, secret: &OutboundSecret) -> bool {
        let plain = unseal(self.0.all(), &secret_context(id), &sealed.sealed);
        let plain = plain.ok().and_then(|text| OutboundSecret::new(&text).ok());
        plain.is_some_and(|plain| plain == *secret)
    }

    fn seal(&self, context: &str, plain: &str) -> Result<String, Wrong> {
        let key = self.0.current().map_err(|error| unsealable(error.code()))?;
        let nonce = random::bytes().map_err(|error| unsealable(error.code()))?;
        seal(key, nonce, context, plain).map_err(|error| unsealable(error.code()))
    }
}

/// Returns the given secret, or one that is made.
pub(crate) fn given_or_made(given: Option<&Hidden>) -> Result<OutboundSecret, Wrong> {
    if let Some(given) = given {
        return Ok(OutboundSecret::new(given.expose()).map_err(Refusal::from)?);
    }
    let random = random::bytes().map_err(|error| unsealable(error.code()))?;
    Ok(OutboundSecret::made(random))
}

fn unsealable(cause: &'static str) -> Wrong {
    Wrong::because(Refusal::Unsealable, cause)
}

#[cfg(test)]
mod tests {
    use shared::auth::SealingKey;

    use super::*;

    fn seals(secret: &str, version: &str) -> Seals {
        let key = SealingKey::of(secret, version).unwrap();
        Seals(Arc::new(SealingKeys::new(key, None)))
    }

    const NOW: Timestamp = Timestamp::constant(1_767_323_045, 0);

    #[test]
    fn a_secret_is_sealed_for_its_endpoint_and_known_again() {
        let seals = seals(&"k".repeat(64), "v1");
        let secret = OutboundSecret::made([1; 32]);
        let sealed = seals.secret(3, &secret, NOW).unwrap();
        assert!(!sealed.sealed.contains(&secret.expose()[6..]));
        assert!(seals.is(3, &sealed, &secret));
        assert!(!seals.is(4, &sealed, &secret), "another endpoint's");
        assert!(!seals.is(3, &sealed, &OutboundSecret::made([2; 32])));
        let other = super::tests::seals(&"o".repeat(64), "v2");
        assert!(
            !other.is(3, &sealed, &secret),
            "lost, so it can be replaced"
        );
    }

    #[test]
    fn the_same_header_is_never_sealed_the_same() {
        let seals = seals(&"k".repeat(64), "v1");
        let headers = BTreeMap::from([("x-token".to_owned(), Hidden::from("value"))]);
        let one = seals.headers(3, &headers).unwrap();
        let two = seals.headers(3, &headers).unwrap();
        assert_ne!(one["x-token"], two["x-token"]);
    }

    #[test]
    fn a_secret_that_nobody_gives_is_made() {
        let made = given_or_made(None).unwrap();
        assert!(made.expose().starts_with("whsec_"));
        assert!(made != given_or_made(None).unwrap());
        let given = given_or_made(Some(&"a-chosen-secret-1".into())).unwrap();
        assert_eq!(given.expose(), "a-chosen-secret-1");
    }
}
