//! The table of the outlets: endpoints, what is known of them, and what is parked for them.
//!
//! Whatever two functions may do at the same time has a condition, so that one of them does it.

mod cached;
mod endpoints;
mod error;
mod leases;
mod parked;
mod states;
mod table;

pub use self::cached::{COUNTS_AFTER, Cached};
pub use self::error::StoreError;
pub use self::leases::Held;
pub use self::parked::Counted;
pub use self::states::Changed;
pub use self::table::Outlets;
