//! The answers to the page's questions, a file for each.

mod body;
mod commands;
pub(crate) mod dead;
pub(crate) mod detail;
mod events;
pub(crate) mod held;
mod hidden;
pub(crate) mod items;
pub(crate) mod list;
pub(crate) mod messages;
pub(crate) mod outbound;
pub(crate) mod people;
pub(crate) mod send;
mod vouched;
