//! The clock of the way out: each minute it sends what is parked, once it is due.
//!
//! [`run`] is the body of the Lambda. [`sweep`] goes through the endpoints: `plan` decides what
//! one of them gets, and `outlet` sends it. `seals` seals anew what an older version of the
//! sealing secret has sealed.
//!
//! It may be stopped anywhere, and two of them may run at once. What one of them sends is leased,
//! and a lease ends by itself.

mod function;
mod line;
mod outlet;
mod plan;
mod seals;
mod state;
pub mod sweep;

pub use function::run;
pub use state::Sweep;
