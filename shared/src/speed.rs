//! Finds opens, clicks and unsubscriptions that no person makes: too soon after the delivery, or
//! several links at once.
//!
//! Only events of one webhook are compared, so that an item stays a function of what the provider
//! sent: a redelivery of the webhook gives the same verdict. Across webhooks, a reader of the
//! timeline can apply the same rules.

use std::collections::{BTreeMap, BTreeSet};

use crate::event::{Event, Kind, OccurredAt};
use crate::machine::{Machine, Why};
use crate::malformed::Malformed;

/// Nobody opens or clicks this soon after the delivery, in milliseconds. Times in whole seconds can
/// be off by one.
const TOO_SOON_MS: i64 = 2_000;
/// Nobody clicks different links within this time, in milliseconds.
const AT_ONCE_MS: i64 = 1_000;

/// What is known about one message to one recipient.
#[derive(Default)]
struct Mail {
    delivered: Option<i64>,
    clicks: Vec<(i64, String)>,
}

/// Marks events that were too fast for a person, if no machine is known yet.
pub(crate) fn judge(results: &mut [Result<Event, Malformed>]) {
    let mails = mails(results);
    for event in results.iter_mut().flatten() {
        let Some(mail) = key(event).and_then(|key| mails.get(&key)) else {
            continue;
        };
        let time = event.occurred_at.time().as_millisecond();
        let is_too_soon = mail
            .delivered
            .is_some_and(|delivered| (0..TOO_SOON_MS).contains(&(time - delivered)));
        let too_fast = Machine::Suspected(Why::Speed);
        match &mut event.kind {
            Kind::Opened(machine @ Machine::None) if is_too_soon => *machine = too_fast,
            Kind::Unsubscribed {
                machine: machine @ Machine::None,
                ..
            } if is_too_soon => *machine = too_fast,
            Kind::Clicked {
                machine: machine @ Machine::None,
                ..
            } if is_too_soon || mail.has_several_links_at(time) => *machine = too_fast,
            _ => {}
        }
    }
}

type MailKey = (String, String);

fn key(event: &Event) -> Option<MailKey> {
    let has_a_time = matches!(event.occurred_at, OccurredAt::Event(_));
    let message = event.message_id.clone().filter(|_| has_a_time)?;
    let recipient = event.recipient.as_ref();
    let recipient = recipient.map(|address| address.key().unwrap_or(address.expose()))?;
    Some((message, recipient.to_owned()))
}

fn mails(results: &[Result<Event, Malformed>]) -> BTreeMap<MailKey, Mail> {
    let mut mails: BTreeMap<MailKey, Mail> = BTreeMap::new();
    // One event has nothing to be compared with. The usual webhook stops here.
    let results = if results.len() > 1 { results } else { &[] };
    for event in results.iter().flatten() {
        let Some(key) = key(event) else { continue };
        let time = event.occurred_at.time().as_millisecond();
        let mail = mails.entry(key).or_default();
        match &event.kind {
            Kind::Delivered => {
                mail.delivered = Some(mail.delivered.map_or(time, |first| first.min(time)));
            }
            Kind::Clicked { url: Some(url), .. } => mail.clicks.push((time, url.clone())),
            _ => {}
        }
    }
    for mail in mails.values_mut() {
        mail.clicks.sort();
    }
    mails
}

impl Mail {
    fn has_several_links_at(&self, time: i64) -> bool {
        // The clicks are sorted, so that in a mail with very many clicks each costs only its own
        // second.
        let start = self
            .clicks
            .partition_point(|(at, _)| *at <= time - AT_ONCE_MS);
        let near = self.clicks.iter().skip(start);
        let links: BTreeSet<&str> = near
            .take_while(|(at, _)| *at < time + AT_ONCE_MS)
            .map(|(_, url)| url.as_str())
            .take(LINKS_COMPARED)
            .collect();
        links.len() > 1
    }
}

/// How many clicks are compared: enough to find a second link among repetitions of the first. This
/// bounds the work for a hostile batch.
const LINKS_COMPARED: usize = 64;
