//! Answers what happened to somebody.

use jiff::Timestamp;
use outlets::manage::Refusal;
use shared::event::Channel;
use table::asked;
use table::item::Item;
use table::pages::Wanted;
use table::read::text;
use table::recipient::{Of, Recipient};
use table::timeline::Place;

use super::page::Page;
use super::query::Query;
use crate::answer::Answer;
use crate::done::{Done, Wrong};
use crate::event::Event;
use crate::parts::Parts;

/// What may be asked for.
const PARAMETERS: [&str; 7] = ["channel", "kind", "from", "to", "limit", "cursor", "raw"];

/// Answers what happened to a recipient.
pub(crate) async fn recipient(
    parts: &Parts,
    address: &str,
    event: &Event,
    at: Timestamp,
) -> Result<Done, Wrong> {
    let query = Query::of(event, &PARAMETERS)?;
    let recipient = Recipient::parse(address).map_err(|_| Refusal::Address)?;
    answer(parts, &Of::Recipient(recipient), &query, at).await
}

/// Answers what happened to somebody who is known by the team's own id.
pub(crate) async fn customer(
    parts: &Parts,
    id: &str,
    event: &Event,
    at: Timestamp,
) -> Result<Done, Wrong> {
    let query = Query::of(event, &PARAMETERS)?;
    answer(parts, &Of::Customer(id.to_owned()), &query, at).await
}

async fn answer(parts: &Parts, of: &Of, query: &Query<'_>, at: Timestamp) -> Result<Done, Wrong> {
    let channel = query.channel()?;
    let kinds = query.list("kind", asked::kind)?;
    let is_one = |item: &Item| kinds.contains(&text(item, "kind"));
    let wanted = Wanted {
        span: query.span()?,
        most: query.limit()?,
        only: (!kinds.is_empty()).then_some(&is_one),
        now: at,
    };
    let with_raw = query.raw()?;
    let read = parts.events.events(&places(of, channel)?, &wanted).await?;
    Ok(Done::read(Answer::ok(&Page::of(&read, with_raw))))
}

/// Returns where the events of somebody are. Whose they are is the path's to say, and nothing else.
fn places(of: &Of, channel: Channel) -> Result<Vec<Place>, Refusal> {
    let keys = of.keys(channel).into_iter();
    let places: Vec<Place> = keys.map(|key| Place { index: None, key }).collect();
    if places.is_empty() {
        return Err(Refusal::Address);
    }
    Ok(places)
}
