//! What an endpoint is narrowed to: providers, and labels of keys.

use shared::secrets::is_label;

use super::field::{Fault, Field};
use super::refusal::Refusal;

/// The most providers, and the most labels.
const MOST: usize = 32;
/// The longest name of a provider.
const NAME_BYTES: usize = 32;

/// Returns names of providers, if each can be one.
pub(super) fn providers(names: Vec<String>) -> Result<Vec<String>, Refusal> {
    // Which providers there are is not known here: another version may have more.
    let is_fit = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9');
    let is_name = |name: &str| (1..=NAME_BYTES).contains(&name.len()) && name.bytes().all(is_fit);
    checked(Field::Providers, names, is_name)
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
    fn a_provider_is_letters_and_digits_and_there_once() {
        let good = texts(&["resend", "ses", "operator", "x1"]);
        assert_eq!(providers(good.clone()), Ok(good));
        for bad in [&["Resend"][..], &[""], &["a b"], &["ses", "ses"], &["a-b"]] {
            let refused = providers(texts(bad)).unwrap_err();
            assert_eq!(refused.code(), "providers_unfit", "{bad:?}");
        }
        let many: Vec<String> = (0..33).map(|n| format!("p{n}")).collect();
        assert_eq!(providers(many).unwrap_err().code(), "providers_unfit");
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
