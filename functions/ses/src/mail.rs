//! The message that an event is about: `mail`.

use std::collections::BTreeMap;

use serde_json::Value;
use shared::element::Element;
use shared::mail_headers::MailHeaders;

/// What the names of SES's own tags begin with: `ses:configuration-set`, `ses:source-ip` …
const SES_TAGS: &str = "ses:";

/// The message. Each of its parts may be missing: a template that could not be rendered has no
/// headers.
pub(crate) struct Mail<'a> {
    object: Option<Element<'a>>,
    common: Option<Element<'a>>,
    headers: Option<MailHeaders<'a>>,
}

impl<'a> Mail<'a> {
    pub(crate) fn of(event: &Element<'a>) -> Self {
        let object = event.object("mail");
        let common = object
            .as_ref()
            .and_then(|mail| mail.object("commonHeaders"));
        let headers = object.as_ref().map(MailHeaders::of);
        Self {
            object,
            common,
            headers,
        }
    }

    /// What the API returned.
    pub(crate) fn id(&self) -> Option<String> {
        self.object.as_ref()?.id("messageId")
    }

    /// When it was sent.
    pub(crate) fn time(&self) -> Option<String> {
        self.object.as_ref()?.id("timestamp")
    }

    /// Everybody whom it was sent to.
    pub(crate) fn destination(&self) -> Vec<String> {
        let texts = self.object.as_ref().map(|mail| mail.texts("destination"));
        texts.unwrap_or_default()
    }

    pub(crate) fn subject(&self) -> Option<String> {
        let common = self.common.as_ref();
        common
            .and_then(|common| common.text("subject"))
            .or_else(|| self.header("subject").next())
    }

    /// The sender's own Message-ID, in place of which SES puts one made of its id. The common
    /// headers have one or the other.
    pub(crate) fn rfc_id(&self) -> Option<String> {
        let common = || self.common.as_ref()?.text("messageId");
        self.header("message-id")
            .next()
            .or_else(common)
            .filter(|id| Some(id) != self.id().as_ref())
    }

    /// The tags in the headers, as SES's own have no place for a tag without a name.
    pub(crate) fn header_tags(&self) -> Vec<String> {
        let tags = self.headers.as_ref().map(MailHeaders::tags);
        tags.unwrap_or_default()
    }

    /// The sender's tags, which are pairs of name and values, and so metadata here; and the
    /// metadata in a header.
    pub(crate) fn metadata(&self) -> BTreeMap<String, Value> {
        let header = self.headers.as_ref().map(MailHeaders::metadata);
        let mut metadata = header.unwrap_or_default();
        if let Some(tags) = self.object.as_ref().and_then(|mail| mail.object("tags")) {
            let own = tags.others(&[]).into_iter();
            let own = own.filter(|(name, _)| !name.starts_with(SES_TAGS));
            metadata.extend(own.map(|(name, value)| {
                let values = tags.texts(&name);
                let value = match &values[..] {
                    [] => value,
                    [only] => only.as_str().into(),
                    several => several.iter().map(String::as_str).collect(),
                };
                (name, value)
            }));
        }
        metadata
    }

    /// The values of the headers of this name.
    fn header(&self, name: &'static str) -> impl Iterator<Item = String> + use<'_, 'a> {
        let headers = self.headers.iter();
        headers.flat_map(move |headers| headers.get(name))
    }
}
