//! Connects every function to AWS with what Lambda gives every function, and with nothing else.
//!
//! The SDK's own chain would also look for profiles, containers and instance metadata. None of them
//! is there in Lambda, and without that chain a function starts sooner and is smaller
//! (docs/performance.md).
//!
//! These are read: the region, the credentials, `AWS_ENDPOINT_URL` and
//! `AWS_ENDPOINT_URL_<SERVICE>`, `AWS_USE_FIPS_ENDPOINT`, `AWS_USE_DUALSTACK_ENDPOINT`.
//!
//! TLS is rustls with ring. It trusts Amazon's own roots (amazontrust.com/repository), which issue
//! the certificates of all of AWS's endpoints. Reading the system's hundred and forty roots takes
//! longer than all the rest of a start.
//!
//! If that is not enough, `SSL_CERT_FILE` or `SSL_CERT_DIR` names other roots. Regions outside the
//! partitions `aws` and `aws-us-gov` use the system's.

use std::time::Duration;

use aws_sdk_sqs::config::retry::RetryConfig;
use aws_sdk_sqs::config::timeout::TimeoutConfig;
use aws_sdk_sqs::config::{
    BehaviorVersion, Credentials, IdentityCache, Region, SharedCredentialsProvider,
    StalledStreamProtectionConfig,
};
use aws_smithy_http_client::tls::{self, TlsContext, TrustStore};
use aws_types::SdkConfig;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

/// Amazon Root CA 1 to 4 and Starfield Services Root CA G2. The first to expire ends in 2037.
const AMAZON_ROOTS: &str = include_str!("amazon_roots.pem");

/// Returns the AWS configuration of every function.
#[must_use]
pub fn config(timeouts: TimeoutConfig) -> SdkConfig {
    let region = variable("AWS_REGION");
    let https = aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(
            tls::rustls_provider::CryptoMode::Ring,
        ))
        .tls_context(tls_context(region.as_deref()))
        .build_https();
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .http_client(https)
        .retry_config(RetryConfig::standard())
        .timeout_config(timeouts)
        // The credentials are a constant, so there is nothing to cache; and every attempt has a
        // timeout of its own, so no body needs a watch on how fast it moves.
        .identity_cache(IdentityCache::no_cache())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .use_fips(is_on("AWS_USE_FIPS_ENDPOINT"))
        .use_dual_stack(is_on("AWS_USE_DUALSTACK_ENDPOINT"))
        .service_config(Endpoints);
    config.set_endpoint_url(variable("AWS_ENDPOINT_URL"));
    config.set_region(region.map(Region::new));
    config.set_credentials_provider(credentials().map(SharedCredentialsProvider::new));
    config.build()
}

/// The longest that connecting may take.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// Returns the timeouts of one attempt, and of an operation with the SDK's retries.
#[must_use]
pub fn timeouts(attempt: Duration, operation: Duration) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(attempt)
        .operation_timeout(operation)
        .build()
}

/// Reads the function's role from the environment. Lambda does not change it while the process
/// lives.
fn credentials() -> Option<Credentials> {
    let key = variable("AWS_ACCESS_KEY_ID")?;
    let secret = variable("AWS_SECRET_ACCESS_KEY")?;
    let token = variable("AWS_SESSION_TOKEN");
    Some(Credentials::new(key, secret, token, None, "environment"))
}

fn tls_context(region: Option<&str>) -> TlsContext {
    // China, the European Sovereign Cloud and the isolated regions have roots of their own.
    let is_apart = region.is_some_and(|region| {
        ["cn-", "eusc-", "us-iso", "eu-iso"]
            .into_iter()
            .any(|partition| region.starts_with(partition))
    });
    let is_told = ["SSL_CERT_FILE", "SSL_CERT_DIR"]
        .into_iter()
        .any(|name| variable(name).is_some());
    let roots = if is_apart || is_told {
        TrustStore::default()
    } else {
        TrustStore::empty().with_pem_certificate(AMAZON_ROOTS)
    };
    let context = TlsContext::builder().with_trust_store(roots).build();
    context.unwrap_or_default() // never fails
}

/// Reads `AWS_ENDPOINT_URL_SQS` and similar variables. The local stack, or a VPC, says with them
/// where a service is.
#[derive(Debug)]
struct Endpoints;

impl LoadServiceConfig for Endpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let service = key.service_id().to_uppercase().replace(' ', "_");
        variable(&format!("{}_{service}", key.env()))
    }
}

fn is_on(name: &str) -> bool {
    variable(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place where a function learns what Lambda gives it"
)]
fn variable(name: &str) -> Option<String> {
    let value = std::env::var(name).ok()?;
    (!value.is_empty()).then_some(value)
}
