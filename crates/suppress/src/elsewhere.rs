//! Whose own list may still have an address that was lifted here.

use super::import::Exporter;

/// Where a provider's own list is.
const PLACES: &[(&str, &str)] = &[
    ("brevo", "its API, /v3/smtp/blockedContacts"),
    ("customerio", "its API, /v1/esp/suppression"),
    ("mailersend", "Suppressions, in its dashboard"),
    ("mailgun", "Send > Suppressions, in its dashboard"),
    ("mailjet", "the exclusion list, in its dashboard"),
    ("mailtrap", "Suppressions, in its dashboard"),
    ("mandrill", "Rejection denylist, in its dashboard"),
    ("postmark", "Suppressions, in the message stream"),
    ("resend", "Suppressions, in its dashboard"),
    ("sendgrid", "Suppressions, in its dashboard"),
    ("ses", "aws sesv2 delete-suppressed-destination"),
    ("sparkpost", "its API, /api/v1/suppression-list"),
];

/// Tells that a provider's own list may still have the address, and where that list is. Returns
/// `None` for the operator, who has no other list.
#[must_use]
pub fn elsewhere(provider: &str) -> Option<String> {
    if provider == shared::operator::PROVIDER || provider.is_empty() {
        return None;
    }
    let exporter = Exporter::of_name(provider);
    let title = exporter.map_or(provider, |exporter| exporter.title());
    let place = PLACES.iter().find(|(name, _)| *name == provider);
    let place = place.map_or_else(String::new, |(_, place)| format!(": {place}"));
    Some(format!("{title}'s own list may still have it{place}"))
}

#[cfg(test)]
mod tests {
    use super::elsewhere;

    #[test]
    fn a_provider_is_named_with_its_list() {
        for (provider, told) in [
            (
                "resend",
                Some("Resend's own list may still have it: Suppressions, in its dashboard"),
            ),
            ("insider", Some("insider's own list may still have it")),
            ("operator", None),
            ("", None),
        ] {
            assert_eq!(elsewhere(provider).as_deref(), told, "{provider}");
        }
    }
}
