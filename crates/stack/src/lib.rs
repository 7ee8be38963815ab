//! Postern on one machine: no AWS, no containers, the real functions.
//!
//! [`template`] reads `template.yaml`; [`Stack`] runs what it says: [`gateway`] is the HTTP API,
//! [`lambda`] runs the functions' programs behind a Runtime API, the crate `sqs` is the queue
//! service, [`poller`] the event source mapping, [`dynamodb`] the table service. [`faults`] goes
//! wrong on demand, and [`build`] finds the programs.
//!
//! The stack knows no provider: it is handed the secret of each receiver and the program of each
//! function. Nothing here is part of what is deployed, and the functions know nothing of it: they
//! get two endpoint variables of the AWS SDK, and that is all.

pub mod build;
pub mod dynamodb;
mod error;
pub mod faults;
pub mod gateway;
pub mod lambda;
pub mod poller;
pub mod queues;
mod runtime_api;
mod stack;
mod status;
pub mod template;

pub use build::BuildError;
pub use error::Error;
pub use stack::{DYNAMODB_PORT, Options, Stack};

/// What a stack that serves webhooks prints first: whoever waits for one waits for this line.
pub const READY: &str = "Postern is ready.";
