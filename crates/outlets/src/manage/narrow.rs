//! What an endpoint is narrowed to: providers, and labels of keys.

use shared::providers;
use shared::secrets::is_label;

use super::field::{Fault, Field};
use super::refusal::Refusal;

/// The most providers, and the most labels.
const MOST: usize = 32;

/// Returns names of providers, if each is one. An endpoint that is narrowed to a name that is
/// mistyped would be told nothing, for ever.
pub(super) fn providers(names: Vec<String>) -> Result<Vec<String>, Refusal> {
    checked(Field::Providers, names, |name| {
        providers::known(name).is_some()
    })
}

/// Returns labels of keys, if each can be one.
pub(super) fn sources(labels: Vec<String>) -> Result<Vec<String>, Refusal> {
    checked(Field::Sources, labels, is_label)
}

fn checked(
    field: Field,
    texts: Vec<String>,
    is_fit: impl Fn(&str) -> bool,
) -> Result<Vec<String>, Refusal> {
    let is_new = |(index, text): (usize, &String)| !texts.iter().take(index).any(|one| one == text);
    let is_each_new = texts.iter().enumerate().all(is_new);
    if texts.len() > MOST || !is_each_new || !texts.iter().all(|text| is_fit(text)) {
        return Err(Refusal::Field(field, Fault::Unfit));
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn a_provider_is_one_that_there_is_and_there_once() {
        let good = texts(&["resend", "ses", "operator"]);
        assert_eq!(providers(good.clone()), Ok(good));
        for bad in [&["Resend"][..], &[""], &["ses", "sengrid"], &["ses", "ses"]] {
            let refused = providers(texts(bad)).unwrap_err();
            assert_eq!(refused.code(), "providers_unfit", "{bad:?}");
        }
    }

    #[test]
    fn a_source_is_the_label_of_a_key() {
        let good = texts(&["eu", "tenant-1"]);
        assert_eq!(sources(good.clone()), Ok(good));
        for bad in [&["EU"][..], &["?key"], &["password"], &["eu", "eu"]] {
            let refused = sources(texts(bad)).unwrap_err();
            assert_eq!(refused.code(), "sources_unfit", "{bad:?}");
        }
    }
}
