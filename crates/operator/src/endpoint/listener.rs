//! Listens on loopback, and tells what comes.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use shared::auth::OutboundSecret;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep};

use super::arrival::Arrival;
use super::manners::Manners;
use crate::print::now;

/// The longest body that is read, in bytes: far more than a notification has.
const BODY_BYTES: usize = 256 * 1024;
/// How long the headers of a request may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long nothing is accepted after the system has refused a connection.
const PAUSE: Duration = Duration::from_millis(50);

/// An endpoint on this machine. Dropping it stops it.
pub struct Listener {
    address: SocketAddr,
    arrivals: UnboundedReceiver<Arrival>,
    accepting: JoinHandle<()>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// What every connection knows.
struct Known {
    secrets: Vec<OutboundSecret>,
    manners: Manners,
    sender: UnboundedSender<Arrival>,
}

impl Listener {
    /// Starts an endpoint at a port of this machine; 0 stands for any free one. It checks
    /// signatures with these secrets.
    ///
    /// # Errors
    /// Returns an error if the port cannot be had.
    pub async fn start(
        port: u16,
        secrets: Vec<OutboundSecret>,
        manners: Manners,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let (sender, arrivals) = unbounded_channel();
        let known = Known {
            secrets,
            manners,
            sender,
        };
        let accepting = tokio::spawn(accept(listener, Arc::new(known)));
        Ok(Self {
            address,
            arrivals,
            accepting,
        })
    }

    /// Returns its URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Waits for the next notification.
    pub async fn next(&mut self) -> Option<Arrival> {
        self.arrivals.recv().await
    }
}

/// Serves connections until it is stopped, and they with it.
async fn accept(listener: TcpListener, known: Arc<Known>) {
    let up_at = Instant::now() + known.manners.down;
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            // Whoever comes while it is down finds the connection closed.
            Ok((stream, _)) if Instant::now() < up_at => drop(stream),
            Ok((stream, _)) => {
                connections.spawn(serve(stream, Arc::clone(&known)));
            }
            Err(_) => sleep(PAUSE).await,
        }
    }
}

async fn serve(stream: TcpStream, known: Arc<Known>) {
    let service = service_fn(move |request| {
        let known = Arc::clone(&known);
        async move { Ok::<_, Infallible>(answer(request, &known).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(stream), service);
    let _ = connection.await; // whoever went away has seen it
}

async fn answer(request: Request<Incoming>, known: &Known) -> Response<Full<Bytes>> {
    if request.method() != Method::POST {
        return response(StatusCode::METHOD_NOT_ALLOWED);
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, BODY_BYTES).collect().await else {
        return response(StatusCode::PAYLOAD_TOO_LARGE);
    };
    let body = body.to_bytes();
    let status = known.manners.status(chance());
    let arrival = Arrival::of(&parts.headers, &body, &known.secrets, status, now());
    // Nobody may be listening any more.
    let _ = known.sender.send(arrival);
    response(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
}

fn response(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}

/// Returns a random number from 0 to 1.
fn chance() -> f64 {
    let mut bytes = [0; 4];
    // Without random numbers, everything is answered as was asked for.
    let _ = getrandom::fill(&mut bytes);
    f64::from(u32::from_le_bytes(bytes)) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Http;
    use shared::auth::sign_outbound;

    async fn post(url: &str, secret: &OutboundSecret) -> Result<StatusCode, String> {
        let body = br#"{"type":"email.opened"}"#;
        let at = now().as_second();
        let signed = sign_outbound(std::slice::from_ref(secret), "evt_1", at, body);
        let request = Request::post(url)
            .header("webhook-id", "evt_1")
            .header("webhook-timestamp", at.to_string())
            .header("webhook-signature", signed.standard)
            .header("x-webhook-signature", signed.hex)
            .body(Full::new(Bytes::from_static(body)))
            .expect("a request");
        let http = Http::new(Duration::from_secs(5));
        http.send(request).await.map(|(status, _)| status)
    }

    #[tokio::test]
    async fn what_comes_is_told_and_answered_as_was_asked_for() {
        let secret = OutboundSecret::made([7; 32]);
        let manners = Manners {
            answer: 503,
            ..Manners::default()
        };
        let listener = Listener::start(0, vec![secret.clone()], manners).await;
        let mut listener = listener.expect("a port");
        let status = post(&listener.url(), &secret).await.expect("an answer");
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        let arrival = listener.next().await.expect("an arrival");
        assert_eq!(arrival.line(), "evt_1 email.opened v1 ok hex ok -> 503");
    }

    #[tokio::test]
    async fn while_it_is_down_nothing_is_answered() {
        let secret = OutboundSecret::made([7; 32]);
        let manners = Manners {
            down: Duration::from_hours(1),
            ..Manners::default()
        };
        let listener = Listener::start(0, vec![secret.clone()], manners).await;
        let listener = listener.expect("a port");
        post(&listener.url(), &secret).await.expect_err("no answer");
    }
}
