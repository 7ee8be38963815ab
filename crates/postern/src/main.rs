//! `postern`: runs Postern on one machine, and has the operator's commands.

mod cli;
mod commands;
mod console;
#[cfg(test)]
mod documents;
mod environment;
mod error;
mod given;
mod output;
mod progress;
mod report;
mod signals;
mod typed;
mod words;

use std::process::ExitCode;

use crate::environment::Environment;

fn main() -> ExitCode {
    let environment = Environment::read();
    match cli::read(&environment) {
        Ok(cli) => cli.run(&environment),
        Err(exit) => exit,
    }
}
