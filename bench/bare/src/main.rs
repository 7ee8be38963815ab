//! The honest limit of the benchmark: what a receiver and a consumer cost that do one job by hand.
//!
//! They speak hyper and rustls, sign for themselves, and write every JSON text themselves. So
//! the benchmark can say how far the real ones are from what is possible at all.
//!
//! They are no model for a function. They retry nothing, know two providers' ordinary events, trust
//! the queue, and give up at the first surprise. The benchmark checks that they write what the real
//! ones write (`bench/src/same.rs`).

mod address;
mod consumer;
mod customerio;
mod delivery;
mod environment;
mod http;
mod insider;
mod item;
mod lambda;
mod line;
mod outcome;
mod receiver;
mod sign;

use crate::environment::needed;
use crate::outcome::Outcome;

/// Which of the two jobs this is, as Lambda would say it.
const JOB: &str = "_HANDLER";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    // Waking a task costs less than waking the future that a program starts with.
    match needed(JOB)?.as_str() {
        "receiver" => tokio::spawn(receiver::run()).await?,
        "consumer" => tokio::spawn(consumer::run()).await?,
        other => Err(format!("{JOB} names no job: {other}").into()),
    }
}
