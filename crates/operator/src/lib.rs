//! What a user does to a stack, local or deployed: look at what is stored, send, redrive,
//! renormalize and erase. The commands of the tool are thin layers over this crate.
//!
//! A [`Target`] says which table and which queues an operation works on. This crate does not read
//! the template, and it starts nothing.

#[cfg(feature = "account")]
pub mod account;
pub mod asked;
pub mod cause;
mod connection;
pub mod endpoint;
pub mod erase;
mod error;
pub mod events;
pub mod exit;
pub mod explain;
pub mod http;
pub mod live;
pub mod may_mail;
pub mod meant;
pub mod message;
pub mod number;
pub mod outputs;
pub mod permissions;
pub mod print;
pub mod problems;
pub mod recipient;
pub mod redrive;
pub mod renormalize;
pub mod samples;
pub mod secret;
pub mod secrets;
pub mod send;
pub mod services;
pub mod spreadsheet;
pub mod target;
pub mod webhooks;

pub use error::Error;
pub use exit::Exit;
pub use target::Target;
