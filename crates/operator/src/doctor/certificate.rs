//! Asks a server for its certificate, and reads until when it is good.

use std::sync::Arc;
use std::time::Duration;

use der::asn1::{AnyRef, GeneralizedTime, UtcTime};
use der::{Decode, SliceReader, Tag, Tagged as _};
use jiff::Timestamp;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

use crate::error::root_cause;

/// How long the connection may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Returns the roots that browsers trust.
pub(super) fn public_roots() -> RootCertStore {
    webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect()
}

/// Connects to a server, and returns until when its certificate is good. Returns why there is no
/// good connection otherwise, as a text: the certificate is for another name, say, or over.
pub(super) async fn expiry(
    host: &str,
    port: u16,
    roots: RootCertStore,
) -> Result<Timestamp, String> {
    let connected = timeout(PATIENCE, connected(host, port, roots)).await;
    let der = connected.unwrap_or_else(|_| Err(format!("no answer in {PATIENCE:?}")))?;
    not_after(&der).ok_or_else(|| "its certificate cannot be read".to_owned())
}

/// Returns the server's own certificate, in DER.
async fn connected(host: &str, port: u16, roots: RootCertStore) -> Result<Vec<u8>, String> {
    let said = |error: &dyn std::error::Error| root_cause(error);
    let provider = Arc::new(crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| said(&error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).map_err(|error| said(&error))?;
    let tcp = TcpStream::connect((host, port)).await;
    let tcp = tcp.map_err(|error| said(&error))?;
    let tls = TlsConnector::from(Arc::new(config));
    let stream = tls.connect(name, tcp).await;
    let stream = stream.map_err(|error| error.to_string())?;
    let (_, session) = stream.get_ref();
    let certificates = session.peer_certificates().unwrap_or_default();
    let own = certificates.first().map(|own| own.as_ref().to_vec());
    own.ok_or_else(|| "it showed no certificate".to_owned())
}

/// Reads the end of a certificate's validity (RFC 5280, section 4.1).
fn not_after(certificate: &[u8]) -> Option<Timestamp> {
    let certificate = AnyRef::from_der(certificate).ok()?;
    let mut certificate = SliceReader::new(certificate.value()).ok()?;
    let signed = AnyRef::decode(&mut certificate).ok()?;
    let mut fields = SliceReader::new(signed.value()).ok()?;
    // A version stands before the serial number, and only where it is not the first.
    let first = AnyRef::decode(&mut fields).ok()?;
    if first.tag() != Tag::Integer {
        AnyRef::decode(&mut fields).ok()?;
    }
    let _algorithm = AnyRef::decode(&mut fields).ok()?;
    let _issuer = AnyRef::decode(&mut fields).ok()?;
    let validity = AnyRef::decode(&mut fields).ok()?;
    let mut validity = SliceReader::new(validity.value()).ok()?;
    let _not_before = AnyRef::decode(&mut validity).ok()?;
    let end = AnyRef::decode(&mut validity).ok()?;
    let since_epoch = match end.tag() {
        Tag::UtcTime => end.decode_as::<UtcTime>().ok()?.to_unix_duration(),
        _ => end.decode_as::<GeneralizedTime>().ok()?.to_unix_duration(),
    };
    Timestamp::from_second(i64::try_from(since_epoch.as_secs()).ok()?).ok()
}
