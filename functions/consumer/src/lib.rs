//! The consumer reads deliveries from the queue and writes items to the table.
//!
//! [`batch`] answers the queue. The crate `registry` reads what a message says, and the crate
//! `table` writes it.

pub mod batch;
mod outcome;
mod writes;
