//! The command line: reads it, and runs its command.

use std::process::ExitCode;

use clap::{Arg, ArgAction, CommandFactory as _, FromArgMatches as _, Parser};
use operator::print;
use tokio::runtime::{Builder, Runtime};

use crate::commands::Command;
use crate::console::hide_panic_messages;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::{Everywhere, Output};
use crate::report;
use crate::signals;

/// Help of a command: what it is for, its examples, how to call it, its options.
const HELP: &str = "{about-with-newline}
{before-help}{usage-heading} {usage}

{all-args}{after-help}";

/// Receives email-event webhooks from every provider, and keeps one history of them: the stack on
/// this machine, and the operator's commands.
#[derive(Parser)]
#[command(name = "postern", version, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    everywhere: Everywhere,
}

/// Returns the command line's grammar, with every command as this tool was called.
pub(crate) fn grammar(environment: &Environment) -> clap::Command {
    let grammar = Cli::command().bin_name(environment.called_as);
    let grammar = grammar.arg_required_else_help(true);
    dressed(grammar, environment)
}

/// Gives a command, and those below it, our form of help.
fn dressed(command: clap::Command, environment: &Environment) -> clap::Command {
    let names: Vec<String> = command
        .get_subcommands()
        .map(|c| c.get_name().to_owned())
        .collect();
    let mut command = names.into_iter().fold(command, |command, name| {
        command.mut_subcommand(name, |below| dressed(below, environment))
    });
    if command.get_name() != "postern" {
        // Short is enough here. `postern help NAME` has the long one.
        command = command.disable_help_flag(true).arg(help());
    }
    if let Some(examples) = command.get_before_help().map(ToString::to_string) {
        command = command.before_help(environment.as_called(&examples));
        command = command.help_template(HELP);
    }
    command.max_term_width(100)
}

/// Returns the option that prints a command's help, the same short one by both its names.
fn help() -> Arg {
    Arg::new("help")
        .short('h')
        .long("help")
        .action(ArgAction::HelpShort)
        .help("Print this; `postern help COMMAND` says more")
        .help_heading("Everywhere")
        .display_order(1000)
}

/// Reads the command line. What is wrong with it, or the help that it asks for, is printed.
pub(crate) fn read(environment: &Environment) -> Result<Cli, ExitCode> {
    let matches = grammar(environment).try_get_matches();
    let cli = matches.and_then(|matches| Cli::from_arg_matches(&matches));
    cli.map_err(report::line)
}

impl Cli {
    /// Runs the command, and prints why it fails.
    pub(crate) fn run(self, environment: &Environment) -> ExitCode {
        hide_panic_messages();
        let out = Output::new(&self.everywhere, environment);
        let grammar: &dyn Fn() -> clap::Command = &|| grammar(environment);
        // A function is what it is in Lambda: one thread.
        let built = if self.command.is_function() {
            Builder::new_current_thread().enable_all().build()
        } else {
            Runtime::new()
        };
        let runtime = match built {
            Ok(runtime) => runtime,
            Err(error) => {
                return report::error(&CommandError::NoProgram(error), &out, environment, grammar);
            }
        };
        let done = runtime.block_on(self.command.run(&out, environment, grammar));
        // A result that is cut must not look like one that is whole.
        let done = match (done, print::refused()) {
            (Ok(_), Some(cause)) => Err(CommandError::NotPrinted(cause)),
            (done, _) => done,
        };
        // What still reads standard input must not keep the process.
        runtime.shutdown_background();
        match done {
            Ok(exit) => ExitCode::from(exit.code()),
            Err(error) => {
                let code = report::error(&error, &out, environment, grammar);
                let by_signal = signals::exit_code().map(ExitCode::from);
                by_signal
                    .filter(|_| matches!(error, CommandError::Stopped))
                    .unwrap_or(code)
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    fn is_understood(line: &str) -> bool {
        Cli::try_parse_from(line.split(' ')).is_ok()
    }

    #[test]
    fn the_command_line_is_consistent() {
        grammar(&Environment::default()).debug_assert();
    }

    /// The commands that do something: not those that only hold others.
    fn commands() -> Vec<(String, clap::Command)> {
        fn below(path: &str, command: &clap::Command, all: &mut Vec<(String, clap::Command)>) {
            let path = format!("{path} {}", command.get_name());
            if !command.has_subcommands() {
                all.push((path.clone(), command.clone()));
            }
            for command in command.get_subcommands() {
                below(&path, command, all);
            }
        }
        let (mut all, mut grammar) = (Vec::new(), grammar(&Environment::default()));
        grammar.build();
        for command in grammar.get_subcommands() {
            below("postern", command, &mut all);
        }
        all.retain(|(_, command)| !command.is_hide_set());
        all
    }

    #[test]
    fn each_command_says_in_40_lines_what_it_is_for_with_examples_that_are_understood() {
        for (path, mut command) in commands() {
            let help = command.render_help().to_string();
            let lines = help.lines().count();
            assert!(lines <= 40, "{path}: {lines} lines\n{help}");
            assert!(
                help.lines().all(|line| line.chars().count() <= 100),
                "{help}"
            );
            let examples = command.get_before_help().map(ToString::to_string);
            let examples = examples.unwrap_or_default();
            let mut lines = examples.lines();
            assert_eq!(lines.next(), Some("Examples:"), "{path}");
            let mut shown = 0;
            for line in lines {
                let line = line.trim();
                let words = typed(line);
                assert!(!words.is_empty(), "{path}: {line}");
                let read = super::grammar(&Environment::default()).try_get_matches_from(&words);
                let is_help = |error: &clap::Error| error.exit_code() == 0;
                assert!(
                    read.as_ref().map_or_else(is_help, |_| true),
                    "{line}: {read:?}"
                );
                let is_own = format!("{} ", words.join(" ")).starts_with(&format!("{path} "));
                shown += usize::from(is_own);
            }
            assert!(shown > 0, "{path}: no example of its own");
        }
    }

    /// The words of the command of ours in a line. What is piped in or out is the shell's, and a
    /// remark stands behind two blanks.
    fn typed(line: &str) -> Vec<String> {
        let words = words(line.split("  ").next().unwrap_or_default());
        let mut parts = words.split(|word| ["|", ">", "<"].contains(&word.as_str()));
        let ours = parts.find(|part| part.first().is_some_and(|word| word == "postern"));
        ours.unwrap_or_default().to_vec()
    }

    /// Splits a line as a shell does, with its quotes.
    pub(crate) fn words(line: &str) -> Vec<String> {
        let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
        for c in line.chars() {
            match (c, quote) {
                ('\'' | '"', None) => quote = Some(c),
                (c, Some(open)) if c == open => quote = None,
                (' ', None) => words.push(std::mem::take(&mut word)),
                _ => word.push(c),
            }
        }
        words.push(word);
        words.retain(|word| !word.is_empty());
        words
    }

    #[test]
    fn each_command_has_the_options_of_all() {
        for (path, command) in commands() {
            for name in ["json", "color", "quiet", "verbose", "help"] {
                let has = command
                    .get_arguments()
                    .any(|argument| argument.get_id() == name);
                assert!(has, "{path} --{name}");
            }
            let has = |name| {
                command
                    .get_arguments()
                    .any(|argument| argument.get_id() == name)
            };
            for other in ["region", "profile"] {
                assert_eq!(has("stack"), has(other), "{path} --{other}");
            }
            assert!(!has("dry_run") || has("go"), "{path}");
        }
    }

    /// `help permissions` and `doctor --policy` know every command that asks an account.
    #[test]
    fn each_command_that_takes_a_stack_has_its_permissions_and_no_other_has() {
        let takes_a_stack = |command: &clap::Command| {
            let mut arguments = command.get_arguments();
            arguments.any(|argument| argument.get_id() == "stack")
        };
        let commands = commands().into_iter();
        let commands = commands.filter(|(_, command)| takes_a_stack(command));
        let names =
            commands.filter_map(|(path, _)| Some(path.strip_prefix("postern ")?.to_owned()));
        let mut names: Vec<String> = names.collect();
        let mut listed: Vec<&str> = operator::permissions::commands().collect();
        names.sort_unstable();
        listed.sort_unstable();
        assert_eq!(names, listed);
    }

    #[test]
    fn a_slip_gets_a_suggestion() {
        for (line, wanted) in [
            ("postern dmo", "'demo'"),
            ("postern events --recipent a@b.test", "--"),
            ("postern storm --webhook 3", "--webhooks"),
        ] {
            let Err(error) = Cli::try_parse_from(line.split(' ')) else {
                panic!("{line}");
            };
            let said = error.to_string();
            assert!(
                said.contains("tip: ") && said.contains(wanted),
                "{line}: {said}"
            );
            assert_eq!(error.exit_code(), 2);
        }
    }

    #[test]
    fn nothing_is_done_to_an_account_or_a_person_by_half_a_command() {
        for line in [
            "postern redrive",
            "postern redrive --dry-run",
            "postern erase a@b.test --dry-run",
            "postern redrive --go --rate 500 --port 1",
            "postern redrive --stack postern",
            "postern erase a@b.test",
            "postern erase --customer 7 --go --keep-suppression --stack postern --region eu-west-1",
            "postern renormalize",
            "postern renormalize --dry-run --provider insider --from 2026-01-02 --to 2026-01-02T03:04:05Z --verbose --show",
            "postern renormalize --go --rate 10000 --stack postern --profile prod",
            "postern up --port 1 --data d",
            "postern demo --port 1 --sqs-port 2",
            "postern storm --all-faults --fault queue:drop=0.1 --seed 3",
            "postern --json storm",
            "postern help exit-codes",
        ] {
            assert!(is_understood(line), "{line}");
        }
        for line in [
            "postern",
            "postern --port 1 --quiet",
            "postern redrive --aws",
            "postern redrive --rate 0",
            "postern redrive --rate 501",
            "postern erase",
            "postern erase --go",
            "postern erase a@b.test --customer 7",
            "postern erase a@b.test --stack",
            "postern erase a@b.test --region eu-west-1", // of no stack
            "postern renormalize --go --dry-run",
            "postern redrive --go --dry-run",
            "postern erase a@b.test --go --dry-run",
            "postern renormalize --provider nobody",
            "postern renormalize --from tomorrow",
            "postern renormalize --rate 0",
            "postern redrive --stack postern --port 5", // a deployed stack has no port
            "postern storm --release --binaries d",
            "postern storm --webhooks 0",
            "postern storm --concurrency 0",
            "postern up --quiet --verbose",
        ] {
            assert!(!is_understood(line), "{line}");
        }
    }
}
