//! Finds who a message went to, as its provider says, and which of them an event is about.
//!
//! If there is one address, that is the recipient. If there are several, it is the one that the
//! refusal's text names.
//!
//! Otherwise it is the first, and the event says that its recipient is ambiguous: it then changes
//! nobody's suppression.
//!
//! The event says so, too, if a refusal first names an address that is not a recipient's: that of a
//! copy (cc, bcc), or the one that the person forwards to.

use std::fmt;

use serde_json::Value;

use crate::address::{Address, MOST, Mailbox, mailboxes};
use crate::event::{Channel, Event, Refusal};

/// The most bytes of addresses that are listed in metadata. The item would cut a longer value, and
/// half a list is not one.
const LISTED_BYTES: usize = 1_500;

/// The distinct recipients of a message, in their order.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Recipients {
    /// The mailboxes, with the number of the text that each was found in.
    mailboxes: Vec<(usize, Mailbox)>,
    texts: Vec<String>,
    /// A recipient outside mail.
    other: Option<Address>,
    /// Whether there are more recipients than are looked at.
    is_cut: bool,
}

impl Recipients {
    /// Finds the mailboxes in the texts of a provider's field, or of its list.
    #[must_use]
    pub fn of(texts: impl IntoIterator<Item = String>) -> Self {
        let mut recipients = Self::default();
        for text in texts {
            if recipients.texts.len() == MOST {
                recipients.is_cut = true;
                break;
            }
            let found = mailboxes(&text);
            recipients.is_cut |= found.is_cut;
            for mailbox in found.mailboxes {
                recipients.add(mailbox);
            }
            recipients.texts.push(text);
        }
        recipients
    }

    /// Reads the recipient in a channel. Outside mail it is one text, as it stands.
    #[must_use]
    pub fn of_channel(channel: Channel, text: Option<String>) -> Self {
        if channel == Channel::Email {
            return Self::of(text);
        }
        Self {
            other: text.and_then(|text| Address::of_channel(channel, &text)),
            ..Self::default()
        }
    }

    fn add(&mut self, mailbox: Mailbox) {
        if self.mailboxes.iter().any(|(_, known)| *known == mailbox) {
            return;
        }
        if self.mailboxes.len() == MOST {
            self.is_cut = true;
        } else {
            self.mailboxes.push((self.texts.len(), mailbox));
        }
    }

    /// Checks whether there is no recipient, not even a text without an address.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.first().is_none()
    }

    /// Returns the first recipient. If there is no address, this is the first text.
    #[must_use]
    pub fn first(&self) -> Option<Address> {
        let other = self.other.clone();
        other
            .or_else(|| self.nth(0))
            .or_else(|| self.texts.iter().find_map(|text| Address::new(text)))
    }

    fn nth(&self, place: usize) -> Option<Address> {
        let (text, mailbox) = self.mailboxes.get(place)?;
        Address::of_mailbox(self.texts.get(*text)?, mailbox)
    }

    fn place_of(&self, mailbox: &Mailbox) -> Option<usize> {
        let own = |(_, own): &(usize, Mailbox)| own == mailbox;
        let like = |(_, own): &(usize, Mailbox)| own.is_like(mailbox);
        let place = self.mailboxes.iter().position(own);
        place.or_else(|| self.mailboxes.iter().position(like))
    }

    /// Finds whom an event is about, by the addresses that its refusal names.
    fn named(&self, refusal: Option<&Refusal>) -> Named {
        if self.mailboxes.is_empty() {
            // If `{{customer.email}}` was refused, it was not the customer.
            let is_refused = refusal.is_some() && !self.texts.is_empty();
            return if is_refused {
                Named::NoMailbox
            } else {
                Named::Nobody
            };
        }
        let named = refusal.map_or(&[][..], |refusal| &refusal.named);
        let mut places = named.iter().map(|mailbox| self.place_of(mailbox));
        match places.next() {
            None => Named::Nobody,
            // The verdict is about the first answer in the text, so later addresses change nothing.
            Some(None) => Named::Another,
            Some(Some(first)) if places.flatten().all(|place| place == first) => Named::One(first),
            Some(Some(_)) => Named::Several,
        }
    }
}

/// Shows only what a log may have: no address.
impl fmt::Debug for Recipients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recipients({} mailboxes)", self.mailboxes.len())
    }
}

/// Returns the canonical texts, as many as there is room for.
fn listed<'a>(mailboxes: impl Iterator<Item = &'a Mailbox>) -> Value {
    let mut bytes = 0;
    let keys = mailboxes.map(Mailbox::key).take_while(|key| {
        bytes += key.len() + 4;
        bytes <= LISTED_BYTES
    });
    keys.map(Value::from).collect()
}

/// Whom an event is about.
enum Named {
    /// Nobody is named.
    Nobody,
    /// The recipient at this place.
    One(usize),
    /// Several of the recipients.
    Several,
    /// The first address named is not a recipient's.
    Another,
    /// A text that is no address was refused.
    NoMailbox,
}

impl Event {
    /// Sets whose event it is, by its recipients and by the addresses that its refusal names. Set
    /// the kind before.
    #[must_use]
    pub fn to(mut self, recipients: &Recipients) -> Self {
        let refusal = self.kind.refusal();
        let is_several = recipients.mailboxes.len() > 1 || recipients.is_cut;
        let who = recipients.named(refusal);

        self.recipient_is_ambiguous = match who {
            Named::Another | Named::NoMailbox => true,
            Named::One(_) => recipients.is_cut,
            Named::Nobody | Named::Several => is_several,
        };
        self.recipient = match who {
            Named::One(place) if !recipients.is_cut => recipients.nth(place),
            _ => recipients.first(),
        };
        if let (Named::Another, Some(refusal)) = (&who, refusal) {
            let named = listed(refusal.named.iter());
            self.metadata.insert("named".to_owned(), named);
        }
        if recipients.mailboxes.len() > 1 {
            let all = recipients.mailboxes.iter().map(|(_, mailbox)| mailbox);
            self.metadata.insert("recipients".to_owned(), listed(all));
        }
        self
    }
}
