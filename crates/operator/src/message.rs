//! Finds what happened to one message, for all of its recipients.

mod find;
mod id;
mod steps;

pub use self::find::find;
pub use self::id::MessageId;
pub use self::steps::{Message, Recipient};
