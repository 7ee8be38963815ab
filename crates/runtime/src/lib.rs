//! What a Lambda needs around its work.
//!
//! [`receiver::run`] is the body of every receiver: gateway event in, queue message out, one log
//! line; what it decides is [`shared::admit`]. [`keyring`] keeps the secrets up to date, [`aws`] is
//! the way to AWS, [`log`] writes the lines.

pub mod aws;
pub mod keyring;
pub mod log;
mod outcome;
pub mod receiver;
mod settings;
