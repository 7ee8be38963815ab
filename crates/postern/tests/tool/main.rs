//! The tool as its users meet it: real processes, on stacks of their own.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic: that is how it fails"
)]

mod conventions;
mod doctor;
mod going;
mod live;
mod mistyped;
mod page;
mod reading;
mod running;
mod schema;
mod secrets;
mod shapes;
mod stacks;
mod suppress;
mod webhooks;
