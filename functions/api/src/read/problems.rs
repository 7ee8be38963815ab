//! Answers who bounced, complained or unsubscribed on a day, and what was rejected.

use jiff::Timestamp;
use table::asked::{self, Unclear};
use table::item::Item;
use table::pages::Wanted;
use table::read::{Index, text};
use table::shard::{SHARDS, problem_key};
use table::timeline::Place;

use super::page::Page;
use super::query::Query;
use crate::answer::Answer;
use crate::done::{Done, Wrong};
use crate::event::Event;
use crate::parts::Parts;

/// What may be asked for. The index does not have what the provider sent.
const PARAMETERS: [&str; 4] = ["provider", "class", "limit", "cursor"];
/// The kind that has classes.
const BOUNCED: &str = "bounced";

/// Answers with the problems of one kind and day.
pub(crate) async fn problems(
    parts: &Parts,
    (kind, day): (&str, &str),
    event: &Event,
    at: Timestamp,
) -> Result<Done, Wrong> {
    let kind = asked::problem(kind)?;
    let day = asked::day(day, at)?.to_string();
    let query = Query::of(event, &PARAMETERS)?;
    let providers = query.list("provider", asked::provider)?;
    let class = query.one("class", asked::class)?;
    if class.is_some() && kind != BOUNCED {
        return Err(Unclear::NoClass.into());
    }
    let is_one = |item: &Item| {
        let is_provider = providers.is_empty() || providers.contains(&text(item, "provider"));
        is_provider && class.is_none_or(|class| text(item, "bounce_class") == class)
    };
    let wanted = Wanted {
        span: query.span()?,
        most: query.limit()?,
        only: (class.is_some() || !providers.is_empty()).then_some(&is_one),
        now: at,
    };
    let places = SHARDS.map(|shard| Place {
        index: Some(Index::Problem),
        key: problem_key(kind, &day, shard),
    });
    let read = parts.events.events(&places, &wanted).await?;
    Ok(Done::read(Answer::ok(&Page::of(&read, false))))
}
