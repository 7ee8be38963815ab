//! The suppression list: what stands in it, and what the operator says to it.
//!
//! The operator's words are events like a provider's, in the history of the address, and are folded
//! into the register of their reason like all others. So they can be lifted, restored and erased
//! like all others, too.

mod act;
mod elsewhere;
pub mod error;
mod failure;
mod found;
pub mod import;
mod list;
mod standing;
mod write;

pub use act::{Lift, Said, Speaker, State};
pub use elsewhere::elsewhere;
pub use error::SuppressError;
pub use failure::Error;
pub use list::{Entry, Selection, list, spreadsheet};
pub use standing::{Registers, Standing};
