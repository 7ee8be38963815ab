//! Connects to an address that was looked at.
//!
//! A name is resolved once, and the connection is made to those very addresses. Nothing is resolved
//! a second time, so there is nothing to rebind.

use std::net::SocketAddr;
use std::time::Duration;

use outlets::address::may_connect;
use outlets::target::{Place, Target};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use super::failure::Failure;
use super::resolve::Resolve;

/// The longest that resolving and connecting take together.
pub(super) const CONNECT: Duration = Duration::from_secs(3);
/// How many of a name's addresses are tried.
const TRIED: usize = 4;

/// Connects to the target. If any of its addresses may not be connected to, none is.
pub(super) async fn connect(
    resolver: &impl Resolve,
    target: &Target,
    place: &Place,
) -> Result<TcpStream, Failure> {
    let end = Instant::now() + CONNECT;
    let host = target.host().trim_matches(['[', ']']);
    let asked = resolver.resolve(host, target.port());
    let addresses = timeout_at(end, asked).await;
    let addresses = addresses.map_err(|_| Failure::DnsFailed)?;
    let addresses = addresses.map_err(|_| Failure::DnsFailed)?;
    if !addresses
        .iter()
        .all(|address| may_connect(address.ip(), place))
    {
        return Err(Failure::AddressNotPublic);
    }
    let mut failure = Failure::DnsFailed; // there is none
    let mut left = u32::try_from(addresses.len().min(TRIED)).unwrap_or(1);
    for address in addresses.into_iter().take(TRIED) {
        // One that does not answer leaves the others their share of the time.
        let now = Instant::now();
        let share = end.saturating_duration_since(now) / left.max(1);
        left = left.saturating_sub(1);
        match timeout_at(now + share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return checked(stream, address),
            Ok(Err(_)) => failure = Failure::ConnectFailed,
            Err(_) => failure = Failure::ConnectTimeout,
        }
    }
    Err(failure)
}

/// Checks that the connection leads where it was to lead.
fn checked(stream: TcpStream, address: SocketAddr) -> Result<TcpStream, Failure> {
    let peer = stream.peer_addr().map_err(|_| Failure::ConnectFailed)?;
    if peer.ip() != address.ip() || peer.port() != address.port() {
        return Err(Failure::AddressNotPublic);
    }
    let _ = stream.set_nodelay(true);
    Ok(stream)
}
