//! The content of the table.
//!
//! [`item`], [`suppression`], [`sight`], [`token`] and [`attempts`] are what is written, under the
//! keys of [`keys`] and [`shard`]. [`word`] is what an event says about its recipient's
//! suppression. [`store`] writes and [`read`] reads.

pub mod attempts;
pub mod first;
pub mod item;
pub mod keys;
pub mod read;
pub mod shard;
pub mod sight;
pub mod store;
pub mod suppression;
pub mod token;
pub mod word;
