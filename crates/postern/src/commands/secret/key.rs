//! Reads a key: from standard input, or at a terminal from a prompt that shows nothing. A key in
//! the command line would be in the shell's history, and in the list of processes.

use std::io::{IsTerminal as _, Read as _, stdin};

use dialoguer::Password;

use crate::error::CommandError;

/// The longest secret of Secrets Manager, and a little more, so that it is refused there.
const LONGEST: u64 = 65_536 + 1;

/// Reads what is asked for, such as "the webhook's signing key".
///
/// What is no UTF-8 stays in it as replacement characters, which no key has.
///
/// # Errors
/// Returns [`CommandError::NoKey`] if nothing can be read.
pub(super) fn read(asked: &str) -> Result<String, CommandError> {
    if stdin().is_terminal() {
        let prompt = Password::new().with_prompt(format!("{asked} (nothing is shown)"));
        let prompt = prompt.allow_empty_password(true);
        return prompt
            .interact()
            .map_err(|dialoguer::Error::IO(error)| match error.kind() {
                std::io::ErrorKind::Interrupted => CommandError::Stopped,
                _ => CommandError::NoKey(error),
            });
    }
    let mut key = Vec::new();
    let read = stdin().lock().take(LONGEST).read_to_end(&mut key);
    read.map_err(CommandError::NoKey)?;
    Ok(String::from_utf8_lossy(&key).into_owned())
}
