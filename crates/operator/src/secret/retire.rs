//! `secret retire`: ends the version before, by putting the current one once more.

use jiff::Timestamp;
use serde::Serialize;
use shared::sender::Sender;

use super::accepted::lets_in_more;
use super::error::SecretError;
use super::put::comes_again_until;
use super::signed::Signed;
use super::store::Store;
use crate::print::now;
use crate::target::Target;

/// What was retired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Retired {
    /// The provider.
    pub provider: &'static str,
    /// Whether the version before let in something that the current one does not. If not, nothing
    /// was put.
    pub is_retired: bool,
}

/// Checks that the version before signs nothing any more: by the count of what it has signed, or
/// where nobody counts, by the time within which the provider sends again.
fn signs_nothing(
    provider: &'static dyn Sender,
    put: Timestamp,
    signed: Option<Signed>,
) -> Result<(), SecretError> {
    let about = provider.signing_key();
    let until = comes_again_until(provider, put);
    match signed.and_then(|signed| signed.previous) {
        Some(0) => Ok(()),
        Some(webhooks) => Err(SecretError::StillSigns {
            provider: provider.name(),
            webhooks,
        }),
        None if now() >= until => Ok(()),
        None => Err(SecretError::TooSoon {
            provider: provider.name(),
            name: about.provider,
            put,
            until,
            is_documented: about.retries.is_some(),
        }),
    }
}

/// Puts the current version once more, so that it is the version before, too. Nothing is put if the
/// version before lets nothing else in.
///
/// # Errors
/// Returns [`SecretError::StillSigns`] if the version before is known to sign, and
/// [`SecretError::TooSoon`] if that is not known and the provider may still send what it signed,
/// unless `drops_previous`. Returns [`SecretError::NotSet`] if there is no secret, and
/// [`SecretError::NotUsable`] if the current version lets nothing in.
pub async fn retire(
    target: &Target,
    provider: &'static dyn Sender,
    signed: Option<Signed>,
    drops_previous: bool,
) -> Result<Retired, SecretError> {
    let store = Store::of(target, provider)?;
    let held = store.held().await?;
    let name = provider.name();
    let current = held.current.as_ref().ok_or(SecretError::NotSet(name))?;
    let keys = match &current.keys {
        Ok(keys) => keys,
        Err(reason) => {
            let (provider, reason) = (name, *reason);
            return Err(SecretError::NotUsable { provider, reason });
        }
    };
    let before = held.keys_before();
    let is_retired = before.is_some_and(|before| lets_in_more(before, &[keys]));
    if is_retired {
        if !drops_previous {
            signs_nothing(provider, current.created, signed)?;
        }
        store.put(&held, &current.text, None).await?;
    }
    Ok(Retired {
        provider: name,
        is_retired,
    })
}
