//! Faults on demand. What goes wrong in a cloud now and then happens here often enough to be
//! studied.
//!
//! A fault strikes with a probability. It is set from the command line
//! (`--fault table:throttle=0.2`) or, in a running [`Stack`](super::Stack), through
//! [`Faults::set`].
//!
//! `front.rs` applies the faults of the queue, the table and the bus to the functions' requests.
//! The poller delivers messages twice and out of order, and the stream its batches.
//! [`Lambda`](super::lambda::Lambda) kills instances. An [`Endpoint`] gets what Postern sends, and
//! ails; only a storm has one.
//!
//! Only the functions meet faults: they are given addresses of their own, behind `front.rs`. The
//! ports that people, commands and checkers use lead to the same services without faults, because a
//! tool that looks at the damage must not take part in it.
//!
//! Faults do not touch what the stack does to itself in process: it creates tables and queues, and
//! the poller receives and deletes messages.
//!
//! Every choice comes from a generator with a seed, one for each fault. The same seed chooses the
//! same requests by their number. If several requests are under way at once, the machine decides
//! which request has which number.

mod answers;
mod connection;
mod endpoint;
mod entries;
mod fault;
mod form;
pub(crate) mod front;
mod in_force;
mod input;
mod known;
mod partial;

pub use self::endpoint::{Endpoint, Post, Receive};
pub use self::fault::{Ailment, Fault, Injection, Service, Trouble};
pub use self::form::FaultError;
pub use self::in_force::Faults;
pub(crate) use self::in_force::Strike;
pub use self::input::answer;
pub use self::known::{every, help};
