//! Commands as they have to be typed for the stack that the page is of.

use http::Uri;

use crate::inspector::Inspector;

/// The port that a command takes unless another one is named.
const USUAL: u16 = 3000;
/// What every command begins with.
const TOOL: &str = "postern ";

/// Returns a command that finds this stack.
pub(crate) fn of_stack(page: &Inspector, command: &str) -> String {
    with_port(command, port(page))
}

/// Returns a text, with each command in it that stands in backquotes as it finds this stack.
pub(crate) fn in_text(page: &Inspector, text: &str) -> String {
    let port = port(page);
    let pieces = text.split('`').enumerate().map(|(place, piece)| {
        if place % 2 == 1 {
            with_port(piece, port)
        } else {
            piece.to_owned()
        }
    });
    pieces.collect::<Vec<_>>().join("`")
}

fn port(page: &Inspector) -> Option<u16> {
    let api: Uri = page.running()?.target.api().parse().ok()?;
    api.port_u16()
}

fn with_port(command: &str, port: Option<u16>) -> String {
    match port.filter(|port| *port != USUAL) {
        Some(port) if command.starts_with(TOOL) => format!("{command} --port {port}"),
        _ => command.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_names_a_port_that_is_not_the_usual_one() {
        let command = "postern secret set mailgun";
        assert_eq!(with_port(command, Some(3000)), command);
        assert_eq!(with_port(command, None), command);
        let named = "postern secret set mailgun --port 8100";
        assert_eq!(with_port(command, Some(8100)), named);
        assert_eq!(with_port("signature", Some(8100)), "signature");
    }
}
