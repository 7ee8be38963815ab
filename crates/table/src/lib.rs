//! The content of the table.
//!
//! [`item`], [`suppression`], [`sight`], [`token`] and [`attempts`] are what is written, under the
//! keys of [`keys`] and [`shard`]. [`word`] is what an event says about its recipient's
//! suppression. [`store`] writes. [`read`], [`timeline`], [`pages`] and [`batch`] read.
//! [`announced`] is what others are told about an event, and [`words`] in how few words.
//!
//! Whoever asks, the tool or the API, asks the same: [`asked`] and [`recipient`] read the question,
//! and [`may_mail`] and [`message`] answer it.

pub mod announced;
pub mod asked;
pub mod attempts;
pub mod batch;
pub mod first;
pub mod item;
pub mod keys;
pub mod may_mail;
pub mod message;
pub mod pages;
pub mod read;
pub mod recipient;
pub mod shard;
pub mod sight;
pub mod store;
pub mod suppression;
pub mod timeline;
pub mod token;
pub mod word;
pub mod words;
