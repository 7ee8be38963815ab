//! `function`: is one of the stack's functions, for a Runtime API. `up` starts this program again
//! with it.

use std::process::ExitCode;

use operator::Exit;

use crate::error::CommandError;

/// Be one of the stack's functions
#[derive(clap::Args)]
pub(crate) struct Args {
    /// `consumer`, `fanout`, `deliver`, `sweep`, `api`, or a provider
    name: String,
}

/// Runs the function until its Runtime API ends it.
pub(super) async fn run(args: &Args) -> Result<Exit, CommandError> {
    let done = match (args.name.as_str(), registry::provider(&args.name)) {
        ("consumer", _) => consumer::run().await,
        ("fanout", _) => fanout::run().await,
        ("deliver", _) => deliver::run().await,
        ("sweep", _) => sweep::run().await,
        ("api", _) => api::run().await,
        (_, Some(provider)) => runtime::receiver::run(provider).await,
        _ => return Err(CommandError::NoFunction(args.name.clone())),
    };
    let is_success = done == ExitCode::SUCCESS;
    Ok(if is_success { Exit::Done } else { Exit::No })
}
