//! Decides about one request. This is the core of every receiver, without any I/O.

use jiff::Timestamp;

use crate::delivery::Delivery;
use crate::incoming::Incoming;
use crate::packing;
use crate::provider::Provider;
use crate::rejection::Rejection;
use crate::request::Request;
use crate::secrets::{Secrets, Stage};

/// A request that was accepted.
#[derive(Debug, PartialEq, Eq)]
pub struct Admitted {
    /// The delivery that goes into the queue.
    pub delivery: Delivery,
    /// The version of the secret that the request was signed with.
    pub stage: Stage,
}

/// Decides about one request. This is a pure function of the event, the secrets and the operator's
/// window (see [`Incoming::new`]), so a recorded request can be tested.
///
/// `clock` is only used if the event has no time of its own.
///
/// If a body came compressed, a signature over either form is accepted, and the body travels
/// unpacked.
///
/// # Errors
/// Returns a [`Rejection`]. The checks are in this order: body, signature headers, signature, URL
/// key, window.
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
        // The body is unpacked from the very bytes that were verified, and from nothing else.
        Ok(admitted) => Ok(Admitted {
            delivery: admitted.delivery.with_body(unpacked),
            ..admitted
        }),
        Err(rejection) if rejection.is_of_the_bytes() => seal(&unpacked),
        Err(rejection) => Err(rejection),
    }
}
