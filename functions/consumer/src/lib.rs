//! The consumer: deliveries from the queue in, items in the table out.
//!
//! [`batch`] answers the queue; what a message says comes from the crate `registry`, what is
//! written from the crate `table`.

pub mod batch;
mod outcome;
mod writes;
