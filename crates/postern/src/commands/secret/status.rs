//! `secret status`: shows how the key of each provider stands.

use operator::Exit;
use operator::print::printable;
use operator::secret::{Before, Signed, State, Status, signed, status};
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
    let flags = args.target.flags(environment);
    if out.is_json() {
        for status in &all {
            out.json(status)?;
        }
    } else {
        let rows = all.iter().map(|status| {
            let next = next(status).map(|next| next.replace(" {target}", &flags));
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
        let previous = previous.map_or_else(|| "-".to_owned(), grouped);
        let current = grouped(current);
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
fn next(status: &Status) -> Option<String> {
    let provider = status.provider;
    match (status.state, status.previous, status.signed_24h) {
        (State::NotSet | State::Unusable, ..) => {
            Some(format!("postern secret set {provider} {{target}}"))
        }
        (State::Deleted, ..) => Some("aws secretsmanager restore-secret".to_owned()),
        (
            State::Ok,
            Before::AnotherKey,
            Some(Signed {
                previous: Some(0), ..
            }),
        ) => Some(format!(
            "previous is unused: postern secret retire {provider} {{target}}"
        )),
        (State::Ok, Before::AnotherKey, _) => Some("previous is accepted, too".to_owned()),
        (State::Ok, Before::Nothing, _) | (State::NotReadable, ..) => None,
    }
}

fn warn(status: &Status, out: &Output) {
    for code in &status.warnings {
        let warning = format!("warning: {}: {code}", status.provider);
        out.note(&out.paint(Color::Yellow, &warning));
    }
}

/// Writes a number with a comma between each three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn three_digits_are_a_group() {
        let numbers = [0, 999, 1_000, 18_204, 1_234_567];
        assert_eq!(
            numbers.map(grouped),
            ["0", "999", "1,000", "18,204", "1,234,567"]
        );
    }
}
