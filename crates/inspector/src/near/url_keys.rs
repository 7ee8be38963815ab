//! What goes wrong with the key in the URL, where the signature is right.

use percent_encoding::percent_decode_str;

use super::case::Case;
use super::headers::shown;
use super::held::Versions;
use super::miss::NearMiss;
use super::slip::{Slip, Undone};

/// The parameter that has the key.
const KEY: &str = "key";
/// The most parameters that are looked at.
const MOST_PARAMETERS: usize = 16;

/// Returns the slips in how the key stands in the URL.
pub(super) fn slips<'a>(case: &'a Case<'a>) -> impl Iterator<Item = Slip> + 'a {
    let parameters = case.refused.query.iter().take(MOST_PARAMETERS);
    parameters.flat_map(|(name, value)| {
        let spellings = [
            value.clone(),
            value.trim_matches(is_around).to_owned(),
            percent_decode_str(value).decode_utf8_lossy().into_owned(),
            value.split(',').next().unwrap_or_default().to_owned(),
            value
                .split(['?', '&', '#'])
                .next()
                .unwrap_or_default()
                .to_owned(),
        ];
        spellings
            .into_iter()
            .enumerate()
            .filter_map(move |(place, key)| {
                let is_key = name == KEY;
                if is_key && key == *value {
                    return None;
                }
                let text = match (is_key, place) {
                    (false, _) => format!(
                        "It would match with the parameter {} of the URL under the name key.",
                        shown(name)
                    ),
                    (true, 3) => "It would match with ?key= once in the URL.".to_owned(),
                    (true, _) => {
                        "It would match without what stands around the key in the URL.".to_owned()
                    }
                };
                Some(Slip::new(
                    "url_key_place",
                    text,
                    Undone::Query(vec![(KEY.to_owned(), key)]),
                ))
            })
    })
}

/// Says what of the key in the URL is missing.
pub(super) fn missing(case: &Case<'_>) -> Option<NearMiss> {
    let shown_key = case.refused.query.iter().find(|(name, _)| name == KEY);
    let said = |text: String| {
        Some(NearMiss {
            slip: "url_key_missing",
            text,
            command: None,
        })
    };
    let Some((_, shown_key)) = shown_key else {
        return said(
            "It would match with ?key= in the URL: put the URL with its key at the provider again."
                .to_owned(),
        );
    };
    let own = case.signing_keys().find(|key| key.text == *shown_key);
    if own.is_some() {
        return said("The URL has the signing key as its key: it has one of its own.".to_owned());
    }
    let others = case.held.iter().filter(|(name, _)| *name != case.name());
    let of_other = |versions: &Versions| versions.keys().iter().any(|key| key.text == *shown_key);
    let (name, _) = others.into_iter().find(|(_, held)| of_other(held))?;
    said(format!(
        "The URL has a key of {name}: take the URL of {}.",
        case.name()
    ))
}

fn is_around(c: char) -> bool {
    c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '<' | '>' | '.' | ';')
}
