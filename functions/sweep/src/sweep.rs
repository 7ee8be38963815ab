//! Goes through all endpoints.

use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _};
use outlets::bus::BUS;
use outlets::endpoint::Endpoint;
use outlets::store::StoreError;
use runtime::clock::now;
use runtime::log::{self, Level};
use runtime::outlet_line::OutletLine;
use runtime::sealing::SealingKeys;
use tokio::time::{Instant, timeout_at};

use crate::line::{FUNCTION, Line, Swept};
use crate::outlet;
use crate::seals::renew;
use crate::state::Sweep;

/// How many endpoints are swept at once. Each may have thousands of parked items in memory.
const CONCURRENCY: usize = 4;

/// Sweeps the bus, if there is one, and every endpoint, by the `deadline`. One that cannot be swept
/// keeps no other from it.
///
/// # Errors
/// Returns a [`StoreError`] if the endpoints cannot be read.
pub async fn sweep(sweep: &Sweep, request_id: &str, deadline: Instant) -> Result<(), StoreError> {
    let endpoints = sweep.outlets.endpoints().await?;
    let keys = keys(&endpoints, sweep, request_id).await;
    stream::iter(sweep.bus.iter().chain(&endpoints))
        .for_each_concurrent(CONCURRENCY, |endpoint| {
            let keys = keys.as_deref();
            async move {
                sweep_one(endpoint, sweep, request_id, deadline).await;
                if endpoint.id != BUS {
                    seal_one(endpoint, keys, sweep, request_id, deadline).await;
                }
            }
        })
        .await;
    Ok(())
}

/// Returns the sealing keys. Without them everything is sent all the same.
async fn keys(endpoints: &[Endpoint], sweep: &Sweep, request_id: &str) -> Option<Arc<SealingKeys>> {
    if endpoints.is_empty() {
        return None;
    }
    match sweep.sealing.keys(now()).await {
        Ok(keys) => Some(keys),
        Err(error) => {
            let line = OutletLine::new(Level::Error, FUNCTION, "unsealed", request_id, now());
            log::line(&line.because(Some(error.code())));
            None
        }
    }
}

async fn sweep_one(endpoint: &Endpoint, sweep: &Sweep, request_id: &str, deadline: Instant) {
    let swept = Box::pin(outlet::sweep(endpoint, sweep, request_id, deadline));
    let swept = timeout_at(deadline, swept).await;
    let (swept, code) = match swept {
        Ok(Ok(swept)) => (swept, None),
        Ok(Err(error)) => (Swept::default(), Some(error.code())),
        Err(_) => (Swept::default(), Some(StoreError::Late.code())),
    };
    if code.is_some() || !swept.is_quiet() {
        log::line(&Line::swept(endpoint.id, swept, code, request_id, now()));
    }
}

async fn seal_one(
    endpoint: &Endpoint,
    keys: Option<&SealingKeys>,
    sweep: &Sweep,
    request_id: &str,
    deadline: Instant,
) {
    let renewing = renew(endpoint, keys, &sweep.outlets, now());
    let (outcome, code) = match timeout_at(deadline, renewing).await {
        Ok(Ok(sealed)) if sealed.code.is_some() => ("unsealed", sealed.code),
        Ok(Ok(sealed)) if sealed.is_changed => ("sealed_anew", None),
        Ok(Ok(_)) => return,
        Ok(Err(error)) => ("unsealed", Some(error.code())),
        Err(_) => ("unsealed", Some(StoreError::Late.code())),
    };
    let level = code.map_or(Level::Info, |_| Level::Error);
    let line = OutletLine::new(level, FUNCTION, outcome, request_id, now());
    log::line(&line.about(endpoint.id).because(code));
}
