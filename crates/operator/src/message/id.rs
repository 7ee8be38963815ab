//! The id of a message, as a user types it.

use registry::PROVIDERS;
use shared::event::bare_message_id;
use table::message::keys_of;

use crate::asked::Asked;
use crate::meant::meant;

/// A message, as a user types its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageId {
    provider: Option<&'static str>,
    id: String,
}

impl MessageId {
    /// Reads an id as a provider writes it, or as the table does: `<provider>#<id>`. It may be in
    /// the angle brackets of a Message-ID.
    ///
    /// # Errors
    /// Returns [`Asked::Message`] if nothing is left.
    pub fn parse(text: &str) -> Result<Self, Asked> {
        let text = text.trim();
        let named = text.split_once('#').and_then(|(name, id)| {
            let provider = registry::provider(name)?;
            Some((Some(provider.name()), id))
        });
        let (provider, id) = named.unwrap_or((None, text));
        let id = bare_message_id(id).ok_or_else(|| Asked::Message(text.to_owned()))?;
        Ok(Self { provider, id })
    }

    /// Returns the keys that it may have in the index. Of one provider's, only the first that has
    /// something counts.
    pub(super) fn keys(&self) -> Vec<Vec<String>> {
        let providers = PROVIDERS.iter().map(|provider| provider.name());
        let providers = providers.filter(|name| self.provider.is_none_or(|one| one == *name));
        providers.map(|name| keys_of(name, &self.id)).collect()
    }

    /// Returns the text.
    #[must_use]
    pub fn text(&self) -> String {
        match self.provider {
            Some(provider) => format!("{provider}#{}", self.id),
            None => self.id.clone(),
        }
    }

    /// Returns what to say if there is no event of it.
    #[must_use]
    pub fn nothing(&self) -> String {
        let asked = match self.provider {
            Some(provider) => format!("of {provider}"),
            None => format!("of any of {} providers", PROVIDERS.len()),
        };
        let parts = self.id.split_once('#');
        let names = PROVIDERS.iter().map(|provider| provider.name());
        let meant = parts.and_then(|(name, id)| Some((meant(name, names)?, id)));
        let hint = match meant {
            Some((name, id)) => format!("did you mean {name}#{id}?"),
            None => "is it the id that the send API returned?".to_owned(),
        };
        format!("nothing is stored of a message {} {asked}: {hint}", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<Vec<String>> {
        MessageId::parse(text).expect("an id").keys()
    }

    #[test]
    fn an_id_is_asked_for_as_each_provider_may_name_it() {
        let wanted = ["mailgun#m1@mg.test", "mailgun#m1"].map(str::to_owned);
        for text in [
            "mailgun#m1@mg.test",
            " <m1@mg.test> ",
            "mailgun#<m1@mg.test>",
        ] {
            assert!(keys(text).contains(&wanted.to_vec()), "{text}");
        }
        // what a provider has made of its id
        assert_eq!(
            keys("ses#<a-000000@eu-west-1.amazonses.com>")[0][1],
            "ses#a-000000"
        );
        let made = keys("sendgrid#<a@geopod-ismtpd-1.sendgrid.net>");
        assert_eq!(made[0].last().map(String::as_str), Some("sendgrid#a"));
        assert_eq!(keys("a").len(), PROVIDERS.len());
        assert_eq!(keys("mailgun#a").len(), 1);
        // the longest first
        let long = ["sendgrid#a.filter-1.0", "sendgrid#a.filter-1", "sendgrid#a"];
        assert_eq!(keys("sendgrid#a.filter-1.0"), [long]);
        // an id with a sharp of its own
        assert!(keys("x#y").contains(&vec!["mailpanda#x#y".to_owned()]));
    }

    #[test]
    fn what_is_no_id_is_refused_and_what_finds_nothing_says_what_was_meant() {
        for text in ["", " ", "<>", "resend#", "resend# <> "] {
            let refused = MessageId::parse(text).expect_err(text);
            assert_eq!(refused.code(), "message_unreadable", "{text}");
        }
        let nothing = |text| MessageId::parse(text).expect("an id").nothing();
        assert_eq!(
            nothing("resned#A1"),
            "nothing is stored of a message resned#A1 of any of 15 providers: did you mean resend#A1?"
        );
        assert_eq!(
            nothing("resend#A1"),
            "nothing is stored of a message A1 of resend: is it the id that the send API returned?"
        );
    }
}
