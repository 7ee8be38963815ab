//! Does what a request asks for.

use jiff::Timestamp;

use crate::done::{Done, Wrong};
use crate::event::Event;
use crate::parts::{Asked, Parts};
use crate::route::Ask;
use crate::{change, create, retry, rotate, show, trial, undelivered};

/// Does what somebody asks for who may.
pub(crate) async fn run(
    parts: &Parts,
    ask: Ask,
    event: &Event,
    who: &str,
    at: Timestamp,
) -> Result<Done, Wrong> {
    let asked = Asked {
        who,
        at,
        host: event.host(),
    };
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
            let after = event.parameter("after");
            undelivered::undelivered(parts, id, after, asked).await
        }
    }
}
