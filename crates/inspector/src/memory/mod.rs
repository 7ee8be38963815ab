//! What the page remembers: the last webhooks, and the last notifications to others. It is in
//! memory alone, and bounded.

mod caught;
mod early;
mod known;
mod message;
mod outbound;
mod request;
mod store;
#[cfg(test)]
mod tests;

pub(crate) use self::caught::{Caught, State, Step};
pub(crate) use self::message::Message;
pub(crate) use self::outbound::Outbound;
pub(crate) use self::request::{Arrived, is_watched};
pub(crate) use self::store::Memory;
