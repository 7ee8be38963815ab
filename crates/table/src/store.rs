//! Writes the table. What is signed is written unconditionally and repeatably. An item is a pure
//! function of its event, so a duplicate changes nothing, and neither does deleting what is gone.
//!
//! What is not signed never replaces anything ([`Store::put_new`]).

mod attempts;
mod request;
mod retry;
mod unsigned;
mod unstored;
mod write;

pub use self::retry::{CONCURRENCY, back_off};
pub use self::unsigned::{Said, Saying};
pub use self::unstored::Unstored;
pub use self::write::{BATCH_ITEMS, Items, Store, Unwritten, key_of};
