//! `secret status`: shows how the key of each provider stands.

use jiff::Timestamp;
use operator::Exit;
use operator::number::thousands;
use operator::print::{now, printable};
use operator::secret::{Before, Signed, State, Status, comes_again_until, signed, status};
use shared::sender::Sender;
use shared::time::rfc3339_ms;

use super::provider::sender;
use crate::commands::target::TargetArgs;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::{Color, Output};

const EXAMPLES: &str = "Examples:
  postern secret status
  postern secret status mailgun --stack postern";

/// Show how the key of each provider stands
#[derive(clap::Args)]
#[command(before_help = EXAMPLES)]
pub(crate) struct Args {
    /// One provider; else all that are on
    #[arg(value_name = "PROVIDER", value_parser = sender)]
    provider: Option<&'static dyn Sender>,
    #[command(flatten)]
    target: TargetArgs,
}

/// Prints a row for each provider. It fails if a provider's webhooks are all refused.
pub(super) async fn run(
    args: Args,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    let target = args.target.reading(out, environment).await?;
    let providers: Vec<&'static dyn Sender> = match args.provider {
        Some(provider) => vec![provider],
        None => target.providers().filter_map(registry::sender).collect(),
    };
    let mut all = status(&target, &providers).await?;
    let names: Vec<&str> = all.iter().map(|status| status.provider).collect();
    let signed = signed(&target, &names).await;
    for (status, signed) in all.iter_mut().zip(signed) {
        status.signed_24h = signed;
    }
    let (flags, now) = (args.target.flags(environment), now());
    if out.is_json() {
        for status in &all {
            out.json(status)?;
        }
    } else {
        let rows = all.iter().map(|status| {
            let next = next(status, now).map(|next| next.replace(" {target}", &flags));
            let next = next.map(|next| environment.as_called(&next));
            if out.is_terminal() {
                row_for_people(status, next.unwrap_or_default())
            } else {
                row(status, next.unwrap_or_else(|| "-".to_owned()))
            }
        });
        out.rows(&[], rows.collect());
        for status in &all {
            warn(status, out);
        }
    }
    let is_bad = |status: &Status| !matches!(status.state, State::Ok | State::NotReadable);
    Ok(if all.iter().any(is_bad) {
        Exit::No
    } else {
        Exit::Done
    })
}

/// Returns the cells of a row for a program: nothing is abbreviated, and `-` is what is not known.
fn row(status: &Status, next: String) -> Vec<String> {
    let dash = || "-".to_owned();
    let signed = status.signed_24h;
    let count =
        |of: fn(Signed) -> Option<u64>| signed.and_then(of).map_or_else(dash, |n| n.to_string());
    let labels = status.labels.join(" ");
    vec![
        status.provider.to_owned(),
        status.code.unwrap_or(status.state.name()).to_owned(),
        if labels.is_empty() { dash() } else { labels },
        status.current_since.map_or_else(dash, rfc3339_ms),
        count(|signed| Some(signed.current)),
        count(|signed| signed.previous),
        next,
    ]
}

/// Returns the cells of a row for a person.
fn row_for_people(status: &Status, next: String) -> Vec<String> {
    let mut state = match status.state {
        State::Ok => "ok".to_owned(),
        State::NotSet => "NOT SET, refuses all".to_owned(),
        State::Unusable => {
            format!("CANNOT BE USED ({})", status.code.unwrap_or_default())
        }
        State::Deleted => "DELETED, refuses all".to_owned(),
        State::NotReadable => "set; you may not read it".to_owned(),
    };
    if !status.labels.is_empty() {
        state = format!("{state}, labels {}", status.labels.join(" "));
    }
    if status.url_key {
        state += ", and a URL key";
    }
    let since = status.current_since;
    let since = since.map(|at| format!("current since {}", at.strftime("%Y-%m-%d")));
    let signed = status.signed_24h.map(|Signed { current, previous }| {
        let previous = previous.map_or_else(|| "-".to_owned(), thousands);
        let current = thousands(current);
        format!("signed in 24 h: current {current}, previous {previous}")
    });
    let dash = || "-".to_owned();
    vec![
        status.provider.to_owned(),
        printable(&state),
        since.unwrap_or_else(dash),
        signed.unwrap_or_else(dash),
        next,
    ]
}

/// Returns what the user should do next, if anything.
fn next(status: &Status, now: Timestamp) -> Option<String> {
    let provider = status.provider;
    match (status.state, status.previous) {
        (State::NotSet | State::Unusable, _) => {
            Some(format!("postern secret set {provider} {{target}}"))
        }
        (State::Deleted, _) => Some(format!(
            "aws secretsmanager restore-secret --secret-id {}",
            status.name
        )),
        (State::Ok, Before::AnotherKey) => Some(of_the_one_before(status, now)),
        (State::Ok, Before::Nothing) | (State::NotReadable, _) => None,
    }
}

/// Returns what to do about the version before. It is not to be retired while the provider may send
/// again what it has signed.
fn of_the_one_before(status: &Status, now: Timestamp) -> String {
    let provider = status.provider;
    let put = registry::sender(provider).zip(status.current_since);
    let until = put.map(|(provider, put)| comes_again_until(provider, put));
    let retire = format!("postern secret retire {provider} {{target}}");
    match (status.signed_24h.and_then(|signed| signed.previous), until) {
        (Some(1..), _) => "previous still signs".to_owned(),
        (_, Some(until)) if now < until => {
            format!(
                "previous may come again until {}",
                until.strftime("%Y-%m-%d")
            )
        }
        (Some(0), _) => format!("previous is unused: {retire}"),
        (None, _) => format!("if previous is unused: {retire}"),
    }
}

fn warn(status: &Status, out: &Output) {
    for code in &status.warnings {
        let warning = format!("warning: {}: {code}", status.provider);
        out.note(&out.paint(Color::Yellow, &warning));
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn the_one_before_is_retired_when_nothing_of_it_comes_again() {
        let put = Timestamp::UNIX_EPOCH;
        let mut status = Status {
            provider: "customerio",
            name: "postern/customerio".to_owned(),
            state: State::Ok,
            code: None,
            labels: vec!["eu".to_owned(), "us".to_owned()],
            url_key: false,
            current_since: Some(put),
            previous: Before::AnotherKey,
            warnings: Vec::new(),
            signed_24h: None,
        };
        let signed = |previous| {
            let current = 18_204;
            Some(Signed { current, previous })
        };
        let retire = "postern secret retire customerio {target}";
        for (days, signed, wanted) in [
            (6, None, "previous may come again until 1970-01-08"),
            (
                6,
                signed(Some(0)),
                "previous may come again until 1970-01-08",
            ),
            (6, signed(Some(3)), "previous still signs"),
            (8, signed(Some(3)), "previous still signs"),
            (8, signed(Some(0)), &format!("previous is unused: {retire}")),
            (8, signed(None), &format!("if previous is unused: {retire}")),
            (8, None, &format!("if previous is unused: {retire}")),
        ] {
            status.signed_24h = signed;
            let now = put + SignedDuration::from_hours(days * 24);
            assert_eq!(next(&status, now).as_deref(), Some(wanted), "{days}");
        }
        status.signed_24h = signed(Some(0));
        assert_eq!(
            row_for_people(&status, String::new()),
            [
                "customerio",
                "ok, labels eu us",
                "current since 1970-01-01",
                "signed in 24 h: current 18,204, previous 0",
                "",
            ]
        );
        assert_eq!(
            row(&status, "-".to_owned()),
            [
                "customerio",
                "ok",
                "eu us",
                "1970-01-01T00:00:00.000Z",
                "18204",
                "0",
                "-"
            ]
        );
        let restore = "aws secretsmanager restore-secret --secret-id postern/customerio";
        for (state, wanted) in [
            (
                State::NotSet,
                Some("postern secret set customerio {target}"),
            ),
            (
                State::Unusable,
                Some("postern secret set customerio {target}"),
            ),
            (State::Deleted, Some(restore)),
            (State::NotReadable, None),
        ] {
            status.state = state;
            assert_eq!(next(&status, put).as_deref(), wanted, "{state:?}");
        }
    }
}
