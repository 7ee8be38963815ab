//! Puts a provider's signing key into Secrets Manager, says which one a key is, ends the one
//! before, and shows how every provider stands.
//!
//! A receiver accepts the current version of its secret and the one before. So every put drops the
//! one before that, and the rules here keep it from dropping what a provider still signs with.
//!
//! No key leaves this module in an error, in a description or in JSON.

mod accepted;
mod check;
mod error;
mod given;
mod held;
mod kms;
mod made;
mod merge;
mod put;
mod retire;
mod signed;
mod status;
mod store;
#[cfg(all(test, feature = "account"))]
mod tests;

pub use check::{Checked, Which, check};
pub use error::SecretError;
pub use made::made;
pub use put::{Ask, Put, comes_again_until, set};
pub use retire::{Retired, retire};
pub use signed::{Signed, signed};
pub use status::{Before, State, Status, status};
