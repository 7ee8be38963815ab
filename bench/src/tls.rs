//! TLS on this machine: a certificate authority of our own, and two ways to serve under it.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::serve::Listener;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::server::TlsStream;

use crate::outcome::Outcome;

/// Makes an authority, writes its certificate to `authority` for the functions to trust, and
/// returns what serves `localhost` under it.
pub(crate) fn acceptor(authority: &Path) -> Outcome<TlsAcceptor> {
    let mut params = CertificateParams::new(Vec::<String>::new())?;
    // A name of its own: with the default one, OpenSSL takes the certificate below it for its own
    // issuer.
    let name = "Postern's benchmark";
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let leaf = CertificateParams::new(vec!["localhost".to_owned()])?.signed_by(&key, &issuer)?;
    std::fs::write(authority, issuer.pem())?;
    let key = PrivateKeyDer::try_from(key.serialize_der())?;
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Serves a router over TLS.
pub(crate) async fn serve(acceptor: TlsAcceptor, router: Router) -> Outcome<u16> {
    let tcp = TcpListener::bind("127.0.0.1:0").await?;
    let port = tcp.local_addr()?.port();
    let listener = TlsListener { tcp, acceptor };
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(port)
}

/// Serves what listens at `backend` over TLS, for a server that wants a plain listener.
pub(crate) async fn front(acceptor: TlsAcceptor, backend: SocketAddr) -> Outcome<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut client = acceptor.accept(without_delay(client)).await?;
                let mut server = without_delay(TcpStream::connect(backend).await?);
                copy_bidirectional(&mut client, &mut server).await
            });
        }
    });
    Ok(port)
}

struct TlsListener {
    tcp: TcpListener,
    acceptor: TlsAcceptor,
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let Ok((client, address)) = self.tcp.accept().await else {
                continue;
            };
            if let Ok(stream) = self.acceptor.accept(without_delay(client)).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.tcp.local_addr()
    }
}

/// Small answers must not wait for more to send: that would be measured as the function's time.
fn without_delay(stream: TcpStream) -> TcpStream {
    let _ = stream.set_nodelay(true); // slower without, but not wrong
    stream
}
