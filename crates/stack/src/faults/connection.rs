//! A listener whose connections can be reset from within a request. To a client this looks like a
//! host that died.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// The connection that a request came in on.
#[derive(Clone, Default)]
pub(super) struct Connection {
    is_reset: Arc<AtomicBool>,
}

impl Connection {
    /// Makes the connection end with a TCP reset as soon as anything is written to it.
    pub(super) fn reset(&self) {
        self.is_reset.store(true, Ordering::Release);
    }

    fn is_reset(&self) -> bool {
        self.is_reset.load(Ordering::Acquire)
    }
}

/// Accepts connections that can be reset.
pub(super) struct Resettable(pub(super) TcpListener);

/// A TCP stream, with the connection that can reset it.
pub(super) struct Stream {
    tcp: TcpStream,
    connection: Connection,
}

impl Listener for Resettable {
    type Io = Stream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Stream, SocketAddr) {
        let (tcp, address) = Listener::accept(&mut self.0).await;
        let connection = Connection::default();
        (Stream { tcp, connection }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, Resettable>> for Connection {
    fn connect_info(stream: IncomingStream<'_, Resettable>) -> Self {
        stream.io().connection.clone()
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if self.connection.is_reset() {
            // If a socket is closed without lingering, it sends a reset instead of an orderly end.
            let _ = self.tcp.set_zero_linger();
        }
    }
}

impl Stream {
    fn tcp(self: Pin<&mut Self>) -> Pin<&mut TcpStream> {
        Pin::new(&mut self.get_mut().tcp)
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.tcp().poll_read(context, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.connection.is_reset() {
            return Poll::Ready(Err(ErrorKind::ConnectionReset.into()));
        }
        self.tcp().poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.tcp().poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.connection.is_reset() {
            return Poll::Ready(Err(ErrorKind::ConnectionReset.into()));
        }
        self.tcp().poll_shutdown(context)
    }
}
