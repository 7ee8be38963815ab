//! `completions`: prints a script for the shell, so that it completes commands and options.

use clap_complete::Shell;
use operator::Exit;

use crate::cli::grammar;
use crate::environment::Environment;

const EXAMPLES: &str = "Examples:
  postern completions bash > ~/.local/share/bash-completion/completions/postern
  postern completions zsh > ~/.zfunc/_postern
  postern completions fish > ~/.config/fish/completions/postern.fish";

/// Print a script that makes your shell complete commands and options
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    /// The shell
    shell: Shell,
}

/// Prints the script.
pub(super) fn run(args: &Args, environment: &Environment) -> Exit {
    let mut grammar = grammar(environment).bin_name("postern");
    clap_complete::generate(args.shell, &mut grammar, "postern", &mut std::io::stdout());
    Exit::Done
}
