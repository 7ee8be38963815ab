//! The event bus: as much of `EventBridge` as a function uses that puts events onto one bus.
//!
//! It answers `PutEvents` by AWS's rules and in AWS's words: each entry is judged by itself, and
//! one that is refused has a code. Nobody's permission is checked, and there are no rules or
//! targets: what the bus gets is remembered, to be seen at `GET /_postern/bus`.
//!
//! An entry for another bus than this one is accepted, and is nowhere then, as on AWS
//! (github.com/aws/aws-sdk/issues/186).

mod entry;
mod http;
mod memory;

pub use self::entry::EntryError;
pub(crate) use self::http::{PATH, shown};
pub use self::http::{router, serve};
pub use self::memory::{Bus, Hear};

#[cfg(test)]
mod tests;
