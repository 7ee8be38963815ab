//! What the operator says about one address: put on the list, or taken off it.

use jiff::Timestamp;
use serde::Serialize;
use shared::address::{AddressError, Mailbox};
use shared::event::{Channel, Reason};
use shared::operator::{self, Act};
use table::item::Item;
use table::keys::{SUPPRESSION, is_suppression, recipient_key};
use table::read::text;
use table::store::Store;
use table::suppression::standing;

use super::error::SuppressError;
use super::standing::{Registers, registers};
use super::write::Writer;
use crate::failure::Error;
use ::operator::events::Events;

/// Who speaks, and to which table.
pub struct Speaker<'a> {
    /// The table.
    pub events: &'a Events,
    /// For how many days the table keeps events; 0 is for ever.
    pub retention_days: u32,
    /// The caller's ARN, if there is one.
    pub by: Option<String>,
    /// Why, in the operator's words.
    pub why: Option<String>,
    /// When.
    pub now: Timestamp,
}

/// What became of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is done.
    Done,
    /// It was so already, and nothing was written.
    Already,
    /// It would be done.
    Planned,
    /// It is not known to be done. Say it again.
    NotWritten,
}

/// What the operator said about an address: the registers before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Said {
    /// The address in its canonical form.
    pub address: String,
    /// What became of it.
    pub state: State,
    /// What stood before.
    pub before: Registers,
    /// What stands now. In a dry run, what would stand.
    pub after: Registers,
}

/// What lifting an address would do.
#[derive(Clone, PartialEq, Eq)]
pub struct Lift {
    mailbox: Mailbox,
    /// What stands now.
    pub before: Registers,
    /// The lists, groups and topics that the person has opted out of. They stay: `list#resend#9`.
    pub narrower: Vec<String>,
}

/// Reads the addresses that a user types.
///
/// # Errors
/// Returns an error if a text is not the address of one mailbox.
fn mailbox(text: &str) -> Result<Mailbox, Error> {
    let typed = Mailbox::typed(text).map_err(|reason: AddressError| ::operator::Error::Address {
        text: text.to_owned(),
        reason,
    });
    Ok(typed?)
}

impl Speaker<'_> {
    /// Returns what writes the operator's words to the table.
    pub(crate) fn writer(&self) -> Writer {
        let (client, table) = (self.events.client().clone(), self.events.table().to_owned());
        Writer::new(Store::new(client, table, self.retention_days), self.now)
    }

    /// Puts addresses on the list, for the reason `manual`. An address that is there for this
    /// reason stays as it is. All are checked before the first is written.
    ///
    /// # Errors
    /// Returns an error if a text is not the address of one mailbox, and
    /// [`Error::Operator`] if the table cannot be read.
    pub async fn add(&self, addresses: &[String]) -> Result<Vec<Said>, Error> {
        let mailboxes: Vec<Mailbox> = addresses
            .iter()
            .map(|text| mailbox(text))
            .collect::<Result<_, _>>()?;
        let mut all = Vec::new();
        for mailbox in mailboxes {
            all.push(self.add_one(&mailbox).await?);
        }
        Ok(all)
    }

    async fn add_one(&self, mailbox: &Mailbox) -> Result<Said, Error> {
        let before = self.registers(mailbox).await?;
        if before.contains_key(Reason::Manual.name()) {
            return Ok(Said {
                address: mailbox.key().to_owned(),
                state: State::Already,
                after: before.clone(),
                before,
            });
        }
        let state = self.say(Act::Add, mailbox, &[Reason::Manual]).await?;
        self.said(mailbox, state, before).await
    }

    /// Finds out what lifting an address would do. It changes nothing.
    ///
    /// # Errors
    /// Returns an error if the text is not the address of one mailbox, and
    /// [`SuppressError::Complained`] if the person complained, and `even_complaint` is not set.
    pub async fn plan_lift(&self, address: &str, even_complaint: bool) -> Result<Lift, Error> {
        let mailbox = mailbox(address)?;
        let items = self.events.partition(pk(&mailbox)).await?;
        let item = items.iter().find(|item| text(item, "sk") == SUPPRESSION);
        let before = self.registers_of(item).await?;
        let complaint = before.get(Reason::Complained.name());
        if let Some(complaint) = complaint.filter(|_| !even_complaint) {
            return Err(Error::Suppress(SuppressError::Complained {
                address: mailbox.key().to_owned(),
                since: complaint.since.clone(),
            }));
        }
        let narrower = items.iter().filter_map(narrower);
        Ok(Lift {
            before,
            narrower: narrower.collect(),
            mailbox,
        })
    }

    /// Lifts every reason that stands.
    ///
    /// # Errors
    /// Returns [`Error::Operator`] if the table cannot be read.
    pub async fn lift(&self, lift: Lift) -> Result<Said, Error> {
        let Lift {
            mailbox, before, ..
        } = lift;
        let reasons = Reason::ALL.into_iter();
        let reasons: Vec<Reason> = reasons
            .filter(|reason| before.contains_key(reason.name()))
            .collect();
        let state = self.say(Act::Lift, &mailbox, &reasons).await?;
        let said = self.said(&mailbox, state, before).await?;
        // A word that is later than ours still stands: it is dated ahead of this machine's clock.
        let is_lifted = said.after.is_empty() || said.state == State::Already;
        Ok(Said {
            state: if is_lifted {
                said.state
            } else {
                State::NotWritten
            },
            ..said
        })
    }

    /// Says one thing to each register.
    async fn say(&self, act: Act, mailbox: &Mailbox, reasons: &[Reason]) -> Result<State, Error> {
        let mut events = Vec::new();
        for reason in reasons {
            let mut said = operator::Said::new(act, mailbox.key(), *reason, Some(self.now));
            said.why.clone_from(&self.why);
            said.by.clone_from(&self.by);
            let event = said
                .event(self.now)
                .map_err(|reason| ::operator::Error::Address {
                    text: mailbox.key().to_owned(),
                    reason,
                })?;
            events.push(event);
        }
        if events.is_empty() {
            return Ok(State::Already);
        }
        let failed = self.writer().write(events).await;
        Ok(if failed.is_empty() {
            State::Done
        } else {
            State::NotWritten
        })
    }

    async fn said(
        &self,
        mailbox: &Mailbox,
        state: State,
        before: Registers,
    ) -> Result<Said, Error> {
        Ok(Said {
            address: mailbox.key().to_owned(),
            state,
            before,
            after: self.registers(mailbox).await?,
        })
    }

    async fn registers(&self, mailbox: &Mailbox) -> Result<Registers, Error> {
        let key = (pk(mailbox), SUPPRESSION.to_owned());
        let item = self.events.item(key).await?;
        self.registers_of(item.as_ref()).await
    }

    async fn registers_of(&self, item: Option<&Item>) -> Result<Registers, Error> {
        let items: Vec<&Item> = item.into_iter().collect();
        let registers = registers(self.events, &items).await?.into_iter().next();
        Ok(registers.unwrap_or_default())
    }
}

impl Lift {
    /// Returns what would be done.
    #[must_use]
    pub fn planned(&self) -> Said {
        let state = if self.before.is_empty() {
            State::Already
        } else {
            State::Planned
        };
        Said {
            address: self.mailbox.key().to_owned(),
            state,
            before: self.before.clone(),
            after: Registers::new(),
        }
    }
}

fn pk(mailbox: &Mailbox) -> String {
    recipient_key(Channel::Email, mailbox.key())
}

/// Returns the name of a narrower suppression item, if something stands in it.
fn narrower(item: &Item) -> Option<String> {
    let sk = text(item, "sk");
    let is_narrow = is_suppression(sk) && sk != SUPPRESSION && !standing(item).is_empty();
    let name = sk.strip_prefix(SUPPRESSION)?.strip_prefix('#')?;
    is_narrow.then(|| name.to_owned())
}
