//! The last function of the way out: it posts signed notifications to the endpoints.
//!
//! [`run`] is the body of the Lambda. `batch` processes what Lambda passes (`event`): `plan`
//! decides which messages are tried, `attempt` tries one (`egress`, `headers`, `tried`), and
//! `after` writes what comes next. What the bus is told goes together (`putting`, `bus`). `states`
//! judges the endpoints.
//!
//! A message is acknowledged after a success, or when the next message or the parked item is
//! written. Only AWS's own trouble makes it wait in the queue.

mod after;
mod attempt;
mod batch;
mod bus;
mod content;
mod egress;
mod end;
mod event;
mod function;
mod headers;
mod known;
mod line;
mod plan;
mod putting;
#[cfg(test)]
mod samples;
mod state;
mod states;
mod tried;

pub use function::run;
