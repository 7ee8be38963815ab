//! Opens a URL in a browser.

use std::process::{Command, Stdio};

use crate::output::Output;

/// The programs that open a URL as the user likes it: of Linux, and of macOS.
const OPENERS: [&str; 2] = ["xdg-open", "open"];

/// Opens a URL. That there is no browser stops nobody: the URL is on the screen.
pub(super) fn open(url: &str, out: &Output) {
    let mut openers = OPENERS.into_iter();
    let is_opened = openers.any(|program| {
        let mut command = Command::new(program);
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null());
        let Ok(mut opener) = quiet.stderr(Stdio::null()).arg(url).spawn() else {
            return false;
        };
        // Some of them stay for as long as the browser does.
        std::thread::spawn(move || opener.wait());
        true
    });
    if !is_opened {
        out.note(&format!("no browser can be opened here: {url}"));
    }
}
