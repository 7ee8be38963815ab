//! Tests the bar of the certificate.

use std::sync::Arc;

use rcgen::CertifiedKey;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{ServerConfig, SupportedProtocolVersion};

use super::*;

/// Starts a server whose certificate is for `localhost`, and returns its port and the certificate.
async fn server(version: &'static SupportedProtocolVersion) -> (u16, CertificateDer<'static>) {
    let names = ["localhost".to_owned()];
    let CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(names).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(&ok()).await;
            let _ = stream.shutdown().await;
        }
    });
    (port, cert.der().clone())
}

fn trusting(certificate: Option<CertificateDer<'static>>, port: u16) -> Egress<Told> {
    let mut roots = RootCertStore::empty();
    if let Some(certificate) = certificate {
        roots.add(certificate).unwrap();
    }
    let here = SocketAddr::from(([127, 0, 0, 1], port));
    Egress::with(Place::Here, Told(vec![here]), roots).unwrap()
}

#[tokio::test]
async fn an_endpoint_with_a_certificate_for_its_name_is_told_by_tls_1_2_and_1_3() {
    for version in [&TLS12, &TLS13] {
        let (port, certificate) = server(version).await;
        let egress = trusting(Some(certificate), port);
        let url = format!("https://localhost:{port}/");
        assert_eq!(status(post_by(&egress, &url, LONG).await), 200);
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_or_by_nobody_is_refused() {
    let (port, certificate) = server(&TLS13).await;
    let egress = trusting(Some(certificate), port);
    let url = format!("https://hooks.mail.test:{port}/");
    let answer = post_by(&egress, &url, LONG).await;
    assert_eq!(answer, Err(Failure::CertificateInvalid));
    let stranger = trusting(None, port);
    let url = format!("https://localhost:{port}/");
    let answer = post_by(&stranger, &url, LONG).await;
    assert_eq!(answer, Err(Failure::CertificateInvalid));
}

#[tokio::test]
async fn what_speaks_no_tls_fails_in_the_handshake() {
    for text in ["HTTP/1.1 400 Bad Request\r\n\r\n", ""] {
        let server = Server::at_once(text.into()).await;
        let egress = trusting(None, server.port());
        let url = format!("https://localhost:{}/", server.port());
        let answer = post_by(&egress, &url, LONG).await;
        assert_eq!(answer, Err(Failure::TlsHandshake), "{text}");
    }
}
