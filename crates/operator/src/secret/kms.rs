//! The key that a new secret is encrypted with.

use crate::target::Target;

/// Returns the key of KMS that the stack's data is encrypted with, if it has one. A receiver may
/// use no other key of the user's.
pub(super) fn kms_key(_target: &Target) -> Option<&str> {
    None
}
