//! Reads the problems of some days: who bounced, complained, unsubscribed, and what was rejected.

mod asked;
mod day;
mod spreadsheet;

pub use self::asked::Problems;
pub use self::day::{Found, end, found};
pub use self::spreadsheet::csv;
