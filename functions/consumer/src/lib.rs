//! The consumer reads deliveries from the queue and writes items to the table.
//!
//! [`run`] is the body of the Lambda. [`batch`] processes what Lambda passes ([`event`]), and
//! [`queues`] is where it leaves what it could not store. The crate `registry` reads what a message
//! says, and the crate `table` writes it.

mod answer;
pub mod batch;
mod counts;
mod ended;
pub mod event;
mod function;
mod message;
mod outcome;
pub mod own_queues;
pub mod queues;
mod state;
mod tokens;
mod verdict;
mod writes;

pub use function::{RESERVE, run};
pub use state::Consumer;
