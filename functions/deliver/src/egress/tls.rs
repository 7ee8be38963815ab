//! Speaks TLS 1.2 and 1.3, by rustls with ring. It trusts Mozilla's roots, which are compiled in.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{ClientConfig, Error, RootCertStore};

use super::failure::Failure;

/// Returns what makes TLS of a stream.
///
/// # Errors
/// Returns an error if the provider of cryptography does not know TLS 1.2 or 1.3.
pub(super) fn connector(roots: RootCertStore) -> Result<TlsConnector, Error> {
    let provider = Arc::new(ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13, &TLS12])?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
}

/// Makes TLS of a stream. The certificate must be the host's.
pub(super) async fn handshake<S>(
    connector: &TlsConnector,
    host: &str,
    stream: S,
) -> Result<TlsStream<S>, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let name = ServerName::try_from(host.to_owned()).map_err(|_| Failure::CertificateInvalid)?;
    let connected = connector.connect(name, stream).await;
    connected.map_err(|error| failure(&error))
}

fn failure(error: &io::Error) -> Failure {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    match inner {
        Some(Error::InvalidCertificate(_) | Error::NoCertificatesPresented) => {
            Failure::CertificateInvalid
        }
        _ => Failure::TlsHandshake,
    }
}
