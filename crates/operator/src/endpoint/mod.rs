//! An endpoint on this machine: it checks both signatures of what it is told, says what came, and
//! fails on demand.

mod arrival;
mod listener;
mod manners;
mod verdict;

pub use self::arrival::{Arrival, Signatures};
pub use self::listener::Listener;
pub use self::manners::Manners;
pub use self::verdict::Verdict;

use shared::auth::OutboundSecret;

/// Returns a new secret, from the system's random numbers. Returns `None` if the system has none.
#[must_use]
pub fn secret() -> Option<OutboundSecret> {
    let mut random = [0; 32];
    getrandom::fill(&mut random).ok()?;
    Some(OutboundSecret::made(random))
}
