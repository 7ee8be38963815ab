//! A request as a command for the user to paste.

use std::fmt::Write as _;

use super::error::SendError;
use super::prepared::Prepared;
use crate::print::printable;

/// Returns a command line that posts a request. The key in the URL, if there is one, is not shown.
///
/// # Errors
/// Returns [`SendError::NoText`] if the body is no text, or has characters that a terminal obeys.
pub fn curl(name: &str, url: &str, prepared: &Prepared) -> Result<String, SendError> {
    let no_text = || SendError::NoText(name.to_owned());
    let body = std::str::from_utf8(&prepared.body).map_err(|_| no_text())?;
    let is_plain = body.split(['\n', '\t']).all(|part| printable(part) == part);
    if !is_plain {
        return Err(no_text());
    }
    let url = match url.split_once("?key=") {
        Some((url, _)) => format!("{url}?key=THE-URL-KEY"),
        None => url.to_owned(),
    };
    let mut line = format!(
        "curl -i {} -H 'content-type: {}'",
        quoted(&url),
        prepared.content_type
    );
    for (name, value) in &prepared.headers {
        let header = format!("{name}: {value}");
        let _ = write!(line, " -H {}", quoted(&header)); // a String takes it all
    }
    let _ = write!(line, " --data-binary {}", quoted(body));
    Ok(line)
}

/// Quotes a text for a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
