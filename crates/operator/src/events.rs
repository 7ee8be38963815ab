//! Reads the table as a team would: one person's events, or those of all.

mod newest;
mod reader;
mod timeline;

pub use self::newest::Newest;
pub use self::reader::Events;
pub use self::timeline::{Selection, Timeline};
pub use table::recipient::Of;
pub use table::words::{details, happened, when, who};
