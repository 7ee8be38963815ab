//! Reads the table as a team would: one person's events, or those of all.

mod newest;
mod reader;
mod timeline;
mod words;

pub use self::newest::Newest;
pub use self::reader::Events;
pub use self::timeline::{Of, Selection, Timeline};
pub use self::words::{details, happened, when, who};
