//! Faults on demand: what goes wrong in a cloud now and then, often enough to be looked at.
//!
//! A fault strikes with a probability that is set from the command line
//! (`--fault table:throttle=0.2`) or, in a running [`Stack`](super::Stack), through
//! [`Faults::set`]. `front.rs` applies those of the queue and the table services to what the
//! functions ask of them; the poller delivers twice and out of order;
//! [`Lambda`](super::lambda::Lambda) kills instances.
//!
//! Only the functions meet faults. They are given addresses of their own, behind `front.rs`; the
//! ports that people, commands and checkers use lead to the same services without faults, because a
//! tool that looks at the damage must not take part in it. Nor do faults touch what the stack does
//! in process to itself: tables and queues are created, the poller receives and deletes.
//!
//! Every choice comes from a generator with a seed, one for each fault: the same seed chooses the
//! same requests by their number. Which request has which number is up to the machine, as soon as
//! several are under way.

mod answers;
mod connection;
mod fault;
pub(crate) mod front;
mod in_force;
mod input;
mod partial;

pub use self::fault::{Fault, FaultError, Injection, Service, Trouble, every, help};
pub use self::in_force::Faults;
pub(crate) use self::in_force::Strike;
pub use self::input::answer;
