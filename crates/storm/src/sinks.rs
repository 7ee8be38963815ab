//! The sinks of a storm: three endpoints that are told. One is well, one has the storm's faults,
//! and one is dead.

mod request;
mod sink;
mod subscribed;
mod word;

pub use self::request::Request;
pub(crate) use self::request::digest;
pub(crate) use self::sink::Kept;
pub use self::sink::{DEAD, FLAKY, Sink, Sinks, WELL};
pub(crate) use self::subscribed::{Subscribed, silence, subscribe};
pub(crate) use self::word::Word;
