//! Connects to an account, as the command line and the environment say.

use aws_config::profile::{ProfileFileCredentialsProvider, load};
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_sdk_dynamodb::config::SharedCredentialsProvider;
use aws_types::os_shim_internal::{Env, Fs};

use crate::account::error::AccountError;
use crate::connection::{https, timeouts};

/// The profile without a name of its own.
const DEFAULT_PROFILE: &str = "default";

/// Which account, and where in it. What is not said comes from the environment and the profile, as
/// for every tool of AWS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Login {
    /// The region of the stack.
    pub region: Option<String>,
    /// The profile in the user's AWS configuration.
    pub profile: Option<String>,
}

impl Login {
    /// Returns the name of the profile that counts.
    pub(crate) fn profile_name(&self) -> String {
        let named = self.profile.clone().or_else(environment);
        named.unwrap_or_else(|| DEFAULT_PROFILE.to_owned())
    }
}

/// Returns the profile that the environment names.
#[expect(
    clippy::disallowed_methods,
    reason = "an error names the profile that the SDK has read"
)]
fn environment() -> Option<String> {
    let named = std::env::var("AWS_PROFILE").ok();
    named.filter(|name| !name.is_empty())
}

/// Returns the configuration for the account. The credentials are read at the first call.
///
/// A profile of the command line counts more than keys in the environment, as for the AWS CLI. The
/// SDK alone would use these keys, and the user would be in another account than he said.
pub(crate) async fn connect(login: &Login) -> Result<SdkConfig, AccountError> {
    let profile = login.profile_name();
    exists(&profile).await?;
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .http_client(https())
        .timeout_config(timeouts());
    if let Some(region) = &login.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(profile) = &login.profile {
        loader = loader.profile_name(profile);
    }
    let config = loader.load().await;
    // An empty variable says nothing.
    let region = config.region().filter(|region| !region.as_ref().is_empty());
    let Some(region) = region.cloned() else {
        return Err(AccountError::NoRegion { profile });
    };
    let Some(profile) = &login.profile else {
        return Ok(config);
    };
    let provider = ProviderConfig::without_region()
        .with_http_client(https())
        .with_region(Some(region));
    let credentials = ProfileFileCredentialsProvider::builder()
        .configure(&provider)
        .profile_name(profile)
        .build();
    let credentials = SharedCredentialsProvider::new(credentials);
    Ok(config
        .to_builder()
        .credentials_provider(credentials)
        .build())
}

/// Checks that a profile is in the user's AWS configuration. The one without a name of its own need
/// not be there: the environment may have it all. What cannot be read, the SDK says better.
async fn exists(profile: &str) -> Result<(), AccountError> {
    let files = EnvConfigFiles::default();
    let found = load(&Fs::default(), &Env::default(), &files, None).await;
    match found {
        Ok(found) if profile != DEFAULT_PROFILE && found.get_profile(profile).is_none() => {
            let mut profiles: Vec<String> = found.profiles().map(str::to_owned).collect();
            profiles.sort();
            Err(AccountError::NoProfile {
                profile: profile.to_owned(),
                profiles,
            })
        }
        _ => Ok(()),
    }
}
