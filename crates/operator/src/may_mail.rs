//! Answers "May I mail this address?" for one address, and for a list of a million.
//!
//! The answer is in the suppression items: an address may be mailed if no reason stands there that
//! counts. Where the table has no answer, there is none here, and never a yes.

mod answer;
mod ask;
mod crowd;
mod list;

pub use self::answer::{Answer, Because, Verdict};
pub use self::ask::{Question, last_delivered};
pub use self::crowd::{Counts, crowd};
pub use self::list::{Row, Rows, rows};
