//! What a user asks for when reading: checked before anything is read, because a word that is
//! mistyped would find nothing, and look like good news.

mod error;
mod known;
mod words;

pub use self::error::Asked;
pub use self::known::{CLASSES, DAYS, OPERATOR, providers};
pub use self::words::{channel, class, end, kind, next, provider, reason, scope};
