//! The page of the local stack: what came, why it was refused, and what became of it.
//!
//! | file | what it holds |
//! |---|---|
//! | `feed.rs` | [`Feed`]: reads what the functions print and the queue lets go of, for the terminal and the page |
//! | `inspector.rs` | [`Inspector`]: what the gateway shows its requests to, and what answers the page |
//! | `memory/` | the last webhooks and notifications, bounded, never on disk |
//! | `own.rs` | whose queue a queue is |
//! | `question.rs` | what the page asks, and what an answer is |
//! | `veil.rs`, `veiling.rs` | hides the secrets that the receivers have, wherever they stand |
//! | `routes.rs` | which question gets which answer, for the gateway |
//! | `follow.rs` | what changes, told as it changes |
//! | `answers/` | the answers, a file for each question |
//! | `near/` | what people get wrong with a webhook, tried |
//! | `origin/` | where a field of an event stands in what was sent |
//! | `page/` | the page itself: three kinds of file, written by hand |
//!
//! Nothing here decides anything about a webhook: the words are the operator's, so that the page
//! and the commands do not disagree.

mod answers;
mod assets;
mod error;
mod feed;
mod follow;
mod inspector;
mod memory;
pub mod near;
pub mod origin;
mod own;
mod question;
mod routes;
mod veil;
mod veiling;

pub use self::feed::Feed;
pub use self::inspector::{Inspector, Setup};
