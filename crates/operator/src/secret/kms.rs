//! The key that a new secret is encrypted with.

use crate::target::Target;

/// Returns the key of KMS that the stack's data is encrypted with, if it has one. A receiver may
/// use no other key of the user's.
#[cfg(feature = "account")]
pub(super) fn kms_key(target: &Target) -> Option<&str> {
    let parameters = &target.deployed_stack()?.parameters;
    let key = parameters.get("KmsKeyArn").map(String::as_str);
    key.filter(|key| !key.is_empty())
}

/// Returns none: the local stack encrypts nothing.
#[cfg(not(feature = "account"))]
pub(super) fn kms_key(_: &Target) -> Option<&str> {
    None
}
