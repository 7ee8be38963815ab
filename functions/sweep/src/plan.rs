//! Decides what one endpoint gets, from what is parked for it and what is known of it.

use jiff::Timestamp;
use outlets::breaker::State;
use outlets::bus::BUS;
use outlets::hour::Hour;
use outlets::pace::MOST;
use outlets::parked::Parked;

use crate::line::Swept;

/// Of how many of the oldest one is a probe, each in its turn. One bad event must not keep an
/// endpoint shut.
const OLDEST: usize = 10;

/// What an endpoint gets.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Nothing: it is inactive or disabled, or it is spared and no probe is due, or nothing is due.
    Nothing,
    /// It has failed for days, and is disabled.
    Disable,
    /// This one, as a probe.
    Probe(Box<Parked>),
    /// These, as far as its pace allows.
    Send(Vec<Parked>),
    /// Nothing, and all that was parked before its return has gone out.
    Drained,
}

/// What is parked for an endpoint, sorted out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    /// What it gets.
    pub(crate) turn: Turn,
    /// What is forgotten, because its time is over.
    pub(crate) expired: Vec<Parked>,
    /// The numbers for the log.
    pub(crate) swept: Swept,
}

impl Plan {
    /// Returns what an endpoint gets. `parked` is what is parked for it, the oldest first.
    pub(crate) fn new(
        parked: Vec<Parked>,
        is_active: bool,
        state: &State,
        now: Timestamp,
        hour: &Hour,
    ) -> Self {
        let (expired, parked): (Vec<_>, Vec<_>) =
            parked.into_iter().partition(|one| one.expires_at() <= now);
        let (lost, waiting): (Vec<_>, Vec<_>) =
            parked.into_iter().partition(Parked::is_undelivered);
        let ago = |time: Timestamp| now.duration_since(time).as_secs().max(0);
        let oldest = waiting.iter().map(|one| one.first_at).min();
        // An endpoint for which nothing waits has no chance to end its row of failures.
        let failing_since = state.failing_since;
        let failing_since = failing_since.filter(|_| !waiting.is_empty() || state.is_disabled());
        let swept = Swept {
            parked: waiting.len(),
            oldest_s: oldest.map(ago),
            undelivered: lost.len(),
            expired: expired.len(),
            open: state.is_open(),
            failing_s: failing_since.map(ago),
            ..Swept::default()
        };
        let turn = if is_active && !state.is_disabled() {
            turn(waiting, state, now, hour)
        } else {
            Turn::Nothing
        };
        Self {
            turn,
            expired,
            swept,
        }
    }
}

fn turn(waiting: Vec<Parked>, state: &State, now: Timestamp, hour: &Hour) -> Turn {
    // The bus is never given up.
    if state.is_overdue(now, hour) && waiting.iter().any(|one| one.outlet != BUS) {
        return Turn::Disable;
    }
    if state.is_open() {
        let probe = state.probing(now, hour).and_then(|_| probe(waiting, state));
        return probe.map_or(Turn::Nothing, |one| Turn::Probe(Box::new(one)));
    }
    let was_before = |one: &Parked| state.back_since.is_some_and(|back| one.since <= back);
    if state.back_since.is_some() && !waiting.iter().any(was_before) {
        // What was parked since is sent by the next sweep, when it is due.
        return Turn::Drained;
    }
    // What is on its way counts, so that an endpoint that is slow does not get more and more.
    let on_its_way = waiting.iter().filter(|one| one.is_leased(now)).count();
    let most = usize::try_from(MOST).unwrap_or(usize::MAX);
    let room = most.saturating_sub(on_its_way);
    let allowed = usize::try_from(state.allowed(now, hour)).unwrap_or(usize::MAX);
    let due = waiting.into_iter();
    let due = due.filter(|one| !one.is_leased(now) && (one.due <= now || was_before(one)));
    let due: Vec<Parked> = due.take(room.min(allowed)).collect();
    if due.is_empty() {
        Turn::Nothing
    } else {
        Turn::Send(due)
    }
}

/// Returns one of the oldest: the next one in turn.
fn probe(waiting: Vec<Parked>, state: &State) -> Option<Parked> {
    let oldest = waiting.len().min(OLDEST);
    let turn = usize::try_from(state.probes).unwrap_or(0);
    let place = turn.checked_rem(oldest)?;
    waiting.into_iter().nth(place)
}

#[cfg(test)]
mod tests;
