//! The samples and the invented keys of `events/`. They are in the binary: see `build.rs`.

/// A body as a provider would send it, with invented people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// The name: `<provider>/<case>`, such as `sendgrid/bounce`.
    pub name: &'static str,
    /// The provider's name.
    pub provider: &'static str,
    /// The body.
    pub body: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/samples.rs"));

/// Returns every sample, by provider and case.
#[must_use]
pub fn all() -> &'static [Sample] {
    SAMPLES
}

/// Returns the samples of one provider.
pub fn of(provider: &str) -> impl Iterator<Item = &'static Sample> {
    SAMPLES.iter().filter(move |s| s.provider == provider)
}

/// Returns the sample of this name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Sample> {
    SAMPLES.iter().find(|sample| sample.name == name)
}

/// Returns the invented key that a provider signs its samples with.
#[must_use]
pub fn key(provider: &str) -> Option<&'static str> {
    let key = KEYS.iter().find(|(name, _)| *name == provider);
    key.map(|(_, key)| *key)
}

#[cfg(test)]
mod tests {
    use registry::{QUEUED, SENDERS};

    use super::*;

    #[test]
    fn every_provider_has_a_key_and_samples_that_are_bodies() {
        for provider in SENDERS {
            let name = provider.name();
            assert!(key(name).is_some_and(|key| !key.is_empty()), "{name}");
        }
        let providers = SENDERS.iter().chain(QUEUED).map(|provider| provider.name());
        assert!(providers.clone().all(|name| of(name).count() > 20));
        let counted: usize = providers.map(|name| of(name).count()).sum();
        assert_eq!(all().len(), counted);
        for sample in all() {
            assert_eq!(find(sample.name), Some(sample));
            assert!(sample.name.starts_with(sample.provider), "{}", sample.name);
            let is_no_body = ["expected", "request"]
                .iter()
                .any(|word| sample.name.ends_with(word));
            assert!(!is_no_body, "{}", sample.name);
        }
    }
}
