//! Runs Postern on one machine: no AWS, no containers, the real functions.
//!
//! - [`template`] reads `template.yaml`, and [`Stack`] runs what it says.
//! - [`gateway`] is the HTTP API.
//! - [`lambda`] runs the functions' programs behind a Runtime API.
//! - The crate `sqs` is the queue service, and [`poller`] is the event source mapping.
//! - [`dynamodb`] is the table service, and `table_stream` the event source mapping of its streams.
//! - [`secrets_manager`] is the service of the secrets, and `ticks` the schedules.
//! - [`bus`] is the event bus, if the template has one.
//! - [`faults`] makes things go wrong on demand.
//! - [`live`] tells what happens, as it happens.
//! - [`page`] is what the gateway shows somebody at this machine.
//! - [`build`] finds the functions' programs.
//!
//! The stack does not know any provider. It is given the secret of each receiver and the program of
//! each function.
//!
//! Nothing here is part of what is deployed, and the functions do not know about it. They only get
//! three endpoint variables of the AWS SDK, and those that wait for hours are told how long an hour
//! is.

pub mod build;
pub mod bus;
mod clock;
mod data;
pub mod dynamodb;
mod error;
pub mod faults;
pub mod gateway;
mod impatient;
pub mod lambda;
pub mod live;
mod options;
mod outlets;
pub mod page;
pub mod poller;
mod ports;
pub mod queues;
mod runtime_api;
mod secrets;
pub mod secrets_manager;
pub mod server_sent;
mod settled;
mod sources;
mod stack;
mod status;
mod stream;
mod table_stream;
pub mod template;
mod ticks;
mod visitor;

pub use build::BuildError;
pub use error::Error;
pub use options::{DYNAMODB_PORT, Options};
pub use outlets::Outlets;
pub use stack::Stack;

/// What the line of a stack begins with that says where it serves webhooks. Processes that start a
/// stack wait for this line.
pub const READY: &str = "ready ";
