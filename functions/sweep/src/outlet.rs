//! Sends what is planned for one endpoint.

use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt as _};
use jiff::Timestamp;
use outlets::breaker::{Disabled, State, lease_until};
use outlets::endpoint::Endpoint;
use outlets::pace::MOST;
use outlets::parked::Parked;
use outlets::store::StoreError;
use runtime::clock;
use runtime::log::{self, Level};
use runtime::outbox::{self, Letter};
use runtime::outlet_line::OutletLine;
use std::time::Duration;
use tokio::time::Instant;

use crate::line::{FUNCTION, Swept};
use crate::plan::{Plan, Turn};
use crate::state::Sweep;

/// How many groups of messages are under way at once.
const CONCURRENCY: usize = 4;

/// Sweeps one endpoint. Nothing is begun after the `deadline`.
pub(crate) async fn sweep(
    endpoint: &Endpoint,
    sweep: &Sweep,
    request_id: &str,
    deadline: Instant,
) -> Result<Swept, StoreError> {
    let (id, most) = (endpoint.id, usize::try_from(MOST).unwrap_or(usize::MAX));
    let (state, parked) = tokio::try_join!(
        sweep.outlets.state(id),
        sweep.outlets.parked(id, None, most)
    )?;
    let now = clock::now();
    let plan = Plan::new(parked, endpoint.active, &state, now, &sweep.hour);
    let mut swept = plan.swept;
    let expired: Vec<_> = plan.expired.iter().map(Parked::held).collect();
    sweep.outlets.unpark(&expired, deadline).await;
    match plan.turn {
        Turn::Nothing => {}
        Turn::Disable => disable(id, sweep, request_id, now).await?,
        Turn::Drained => drain(id, &state, sweep).await?,
        Turn::Probe(parked) => {
            swept.probe = true;
            swept.sent = usize::from(probe(&parked, sweep, now).await?);
        }
        Turn::Send(due) => swept.sent = send(id, due, &state, sweep, deadline).await?,
    }
    Ok(swept)
}

/// Disables an endpoint, unless it has succeeded since.
async fn disable(
    id: u64,
    sweep: &Sweep,
    request_id: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let changed = sweep.outlets.change_state(id, |state| {
        if state.is_overdue(now, &sweep.hour) {
            state.disabled(Disabled::Failing)
        } else {
            state.clone()
        }
    });
    if let Some(outcome) = changed.await?.outcome() {
        let line = OutletLine::new(Level::Error, FUNCTION, outcome, request_id, now);
        log::line(&line.about(id).because(Some(Disabled::Failing.name())));
    }
    Ok(())
}

/// Ends the time after a return, unless there was another one since.
async fn drain(id: u64, read: &State, sweep: &Sweep) -> Result<(), StoreError> {
    let changed = sweep.outlets.change_state(id, |state| {
        if state.back_since == read.back_since {
            state.drained()
        } else {
            state.clone()
        }
    });
    changed.await.map(drop)
}

/// Sends a probe, unless another sweep does. The state decides that: it is changed first.
async fn probe(parked: &Parked, sweep: &Sweep, now: Timestamp) -> Result<bool, StoreError> {
    let changed = sweep.outlets.change_state(parked.outlet, |state| {
        let probing = state.probing(now, &sweep.hour);
        probing.unwrap_or_else(|| state.clone())
    });
    let changed = changed.await?;
    if changed.before == changed.after {
        return Ok(false);
    }
    // If its message is lost, the next probe is the next one's.
    let until = changed.after.next_probe().unwrap_or(now);
    if !sweep.outlets.lease_for_probe(parked, until).await? {
        return Ok(false);
    }
    let sent = sweep.outbox.send(&[letter(parked, true)]).await;
    Ok(sent == [true])
}

/// Sends what is due, as far as the endpoint's pace allows. Returns how many were sent.
async fn send(
    id: u64,
    mut due: Vec<Parked>,
    read: &State,
    sweep: &Sweep,
    deadline: Instant,
) -> Result<usize, StoreError> {
    if read.back_since.is_some() {
        let granted = grant(id, due.len(), sweep).await?;
        due.truncate(granted);
    }
    let groups = due.chunks(outbox::MOST);
    let sent = stream::iter(groups).map(|group| send_group(group, sweep, deadline));
    let sent: Vec<_> = sent.buffer_unordered(CONCURRENCY).collect().await;
    let mut count = 0;
    let mut failed = None;
    for sent in sent {
        match sent {
            Ok(sent) => count += sent,
            Err(error) => failed = Some(error),
        }
    }
    // What went out is told, even if something else failed.
    match failed {
        Some(error) if count == 0 => Err(error),
        _ => Ok(count),
    }
}

/// Takes from the endpoint's pace, before anything is sent: two sweeps share it, and one that is
/// stopped has used up its share. Returns how many may be sent.
async fn grant(id: u64, wanted: usize, sweep: &Sweep) -> Result<usize, StoreError> {
    let now = clock::now();
    let wanted = u64::try_from(wanted).unwrap_or(u64::MAX);
    let granted = |state: &State| {
        if state.is_open() || state.is_disabled() {
            return 0;
        }
        state.allowed(now, &sweep.hour).min(wanted)
    };
    let changing = sweep
        .outlets
        .change_state(id, |state| state.sending(granted(state)));
    let before = changing.await?.before;
    Ok(usize::try_from(granted(&before)).unwrap_or(0))
}

/// Leases some, and sends those that nobody else has leased. One that is not sent is sent when its
/// lease ends.
async fn send_group(
    group: &[Parked],
    sweep: &Sweep,
    deadline: Instant,
) -> Result<usize, StoreError> {
    if Instant::now() >= deadline {
        return Err(StoreError::Late);
    }
    let now = clock::now();
    let leasing = group.iter().map(|parked| {
        let until = lease_until(parked.leases, now, &sweep.hour);
        sweep.outlets.lease(parked, until, now)
    });
    let mut failed = None;
    let mut letters = Vec::new();
    for (parked, leased) in group.iter().zip(join_all(leasing).await) {
        match leased {
            Ok(true) => letters.push(letter(parked, false)),
            Ok(false) => {}
            Err(error) => failed = Some(error),
        }
    }
    if let Some(error) = failed.filter(|_| letters.is_empty()) {
        return Err(error);
    }
    if letters.is_empty() {
        return Ok(0);
    }
    let sent = sweep.outbox.send(&letters).await;
    Ok(sent.into_iter().filter(|sent| *sent).count())
}

fn letter(parked: &Parked, is_probe: bool) -> Letter {
    let message = parked.message(is_probe);
    Letter {
        group: message.group(),
        body: message.encode(),
        delay: Duration::ZERO,
    }
}
