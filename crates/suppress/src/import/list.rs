//! Whose list is imported, and which of the provider's lists it is.

use std::path::Path;

/// The provider whose export is read. Its webhooks need not be Postern's: the lists of a provider
/// that a team has left count as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exporter {
    /// Customer.io.
    Customerio,
    /// Mailgun.
    Mailgun,
    /// Postmark.
    Postmark,
    /// Resend.
    Resend,
    /// `SendGrid`.
    Sendgrid,
    /// Amazon SES.
    Ses,
}

impl Exporter {
    /// Every exporter, in the order of their names.
    pub const ALL: [Self; 6] = [
        Self::Customerio,
        Self::Mailgun,
        Self::Postmark,
        Self::Resend,
        Self::Sendgrid,
        Self::Ses,
    ];

    /// Returns the name, as it is typed and stored.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Customerio => "customerio",
            Self::Mailgun => "mailgun",
            Self::Postmark => "postmark",
            Self::Resend => "resend",
            Self::Sendgrid => "sendgrid",
            Self::Ses => "ses",
        }
    }

    /// Returns the name as the provider writes it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Customerio => "Customer.io",
            Self::Mailgun => "Mailgun",
            Self::Postmark => "Postmark",
            Self::Resend => "Resend",
            Self::Sendgrid => "SendGrid",
            Self::Ses => "Amazon SES",
        }
    }

    /// Finds the exporter with this name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let name = name.trim();
        let mut all = Self::ALL.into_iter();
        all.find(|exporter| exporter.name().eq_ignore_ascii_case(name))
    }
}

/// What a list is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum List {
    /// Addresses that bounced. Each row's words are judged.
    Bounces,
    /// Mails that were refused for the sender's or the message's sake. Nobody is suppressed.
    Blocks,
    /// Texts that are no address, or whose domain accepts no mail.
    Invalid,
    /// People who marked a message as spam.
    Complaints,
    /// People who want no more mail.
    Unsubscribes,
    /// People who want no more mail of one group, tag or topic. Nobody is suppressed.
    Topic,
    /// Addresses that somebody put there by hand.
    Manual,
}

impl List {
    /// Every list.
    pub const ALL: [Self; 7] = [
        Self::Bounces,
        Self::Blocks,
        Self::Invalid,
        Self::Complaints,
        Self::Unsubscribes,
        Self::Topic,
        Self::Manual,
    ];

    /// Returns the name, as it is typed and stored.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bounces => "bounces",
            Self::Blocks => "blocks",
            Self::Invalid => "invalid",
            Self::Complaints => "complaints",
            Self::Unsubscribes => "unsubscribes",
            Self::Topic => "topic",
            Self::Manual => "manual",
        }
    }

    /// Reads a list's name, in any of the providers' words.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase().replace('-', "_");
        Some(match name.as_str() {
            "bounces" | "bounce" | "bounced" => Self::Bounces,
            "blocks" | "block" | "blocked" => Self::Blocks,
            "invalid" | "invalid_emails" => Self::Invalid,
            "complaints" | "complaint" | "complained" | "spam" | "spam_reports" => Self::Complaints,
            "unsubscribes" | "unsubscribe" | "unsubscribed" => Self::Unsubscribes,
            "topic" | "group" | "groups" => Self::Topic,
            "manual" => Self::Manual,
            _ => return None,
        })
    }

    /// Reads from a file's name which list it is of: `suppression_bounces (1).csv`,
    /// `asm_groups_3893_suppressions.csv`, `mg.mail.test_unsubscribes.csv`. Returns `None` if the
    /// name says nothing, or more than one thing.
    #[must_use]
    pub fn of_file(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
        let said = |words: &[&str]| words.iter().any(|word| name.contains(word));
        // The export of a group names the group, and mostly the unsubscription, too.
        if said(&["asm_group", "group_unsub", "unsubscribe_group"]) {
            return Some(Self::Topic);
        }
        let lists = [
            (said(&["bounce"]), Self::Bounces),
            (said(&["block"]), Self::Blocks),
            (said(&["invalid"]), Self::Invalid),
            (said(&["spam", "complain"]), Self::Complaints),
            (said(&["unsub"]), Self::Unsubscribes),
        ];
        let mut lists = lists.into_iter().filter(|(is_said, _)| *is_said);
        let (_, first) = lists.next()?;
        lists.next().is_none().then_some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_known_by_the_name_that_its_provider_gave_the_file() {
        for (name, list) in [
            ("suppression_bounces.csv", Some(List::Bounces)),
            ("suppression_bounces (1).csv", Some(List::Bounces)),
            ("suppression_blocks.csv", Some(List::Blocks)),
            ("suppression_invalid_emails.csv", Some(List::Invalid)),
            ("suppression_spam_reports.csv", Some(List::Complaints)),
            ("suppression_unsubscribes.csv", Some(List::Unsubscribes)),
            ("asm_groups_3893_suppressions.csv", Some(List::Topic)),
            ("suppression_group_unsubscribes.csv", Some(List::Topic)),
            ("mg.mail.test_complaints.csv", Some(List::Complaints)),
            ("BOUNCES.CSV", Some(List::Bounces)),
            ("bounces_and_blocks.csv", None),
            ("export.csv", None),
        ] {
            let path = Path::new("/home/kim/bounces/").join(name);
            assert_eq!(List::of_file(&path), list, "{name}");
        }
    }

    #[test]
    fn a_list_is_typed_in_our_words_or_in_a_providers() {
        for list in List::ALL {
            assert_eq!(List::of_name(list.name()), Some(list));
        }
        assert_eq!(List::of_name(" spam-reports "), Some(List::Complaints));
        assert_eq!(List::of_name("unsubscribed"), Some(List::Unsubscribes));
        assert_eq!(List::of_name("hard"), None);
        for exporter in Exporter::ALL {
            assert_eq!(Exporter::of_name(exporter.name()), Some(exporter));
        }
    }
}
