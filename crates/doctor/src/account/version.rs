//! Which version the functions say that they are, each in the line of its last start.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use crate::check::{Check, Unread};
use operator::account::Deployed;

use super::function::Function;
use super::lines;

const ID: &str = "version";
const DEPLOY: &str = "sam build && sam deploy";
/// How far back a start is looked for.
const SPAN: SignedDuration = SignedDuration::from_hours(24);
/// Field names as in the line that `runtime::log::started` writes.
const STARTED: &str = r#"{ $.code = "started" }"#;

#[derive(Deserialize)]
struct Started {
    version: String,
}

/// Compares the functions' versions with each other, and with this program's.
pub(super) async fn version(
    deployed: &Deployed,
    functions: &[Function],
    version: &str,
    now: Timestamp,
) -> Check {
    match said(deployed, functions, now).await {
        Ok(said) => judged(&said, version),
        Err(unread) => Check::unread(ID, &unread),
    }
}

async fn said(
    deployed: &Deployed,
    functions: &[Function],
    now: Timestamp,
) -> Result<BTreeMap<String, Option<String>>, Unread> {
    let mut said = BTreeMap::new();
    for function in functions {
        let since = now - SPAN;
        let lines = lines::of(deployed, &function.log_group, STARTED, since).await?;
        let last = lines.into_iter().max_by_key(|line| line.at);
        let last = last.and_then(|line| serde_json::from_str::<Started>(&line.text).ok());
        said.insert(function.name.clone(), last.map(|last| last.version));
    }
    Ok(said)
}

fn judged(said: &BTreeMap<String, Option<String>>, version: &str) -> Check {
    let all = said.len();
    let mut by_version: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut unknown: Vec<&str> = Vec::new();
    for (function, said) in said {
        match said {
            Some(said) => by_version.entry(said).or_default().push(function),
            None => unknown.push(function),
        }
    }
    let not_known = match unknown.len() {
        0 => String::new(),
        _ => format!("; unknown, no start in 24 h: {}", unknown.join(", ")),
    };
    let mut versions = by_version.iter();
    match (versions.next(), versions.next()) {
        (None, _) => Check::left_out(
            ID,
            format!("unknown: none of the {all} functions has started in 24 h"),
        ),
        (Some((deployed, functions)), None) => {
            let those = match functions.len() {
                some if some == all => format!("all {all} functions"),
                some => format!("{some} of {all} functions"),
            };
            let text = format!("this program {version}, {those} {deployed}{not_known}");
            if *deployed == version {
                return Check::ok(ID, text);
            }
            Check::warning(ID, text, format!("{DEPLOY}, or update this program"))
        }
        (Some(_), Some(_)) => {
            let each = by_version
                .iter()
                .map(|(version, functions)| format!("{} {version}", functions.join(" ")));
            let each: Vec<String> = each.collect();
            let text = format!("the functions differ: {}{not_known}", each.join(", "));
            Check::failed(ID, text, DEPLOY)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::State;

    fn line(said: &[(&str, Option<&str>)]) -> (State, String, Option<String>) {
        let said = said
            .iter()
            .map(|(function, version)| ((*function).to_owned(), version.map(str::to_owned)));
        let check = judged(&said.collect(), "0.2.0");
        (check.state, check.text, check.fix)
    }

    #[test]
    fn the_functions_are_of_one_version_and_it_is_this_programs() {
        let (new, old) = (Some("0.2.0"), Some("0.1.0"));
        assert_eq!(
            line(&[("consumer", new), ("insider", new)]),
            (
                State::Ok,
                "this program 0.2.0, all 2 functions 0.2.0".to_owned(),
                None
            )
        );
        assert_eq!(
            line(&[("consumer", new), ("insider", None)]),
            (
                State::Ok,
                "this program 0.2.0, 1 of 2 functions 0.2.0; unknown, no start in 24 h: insider"
                    .to_owned(),
                None
            )
        );
        assert_eq!(
            line(&[("consumer", old), ("insider", old)]),
            (
                State::Warning,
                "this program 0.2.0, all 2 functions 0.1.0".to_owned(),
                Some("sam build && sam deploy, or update this program".to_owned())
            )
        );
        assert_eq!(
            line(&[("consumer", new), ("insider", old), ("resend", old)]),
            (
                State::Failed,
                "the functions differ: insider resend 0.1.0, consumer 0.2.0".to_owned(),
                Some("sam build && sam deploy".to_owned())
            )
        );
        assert_eq!(
            line(&[("consumer", None), ("insider", None)]),
            (
                State::Skipped,
                "unknown: none of the 2 functions has started in 24 h".to_owned(),
                None
            )
        );
    }
}
