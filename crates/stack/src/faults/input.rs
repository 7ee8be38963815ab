//! Faults that are changed while the stack runs, by a user or by a process that started it.

use super::fault::Injection;
use super::in_force::Faults;

/// Puts the faults of a line in force, and returns what is in force now and how often each fault
/// has struck so far; or what is wrong with the line.
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
