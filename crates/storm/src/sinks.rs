//! The sinks of a storm: three endpoints that are told, and the event bus. One endpoint is well,
//! one has the storm's faults, and one is dead.

mod bus;
mod kept;
mod request;
mod sink;
mod subscribed;
mod word;

pub(crate) use self::bus::{ARN, detail, filter};
pub use self::bus::{BUS, BusSink};
pub(crate) use self::kept::Kept;
pub use self::request::Request;
pub(crate) use self::request::digest;
pub use self::sink::{DEAD, FLAKY, Sink, Sinks, WELL};
pub(crate) use self::subscribed::{Subscribed, silence, subscribe};
pub(crate) use self::word::Word;
