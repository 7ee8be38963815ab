//! Every signature scheme. All cryptography of Postern is in this folder.
//!
//! All of it is `RustCrypto`'s, except the check of an ECDSA signature and the sealing of what is
//! kept for the way out. These are done by ring, which is in the binary for TLS, and takes less
//! than a third of the time for a signature.
//!
//! A provider names what is signed and calls one scheme. A scheme always signs the whole body that
//! the [`Incoming`](crate::incoming::Incoming) carries, so a provider cannot forget it. It returns
//! an [`Authentic`] that carries those same bytes.
//!
//! One scheme does not sign the body, [`hmac_sha256_of_token`], and its result says so.
//!
//! All schemes get their result from one function, `proof::prove`, which also checks the key in the
//! URL.
//!
//! Beside each scheme is its other side, `sign_…`, which makes what a provider would send. Only
//! senders call it (the operator, the storm, the tests), so it is in no deployed binary. What
//! Postern itself sends is signed by [`sign_outbound`].

mod digest;
mod ecdsa;
mod encoding;
mod form;
mod hmac;
mod kept_back;
mod mac;
mod operator;
mod outbound;
mod proof;
mod seal;
mod shared_secret;
mod standard_webhooks;
mod transport;

pub use self::digest::{FINGERPRINT_DIGITS, fingerprint, sha256_hex};
pub use self::ecdsa::{
    check_p256_public_key, ecdsa_p256_sha256, p256_public_key_of, sign_ecdsa_p256_sha256,
};
pub use self::encoding::{from_base64, from_hex};
pub use self::form::{
    check_form_key, form_of, hmac_sha1_of_form, only_field, sign_hmac_sha1_of_form,
};
pub use self::hmac::{
    hmac_sha1, hmac_sha256, hmac_sha256_of_token, sign_hmac_sha1_hex, sign_hmac_sha256_base64,
    sign_hmac_sha256_hex,
};
pub use self::operator::operator;
pub use self::outbound::{
    Checked, OutboundSecret, OutboundSecretError, Signatures, check_outbound, same_secret,
    sign_outbound,
};
pub use self::proof::Authentic;
pub use self::seal::{SealError, SealingKey, seal, sealed_by, unseal};
pub use self::shared_secret::{check_shared_secret, shared_secret, sign_basic};
pub use self::standard_webhooks::{
    check_standard_webhooks_key, sign_standard_webhooks, standard_webhooks,
};
pub use self::transport::transport;
