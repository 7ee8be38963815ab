//! What an attacker can send, and what becomes of it: real bytes on the wire, real function
//! processes, their real log lines.
//!
//! `refused` is everything that must not get in (of signatures in `headers`, of `tokens` in the
//! body, of `forms`, of shared secrets in `credentials`), `accepted` is hostile content that is
//! truly signed, `volume` is too much of it, `bombs` is little that would become much, `secrets` is
//! odd keys.
//!
//! Everything that an attacker chooses carries [`MARK`], so that an echo of it anywhere is seen.
//! The table in `SECURITY.md` has a row for each.

mod accepted;
mod attacker;
mod bombs;
mod credentials;
mod forms;
mod headers;
mod refused;
mod sample;
mod secrets;
mod tokens;
mod volume;
mod wire;

use tests::stack::Running;

/// In every field that an attacker controls.
const MARK: &str = "attackmark7f3a";

/// No function printed anything of what was sent.
fn nothing_is_logged(running: &Running) {
    let lines = running.lines.lock().expect("lines");
    assert!(!lines.is_empty(), "the functions log a line per webhook");
    let telling: Vec<&String> = lines
        .iter()
        .filter(|line| line.to_lowercase().contains(MARK))
        .collect();
    assert_eq!(telling, Vec::<&String>::new());
}

/// The codes that the functions logged, in order: the receivers' and the consumer's. That they have
/// started says nothing of a webhook.
fn codes(running: &Running) -> Vec<String> {
    let lines = running.lines.lock().expect("lines");
    let parsed = lines
        .iter()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let codes = parsed.flat_map(|line| {
        let code = line["code"].as_str().filter(|code| *code != "started");
        let code = code.map(str::to_owned);
        let codes = line["codes"].as_array().cloned().unwrap_or_default();
        let codes = codes
            .into_iter()
            .filter_map(|code| Some(code.as_str()?.to_owned()));
        code.into_iter().chain(codes).collect::<Vec<_>>()
    });
    codes.collect()
}
