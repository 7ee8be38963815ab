//! The endpoints that a stack tells: a client of its API, and the replay of what is stored.
//!
//! The API is the one that docs/outlets.md describes. On this machine and by default requests are
//! signed by Signature Version 4. A stack with `ApiAuth=key` wants a bearer key.

mod client;
mod error;
mod matching;
mod replay;
mod signed;

pub use self::client::{Addition, Webhooks};
pub use self::error::WebhookError;
pub use self::matching::Selection;
pub use self::replay::{Mode, Report, endpoint, replay};
