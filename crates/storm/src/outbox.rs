//! Waits after the storm until the sinks have been told, and reads what is held for the dead one.

use std::time::Duration;

use operator::Target;
use shared::event::Reason;
use table::item::Item;
use table::read::{Reader, text};
use tokio::time::{Instant, sleep};

use crate::drain::count;
use crate::error::Error;
use crate::sinks::{BUS, Sinks, Subscribed, silence};
use crate::told::Held;
use crate::wanted::Wanted;

/// How long nothing may move before the storm gives up. The longest step between two attempts, a
/// day and a fifth, lasts 144 s in a storm.
const PATIENCE: Duration = Duration::from_mins(3);
const LOOK: Duration = Duration::from_millis(500);
/// How many looks in a row must find the queue empty.
const LOOKS: usize = 3;

/// What is still to be told, to those that can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Left {
    missing: usize,
    parked: usize,
    queued: usize,
}

/// What is asked about the way out.
struct Outbox<'a> {
    target: &'a Target,
    queue: &'a str,
    table: Reader,
    /// The endpoints that accept something, and those that do not.
    served: Vec<u64>,
    dead: Vec<u64>,
}

impl<'a> Outbox<'a> {
    fn of(target: &'a Target, sinks: &Sinks, subscribed: &Subscribed) -> Result<Self, Error> {
        let parts = target.outlets().ok_or(Error::NoOutlets)?;
        let ids = |is_served: bool| {
            let sinks = sinks.0.iter();
            let sinks = sinks.filter(|sink| sink.is_served() == is_served);
            sinks
                .filter_map(|sink| subscribed.get(sink.name).copied())
                .collect()
        };
        let mut served: Vec<u64> = ids(true);
        served.push(outlets::bus::BUS);
        Ok(Self {
            target,
            queue: &parts.outbox_queue_url,
            table: Reader::new(target.events().client().clone(), parts.table.clone()),
            served,
            dead: ids(false),
        })
    }
}

/// Waits until the sinks that accept something have been told what they want.
///
/// If nothing moves any more, the wait is over. The check finds what is missing.
///
/// # Errors
/// Returns an [`Error`] if the stack cannot be asked.
pub(crate) async fn until_told(
    target: &Target,
    sinks: &Sinks,
    subscribed: &Subscribed,
    wanted: &Wanted,
) -> Result<(), Error> {
    let outbox = Outbox::of(target, sinks, subscribed)?;
    let served: Vec<_> = sinks.0.iter().filter(|sink| sink.is_served()).collect();
    until_nothing_moves(async || {
        let missing = served.iter();
        let missing = missing.map(|sink| wanted.missing(sink.name, &sink.kept()).count());
        let of_the_bus = wanted.missing(BUS, &sinks.1.kept()).count();
        let missing = missing.sum::<usize>() + of_the_bus;
        Ok(Left {
            missing,
            // The table is read whole. Only at the end does that say something.
            parked: match missing {
                0 => parked(&outbox.table, &outbox.served).await?.len(),
                _ => 0,
            },
            queued: 0,
        })
    })
    .await
}

/// Pauses the dead sink, waits until nothing is on its way any more, and returns what waits for the
/// dead sink.
///
/// # Errors
/// Returns an [`Error`] if the stack cannot be asked.
pub(crate) async fn held(
    target: &Target,
    sinks: &Sinks,
    subscribed: &Subscribed,
) -> Result<Held, Error> {
    let outbox = Outbox::of(target, sinks, subscribed)?;
    for id in &outbox.dead {
        silence(target, *id).await?;
    }
    until_nothing_moves(async || {
        Ok(Left {
            missing: 0,
            parked: parked(&outbox.table, &outbox.served).await?.len(),
            queued: count(outbox.target, outbox.queue).await?,
        })
    })
    .await?;
    Ok(of_items(&parked(&outbox.table, &outbox.dead).await?))
}

/// Looks until nothing is left several times in a row, or until what is left stays the same for too
/// long.
async fn until_nothing_moves(look: impl AsyncFn() -> Result<Left, Error>) -> Result<(), Error> {
    let mut last = None;
    let mut moved = Instant::now();
    let mut empty = 0;
    while empty < LOOKS && moved.elapsed() < PATIENCE {
        let left = look().await?;
        let is_empty = left.missing + left.queued == 0 && left.parked == 0;
        empty = if is_empty { empty + 1 } else { 0 };
        if last.replace(left) != Some(left) {
            moved = Instant::now();
        }
        sleep(LOOK).await;
    }
    Ok(())
}

/// Reads what waits in the table for these endpoints.
async fn parked(table: &Reader, endpoints: &[u64]) -> Result<Vec<Item>, Error> {
    let mut items = table.scan().await.map_err(Error::Outlets)?;
    items.retain(|item| {
        let mut pk = text(item, "pk").split('#');
        let is_parked = pk.next() == Some("parked");
        let endpoint = pk.next().and_then(|id| id.parse().ok());
        is_parked && endpoint.is_some_and(|id| endpoints.contains(&id))
    });
    Ok(items)
}

/// Returns what the parked items are about.
fn of_items(items: &[Item]) -> Held {
    let mut held = Held::default();
    for item in items {
        let named = text(item, "reason");
        let reason = Reason::ALL
            .into_iter()
            .find(|reason| reason.name() == named);
        if let Some(reason) = reason {
            let pk = text(item, "event_pk").to_owned();
            held.registers.insert((pk, reason));
        } else {
            let sk = text(item, "sk");
            let id = sk.rsplit_once('#').map_or(sk, |(_, id)| id);
            held.ids.insert(id.to_owned());
        }
    }
    held
}
