//! Decides about one request: the heart of every receiver, without any I/O.

use jiff::Timestamp;

use crate::delivery::Delivery;
use crate::incoming::Incoming;
use crate::packing;
use crate::provider::Provider;
use crate::rejection::Rejection;
use crate::request::Request;
use crate::secrets::{Secrets, Stage};

/// A request that was let in.
#[derive(Debug, PartialEq, Eq)]
pub struct Admitted {
    /// What goes into the queue.
    pub delivery: Delivery,
    /// Which version of the secret it was signed with.
    pub stage: Stage,
}

/// Decides about one request: a pure function of the event, the secrets and the operator's window
/// (see [`Incoming::new`]), so a recorded request can be tested. `clock` is only used where the
/// event has no time of its own.
///
/// A body that came compressed is let in by a signature over either form, and travels unpacked.
///
/// # Errors
/// A [`Rejection`], checked in this order: body, signature headers, signature, URL key, window.
pub fn admit(
    provider: &dyn Provider,
    secrets: &Secrets,
    window: Option<u64>,
    request: &Request,
    clock: Timestamp,
) -> Result<Admitted, Rejection> {
    let sent = request.bytes()?;
    let unpacked = packing::unpacked(&sent)?;
    let received_at = request.received_at().unwrap_or(clock);
    let seal = |body: &[u8]| {
        let incoming = Incoming::new(&request.headers.0, body, received_at, window)
            .with_query(&request.query.0);
        let authentic = provider.verify(&incoming, secrets)?;
        let stage = authentic.stage;
        let delivery = Delivery::seal(authentic, provider.name(), received_at);
        Ok(Admitted { delivery, stage })
    };
    let Some(unpacked) = unpacked else {
        return seal(&sent);
    };
    match seal(&sent) {
        // What is in the very bytes that were vouched for, and in nothing else.
        Ok(admitted) => Ok(Admitted {
            delivery: admitted.delivery.with_body(unpacked),
            ..admitted
        }),
        Err(rejection) if rejection.is_of_the_bytes() => seal(&unpacked),
        Err(rejection) => Err(rejection),
    }
}
