//! How many webhooks each version of a secret has signed: a deployed stack counts them.

use serde::Serialize;

use crate::target::Target;

/// How many webhooks each version signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Signed {
    /// Those of the current version.
    pub current: u64,
    /// Those of the version before. It is `None` where the stack does not count them.
    pub previous: Option<u64>,
}

/// Returns how many webhooks of these providers each version has signed in the last 24 hours. It is
/// `None` where that is not known: nobody counts on the local stack, and not everybody may ask.
pub async fn signed(target: &Target, providers: &[&str]) -> Vec<Option<Signed>> {
    let found = counted(target, providers).await;
    found.unwrap_or_else(|| vec![None; providers.len()])
}

#[cfg(feature = "account")]
async fn counted(target: &Target, providers: &[&str]) -> Option<Vec<Option<Signed>>> {
    use crate::account::signed::signed_by;

    let found = signed_by(target.deployed_stack()?, providers).await.ok()?;
    let found = found.into_iter().map(|signed| {
        Some(Signed {
            current: signed.current,
            previous: signed.previous,
        })
    });
    Some(found.collect())
}

#[cfg(not(feature = "account"))]
#[expect(
    clippy::unused_async,
    reason = "with the feature `account` it asks the account"
)]
async fn counted(_: &Target, _: &[&str]) -> Option<Vec<Option<Signed>>> {
    None
}
