//! What goes wrong with a secret that is only shown.

use std::iter;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use percent_encoding::percent_decode_str;
use shared::incoming::{KEY_HEADER, USER};

use super::case::{Case, Pairs};
use super::headers::shown;
use super::slip::{Slip, Undone};

const AUTHORIZATION: &str = "authorization";
/// The parameter of the URL that may have the secret.
const KEY: &str = "key";
/// The most headers and parameters that are looked at.
const MOST_PLACES: usize = 24;
/// The longest text that may be a secret.
const LONGEST: usize = 1_024;

/// A secret that stands in one of its places: what to say if it is right, and its text.
type Shown = (&'static str, String, String);

/// Returns the slips in how the secret is shown in the places that are read.
pub(super) fn slips<'a>(case: &'a Case<'a>) -> impl Iterator<Item = Slip> + 'a {
    let headers = case.refused.headers.iter().take(MOST_PLACES);
    let headers = headers.filter(|(_, value)| value.len() <= LONGEST);
    let authorizations = headers
        .clone()
        .filter(|(name, _)| name.eq_ignore_ascii_case(AUTHORIZATION));
    let authorizations = authorizations.flat_map(|(_, value)| authorization(value.trim()));
    let in_header = headers.filter(|(name, _)| name.eq_ignore_ascii_case(KEY_HEADER));
    let in_query = case
        .refused
        .query
        .iter()
        .filter(|(name, _)| name == KEY)
        .take(2);
    let others = in_header
        .chain(in_query)
        .flat_map(|(_, value)| spellings(value));
    authorizations.chain(others).map(|shown| slip(case, shown))
}

/// Returns the slips in where the secret is shown.
pub(super) fn elsewhere<'a>(case: &'a Case<'a>) -> impl Iterator<Item = Slip> + 'a {
    let is_read = |name: &str| {
        [AUTHORIZATION, KEY_HEADER]
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known))
    };
    let headers = case
        .refused
        .headers
        .iter()
        .filter(move |(name, _)| !is_read(name));
    let headers = headers.take(MOST_PLACES).map(|pair| ("header", pair));
    let query = case.refused.query.iter().filter(|(name, _)| name != KEY);
    let query = query.take(MOST_PLACES).map(|pair| ("parameter", pair));
    let places = headers
        .chain(query)
        .filter(|(_, (_, value))| value.len() <= LONGEST);
    places.flat_map(move |(place, (name, value))| {
        let last = value.rsplit(' ').next().unwrap_or_default();
        let texts = iter::once(value.trim()).chain((last != value).then_some(last));
        texts.map(move |text| {
            let says = format!(
                "The secret is right, and stands in the {place} {}. It is read in Authorization, in {KEY_HEADER} and in ?key=.",
                shown(name)
            );
            slip(case, ("secret_place", says, text.to_owned()))
        })
    })
}

fn slip(case: &Case<'_>, (code, says, secret): Shown) -> Slip {
    let is_other = |(name, _): &&(String, String)| {
        ![AUTHORIZATION, KEY_HEADER]
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known))
    };
    let others = case.refused.headers.iter().filter(is_other);
    let mut headers: Pairs = others.cloned().collect();
    headers.push((KEY_HEADER.to_owned(), secret));
    Slip::new(code, says, Undone::Headers(headers))
}

/// Returns the secrets that an `Authorization` may have meant.
fn authorization(value: &str) -> Vec<Shown> {
    let (scheme, rest) = value.split_once(' ').unwrap_or(("", value));
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("basic") {
        return basic(rest);
    }
    let says = if scheme.eq_ignore_ascii_case("bearer") {
        let last = rest.rsplit(' ').next().unwrap_or_default();
        let says = "The secret is right, and Bearer stands before it twice.";
        return with_spellings(rest, says, last);
    } else if scheme.is_empty() {
        "The secret is right, and lacks Bearer before it in Authorization."
    } else {
        "The secret is right, and another word than Bearer stands before it in Authorization."
    };
    with_spellings(rest, says, rest)
}

/// Returns the secrets that the value behind `Basic` may have meant.
fn basic(value: &str) -> Vec<Shown> {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).ok();
    if let Some(pair) = STANDARD.decode(value).ok().and_then(text) {
        return of_pair(&pair);
    }
    let unpadded = STANDARD_NO_PAD.decode(value.trim_end_matches('='));
    let (pair, says) = match unpadded.ok().and_then(text) {
        Some(pair) => (
            pair,
            "The secret is right, and is in base64 without its padding behind Basic.",
        ),
        None => (
            value.to_owned(),
            "The secret is right, and is not in base64 behind Basic.",
        ),
    };
    let (_, password) = pair.split_once(':').unwrap_or(("", &pair));
    with_spellings(password, says, password)
}

/// Returns the secrets that a pair of user and password may have meant.
fn of_pair(pair: &str) -> Vec<Shown> {
    match pair.split_once(':') {
        Some((USER, password)) => spellings(password),
        Some((user, password)) => {
            let says = format!("The secret is right, and the user is not {USER}.");
            let swapped = format!(
                "The secret stands in the place of the user: the user is {USER}, and the secret is the password."
            );
            vec![
                ("secret_user", says, password.to_owned()),
                ("secret_user", swapped, user.to_owned()),
            ]
        }
        None => {
            let says = format!("The secret is right, and lacks the user {USER} before it.");
            vec![("secret_user", says, pair.trim().to_owned())]
        }
    }
}

/// Returns a text that is the secret but for its scheme, and what else a text may have been.
fn with_spellings(value: &str, says: &str, secret: &str) -> Vec<Shown> {
    let mut found = vec![("secret_scheme", says.to_owned(), secret.to_owned())];
    found.extend(spellings(value));
    found
}

/// Returns the texts that a shown text may have been before somebody changed it.
fn spellings(value: &str) -> Vec<Shown> {
    let quotes = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>');
    let decoded = STANDARD.decode(value.trim()).ok();
    let decoded = decoded.and_then(|text| String::from_utf8(text).ok());
    let all = [
        (
            "secret_line_break",
            "It would match with the line break or blank behind the secret taken away at the sender.",
            Some(value.trim().to_owned()),
        ),
        (
            "secret_quoted",
            "It would match with the quotation marks taken away from the secret at the sender.",
            Some(value.trim_matches(quotes).to_owned()),
        ),
        (
            "secret_percent",
            "It would match with the secret as it is, and not percent-encoded.",
            Some(percent_decode_str(value).decode_utf8_lossy().into_owned()),
        ),
        (
            "secret_encoded",
            "It would match with the secret as it is, and not in base64.",
            decoded.as_deref().map(|text| text.trim().to_owned()),
        ),
        (
            "secret_name",
            "It would match without what stands before the = in the secret.",
            value.split_once('=').map(|(_, rest)| rest.to_owned()),
        ),
        (
            "secret_twice",
            "It would match with the secret once: something on the way doubles it.",
            value.split(',').next().map(|first| first.trim().to_owned()),
        ),
    ];
    let all = all.into_iter();
    let all = all.filter_map(|(code, says, text)| Some((code, says.to_owned(), text?)));
    all.filter(|(_, _, text)| text != value && !text.is_empty())
        .collect()
}
