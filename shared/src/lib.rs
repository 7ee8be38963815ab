//! The pure half of Postern. It decides about a webhook, without any I/O.
//!
//! The words: a **request** (untrusted, from the internet) becomes a **delivery** (authenticated,
//! verbatim, in the queue), and a delivery becomes **events** (normalized facts, in the table).
//!
//! The table follows a webhook on its way:
//!
//! | step | module | |
//! |---|---|---|
//! | 1 | [`request`] | the gateway's event: exact bytes, gateway time |
//! | 2 | [`admit`] | decides about a request, as every receiver does |
//! | 3 | [`provider`] | the two functions that a provider is: `verify` and `events` |
//! | 4 | [`incoming`], [`secrets`], [`auth`] | untrusted headers; the keys; every signature scheme |
//! | 5 | [`rejection`], [`answers`] | why a request was refused; what its sender is answered |
//! | 6 | [`delivery`] | what travels through the queue, and its encoding |
//! | 7 | [`normalize`] | its elements one by one, in parts, within a budget |
//! | 8 | [`json`], [`element`] | bytes cut and repaired; one JSON object of a body, read leniently |
//! | 9 | [`event`] | the normalized model; [`recipients`] says whose it is |
//! | | [`mail_headers`] | the headers of the message, where an event repeats them |
//! | | [`address`], [`channel`], [`time`], [`bounce`], [`machine`] | the model's vocabulary |
//! | | [`operator`] | what the operator says about an address, as an event |
//! | | [`providers`] | the providers' names, for those who must not know them |
//! | | [`sender`], [`places`] | a provider's other side, for whoever sends as it would |
//! | | [`parts`] | what of a request vouches for it, in words, for whoever looks at it |
//!
//! Architecture invariants, kept by types and by `tests/tidy`:
//!
//! - Only [`auth`] makes an [`auth::Authentic`]; only an `Authentic`, which carries the very bytes
//!   that were verified, can become a [`delivery::Delivery`]. An unverified body cannot be
//!   enqueued; one that its signature does not cover carries the token that it does cover, which
//!   the consumer lets vouch for one body.
//! - Nothing here does I/O, reads the clock or the environment, or knows AWS.
//! - Unknown is a value ([`event::Kind::Unknown`]), never an error.
//! - An [`address::Address`], a secret, a header or a body never reaches a log: their types refuse
//!   to print it.
//! - A stored item is a pure function of what the provider sent.

pub mod address;
pub mod admit;
pub mod answers;
pub mod aside;
pub mod auth;
pub mod bounce;
pub mod channel;
pub mod dead_letter;
pub mod delivery;
pub mod element;
mod elements;
pub mod event;
mod identity;
pub mod incoming;
pub mod json;
pub mod machine;
pub mod mail_headers;
pub mod malformed;
pub mod normalize;
pub mod operator;
mod packing;
pub mod parts;
pub mod places;
pub mod provider;
pub mod providers;
pub mod recipients;
pub mod rejection;
pub mod request;
mod scope;
pub mod secrets;
pub mod sender;
pub mod signing_key;
mod speed;
pub mod terminal;
pub mod time;
