//! What the tool takes from its environment. It is read once, at the start.

use outlets::manage::Hidden;

/// The narrowest terminal that anything is made for, in columns.
const NARROWEST: usize = 20;

/// Variables of the environment that `postern help environment` lists.
#[derive(Clone, Debug)]
pub(crate) struct Environment {
    /// `POSTERN_STACK`: the deployed stack that commands read which only read.
    pub(crate) stack: Option<String>,
    /// `POSTERN_PORT`: the local stack's port, or the text if it is no port.
    pub(crate) port: Result<Option<u16>, String>,
    /// `POSTERN_API_KEY`: the bearer key of the API of the endpoints.
    pub(crate) api_key: Option<Hidden>,
    /// `POSTERN_WEBHOOK_SECRET`: what `listen --out` checks signatures with.
    pub(crate) webhook_secret: Option<Hidden>,
    /// `POSTERN_FORCE_TTY`: print as for a terminal of so many columns.
    pub(crate) width: Option<usize>,
    /// `CLICOLOR_FORCE`: colours everywhere (bixense.com/clicolors).
    pub(crate) forces_color: bool,
    /// `NO_COLOR` (no-color.org), or a terminal that has none.
    pub(crate) forbids_color: bool,
    /// How the tool was called: `postern`, or by cargo in its checkout.
    pub(crate) called_as: &'static str,
}

impl Default for Environment {
    /// Returns that of an installed tool in which no variable is set.
    fn default() -> Self {
        Self {
            stack: None,
            port: Ok(None),
            api_key: None,
            webhook_secret: None,
            width: None,
            forces_color: false,
            forbids_color: false,
            called_as: "postern",
        }
    }
}

impl Environment {
    /// Reads the environment.
    pub(crate) fn read() -> Self {
        let is_set = |name| variable(name).is_some_and(|value| value != "0");
        let is_by_cargo = variable("CARGO").is_some()
            && variable("CARGO_PKG_NAME").as_deref() == Some(env!("CARGO_PKG_NAME"));
        Self {
            stack: variable("POSTERN_STACK"),
            port: port(),
            api_key: variable("POSTERN_API_KEY").map(Hidden::from),
            webhook_secret: variable("POSTERN_WEBHOOK_SECRET").map(Hidden::from),
            width: variable("POSTERN_FORCE_TTY")
                .and_then(|width| width.parse().ok())
                .filter(|width| *width >= NARROWEST),
            forces_color: is_set("CLICOLOR_FORCE"),
            forbids_color: variable("NO_COLOR").is_some()
                || variable("TERM").as_deref() == Some("dumb"),
            called_as: if is_by_cargo {
                "cargo run -p postern --"
            } else {
                "postern"
            },
        }
    }

    /// Returns a text with its commands as this tool was called: `postern up` becomes
    /// `cargo run -p postern -- up`.
    pub(crate) fn as_called(&self, text: &str) -> String {
        if self.called_as == "postern" {
            return text.to_owned();
        }
        let words = text.split_inclusive([' ', '\n', '`']);
        let mut is_at_start = true;
        let mut rewritten = String::new();
        for word in words {
            if word == "postern " && is_at_start {
                rewritten.push_str(self.called_as);
                rewritten.push(' ');
            } else {
                rewritten.push_str(word);
            }
            // A command stands at the start of a line, behind two blanks, a backquote or a colon.
            is_at_start = rewritten.ends_with("  ")
                || rewritten.ends_with(['\n', '`'])
                || rewritten.ends_with(": ");
        }
        rewritten
    }
}

/// Returns the port that `POSTERN_PORT` says, or its text if it is no port.
fn port() -> Result<Option<u16>, String> {
    let Some(text) = variable("POSTERN_PORT") else {
        return Ok(None);
    };
    text.parse().map(Some).map_err(|_| text)
}

/// Reads one variable. An empty one counts as not set.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the tool reads its environment"
)]
fn variable(name: &str) -> Option<String> {
    let value = std::env::var_os(name)?.to_string_lossy().into_owned();
    (!value.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::Environment;

    #[test]
    fn a_command_is_shown_as_it_was_called() {
        let by_cargo = Environment {
            called_as: "cargo run -p postern --",
            ..Environment::default()
        };
        for (text, wanted) in [
            ("postern up", "cargo run -p postern -- up"),
            (
                "start one: postern up",
                "start one: cargo run -p postern -- up",
            ),
            (
                "Examples:\n  postern up\n",
                "Examples:\n  cargo run -p postern -- up\n",
            ),
            ("the stack postern is up", "the stack postern is up"),
            ("--stack postern", "--stack postern"),
        ] {
            assert_eq!(by_cargo.as_called(text), wanted);
        }
        let installed = Environment::default();
        assert_eq!(installed.as_called("hint: postern up"), "hint: postern up");
    }
}
