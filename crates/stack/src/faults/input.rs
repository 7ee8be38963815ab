//! Changes the faults while the stack runs. A user does that, or a process that started the stack.

use super::fault::Injection;
use super::in_force::Faults;

/// Puts the faults of a line in force. Returns which faults are in force now and how often each has
/// struck so far, or what is wrong with the line.
#[must_use]
pub fn answer(faults: &Faults, line: &str) -> String {
    let read: Result<Vec<Injection>, _> = line.split_whitespace().map(str::parse).collect();
    match read {
        Ok(injections) => {
            faults.set(injections.clone());
            applied(&injections, faults)
        }
        Err(error) => format!("faults: {error}"),
    }
}

fn applied(injections: &[Injection], faults: &Faults) -> String {
    let in_force: Vec<String> = injections.iter().map(ToString::to_string).collect();
    let struck = faults.struck().into_iter();
    let struck: Vec<String> = struck
        .map(|(fault, count)| format!("{}={count}", fault.name()))
        .collect();
    format!(
        "faults: [{}], struck [{}]",
        in_force.join(" "),
        struck.join(" ")
    )
}
