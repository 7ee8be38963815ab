//! `cargo run -p postern`: runs Postern on one machine, and has the operator's commands.

mod commands;
mod console;
mod error;
mod signals;

use std::process::ExitCode;

use clap::Parser as _;

use crate::commands::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    match commands::run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            if let Some(hint) = error.hint() {
                eprintln!("hint: {hint}");
            }
            ExitCode::FAILURE
        }
    }
}
