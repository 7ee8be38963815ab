//! Tells how the same line is said again, and done.

use crate::environment::Environment;

/// Returns the line that was typed, with an option behind it, to be pasted.
pub(super) fn with(option: &str, environment: &Environment) -> String {
    let arguments = std::env::args().skip(1);
    environment.as_called(&line(arguments, option))
}

fn line(arguments: impl Iterator<Item = String>, option: &str) -> String {
    let mut line = "postern".to_owned();
    for argument in arguments {
        line.push(' ');
        line.push_str(&quoted(&argument));
    }
    format!("{line} {option}")
}

/// Returns an argument as a shell reads it.
fn quoted(argument: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@=+,%".contains(c);
    if !argument.is_empty() && argument.chars().all(is_plain) {
        return argument.to_owned();
    }
    format!("'{}'", argument.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn a_line_can_be_pasted() {
        let arguments = ["suppress", "import", "a list (1).csv", "--why", "Kim's", ""];
        let arguments = arguments.map(str::to_owned).into_iter();
        assert_eq!(
            line(arguments, "--go"),
            r"postern suppress import 'a list (1).csv' --why 'Kim'\''s' '' --go"
        );
    }
}
