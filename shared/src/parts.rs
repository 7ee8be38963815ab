//! Names the parts of a request that vouch for it, and says what each of them is, in words.
//!
//! A provider declares its [`Scheme`]. Everything else is here, for whoever looks at a request that
//! was refused. No deployed function does.
//!
//! Nothing is checked and nothing is computed: a signature that would have been right is never
//! shown, and neither is a shared secret.

mod age;
mod credential;
mod encoding;
mod part;
mod read;
mod scheme;
mod span;

pub use self::age::age;
pub use self::part::{Part, Place, Role};
pub use self::read::of;
pub use self::scheme::{Field, Form, Scheme};
