//! Resolves names.

use std::io;
use std::net::SocketAddr;

use tokio::net::lookup_host;

/// What knows the addresses of a name.
pub(crate) trait Resolve {
    /// Returns the addresses of a host.
    fn resolve(
        &self,
        host: &str,
        port: u16,
    ) -> impl Future<Output = io::Result<Vec<SocketAddr>>> + Send;
}

/// The system's resolver.
pub(crate) struct System;

impl Resolve for System {
    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok(lookup_host((host, port)).await?.collect())
    }
}
