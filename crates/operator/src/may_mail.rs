//! Answers "May I mail this address?" for one address, and for a list of a million.
//!
//! How the question is answered is the table's: [`table::may_mail`].

mod crowd;
mod last;
mod list;

pub use self::crowd::{Counts, crowd};
pub use self::last::last_delivered;
pub use self::list::{Row, Rows, rows};
pub use table::may_mail::{Answer, Because, Question, Verdict};
