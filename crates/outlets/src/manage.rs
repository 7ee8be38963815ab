//! The API of the subscriptions: what is asked, what is answered, and why it may be refused.
//!
//! The function `api` reads requests and writes answers with these types. The tool does the
//! reverse. `GET` and `POST /api/webhooks/manage` have the fields of `MailPanda`'s page to the
//! letter. Ours stand beside them.

mod answer;
mod ask;
mod check;
mod draft;
mod field;
mod hidden;
mod narrow;
mod object;
mod own_headers;
mod patch;
mod refusal;
mod word;

pub use self::answer::{
    Created, List, Problem, ProblemText, Removed, Retried, Rotated, Shown, ShownSecret, Spoken,
    SpokenEvent, Standing, Tested, Undelivered, Waiting,
};
pub use self::ask::{Held, KEEP_HOURS, MOST_KEEP_HOURS, Retry, Rotation, read_nothing};
pub use self::check::{Check, MOST_ADDRESSES};
pub use self::draft::Draft;
pub use self::field::{Fault, Field};
pub use self::hidden::Hidden;
pub use self::patch::Patch;
pub use self::refusal::Refusal;
pub use self::word::{Lift, MOST_WHY_CHARS, Suppress};

/// The path of the subscriptions.
pub const PATH: &str = "/api/webhooks/manage";
/// The most endpoints of a stack.
pub const MOST_ENDPOINTS: usize = 100;
