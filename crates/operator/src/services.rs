//! Connects a command to the queue and the table, in the local stack or in a real account.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};

#[cfg(feature = "account")]
use crate::account::deployed::Deployed;
#[cfg(feature = "account")]
use crate::account::error::AccountError;
#[cfg(feature = "account")]
use crate::account::refused::{Asked, failed};
use crate::cause::root_cause;
use crate::connection::{https, timeouts};
use crate::error::Error;

/// The region for the local stack's services. Any region works.
const REGION: &str = "us-east-1";

/// A connection to AWS's services.
#[derive(Clone)]
pub struct Services {
    config: SdkConfig,
    hint: &'static str,
    #[cfg(feature = "account")]
    caller: Option<Caller>,
}

/// Who asks the services of an account.
#[cfg(feature = "account")]
#[derive(Clone)]
struct Caller {
    arn: String,
    profile: String,
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
            #[cfg(feature = "account")]
            caller: None,
        }
    }

    /// Returns the connection to an account, with the credentials and the region of the
    /// environment.
    pub async fn account() -> Self {
        // This is not the functions' configuration, because a user's credentials may come from a
        // profile.
        let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .http_client(https())
            .timeout_config(timeouts())
            .load()
            .await;
        Self {
            config,
            hint: "are the credentials, AWS_REGION and the name right?",
            #[cfg(feature = "account")]
            caller: None,
        }
    }

    /// Returns the connection to the account of a deployed stack.
    #[cfg(feature = "account")]
    #[must_use]
    pub fn of(stack: &Deployed) -> Self {
        Self {
            config: stack.config.clone(),
            hint: "run it again; what is wrong with the stack: postern doctor {target}",
            caller: Some(Caller {
                arn: stack.caller.clone(),
                profile: stack.profile.clone(),
            }),
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

    /// Returns the configuration, for what is no client of the SDK.
    pub(crate) fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// Returns the error for a call that failed, with a hint on what to check first.
    #[must_use]
    pub fn failed(&self, what: &'static str, error: &dyn std::error::Error) -> Error {
        #[cfg(feature = "account")]
        if let Some(refused) = self.refused(what, error) {
            return refused.into();
        }
        Error::Service {
            what,
            cause: root_cause(error),
            hint: self.hint,
        }
    }

    /// Returns why the account does not let the caller do this, if that is why a call failed.
    #[cfg(feature = "account")]
    fn refused(&self, what: &str, error: &dyn std::error::Error) -> Option<AccountError> {
        let caller = self.caller.as_ref()?;
        let asked = Asked {
            action: what,
            resource: None,
            caller: Some(&caller.arn),
            profile: &caller.profile,
        };
        Some(failed(error, asked)).filter(AccountError::is_of_the_caller)
    }
}
