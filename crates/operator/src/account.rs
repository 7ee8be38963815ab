//! What only a deployed stack needs: it is found by its name, and asked for its metrics and its log
//! lines.
//!
//! This is behind the feature `account`, because the crates of these services take minutes to
//! build.

#[cfg(test)]
pub(crate) mod answers;
pub mod ask;
mod connect;
pub mod deployed;
pub mod entry;
pub(crate) mod error;
pub mod find;
pub mod lines;
pub mod metrics;
pub(crate) mod refused;
pub mod signed;
pub mod tail;
#[cfg(test)]
mod tests;

pub use connect::Login;
pub use deployed::Deployed;
pub use error::AccountError;
pub use find::{find, stack_name};
pub use refused::{Asked, failed};
