//! An entry as a line for a person.

use std::fmt::Write as _;

use registry::PROVIDERS;
use strsim::levenshtein;

use super::entry::{Entry, Told};
use crate::explain::in_a_line;
use crate::print::printable;

/// The most events that a line names.
const MOST_EVENTS: usize = 3;
/// How many letters of two paths may differ for the one to be meant by the other.
const SLIPS: usize = 2;
/// The longest path that is looked at, in bytes. Anybody can send one of any length.
const LONGEST_PATH: usize = 100;
/// What the path of every webhook begins with.
const WEBHOOKS: &str = "/webhooks/";
/// The path that Amazon SES would have.
const SES: &str = "/webhooks/ses";

/// The parts of a line. A command puts colours on them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The time of the day, in UTC.
    pub time: String,
    /// The status, `dead` or `wait`.
    pub verdict: String,
    /// The provider, or `-`.
    pub provider: String,
    /// What became of it. A command in it is written as `postern …`.
    pub text: String,
    /// Whether somebody should look at it.
    pub is_bad: bool,
}

/// Returns the parts of an entry's line. All of them are fit for a terminal.
#[must_use]
pub fn line(entry: &Entry) -> Line {
    let verdict = match (entry.dead, entry.waits, entry.status) {
        (true, ..) => "dead".to_owned(),
        (_, true, _) => "wait".to_owned(),
        (.., Some(status)) => status.to_string(),
        (.., None) => "-".to_owned(),
    };
    let text = match &entry.code {
        Some(code) => troubled(entry, code),
        None if entry.provider.is_none() => unanswered(entry),
        None => events(entry),
    };
    Line {
        time: entry.at.get(11..19).unwrap_or_default().to_owned(),
        verdict,
        provider: printable(entry.provider.as_deref().unwrap_or("-")),
        text: printable(&text),
        is_bad: entry.dead || entry.waits || entry.is_refused(),
    }
}

/// Returns what became of an entry in a few words, as a line has them, without its code, its path
/// and what to type. They are as they came: whoever shows them makes them harmless.
#[must_use]
pub fn in_words(entry: &Entry) -> String {
    match &entry.code {
        Some(code) => {
            let words = code.split(',').next().and_then(in_a_line);
            words.unwrap_or_else(|| code.replace(',', " "))
        }
        None if entry.provider.is_none() => why_unanswered(entry),
        None => events(entry),
    }
}

/// Says what is wrong, and what of it is stored all the same.
fn troubled(entry: &Entry, code: &str) -> String {
    let words = code.split(',').next().and_then(in_a_line);
    let mut text = code.replace(',', " ");
    if let Some(words) = words {
        text.push_str("  ");
        text.push_str(&words);
    }
    if entry.dead {
        text.push_str(": postern redrive");
        if !entry.events.is_empty() {
            text.push_str(";  stored: ");
            text.push_str(&events(entry));
        }
    }
    text
}

fn events(entry: &Entry) -> String {
    if entry.events.is_empty() {
        return "without an event".to_owned();
    }
    let shown = entry.events.iter().take(MOST_EVENTS).map(event);
    let mut text = shown.collect::<Vec<_>>().join(";  ");
    let more = entry.events.len().saturating_sub(MOST_EVENTS) + entry.more_events;
    if more > 0 {
        let _ = write!(text, ";  and {more} more"); // a String takes it all
    }
    text
}

/// Returns an event in a few words: `bounced hard kim@mail.test -> suppresses`. That is what the
/// event says. What stands may be a later word: `may-mail` knows.
#[must_use]
fn event(told: &Told) -> String {
    let machine = told.machine.then_some("(a machine)");
    let words = [
        Some(told.kind.as_str()),
        told.class.as_deref(),
        machine,
        told.recipient.as_deref(),
    ];
    let text = words.into_iter().flatten().collect::<Vec<_>>().join(" ");
    match &told.suppression {
        Some(said) => {
            let says = match said.as_str() {
                "suppressed" => "suppresses",
                "lifted" => "lifts",
                said => said,
            };
            format!("{text} -> {says}")
        }
        None => text,
    }
}

/// Says what a request was that no function answered.
fn unanswered(entry: &Entry) -> String {
    let path = entry.path.as_deref().unwrap_or_default();
    let method = entry.method.as_deref().unwrap_or_default();
    format!("{method} {path}   {}", why_unanswered(entry))
}

fn why_unanswered(entry: &Entry) -> String {
    let path = entry.path.as_deref().unwrap_or_default();
    let method = entry.method.as_deref().unwrap_or_default();
    match entry.status {
        Some(413) => "larger than API Gateway accepts".to_owned(),
        Some(403) => "not signed, or not sent on this machine".to_owned(),
        Some(404) => match meant(path) {
            Some(known) => of_path(method, path, &known),
            None => "no webhook's path".to_owned(),
        },
        _ => "the function stopped, or did not answer in time".to_owned(),
    }
}

/// Says why a request for this path, which is or is meant to be the known one, reaches nothing.
#[must_use]
pub fn of_path(method: &str, path: &str, known: &str) -> String {
    if known == SES {
        return "Amazon SES posts to no URL: its events come by SNS and a queue (docs/providers/ses.md)"
            .to_owned();
    }
    match method {
        _ if known != path => format!("did you mean {known}?"),
        "POST" => "a webhook's path, but its provider is not in Providers".to_owned(),
        method => format!("webhooks are posted; this is a {method}"),
    }
}

/// Returns the path of the webhooks that a path is, or is meant to be.
#[must_use]
pub fn meant(path: &str) -> Option<String> {
    let paths = PROVIDERS.iter();
    let paths = paths.map(|provider| format!("{WEBHOOKS}{}", provider.name()));
    let plain = bare(path)?;
    let known = paths.min_by_key(|known| levenshtein(known, &plain));
    known.filter(|known| levenshtein(known, &plain) <= SLIPS)
}

/// Returns a path without what people leave around it, under the path of all webhooks.
fn bare(path: &str) -> Option<String> {
    if path.len() > LONGEST_PATH {
        return None;
    }
    let path = path.split([';', '?', '#', '&', '%']).next()?;
    let path = path.to_ascii_lowercase();
    let path = path.trim_matches(|c: char| c.is_whitespace() || "/.,\"'<>".contains(c));
    let name = path.rsplit('/').next()?;
    let is_name = PROVIDERS.iter().any(|provider| provider.name() == name);
    let path = if is_name { name } else { path };
    let prefix = if is_name { WEBHOOKS } else { "/" };
    Some(format!("{prefix}{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(kind: &str, recipient: &str) -> Told {
        Told {
            kind: kind.to_owned(),
            recipient: Some(recipient.to_owned()),
            ..Told::default()
        }
    }

    fn shown(entry: &Entry) -> String {
        let line = line(entry);
        let Line {
            time,
            verdict,
            provider,
            text,
            ..
        } = line;
        format!("{time}  {verdict}  {provider}  {text}")
    }

    fn entry() -> Entry {
        Entry {
            at: "2026-11-26T14:02:11.220Z".to_owned(),
            provider: Some("sendgrid".to_owned()),
            status: Some(200),
            ..Entry::default()
        }
    }

    #[test]
    fn what_is_stored_is_named() {
        let bounce = Told {
            class: Some("hard".to_owned()),
            suppression: Some("suppressed".to_owned()),
            ..told("bounced", "kim@mail.test")
        };
        let stored = Entry {
            events: vec![bounce, told("delivered", "lee@mail.test")],
            ..entry()
        };
        assert_eq!(
            shown(&stored),
            "14:02:11  200  sendgrid  bounced hard kim@mail.test -> suppresses;  delivered lee@mail.test"
        );
        let many = Entry {
            events: vec![told("sent", "a@x.test"); 5],
            more_events: 9_900,
            ..entry()
        };
        assert_eq!(
            line(&many).text,
            "sent a@x.test;  sent a@x.test;  sent a@x.test;  and 9902 more"
        );
        assert_eq!(line(&entry()).text, "without an event");
        assert!(!line(&entry()).is_bad);
    }

    #[test]
    fn what_is_not_stored_is_explained() {
        let refused = Entry {
            status: Some(401),
            code: Some("signature_mismatch".to_owned()),
            ..entry()
        };
        assert_eq!(
            shown(&refused),
            "14:02:11  401  sendgrid  signature_mismatch  signed with another key, or changed on the way"
        );
        let dead = Entry {
            code: Some("body_not_json".to_owned()),
            dead: true,
            ..entry()
        };
        assert_eq!(
            shown(&dead),
            "14:02:11  dead  sendgrid  body_not_json  vouched for, but the body is no JSON: postern redrive"
        );
        assert!(line(&dead).is_bad && line(&refused).is_bad);
    }

    #[test]
    fn a_wrong_path_says_which_is_meant() {
        for (method, path, wanted) in [
            (
                "POST",
                "/webhooks/sendgrd",
                "did you mean /webhooks/sendgrid?",
            ),
            (
                "POST",
                "/webhooks/SendGrid/",
                "did you mean /webhooks/sendgrid?",
            ),
            (
                "GET",
                "/webhooks/sendgrid",
                "webhooks are posted; this is a GET",
            ),
            ("POST", "/mailgun", "did you mean /webhooks/mailgun?"),
            (
                "POST",
                "/api/webhook/mailgun",
                "did you mean /webhooks/mailgun?",
            ),
            (
                "POST",
                "/webhooks/resend%20",
                "did you mean /webhooks/resend?",
            ),
            (
                "GET",
                "/webhooks/resend;x=1",
                "did you mean /webhooks/resend?",
            ),
            (
                "POST",
                "/webhooks/resend",
                "a webhook's path, but its provider is not in Providers",
            ),
            (
                "POST",
                "/webhooks/ses",
                "Amazon SES posts to no URL: its events come by SNS and a queue (docs/providers/ses.md)",
            ),
            (
                "GET",
                "/ses",
                "Amazon SES posts to no URL: its events come by SNS and a queue (docs/providers/ses.md)",
            ),
            ("POST", "/", "no webhook's path"),
            ("POST", "/%ff", "no webhook's path"),
        ] {
            let lost = Entry {
                provider: None,
                status: Some(404),
                method: Some(method.to_owned()),
                path: Some(path.to_owned()),
                ..entry()
            };
            let wanted = format!("14:02:11  404  -  {method} {path}   {wanted}");
            assert_eq!(shown(&lost), wanted);
        }
    }

    #[test]
    fn a_path_that_is_too_long_is_meant_for_no_other() {
        let almost = |letters: usize| format!("/webhooks/sendgrd{}", "/".repeat(letters - 17));
        let meant_by = |letters| meant(&almost(letters));
        assert_eq!(meant_by(100).as_deref(), Some("/webhooks/sendgrid"));
        assert_eq!(meant_by(101), None);
    }

    #[test]
    fn a_terminal_obeys_nothing_of_it() {
        let hostile = Entry {
            events: vec![told("sent", "kim\u{1b}[2J\u{202e}@mail.test")],
            ..entry()
        };
        assert_eq!(line(&hostile).text, "sent kim�[2J�@mail.test");
    }
}
