//! Connects a command to the queue and the table, in the local stack or in a real account.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_http_client::tls;

use crate::error::{Error, root_cause};

/// The region for the local stack's services. Any region works.
const REGION: &str = "us-east-1";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest of our calls is a receive of ten messages of 1 MiB over a slow line.
const OPERATION_TIMEOUT: Duration = Duration::from_mins(1);

/// A connection to AWS's services.
#[derive(Clone)]
pub struct Services {
    config: SdkConfig,
    hint: &'static str,
}

impl Services {
    /// Returns the connection to a local stack's service at `url`.
    #[must_use]
    pub fn local(url: &str) -> Self {
        let credentials = Credentials::new("local", "local", None, None, "local");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .endpoint_url(url)
            .region(Region::from_static(REGION))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .timeout_config(timeouts())
            .build();
        Self {
            config,
            hint: "is the local stack still up? postern up",
        }
    }

    /// Returns the connection to an account, with the credentials and the region of the
    /// environment.
    pub async fn account() -> Self {
        let https = aws_smithy_http_client::Builder::new()
            .tls_provider(tls::Provider::Rustls(
                tls::rustls_provider::CryptoMode::Ring,
            ))
            .build_https();
        // This is not the functions' configuration, because a user's credentials may come from a
        // profile.
        let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .http_client(https)
            .timeout_config(timeouts())
            .load()
            .await;
        Self {
            config,
            hint: "are the credentials, AWS_REGION and the name right?",
        }
    }

    /// Returns a client of the table service.
    #[must_use]
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.config)
    }

    /// Returns a client of the queue service.
    #[must_use]
    pub fn sqs(&self) -> aws_sdk_sqs::Client {
        aws_sdk_sqs::Client::new(&self.config)
    }

    /// Returns a client of the service of the secrets.
    #[must_use]
    pub fn secrets_manager(&self) -> aws_sdk_secretsmanager::Client {
        aws_sdk_secretsmanager::Client::new(&self.config)
    }

    /// Returns the error for a call that failed, with a hint on what to check first.
    #[must_use]
    pub fn failed(&self, what: &'static str, error: &dyn std::error::Error) -> Error {
        Error::Service {
            what,
            cause: root_cause(error),
            hint: self.hint,
        }
    }
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .build()
}
