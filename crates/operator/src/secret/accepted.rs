//! What the versions of a secret let in, and what a put would shut out.

use shared::secrets::URL_KEY;

/// The keys of a secret with their labels, in their order.
pub(super) type Pairs = Vec<(Option<String>, String)>;

/// What lets a webhook in: a signing key, and the key that its URL must have.
type Entry<'a> = (&'a str, Option<&'a str>);

/// Returns the signing keys, without the URL key.
pub(super) fn signing(pairs: &Pairs) -> impl Iterator<Item = (Option<&str>, &str)> {
    let pairs = pairs
        .iter()
        .map(|(label, key)| (label.as_deref(), key.as_str()));
    pairs.filter(|(label, _)| *label != Some(URL_KEY))
}

/// Returns the URL key, if there is one.
pub(super) fn url_key(pairs: &Pairs) -> Option<&str> {
    let mut pairs = pairs.iter();
    let found = pairs.find(|(label, _)| label.as_deref() == Some(URL_KEY));
    found.map(|(_, key)| key.as_str())
}

/// Returns the labels of the signing keys.
pub(super) fn labels(pairs: &Pairs) -> Vec<String> {
    let labels = signing(pairs).filter_map(|(label, _)| label);
    labels.map(str::to_owned).collect()
}

/// Checks whether a version lets in something that none of the others does.
pub(super) fn lets_in_more(version: &Pairs, others: &[&Pairs]) -> bool {
    let others: Vec<Entry<'_>> = others.iter().copied().flat_map(entries).collect();
    entries(version).any(|(key, in_url)| {
        !others
            .iter()
            .any(|(other, needed)| *other == key && (needed.is_none() || *needed == in_url))
    })
}

/// Checks whether two versions hold the same, in whatever order.
pub(super) fn are_same(one: &Pairs, other: &Pairs) -> bool {
    one.len() == other.len() && one.iter().all(|pair| other.contains(pair))
}

fn entries(pairs: &Pairs) -> impl Iterator<Item = Entry<'_>> {
    let in_url = url_key(pairs);
    signing(pairs).map(move |(_, key)| (key, in_url))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Pairs {
        let label = |label: &str| (!label.is_empty()).then(|| label.to_owned());
        let pairs = pairs.iter();
        pairs
            .map(|(name, key)| (label(name), (*key).to_owned()))
            .collect()
    }

    #[test]
    fn a_url_key_lets_less_in_and_a_label_changes_nothing() {
        let bare = pairs(&[("", "one")]);
        let labelled = pairs(&[("eu", "one")]);
        let with_url_key = pairs(&[("eu", "one"), ("?key", "u")]);
        let other_url_key = pairs(&[("eu", "one"), ("?key", "v")]);
        let both = pairs(&[("eu", "two"), ("us", "one")]);
        assert!(!lets_in_more(&bare, &[&labelled]));
        assert!(!lets_in_more(&bare, &[&both]));
        assert!(!lets_in_more(&with_url_key, &[&bare]));
        assert!(!lets_in_more(&with_url_key, &[&other_url_key, &bare]));
        assert!(lets_in_more(&bare, &[&with_url_key]));
        assert!(lets_in_more(&with_url_key, &[&other_url_key]));
        assert!(lets_in_more(&both, &[&bare]));
        assert!(lets_in_more(&bare, &[]));
    }

    #[test]
    fn the_order_of_labels_is_none() {
        let one = pairs(&[("eu", "one"), ("us", "two")]);
        assert!(are_same(&one, &pairs(&[("us", "two"), ("eu", "one")])));
        assert!(!are_same(&one, &pairs(&[("us", "one"), ("eu", "two")])));
        assert!(!are_same(&one, &pairs(&[("eu", "one")])));
    }
}
