//! Answers "May I mail this address?" for one address, or for many at once.
//!
//! The answer is in the suppression items: an address may be mailed if no reason stands there that
//! counts. Where the table has no answer, there is none here, and never a yes.

mod answer;
mod question;

pub use self::answer::{Answer, Because, Verdict};
pub use self::question::Question;
