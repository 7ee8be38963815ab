//! Shows an endpoint on one line.

use operator::events::when;
use operator::number::thousands;
use outlets::bus::{BUS, NAME};
use outlets::manage::{Shown, Standing};

use crate::output::Output;

/// What stands above the rows.
pub(super) const HEADER: [&str; 5] = ["id", "endpoint", "events", "state", "undelivered"];

/// Returns the row of an endpoint.
pub(super) fn row(shown: &Shown, out: &Output) -> Vec<String> {
    vec![
        shown.id.to_string(),
        shown.url.expose().to_owned(),
        wanted(shown),
        state(&shown.standing, out.is_terminal()),
        undelivered(&shown.standing),
    ]
}

/// Returns the row of the event bus.
pub(super) fn row_of_bus(standing: &Standing, out: &Output) -> Vec<String> {
    vec![
        BUS.to_string(),
        NAME.to_owned(),
        "*".to_owned(),
        state(standing, out.is_terminal()),
        undelivered(standing),
    ]
}

/// Returns what an endpoint wants: its words, and what it is narrowed to.
fn wanted(shown: &Shown) -> String {
    let narrowed = [("of", &shown.providers), ("from", &shown.sources)];
    let narrowed = narrowed.into_iter().filter(|(_, names)| !names.is_empty());
    let narrowed = narrowed.map(|(word, names)| format!(" {word} {}", names.join(",")));
    format!("{}{}", shown.events, narrowed.collect::<String>())
}

/// Returns how an endpoint does, in a few words.
fn state(standing: &Standing, is_for_a_person: bool) -> String {
    let time = |at: &Option<String>| {
        let at = at.as_deref();
        at.map(|at| when(at, is_for_a_person)).unwrap_or_default()
    };
    let code = standing.last_code.as_deref();
    let code = code.map_or_else(String::new, |code| format!(" ({code})"));
    let next = match &standing.next_at {
        Some(_) => format!(", next {}", time(&standing.next_at)),
        None => String::new(),
    };
    match standing.state.as_str() {
        "failing" | "open" => format!(
            "failing since {}{code}{next}",
            time(&standing.failing_since)
        ),
        "inactive" => "paused: held 14 days".to_owned(),
        "disabled" => {
            let why = standing.disabled.as_deref().unwrap_or("failing");
            format!("turned off: {why}{code}, held 14 days")
        }
        state => state.to_owned(),
    }
}

/// Returns how many notifications wait for an endpoint.
fn undelivered(standing: &Standing) -> String {
    let more = if standing.undelivered_more { "+" } else { "" };
    format!("{}{more}", thousands(standing.undelivered))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_an_endpoint_does_is_said_in_a_few_words() {
        let failing = Standing {
            state: "open".to_owned(),
            failing_since: Some("2026-01-02T09:12:00.000Z".to_owned()),
            last_code: Some("503".to_owned()),
            next_at: Some("2026-01-02T10:40:00.000Z".to_owned()),
            undelivered: 1_204,
            undelivered_more: true,
            ..Standing::default()
        };
        assert_eq!(
            state(&failing, true),
            "failing since 2026-01-02 09:12:00 (503), next 2026-01-02 10:40:00"
        );
        assert_eq!(undelivered(&failing), "1,204+");
        let of = |word: &str, disabled: Option<&str>| Standing {
            state: word.to_owned(),
            disabled: disabled.map(str::to_owned),
            ..Standing::default()
        };
        for (standing, wanted) in [
            (of("ok", None), "ok"),
            (of("inactive", None), "paused: held 14 days"),
            (
                of("disabled", Some("gone")),
                "turned off: gone, held 14 days",
            ),
        ] {
            assert_eq!(state(&standing, true), wanted);
        }
    }
}
