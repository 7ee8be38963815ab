//! Reads what must not stand on a command line: secrets, keys, the values of headers. There they
//! would be in the shell's history, and in the list of processes.

use std::collections::VecDeque;
use std::io::{ErrorKind, IsTerminal as _, Read as _, stdin};

use dialoguer::Password;
use outlets::manage::Hidden;

use crate::error::CommandError;

/// The most that is read, in bytes: more than a secret and five headers have.
const MOST_BYTES: u64 = 64 * 1024;

/// What standard input has, a line for each thing that is asked for. At a terminal each is asked
/// for by a prompt that shows nothing.
#[derive(Default)]
pub(crate) struct Given {
    lines: Option<VecDeque<String>>,
}

impl Given {
    /// Returns the next line, for what is asked for.
    ///
    /// # Errors
    /// Returns [`CommandError::NoKey`] if nothing can be read, and [`CommandError::NoLine`] if
    /// there is no line left.
    pub(crate) fn line(&mut self, asked: &str) -> Result<Hidden, CommandError> {
        if self.lines.is_none() && stdin().is_terminal() {
            return prompted(asked);
        }
        let lines = match &mut self.lines {
            Some(lines) => lines,
            lines @ None => lines.insert(read()?),
        };
        let line = lines.pop_front();
        let line = line.ok_or_else(|| CommandError::NoLine(asked.to_owned()))?;
        Ok(line.into())
    }

    /// Returns the lines that are left.
    ///
    /// # Errors
    /// As for one line, which must be there.
    pub(crate) fn rest(&mut self, asked: &str) -> Result<Vec<Hidden>, CommandError> {
        let first = self.line(asked)?;
        let rest = self.lines.take().unwrap_or_default();
        let all = std::iter::once(first).chain(rest.into_iter().map(Hidden::from));
        Ok(all.collect())
    }
}

fn prompted(asked: &str) -> Result<Hidden, CommandError> {
    let prompt = Password::new().with_prompt(format!("{asked} (nothing is shown)"));
    let typed = prompt.allow_empty_password(true).interact();
    let typed = typed.map_err(|dialoguer::Error::IO(error)| match error.kind() {
        ErrorKind::Interrupted => CommandError::Stopped,
        _ => CommandError::NoKey(error),
    })?;
    Ok(typed.into())
}

/// Reads all lines but blank ones. What is no UTF-8 stays in them as replacement characters.
fn read() -> Result<VecDeque<String>, CommandError> {
    let mut bytes = Vec::new();
    let read = stdin().lock().take(MOST_BYTES).read_to_end(&mut bytes);
    read.map_err(CommandError::NoKey)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    Ok(lines.map(str::to_owned).collect())
}

/// Checks that an option whose value comes from standard input says so. What stands there instead
/// is not repeated.
///
/// # Errors
/// Returns [`CommandError::OnTheLine`] if the value is anything but `-`.
pub(crate) fn is_dash(option: &'static str, value: Option<&str>) -> Result<bool, CommandError> {
    match value {
        None => Ok(false),
        Some("-") => Ok(true),
        Some(_) => Err(CommandError::OnTheLine(option)),
    }
}

/// Checks that the name of a header is one. A value that stands beside it is not repeated.
///
/// # Errors
/// Returns [`CommandError::HeaderName`] if it is none.
pub(crate) fn is_header_name(name: &str) -> Result<(), CommandError> {
    let is_of_names = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if !name.is_empty() && name.len() <= 64 && name.bytes().all(is_of_names) {
        return Ok(());
    }
    Err(CommandError::HeaderName)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_on_the_line_is_refused_and_not_repeated() {
        assert!(is_dash("--secret", Some("-")).expect("a dash"));
        assert!(!is_dash("--secret", None).expect("nothing"));
        let refused = is_dash("--secret", Some("whsec_abc")).expect_err("a key");
        assert!(!refused.to_string().contains("whsec_abc"));
        for name in ["x-token: abc", "", "x token", "x=abc"] {
            let refused = is_header_name(name).expect_err("no name");
            assert!(!refused.to_string().contains("abc"));
        }
        is_header_name("X-Token").expect("a name");
    }

    #[test]
    fn each_thing_has_a_line() {
        let mut given = Given {
            lines: Some(["one", "two", "three"].map(str::to_owned).into()),
        };
        assert_eq!(given.line("a").expect("a line").expose(), "one");
        assert_eq!(given.rest("b").expect("lines").len(), 2);
        let mut none = Given {
            lines: Some(VecDeque::new()),
        };
        let missing = none.line("the API's key").expect_err("no line");
        let said = "standard input has no line for the API's key";
        assert_eq!(missing.to_string(), said);
    }
}
