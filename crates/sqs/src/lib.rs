//! Amazon SQS for one machine: standard queues in memory, or on disk if wanted. Callers use it in
//! process or over HTTP.
//!
//! | file | what it holds |
//! |---|---|
//! | `address.rs` | account, ARNs, queue URLs |
//! | `clock.rs` | monotonic instants as Unix times; the only wall clock read |
//! | `errors.rs` | every refusal, with the two names that AWS gives it |
//! | `limits.rs` | the numeric limits as one table |
//! | `settings.rs` | a queue's settings and their wire attributes |
//! | `message.rs` | a message, what makes one acceptable, its MD5s |
//! | `receipt.rs` | receipt handles |
//! | `entry.rs` | a message inside a queue, and what callers see of it |
//! | `queue.rs` | one queue as a state machine; time is an argument |
//! | `journal.rs` | the messages on disk, for a service that outlives its process |
//! | `task.rs` | [`MoveTask`]: a move task, as callers see it |
//! | `state.rs` | all queues and move tasks behind one lock, redrive |
//! | `handle.rs` | [`QueueHandle`]: one queue for callers in this process, long polling |
//! | `service.rs` | [`Sqs`]: creates queues and finds them |
//! | `moves.rs` | what move tasks do |
//! | `call.rs` | what an action gets of a request, beside its input |
//! | `wire.rs` | requests and answers as serde types |
//! | `queue_actions.rs`, `message_actions.rs` | the actions: wire types in, wire types out |
//! | `batch.rs` | what the batch actions share |
//! | `http.rs` | the HTTP edge: routes, dispatch, error responses |
//!
//! # Architecture invariants
//! - Only `http.rs` knows HTTP. A fault injector is a layer around [`http::router`].
//! - No two files import each other, not even by way of others.
//! - `queue.rs` reads no clock and takes no lock. All waiting is in `handle.rs` and `moves.rs`.
//! - No queue is ever deleted, so that a name that was found once stays valid.
//!
//! These are left out on purpose: FIFO queues, `DeleteQueue`, tags, permissions,
//! `CancelMessageMoveTask`, signatures, and the limit of 120,000 messages in flight.
//! `RedriveAllowPolicy`, `Policy` and the encryption attributes are kept and returned, but not
//! enforced.

mod address;
mod batch;
mod call;
mod clock;
mod entry;
mod errors;
mod handle;
pub mod http;
mod journal;
mod limits;
mod message;
mod message_actions;
mod moves;
mod queue;
mod queue_actions;
mod receipt;
mod service;
mod settings;
mod state;
mod task;
mod wire;

pub use address::ACCOUNT;
pub use entry::{Counts, Kept, Receive, Received, Sent, Taken};
pub use errors::SqsError;
pub use handle::QueueHandle;
pub use journal::JournalError;
pub use message::{Attribute, AttributeValue, Content, Message};
pub use queue::Queue;
pub use receipt::Receipt;
pub use service::Sqs;
pub use settings::{QueueSettings, Redrive};
pub use task::{MoveStatus, MoveTask};
