//! The one place of the house that calls foreign addresses. It makes one POST and reads the head of
//! the answer, never its body: that may quote a mail, and it is what a forged request would be
//! after.
//!
//! Four bars stand between an endpoint's URL and what is not public, each enough alone: the rules
//! of the URL ([`outlets::target`]), a certificate for that name, public addresses only, and no
//! redirects. The environment's proxies are not used.

mod bounded;
mod connect;
mod exchange;
mod failure;
mod resolve;
mod retry_after;
mod tls;

#[cfg(test)]
mod tests;

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, header};
use http_body_util::Full;
use jiff::Timestamp;
use outlets::target::{Place, Target};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::RootCertStore;

use self::bounded::Bounded;
pub(crate) use self::failure::Failure;
use self::resolve::{Resolve, System};
pub(crate) use self::retry_after::retry_after;

/// The longest that a whole attempt takes.
pub(crate) const ATTEMPT: Duration = Duration::from_secs(15);
/// After how many bytes nothing more is read in an attempt, those of TLS and of interim answers
/// included. With the last read they are 256 KiB at most.
const MOST_BYTES: usize = 192 * 1024;

/// What an endpoint answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// When the endpoint wants the next attempt.
    pub(crate) retry_after: Option<Timestamp>,
}

/// The way out. It holds no connection from one attempt to the next: a thawed socket is dead.
pub(crate) struct Egress<R = System> {
    place: Place,
    resolver: R,
    tls: TlsConnector,
}

impl Egress {
    /// Returns the way out from this place.
    ///
    /// # Errors
    /// Returns an error if the provider of cryptography does not know TLS 1.2 or 1.3.
    pub(crate) fn new(place: Place) -> Result<Self, tokio_rustls::rustls::Error> {
        let roots = webpki_roots::TLS_SERVER_ROOTS.iter().cloned();
        Self::with(place, System, roots.collect())
    }
}

impl<R: Resolve> Egress<R> {
    fn with(
        place: Place,
        resolver: R,
        roots: RootCertStore,
    ) -> Result<Self, tokio_rustls::rustls::Error> {
        let tls = tls::connector(roots)?;
        Ok(Self {
            place,
            resolver,
            tls,
        })
    }

    /// Returns where we are: it decides which URLs and addresses are allowed.
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Posts a body within this time, and returns what the endpoint answered.
    pub(crate) async fn post(
        &self,
        target: &Target,
        headers: HeaderMap,
        body: Vec<u8>,
        now: Timestamp,
        time: Duration,
    ) -> Result<Answer, Failure> {
        let request = request(target, headers, body).ok_or(Failure::RequestRefused)?;
        // One attempt of ten at once: its future is large, and its neighbours' are, too.
        let exchanged = Box::pin(self.exchanged(target, request));
        let answer = timeout(time, exchanged).await;
        let answer = answer.unwrap_or(Err(Failure::Timeout))?;
        Ok(Answer {
            status: answer.status().as_u16(),
            retry_after: retry_after(&answer, now),
        })
    }

    async fn exchanged(
        &self,
        target: &Target,
        request: Request<Full<Bytes>>,
    ) -> Result<http::Response<()>, Failure> {
        let stream = connect::connect(&self.resolver, target, &self.place).await?;
        let stream = Bounded::new(stream, MOST_BYTES);
        if target.is_tls() {
            let stream = tls::handshake(&self.tls, target.host(), stream).await?;
            exchange::exchange(stream, request).await
        } else {
            exchange::exchange(stream, request).await
        }
    }
}

/// Returns the request. Returns `None` if the host cannot stand in a header.
fn request(target: &Target, headers: HeaderMap, body: Vec<u8>) -> Option<Request<Full<Bytes>>> {
    let mut request = Request::new(Full::new(Bytes::from(body)));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = target.path_and_query().parse().ok()?;
    *request.headers_mut() = headers;
    let host = HeaderValue::from_str(&target.authority()).ok()?;
    request.headers_mut().insert(header::HOST, host);
    Some(request)
}
