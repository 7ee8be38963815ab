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

/// The longest body of a handshake, in bytes. A longer one is not looked at before it is verified.
const HANDSHAKE_BYTES: usize = 1_024;

/// Checks whether a request is a handshake of its provider: a HEAD, if the provider sends one, or
/// what [`Provider::is_handshake`] says. It needs no key.
#[must_use]
pub fn is_handshake(provider: &dyn Provider, request: &Request, clock: Timestamp) -> bool {
    if request.is("HEAD") {
        return provider.validates_by_head();
    }
    let Ok(body) = request.bytes() else {
        return false;
    };
    let incoming = Incoming::new(&request.headers.0, &body, clock, None);
    body.len() <= HANDSHAKE_BYTES && request.is("POST") && provider.is_handshake(&incoming)
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
/// Returns a [`Rejection`]. The checks are in this order: method, body, signature headers,
/// signature, URL key, window.
pub fn admit(
    provider: &dyn Provider,
    secrets: &Secrets,
    window: Option<u64>,
    request: &Request,
    clock: Timestamp,
) -> Result<Admitted, Rejection> {
    if !request.is("POST") {
        return Err(Rejection::MethodNotAllowed);
    }
    let sent = request.bytes()?;
    let unpacked = packing::unpacked(&sent)?;
    let received_at = request.received_at().unwrap_or(clock);
    let seal = |body: &[u8], unpacked: Option<&[u8]>| {
        let incoming = Incoming::new(&request.headers.0, body, received_at, window)
            .with_query(&request.query.0);
        let mut authentic = provider.verify(&incoming, secrets)?;
        if let Some(unpacked) = unpacked {
            authentic = authentic.carrying(unpacked.to_vec());
        }
        let stage = authentic.stage;
        let delivery = Delivery::seal(authentic, provider.name(), received_at);
        Ok(Admitted { delivery, stage })
    };
    let Some(unpacked) = unpacked else {
        return seal(&sent, None);
    };
    // The body is unpacked from the very bytes that were verified, and from nothing else.
    match seal(&sent, Some(&unpacked)) {
        Err(rejection) if rejection.is_of_the_bytes() => seal(&unpacked, None),
        sealed => sealed,
    }
}
