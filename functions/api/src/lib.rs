//! The API Lambda: who is told what, for whoever may say so.
//!
//! It gets an event of the HTTP API (payload 2.0), checks who asks, does what is asked in the table
//! of the outlets, and answers with JSON. What a request and an answer look like is
//! [`outlets::manage`]'s.
//!
//! The gateway proves who asks (`API_AUTH=iam`), or a bearer key does (`key`). The function
//! requires the proof of its mode itself, so that a slip in the template lets nobody in.

mod answer;
mod auth;
mod change;
mod create;
mod done;
mod event;
mod function;
mod line;
mod parts;
mod retry;
mod rotate;
mod route;
mod sealed;
mod show;
mod times;
mod trial;
mod undelivered;
mod work;

pub use self::function::run;
