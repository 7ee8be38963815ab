//! Postern on one machine: no AWS, no containers, the real functions.
//!
//! [`template`] reads `template.yaml`; [`stack`] runs what it says: [`gateway`] is the HTTP API, [`lambda`] runs the function
//! binaries behind a Runtime API, [`sqs`] is the queue service, [`poller`] the event source mapping, [`dynamodb`] the table
//! service. [`faults`] goes wrong on demand.
//! [`send`], [`events`], [`redrive`], [`renormalize`], [`erase`] and [`demo`] are for the person at the terminal; [`aws`] points them at
//! the local stack or at a real account.
//!
//! Nothing here is part of what is deployed, and the functions know nothing of it: they get two endpoint variables of the
//! AWS SDK, and that is all.

pub mod aws;
pub mod demo;
pub mod dynamodb;
pub mod erase;
pub mod events;
pub mod faults;
pub mod functions;
pub mod gateway;
pub mod lambda;
pub mod poller;
pub mod queues;
pub mod recipient;
pub mod redrive;
pub mod renormalize;
mod runtime_api;
pub mod secrets;
pub mod send;
pub mod stack;
pub mod storm;
pub mod template;
pub mod terminal;

pub use ::sqs;
