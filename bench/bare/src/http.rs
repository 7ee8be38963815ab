//! One HTTP/1.1 connection, plain or with TLS, that is kept open.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{HeaderMap, Request, Uri};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::environment::needed;
use crate::outcome::Outcome;

/// A connection.
pub(crate) struct Connection(SendRequest<Full<Bytes>>);

/// What came back with a status below 300.
pub(crate) struct Answer {
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Connection {
    /// Connects without TLS to `host:port`.
    pub(crate) async fn plain(authority: &str) -> Outcome<Self> {
        Self::over(connected(authority).await?).await
    }

    /// Connects with TLS to the endpoint of a service, under the roots in `SSL_CERT_FILE`.
    pub(crate) async fn tls(endpoint: &Uri) -> Outcome<Self> {
        let authority = endpoint.authority().ok_or("an endpoint without a host")?;
        let mut roots = RootCertStore::empty();
        for root in CertificateDer::pem_file_iter(needed("SSL_CERT_FILE")?)? {
            roots.add(root?)?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from(authority.host().to_owned())?;
        let stream = connected(authority.as_str()).await?;
        let connector = TlsConnector::from(Arc::new(config));
        Self::over(connector.connect(name, stream).await?).await
    }

    async fn over(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Outcome<Self> {
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self(sender))
    }

    /// Sends a request, and returns its whole answer.
    pub(crate) async fn send(&mut self, request: Request<Full<Bytes>>) -> Outcome<Answer> {
        self.0.ready().await?;
        let (head, body) = self.0.send_request(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        if head.status.as_u16() >= 300 {
            return Err(format!("{} {}", head.status, String::from_utf8_lossy(&body)).into());
        }
        let headers = head.headers;
        Ok(Answer { headers, body })
    }
}

async fn connected(authority: &str) -> Outcome<TcpStream> {
    let stream = TcpStream::connect(authority).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}
