//! How long a call to a service may take, and the HTTPS that it goes through.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_smithy_http_client::tls;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest of our calls is a receive of ten messages of 1 MiB over a slow line.
const OPERATION_TIMEOUT: Duration = Duration::from_mins(1);

/// Returns a client of HTTPS.
pub(crate) fn https() -> SharedHttpClient {
    let tls = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring);
    let client = aws_smithy_http_client::Builder::new();
    client.tls_provider(tls).build_https()
}

/// Returns how long a call may take.
pub(crate) fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .build()
}
