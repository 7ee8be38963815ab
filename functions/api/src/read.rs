//! Reads what is stored: with a few requests to the table, each within its bound.
//!
//! What cannot be known is never answered with a yes, nor with a part that looks like all: then the
//! answer is 503.

pub(crate) mod may_mail;
pub(crate) mod message;
mod page;
pub(crate) mod problems;
pub(crate) mod query;
pub(crate) mod timeline;
