//! What happens on a stack, as it happens: an [`Entry`] a webhook. `up` and `listen` print the same
//! [`line()`] of it.

mod entry;
mod join;
mod line;
mod stream;

pub use self::entry::{Entry, Told};
pub use self::join::{Heard, Joined, heard};
pub use self::line::{Line, in_words, line, meant, of_path};
pub use self::stream::Stream;
