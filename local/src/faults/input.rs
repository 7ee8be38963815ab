//! Faults that are changed while the stack runs, by a person at the terminal or by a process that started it.

use tokio::io::{AsyncBufReadExt as _, BufReader, stdin};

use super::{Faults, Injection};
use crate::terminal::say;

/// Sets the faults to those of each line of standard input, until it ends. Each line is answered by [`applied`], or by
/// what is wrong with it.
pub async fn read(faults: Faults) {
    let mut lines = BufReader::new(stdin()).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let read: Result<Vec<Injection>, _> = line.split_whitespace().map(str::parse).collect();
        match read {
            Ok(injections) => {
                faults.set(injections.clone());
                say(&applied(&injections, &faults));
            }
            Err(error) => say(&format!("faults: {error}")),
        }
    }
}

/// What is in force now, and how often each fault has struck so far.
#[must_use]
pub fn applied(injections: &[Injection], faults: &Faults) -> String {
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
