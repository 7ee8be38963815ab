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

use operator::cause::root_cause;

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

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::rustls::ServerConfig;
    use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

    use super::*;

    /// A certificate for `localhost` that is good until a day, its key, and its authority.
    fn certificate(year: i32) -> (CertificateDer<'static>, KeyPair, RootCertStore) {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, "ours");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let mut roots = RootCertStore::empty();
        roots.add(issuer.der().clone()).unwrap();
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.not_after = rcgen::date_time_ymd(year, 2, 11);
        let own = params.signed_by(&key, &issuer).unwrap();
        (own.der().clone(), key, roots)
    }

    async fn serve(certificate: CertificateDer<'static>, key: &KeyPair) -> SocketAddr {
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let _ = acceptor.accept(stream).await;
            }
        });
        address
    }

    #[tokio::test]
    async fn a_server_shows_until_when_its_certificate_is_good() {
        for (year, wanted) in [
            (2049, "2049-02-11T00:00:00Z"), // the last year of UTCTime
            (2061, "2061-02-11T00:00:00Z"), // GeneralizedTime
        ] {
            let (own, key, roots) = certificate(year);
            let address = serve(own, &key).await;
            let expiry = expiry("localhost", address.port(), roots).await;
            assert_eq!(expiry, Ok(wanted.parse().unwrap()), "{year}");
        }
    }

    #[tokio::test]
    async fn a_certificate_that_is_over_or_of_somebody_else_is_said() {
        let (own, key, roots) = certificate(2020);
        let address = serve(own, &key).await;
        let over = expiry("localhost", address.port(), roots)
            .await
            .unwrap_err();
        assert!(
            over.starts_with("invalid peer certificate: certificate expired"),
            "{over}"
        );
        let (own, key, _) = certificate(2049);
        let address = serve(own, &key).await;
        let others = expiry("localhost", address.port(), public_roots()).await;
        assert_eq!(
            others,
            Err("invalid peer certificate: UnknownIssuer".to_owned())
        );
        let closed = expiry("localhost", 1, public_roots()).await;
        assert_eq!(closed, Err("Connection refused (os error 111)".to_owned()));
    }

    /// Whatever a server shows, reading it ends.
    #[test]
    fn what_is_no_certificate_has_no_end() {
        let (own, ..) = certificate(2049);
        assert!(not_after(&own).is_some());
        for length in 0..own.len() {
            assert_eq!(not_after(&own[..length]), None, "{length}");
        }
        let mut mangled = own.to_vec();
        for index in 0..mangled.len() {
            mangled[index] ^= 0xff;
            let _ = not_after(&mangled);
            mangled[index] ^= 0xff;
        }
    }
}
