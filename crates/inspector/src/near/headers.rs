//! What goes wrong with the headers: renamed, or doubled.

use operator::print::printable;
use shared::parts::{Part, Place, Role};

use super::case::{Case, Pairs};
use super::slip::{Slip, Undone};

/// The most headers that are tried in the place of one that is missing.
const MOST_HEADERS: usize = 24;
/// The longest value that is tried there.
const LONGEST_VALUE: usize = 1_024;
/// The longest name that is said.
const LONGEST_NAME: usize = 64;
/// What proxies and servers put before the name of a header that they pass on.
const PREFIXES: [&str; 4] = ["http-", "x-original-", "x-forwarded-", "x-"];

/// Returns the slips in the names of headers, and in how often they are there.
pub(super) fn slips<'a>(case: &'a Case<'a>) -> impl Iterator<Item = Slip> + 'a {
    let spoilt = spoilt(case).into_iter();
    spoilt.chain(renamed(case)).chain(doubled(case))
}

/// Returns the names of the headers that are missing.
fn missing<'a>(case: &'a Case<'a>) -> impl Iterator<Item = &'a Part> {
    let parts = case.parts.iter();
    parts.filter(|part| {
        let is_header = part.place == Place::Header && part.role != Role::Signed;
        is_header && part.value.as_deref() == Some("")
    })
}

/// Every name is spelled with underscores, or with something before it.
fn spoilt(case: &Case<'_>) -> Option<Slip> {
    missing(case).next()?;
    let missing = missing(case).map(|part| part.name.as_str());
    // A provider may have two sets of names.
    let known = case.provider().scheme().fields.iter();
    let wanted: Vec<&str> = missing.chain(known.map(|field| field.name)).collect();
    let restored = |name: &str| {
        let name = name.to_ascii_lowercase().replace('_', "-");
        let bare = PREFIXES
            .iter()
            .filter_map(|prefix| name.strip_prefix(prefix));
        let found = bare
            .chain([name.as_str()])
            .find(|name| wanted.contains(name));
        found.map(str::to_owned)
    };
    let pairs = case.refused.headers.iter();
    let headers: Pairs = pairs
        .map(|(name, value)| {
            let name = restored(name).unwrap_or_else(|| name.clone());
            (name, value.clone())
        })
        .collect();
    let text =
        "It would match with the headers under their own names: something on the way renames them.";
    Some(Slip::new("header_name", text, Undone::Headers(headers)))
}

/// One header has another name.
fn renamed<'a>(case: &'a Case<'a>) -> impl Iterator<Item = Slip> + 'a {
    let is_only = missing(case).count() == 1;
    let wanted = missing(case).filter(move |_| is_only);
    wanted.flat_map(move |part| {
        let others = case.refused.headers.iter().take(MOST_HEADERS);
        let others = others.filter(|(_, value)| !value.is_empty() && value.len() <= LONGEST_VALUE);
        others.map(move |(name, value)| {
            let mut headers = case.refused.headers.to_vec();
            headers.push((part.name.clone(), value.clone()));
            let text = format!(
                "It would match with the header {} under the name {}.",
                shown(name),
                part.name
            );
            Slip::new("header_name", text, Undone::Headers(headers))
        })
    })
}

/// A header is there twice, or was joined by the gateway: one of its values may be right.
fn doubled<'a>(case: &'a Case<'a>) -> impl Iterator<Item = Slip> + 'a {
    let parts = case.parts.iter().filter(|part| part.place == Place::Header);
    let names = parts.map(|part| part.name.as_str());
    names.flat_map(move |name| {
        let of_name = |pair: &&(String, String)| pair.0.eq_ignore_ascii_case(name);
        let values = case.refused.headers.iter().filter(of_name);
        let values: Vec<&str> = values.flat_map(|(_, value)| value.split(", ")).collect();
        let is_same = values.windows(2).all(|pair| pair.first() == pair.last());
        let count = values.len();
        let several = values.into_iter().filter(move |_| count > 1).take(4);
        several.map(move |value| {
            let others = case.refused.headers.iter().filter(|pair| !of_name(pair));
            let mut headers: Pairs = others.cloned().collect();
            headers.push((name.to_owned(), value.to_owned()));
            let text = if is_same {
                format!("It would match with {name} once: something on the way doubles it.")
            } else {
                format!("It would match with one of the values of {name}: something on the way adds another.")
            };
            Slip::new("header_twice", text, Undone::Headers(headers))
        })
    })
}

/// Returns the name of a header, fit to be said.
pub(super) fn shown(name: &str) -> String {
    printable(name).chars().take(LONGEST_NAME).collect()
}

/// Returns the request with another value of a part, if the part can be changed.
pub(super) fn with_value(case: &Case<'_>, part: &Part, old: &str, new: &str) -> Option<Undone> {
    if part.place == Place::Body {
        let body = std::str::from_utf8(case.refused.body).ok()?;
        let [quoted, fresh] = [old, new].map(|text| format!("\"{text}\""));
        let is_once = body.matches(&quoted).count() == 1;
        return is_once.then(|| Undone::Body(body.replacen(&quoted, &fresh, 1).into_bytes()));
    }
    let headers = case.refused.headers.iter();
    let headers = headers.map(|(name, value)| {
        let is_it = name.eq_ignore_ascii_case(&part.name);
        let value = if is_it { new } else { value };
        (name.clone(), value.to_owned())
    });
    Some(Undone::Headers(headers.collect()))
}
