//! Puts an address on the suppression list, or takes it off: the operator's own word.
//!
//! The word is an event like a provider's. It goes into the queue as a delivery of the operator,
//! and the consumer writes it to the table, so that this function writes nothing there.
//!
//! What is in the queue is not in the table yet. So a word is said whether or not it seems to be
//! true already: a `DELETE` and a `PUT` right after it must end as the second one says.

use std::time::Duration;

use jiff::Timestamp;
use outlets::manage::{Lift, Refusal, Spoken, SpokenEvent, Suppress};
use runtime::outbox::Letter;
use shared::address::Mailbox;
use shared::auth;
use shared::delivery::Delivery;
use shared::event::{Channel, Reason};
use shared::operator::{self, Act, Said};
use shared::time::rfc3339_ms;
use table::keys::{SUPPRESSION, recipient_key, sort_key};
use table::suppression::standing;

use crate::answer::Answer;
use crate::done::{Done, Wrong};
use crate::event::Event;
use crate::parts::Parts;
use crate::read::query::Query;

/// Puts an address on the list, for the reason `manual`.
pub(crate) async fn put(
    parts: &Parts,
    address: &str,
    event: &Event,
    who: &str,
    at: Timestamp,
) -> Result<Done, Wrong> {
    let mailbox = mailbox(address)?;
    let asked = Suppress::read(&event.body()?)?;
    let word = Word {
        act: Act::Add,
        reasons: &[Reason::Manual],
        why: asked.why.expose(),
        by: speaker(event, who),
        at,
    };
    say(parts, &mailbox, &word).await
}

/// Takes an address off the list: for one reason, or for every reason that stands.
pub(crate) async fn lift(
    parts: &Parts,
    address: &str,
    event: &Event,
    who: &str,
    at: Timestamp,
) -> Result<Done, Wrong> {
    let mailbox = mailbox(address)?;
    let body = event.body()?;
    // Of a body and a query that say two things, one would be ignored.
    let in_query: &[&str] = if body.is_empty() { &Lift::FIELDS } else { &[] };
    Query::of(event, in_query)?;
    let asked = Lift::read(&body, |name| event.parameter(name))?;
    let reasons = match asked.reason {
        Some(reason) => vec![reason],
        None => standing_or_said(parts, &mailbox).await?,
    };
    if reasons.contains(&Reason::Complained) && !asked.even_complaint {
        return Err(Refusal::Complained.into());
    }
    let word = Word {
        act: Act::Lift,
        reasons: &reasons,
        why: asked.why.expose(),
        by: speaker(event, who),
        at,
    };
    say(parts, &mailbox, &word).await
}

/// What somebody says, and why.
struct Word<'a> {
    act: Act,
    reasons: &'a [Reason],
    why: &'a str,
    by: &'a str,
    at: Timestamp,
}

/// Reads the address of one mailbox, in any spelling.
fn mailbox(address: &str) -> Result<Mailbox, Refusal> {
    Mailbox::typed(address).map_err(|_| Refusal::Address)
}

/// Returns who says it: the ARN that the gateway has checked, as for a command, or the label of a
/// key.
fn speaker<'a>(event: &'a Event, who: &'a str) -> &'a str {
    event.iam().map_or(who, |iam| iam.arn)
}

/// Returns the reasons that stand, and `manual`: it may have been said a moment ago, and still be
/// in the queue.
async fn standing_or_said(parts: &Parts, mailbox: &Mailbox) -> Result<Vec<Reason>, Wrong> {
    let pk = recipient_key(Channel::Email, mailbox.key());
    let item = parts.events.item((pk, SUPPRESSION.to_owned())).await;
    let item = item.map_err(|error| Wrong::because(Refusal::Unavailable, error.code()))?;
    let mut reasons = item.as_ref().map(standing).unwrap_or_default();
    if !reasons.contains(&Reason::Manual) {
        reasons.push(Reason::Manual);
    }
    Ok(reasons)
}

/// Puts a word into the queue, and answers with the events that it will be.
async fn say(parts: &Parts, mailbox: &Mailbox, word: &Word<'_>) -> Result<Done, Wrong> {
    let said: Vec<Said> = word
        .reasons
        .iter()
        .map(|reason| word.of(mailbox, *reason))
        .collect();
    let mut events = Vec::new();
    for said in &said {
        let event = said.event(word.at).map_err(|_| Refusal::Address)?;
        events.push(SpokenEvent {
            reason: said.reason.name().to_owned(),
            event: sort_key(&event),
        });
    }
    // The caller has proved who they are, and every text of it was checked or made here.
    let words = operator::words(&said);
    let delivery = Delivery::seal(auth::operator(&words), operator::PROVIDER, word.at);
    let body = delivery.encode().map_err(|_| Refusal::TooLarge)?;
    let letter = Letter {
        group: delivery.fair_group(),
        body,
        delay: Duration::ZERO,
    };
    if parts.deliveries.send(&[letter]).await != [true] {
        return Err(Wrong::because(Refusal::Unavailable, "queue_unavailable"));
    }
    let spoken = Spoken {
        address: mailbox.key().into(),
        act: word.act.name().to_owned(),
        at: rfc3339_ms(word.at),
        events,
    };
    Ok(Done::said(Answer::accepted(&spoken), word.what()))
}

impl Word<'_> {
    fn of(&self, mailbox: &Mailbox, reason: Reason) -> Said {
        let mut said = Said::new(self.act, mailbox.key(), reason, Some(self.at));
        said.why = Some(self.why.to_owned());
        said.by = Some(self.by.to_owned());
        said
    }

    /// Returns the word for the log.
    fn what(&self) -> &'static str {
        match self.act {
            Act::Add | Act::Import => "suppressed",
            Act::Lift => "lifted",
        }
    }
}
