//! `secret retire`: ends the version before, by putting the current one once more.

use serde::Serialize;
use shared::sender::Sender;

use super::accepted::lets_in_more;
use super::error::SecretError;
use super::signed::Signed;
use super::store::Store;
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

/// Puts the current version once more, so that it is the version before, too. Nothing is put if the
/// version before lets nothing else in.
///
/// # Errors
/// Returns [`SecretError::StillSigns`] if the version before is known to sign, unless
/// `drops_previous`. Returns [`SecretError::NotSet`] if there is no secret, and
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
        let webhooks = signed.and_then(|signed| signed.previous).unwrap_or(0);
        if webhooks > 0 && !drops_previous {
            let provider = name;
            return Err(SecretError::StillSigns { provider, webhooks });
        }
        store.put(&held, &current.text, None).await?;
    }
    Ok(Retired {
        provider: name,
        is_retired,
    })
}
