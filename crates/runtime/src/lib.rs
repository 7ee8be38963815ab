//! Everything that a Lambda needs around its work.
//!
//! [`receiver::run`] is the body of every receiver: it gets a gateway event, sends a queue message
//! and writes one log line. [`shared::admit`] makes its decisions.
//!
//! [`keyring`] keeps the secrets up to date, [`aws`] connects to AWS, [`log`] writes the lines, and
//! [`clock`] tells the time. [`environment`] reads the settings of the functions of the way out,
//! [`outbox`] is their queue, and [`outlet_line`] is what they say of an endpoint.

pub mod aws;
pub mod clock;
mod deadline;
pub mod environment;
pub mod function;
pub mod keyring;
pub mod log;
pub mod outbox;
mod outcome;
pub mod outlet_line;
pub mod random;
pub mod receiver;
pub mod sealing;
mod settings;
pub mod task;
