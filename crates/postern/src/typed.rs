//! The line that the user typed, and how it is shown so that it can be pasted.

use operator::print::printable;

use crate::environment::Environment;

/// Returns the arguments that were typed. What is no text is shown as far as it is one.
pub(crate) fn arguments() -> Vec<String> {
    let arguments = std::env::args_os().skip(1);
    arguments
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect()
}

/// Returns the line that was typed, with an option behind it, to be pasted.
pub(crate) fn with(option: &str, environment: &Environment) -> String {
    environment.as_called(&format!("postern {} {option}", pasted(&arguments())))
}

/// Returns arguments as a line that a shell reads as the same arguments.
pub(crate) fn pasted(arguments: &[String]) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@=,+%".contains(c);
    let words = arguments.iter().map(|argument| {
        if !argument.is_empty() && argument.chars().all(is_plain) {
            return argument.clone();
        }
        format!("'{}'", printable(argument).replace('\'', r"'\''"))
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Returns the command of a line, with the command below it if it has any: `secret set`.
pub(crate) fn command(arguments: &[String], grammar: &clap::Command) -> String {
    let mut names = Vec::new();
    let mut grammar = grammar;
    for argument in arguments {
        if let Some(below) = grammar.find_subcommand(argument) {
            names.push(below.get_name());
            grammar = below;
        }
    }
    names.join(" ")
}

/// The options that say which stack a command works on.
const TARGET: [&str; 4] = ["--stack", "--region", "--profile", "--port"];

/// Returns the options that name the stack, as they were given, with a blank before each.
pub(crate) fn target(arguments: &[String]) -> String {
    let mut flags = String::new();
    let mut is_value = false;
    for argument in arguments {
        let name = argument.split('=').next().unwrap_or_default();
        let is_target = TARGET.contains(&name);
        if is_value || is_target {
            flags.push(' ');
            flags.push_str(&printable(argument));
        }
        is_value = is_target && name == *argument;
    }
    flags
}

#[cfg(test)]
mod tests {
    use super::{command, pasted, target};

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn a_line_is_shown_so_that_it_can_be_pasted() {
        let typed = ["events", "kim@mail.test", "--stack=postern", "it's me", ""];
        assert_eq!(
            pasted(&typed.map(str::to_owned)),
            r"events kim@mail.test --stack=postern 'it'\''s me' ''"
        );
    }

    #[test]
    fn a_line_s_command_is_known() {
        let below = |name: &'static str| clap::Command::new(name);
        let grammar = below("postern")
            .subcommands(["redrive", "events"].map(below))
            .subcommand(below("secret").subcommand(below("set")));
        for (line, wanted) in [
            ("redrive --stack postern --go", "redrive"),
            ("--color never events kim@mail.test", "events"),
            ("secret set resend", "secret set"),
            ("--version", ""),
        ] {
            assert_eq!(command(&words(line), &grammar), wanted, "{line}");
        }
    }

    #[test]
    fn a_hint_names_the_same_stack() {
        for (line, flags) in [
            ("events kim@mail.test", ""),
            (
                "events --stack postern kim@mail.test --region=eu-west-1",
                " --stack postern --region=eu-west-1",
            ),
            ("redrive --port 3100 --go", " --port 3100"),
            ("redrive --port", " --port"),
        ] {
            assert_eq!(target(&words(line)), flags, "{line}");
        }
    }
}
