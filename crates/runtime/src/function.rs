//! What every function of the way out does around its work: how it ends, and by when an invocation
//! must.

use std::process::ExitCode;
use std::time::Duration;

use lambda_runtime::Error;
use tokio::time::Instant;

use crate::clock::until;
use crate::log;

/// Logs why a function does not start, or stops, and returns its exit code.
#[must_use]
pub fn stop(function: &str, code: &str, message: &str) -> ExitCode {
    log::stopped(function, code, message);
    ExitCode::FAILURE
}

/// Returns the exit code of a function whose runtime has ended like this.
#[must_use]
pub fn ended(function: &str, end: Result<(), Error>) -> ExitCode {
    match end {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => stop(function, "runtime_failed", &error.to_string()),
    }
}

/// Returns by when an invocation's work must be done: `deadline`, Lambda's in Unix milliseconds,
/// less the `reserve`. Without a deadline the invocation has the `usual` time.
#[must_use]
pub fn deadline(deadline: u64, usual: Duration, reserve: Duration) -> Instant {
    let left = until(deadline).unwrap_or(usual);
    Instant::now() + left.saturating_sub(reserve)
}
