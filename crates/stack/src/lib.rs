//! Runs Postern on one machine: no AWS, no containers, the real functions.
//!
//! - [`template`] reads `template.yaml`, and [`Stack`] runs what it says.
//! - [`gateway`] is the HTTP API.
//! - [`lambda`] runs the functions' programs behind a Runtime API.
//! - The crate `sqs` is the queue service, and [`poller`] is the event source mapping.
//! - [`dynamodb`] is the table service, and [`secrets_manager`] the service of the secrets.
//! - [`faults`] makes things go wrong on demand.
//! - [`live`] tells what happens, as it happens.
//! - [`build`] finds the functions' programs.
//!
//! The stack does not know any provider. It is given the secret of each receiver and the program of
//! each function.
//!
//! Nothing here is part of what is deployed, and the functions do not know about it. They only get
//! three endpoint variables of the AWS SDK.

pub mod build;
mod clock;
mod data;
pub mod dynamodb;
mod error;
pub mod faults;
pub mod gateway;
mod impatient;
pub mod lambda;
pub mod live;
pub mod poller;
mod ports;
pub mod queues;
mod runtime_api;
pub mod secrets_manager;
mod stack;
mod status;
mod stream;
pub mod template;
mod visitor;

pub use build::BuildError;
pub use error::Error;
pub use stack::{DYNAMODB_PORT, Options, Stack};

/// What the line of a stack begins with that says where it serves webhooks. Processes that start a
/// stack wait for this line.
pub const READY: &str = "ready ";
