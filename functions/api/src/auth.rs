//! Who asks, and what they may. There are two modes, and each requires its own proof.

mod bearer;
mod keyring;
mod keys;
mod trouble;

use jiff::Timestamp;
use outlets::manage::Refusal;

use self::bearer::bearer;
pub(crate) use self::keyring::Keyring;
use self::keys::Owner;
use crate::event::Event;

/// The most characters of a caller's name.
const MOST_CHARS: usize = 64;

/// How callers prove who they are.
pub(crate) enum Auth {
    /// The gateway has checked a signature of AWS's, version 4. What they may is their policies'
    /// matter.
    Iam,
    /// They show a key. What they may is in its label.
    Key(Keyring),
    /// Nobody has said how, so nobody can.
    Unset,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The last part of an ARN, or the label of a key.
    pub(crate) name: String,
    /// Whether they may change anything.
    pub(crate) may_change: bool,
}

impl Auth {
    /// Returns who asks.
    ///
    /// # Errors
    /// Returns a [`Refusal`] if the request does not have the proof of this mode, whatever else it
    /// has.
    pub(crate) async fn caller(&self, event: &Event, now: Timestamp) -> Result<Caller, Refusal> {
        match self {
            Self::Unset => Err(Refusal::AuthUnset),
            Self::Iam => {
                let iam = event.iam().ok_or(Refusal::Unproven)?;
                Ok(Caller {
                    name: name_of(iam.arn),
                    may_change: true,
                })
            }
            Self::Key(keyring) => {
                let shown = event.header("authorization").and_then(bearer);
                let shown = shown.ok_or(Refusal::Unproven)?;
                let owner = owner(keyring, shown, now).await?;
                Ok(Caller {
                    name: owner.label,
                    may_change: owner.may_change,
                })
            }
        }
    }
}

/// Returns whose key it is. If it is nobody's, the keys may just have been rotated, so others are
/// tried.
async fn owner(keyring: &Keyring, shown: &str, now: Timestamp) -> Result<Owner, Refusal> {
    let keys = keyring.keys(now).await.ok_or(Refusal::Unavailable)?;
    if let Some(owner) = keys.owner(shown) {
        return Ok(owner);
    }
    let others = keyring.others(&keys, now).await;
    let owner = others.and_then(|others| others.owner(shown));
    owner.ok_or(Refusal::Unproven)
}

/// Returns the last part of an ARN: a user, a role's session, `root`.
fn name_of(arn: &str) -> String {
    let name = arn.rsplit(['/', ':']).next().unwrap_or_default();
    let is_fit = |c: &char| c.is_ascii_alphanumeric() || "+=,.@_-".contains(*c);
    name.chars().filter(is_fit).take(MOST_CHARS).collect()
}

#[cfg(test)]
mod tests;
