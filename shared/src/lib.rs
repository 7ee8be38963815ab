//! What every function of Postern uses.
//!
//! The words: a **request** (untrusted, from the internet) becomes a **delivery** (authenticated, verbatim, in the
//! queue), and a delivery becomes **events** (normalized facts, in the table).
//!
//! Down the page once, as a webhook goes:
//!
//! | step | module | |
//! |---|---|---|
//! | 1 | [`request`] | the gateway's event: exact bytes, gateway time |
//! | 2 | [`receiver`], [`admit`] | `receiver::run`: the body of every receiver Lambda; [`admit::admit`], pure |
//! | 3 | [`provider`] | the two functions that a provider is: `verify` and `normalize` |
//! | 4 | [`incoming`], [`secrets`], [`auth`] | untrusted headers; the keys; every signature scheme; the only place that can call a request authentic |
//! | 5 | [`rejection`] | why a request was refused: a code for the log, a status for the sender |
//! | 6 | [`delivery`] | what travels through the queue, and its encoding |
//! | 7 | [`normalize`] | its elements one by one, in parts, within a budget |
//! | 8 | [`json`], [`element`] | bytes cut and repaired; one JSON object of a body, read leniently |
//! | 9 | [`event`] | the normalized model; [`recipients`] say whose it is; [`address`], [`time`], [`bounce`] and [`machine`] are its vocabulary |
//!
//! Architecture invariants, kept by types and by `tests/tidy/main.rs`:
//!
//! - Only [`auth`] makes an [`auth::Authentic`]; only an `Authentic`, which carries the very bytes that were verified, can
//!   become a [`delivery::Delivery`]. An unverified body cannot be enqueued; one that its signature does not cover carries the
//!   token that it does cover, which the consumer lets vouch for one body.
//! - Outside [`receiver`], the consumer's store, mains and `local`, nothing does I/O, reads the clock or the environment.
//! - Unknown is a value ([`event::Kind::Unknown`]), never an error.
//! - An [`address::Address`], a secret, a header or a body never reaches a log: their types refuse to print it.
//! - A stored item is a pure function of what the provider sent.

pub mod address;
pub mod admit;
pub mod auth;
pub mod bounce;
pub mod channel;
pub mod delivery;
pub mod element;
pub mod event;
mod identity;
pub mod incoming;
pub mod json;
pub mod machine;
pub mod malformed;
pub mod normalize;
mod packing;
pub mod provider;
pub mod recipients;
pub mod rejection;
pub mod request;
mod scope;
pub mod secrets;
pub mod sender;
mod speed;
pub mod time;
