//! Does what a request asks for.

use jiff::Timestamp;

use crate::ask::Ask;
use crate::done::{Done, Wrong};
use crate::event::Event;
use crate::parts::{Asked, Parts};
use crate::read;
use crate::read::query::{Query, none};
use crate::{change, create, retry, rotate, show, suppression, trial, undelivered};

/// The query of a list of what waits.
const AFTER: [&str; 1] = ["after"];

/// Does what somebody asks for who may.
pub(crate) async fn run(
    parts: &Parts,
    ask: Ask<'_>,
    event: &Event,
    who: &str,
    at: Timestamp,
) -> Result<Done, Wrong> {
    let asked = Asked {
        who,
        at,
        host: event.host(),
    };
    if !ask.has_query() {
        none(event)?;
    }
    match ask {
        Ask::List => show::list(parts, asked).await,
        Ask::Show(id) => show::one(parts, id, asked).await,
        Ask::Create => create::create(parts, &event.body()?, asked).await,
        Ask::Change(id) => change::change(parts, id, &event.body()?, asked).await,
        Ask::Remove(id) => change::remove(parts, id).await,
        Ask::Test(id) => trial::test(parts, id, &event.body()?, asked).await,
        Ask::Rotate(id) => rotate::rotate(parts, id, &event.body()?, asked).await,
        Ask::Retry(id) => retry::retry(parts, id, &event.body()?, asked).await,
        Ask::Undelivered(id) => {
            Query::of(event, &AFTER)?;
            let after = event.parameter(AFTER[0]);
            undelivered::undelivered(parts, id, after, asked).await
        }
        Ask::MayMail(address) => read::may_mail::one(parts, address, event).await,
        Ask::Check => read::may_mail::many(parts, &event.body()?).await,
        Ask::Events(address) => read::timeline::recipient(parts, address, event, at).await,
        Ask::CustomerEvents(id) => read::timeline::customer(parts, id, event, at).await,
        Ask::Message(provider, id) => {
            read::message::message(parts, (provider, id), event, at).await
        }
        Ask::Problems(kind, day) => read::problems::problems(parts, (kind, day), event, at).await,
        Ask::Suppress(address) => suppression::put(parts, address, event, who, at).await,
        Ask::Lift(address) => suppression::lift(parts, address, event, who, at).await,
    }
}
