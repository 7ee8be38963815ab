//! The way out: who is told what, when, and what became of it.

pub mod address;
pub mod announce;
pub mod breaker;
pub mod bus;
pub mod endpoint;
pub mod fact;
pub mod filter;
pub mod hour;
pub mod ladder;
pub mod manage;
pub mod message;
pub mod notification;
pub mod pace;
pub mod parked;
pub mod store;
pub mod stream;
pub mod target;
