//! The writes. What is signed is written unconditionally and repeatably: an item is a pure function
//! of its event, so a duplicate is a no-op, and so is deleting what is gone. What is not signed
//! never takes the place of anything ([`Store::put_new`]).

mod attempt;
mod unsigned;
mod write;

pub use self::unsigned::{Said, Saying, Unstored};
pub use self::write::{Items, Store, key_of};
