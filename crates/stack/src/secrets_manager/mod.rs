//! The secrets service: as much of Secrets Manager as a receiver and its operator use.
//!
//! It answers `CreateSecret`, `PutSecretValue`, `GetSecretValue` and `DescribeSecret`, by AWS's
//! rules for versions and in AWS's words. Nobody's permission is checked. Everything is in
//! memory, and whoever made the service may keep it.
//!
//! A staging label is what AWS gives a version by itself: `AWSCURRENT` or `AWSPREVIOUS`.

mod error;
mod generated;
mod http;
mod kept;
mod secret;
mod vault;

pub use self::error::VaultError;
pub(crate) use self::generated::generated;
pub use self::http::router;
pub use self::secret::{Described, Outline, Value};
pub use self::vault::{Keep, Vault};
