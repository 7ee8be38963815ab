//! Says what a code means and what to do about it. The terminal, `listen`, `doctor` and the page
//! use these words, and the tables of the documents are made from them.
//!
//! A code is explained in general, and once more for one provider if that says more.

mod messages;
mod outlets;
mod providers;
mod questions;
mod requests;
mod secrets;
mod table;

pub use self::table::{Row, Table};

/// What a code means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Why it comes.
    pub cause: String,
    /// What to do.
    pub cure: String,
    /// Where the documents say more.
    pub page: String,
}

/// The section of the documents that lists every answer of a receiver.
const ANSWERS: &str = "docs/reference.md#answers";
/// The section about functions that do not start.
const NOT_STARTED: &str = "docs/operations.md#a-function-does-not-start";

/// The tables that are about no provider in particular.
const TABLES: [Table; 7] = [
    messages::DEAD_LETTERS,
    messages::WAITING,
    secrets::SECRETS,
    outlets::REFUSALS,
    questions::QUESTIONS,
    outlets::FAILURES,
    outlets::TROUBLES,
];

/// Returns the tables that the documents have, made from the same words.
#[must_use]
pub fn tables() -> Vec<Table> {
    let of_providers = providers::PROVIDERS.iter().map(|(_, table)| *table);
    let of_api = [outlets::FIELDS];
    of_providers.chain(TABLES).chain(of_api).collect()
}

/// Returns in a few words what a code means: what stands beside it on one line of a terminal.
#[must_use]
pub fn in_a_line(code: &str) -> Option<String> {
    let rows = [requests::REQUESTS, messages::IN_A_LINE, secrets::READINGS];
    let mut rows = rows.into_iter().flatten();
    let row = rows.find(|row| has(row, code));
    let row = row.or_else(|| secrets::SECRETS.row(code))?;
    Some(plain(row.cause))
}

/// Returns the code itself, if it is one that is explained.
#[must_use]
pub fn known(code: &str) -> Option<&'static str> {
    let lists = [
        requests::REQUESTS,
        messages::FUNCTIONS,
        secrets::READINGS,
        outlets::FIELDS.rows,
    ];
    let lists = lists.into_iter().flatten();
    let tables = TABLES.iter().flat_map(|table| table.rows);
    let mut codes = lists.chain(tables).flat_map(Row::codes);
    codes.find(|known| *known == code)
}

/// Returns what a code means and what to do about it, for a webhook of this provider if one is
/// named.
#[must_use]
pub fn explain(code: &str, provider: Option<&str>) -> Option<Explanation> {
    let of_provider = provider.and_then(|provider| of_provider(code, provider));
    of_provider.or_else(|| in_general(code, provider))
}

fn of_provider(code: &str, provider: &str) -> Option<Explanation> {
    let (_, table) = providers::PROVIDERS
        .iter()
        .find(|(name, _)| *name == provider)?;
    let row = table.row(code)?;
    Some(explanation(row, table.page(), Some(provider)))
}

fn in_general(code: &str, provider: Option<&str>) -> Option<Explanation> {
    let of_tables = TABLES
        .iter()
        .find_map(|table| Some((table.row(code)?, table.page())));
    let lists = [
        (requests::REQUESTS, ANSWERS.to_owned()),
        (secrets::READINGS, secrets::SECRETS.page()),
        (messages::FUNCTIONS, NOT_STARTED.to_owned()),
        // The last, because some codes are a webhook's, too.
        (outlets::FIELDS.rows, outlets::FIELDS.page()),
    ];
    let of_lists = lists.into_iter().find_map(|(rows, page)| {
        let row = rows.iter().find(|row| has(row, code))?;
        Some((row, page))
    });
    let (row, page) = of_tables.or(of_lists)?;
    Some(explanation(row, page, provider))
}

fn has(row: &Row, code: &str) -> bool {
    row.codes().any(|known| known == code)
}

fn explanation(row: &Row, page: String, provider: Option<&str>) -> Explanation {
    let named = |text: &str| match provider {
        Some(provider) => plain(text).replace("PROVIDER", provider),
        None => plain(text),
    };
    Explanation {
        cause: named(row.cause),
        cure: named(row.cure),
        page,
    }
}

/// Returns Markdown as it is read aloud: a link is its text, and nothing is set in another type.
fn plain(markdown: &str) -> String {
    let mut text = String::with_capacity(markdown.len());
    let mut rest = markdown;
    while let Some((before, link)) = rest.split_once("](") {
        let (before, words) = before.rsplit_once('[').unwrap_or((before, ""));
        text.push_str(before);
        text.push_str(words);
        rest = link.split_once(')').map_or("", |(_, behind)| behind);
    }
    text.push_str(rest);
    text.replace(['`', '*'], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_explained_by_its_provider_or_else_in_general() {
        let of_resend = explain("timestamp_stale", Some("resend")).expect("an explanation");
        assert_eq!(of_resend.cause, "signed more than 5 minutes ago, or ahead");
        assert_eq!(of_resend.page, "docs/providers/resend.md#when-it-fails");
        let general = explain("timestamp_stale", Some("insider")).expect("an explanation");
        assert_eq!(
            general.cause,
            "signed too long ago: a replay, or a very late retry"
        );
        assert_eq!(general.page, "docs/reference.md#answers");
        let key = explain("key_unavailable", Some("mailgun")).expect("an explanation");
        assert_eq!(key.cure, "put the key: postern secret set mailgun");
        assert_eq!(explain("no_such_code", Some("resend")), None);
    }

    #[test]
    fn on_a_terminal_a_link_is_its_words() {
        assert_eq!(
            plain("look [there](../a.md#b) [first], `X` and *then* [here](c)"),
            "look there [first], X and then here"
        );
    }
}
