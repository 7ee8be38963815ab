//! The content of the table.
//!
//! [`item`], [`suppression`], [`sight`], [`token`] and [`attempts`] are what is written, under the
//! keys of [`keys`] and [`shard`]. [`word`] is what an event says about its recipient's
//! suppression. [`store`] writes. [`read`], [`timeline`] and [`batch`] read. [`announced`] is what
//! others are told about an event.

pub mod announced;
pub mod attempts;
pub mod batch;
pub mod first;
pub mod item;
pub mod keys;
pub mod read;
pub mod shard;
pub mod sight;
pub mod store;
pub mod suppression;
pub mod timeline;
pub mod token;
pub mod word;
