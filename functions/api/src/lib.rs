//! The API Lambda: what is stored, and who is told what, for whoever may ask and say so.
//!
//! It gets an event of the HTTP API (payload 2.0), checks who asks, reads the table of the events
//! or does what is asked in the table of the outlets, and answers with JSON. What a request and an
//! answer look like is [`outlets::manage`]'s; what is read is read as the tool reads it.
//!
//! The gateway proves who asks (`API_AUTH=iam`), or a bearer key does (`key`). The function
//! requires the proof of its mode itself, so that a slip in the template lets nobody in.

mod answer;
mod ask;
mod auth;
mod change;
mod create;
mod done;
mod event;
mod function;
mod line;
mod parts;
mod read;
mod retry;
mod rotate;
mod route;
mod routes;
mod sealed;
mod show;
mod suppression;
mod times;
mod trial;
mod undelivered;
mod work;

pub use self::function::run;
pub use self::routes::{ROUTES, route_of};
