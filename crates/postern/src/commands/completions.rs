//! `completions`: prints a script for the shell, so that it completes commands and options.

use clap_complete::Shell;
use operator::Exit;
use operator::print::write;

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
pub(super) fn run(args: &Args, grammar: clap::Command) -> Exit {
    let mut grammar = grammar.bin_name("postern");
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut grammar, "postern", &mut script);
    write(&String::from_utf8_lossy(&script));
    Exit::Done
}
