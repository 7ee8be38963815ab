//! Finds what happened to one message, for all of its recipients.

mod find;
mod id;

pub use self::find::find;
pub use self::id::MessageId;
pub use table::message::{Message, Recipient};
