//! Reads JSON as it comes: bytes are cut along their brackets, and repaired if they are not JSON.
//!
//! One odd byte must not cost the events beside it. So the brackets, commas and strings of a body
//! are found first, and nothing else is looked at. Then the text between two commas is read,
//! repaired, or put aside by itself.

mod items;
mod lines;
mod repair;
mod start;

pub use self::items::{Items, is_whole, value_of, values_of};
pub use self::lines::Lines;
pub use self::repair::{repair, whole_pairs};
pub use self::start::{body, without_mark};
