//! Why a deployed stack cannot be found or asked.

use crate::exit::Exit;
use crate::meant::meant;

/// Why a deployed stack cannot be found or asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// Nothing says the region.
    #[error("no region: not in --region, AWS_REGION or the profile `{profile}`")]
    NoRegion {
        /// The profile that was read.
        profile: String,
    },
    /// The profile is in no file.
    #[error("there is no profile `{profile}` in your AWS configuration")]
    NoProfile {
        /// The profile that was named.
        profile: String,
        /// The profiles that there are.
        profiles: Vec<String>,
    },
    /// There are no credentials at all.
    #[error("no credentials: not in the environment, and not in the profile `{profile}`")]
    NoCredentials {
        /// The profile that was read.
        profile: String,
    },
    /// The profile signs in by SSO, and its session is over.
    #[error("the profile `{profile}` has no valid credentials: its SSO session has expired")]
    SsoExpired {
        /// The profile.
        profile: String,
    },
    /// The credentials cannot be read.
    #[error("the profile `{profile}` has no valid credentials: {cause}")]
    Credentials {
        /// The profile.
        profile: String,
        /// Why there are none, in the SDK's words.
        cause: String,
    },
    /// AWS does not accept the credentials.
    #[error("AWS does not accept the credentials: {cause} ({code})")]
    NotAccepted {
        /// AWS's code.
        code: String,
        /// AWS's words.
        cause: String,
    },
    /// The region has no stack of this name.
    #[error("there is no stack `{stack}` in {region} (account {account})")]
    NoStack {
        /// The name that was typed.
        stack: String,
        /// The region that was asked.
        region: String,
        /// The account that was asked.
        account: String,
        /// The names of the stacks there that are Postern's.
        ours: Vec<String>,
    },
    /// The stack is not one of Postern's.
    #[error("the stack `{stack}` in {region} is not Postern's: it has no output {output}")]
    NotOurs {
        /// The name that was typed.
        stack: String,
        /// The region that was asked.
        region: String,
        /// What it does not have.
        output: &'static str,
        /// The names of the stacks there that are Postern's.
        ours: Vec<String>,
    },
    /// The stack is Postern's, and is not deployed as a whole.
    #[error("the stack `{stack}` is in {status}: it has no table and no queues yet, or no more")]
    NotDeployed {
        /// The name of the stack.
        stack: String,
        /// The stack's status, in AWS's words.
        status: String,
    },
    /// The caller may not do this.
    #[error("not allowed: {}", denied(action, resource.as_deref(), caller.as_deref()))]
    NotAllowed {
        /// The action, as a policy names it.
        action: String,
        /// On what.
        resource: Option<String>,
        /// Who asked.
        caller: Option<String>,
        /// What says no, if AWS says it: a policy that allows nothing of it, or one that denies it.
        because: Option<String>,
    },
    /// AWS has had too many calls.
    #[error("AWS turns {action} away for now: too many calls ({code})")]
    Throttled {
        /// The action, as a policy names it.
        action: String,
        /// AWS's code.
        code: String,
    },
    /// There is no answer.
    #[error("no answer to {action}: {cause}")]
    NoAnswer {
        /// The action, as a policy names it.
        action: String,
        /// Why there is none.
        cause: String,
    },
    /// The answer is an error that has no case of its own.
    #[error("{action} failed: {cause} ({code})")]
    Failed {
        /// The action, as a policy names it.
        action: String,
        /// AWS's code.
        code: String,
        /// AWS's words.
        cause: String,
    },
}

impl AccountError {
    /// Returns the error's stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoRegion { .. } => "region_missing",
            Self::NoProfile { .. } => "profile_missing",
            Self::NoCredentials { .. } => "credentials_missing",
            Self::SsoExpired { .. } => "sso_expired",
            Self::Credentials { .. } => "credentials_unreadable",
            Self::NotAccepted { .. } => "credentials_refused",
            Self::NoStack { .. } => "stack_missing",
            Self::NotOurs { .. } => "stack_not_ours",
            Self::NotDeployed { .. } => "stack_not_deployed",
            Self::NotAllowed { .. } => "not_allowed",
            Self::Throttled { .. } => "throttled",
            Self::NoAnswer { .. } => "account_unreachable",
            Self::Failed { .. } => "service_failed",
        }
    }

    /// Returns what is behind the error, if AWS says it.
    #[must_use]
    pub fn cause(&self) -> Option<String> {
        match self {
            Self::NotAllowed { because, .. } => because.clone(),
            _ => None,
        }
    }

    /// Checks whether the caller may do something about it: the credentials, or what they allow.
    #[must_use]
    pub fn is_of_the_caller(&self) -> bool {
        self.exit() == Exit::NotAllowed
    }

    /// Returns how a command ends that fails with it.
    #[must_use]
    pub fn exit(&self) -> Exit {
        match self {
            Self::NoProfile { .. }
            | Self::NoCredentials { .. }
            | Self::SsoExpired { .. }
            | Self::Credentials { .. }
            | Self::NotAccepted { .. }
            | Self::NotAllowed { .. } => Exit::NotAllowed,
            Self::NoRegion { .. }
            | Self::NoStack { .. }
            | Self::NotOurs { .. }
            | Self::NotDeployed { .. }
            | Self::Throttled { .. }
            | Self::NoAnswer { .. }
            | Self::Failed { .. } => Exit::Unreachable,
        }
    }

    /// Returns what the user can do about the error, if that is known.
    ///
    /// `{line}` stands for the line that was typed, and `{command}` for its command.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NoRegion { .. } => "{line} --region eu-west-1".to_owned(),
            Self::NoProfile { profile, profiles } => {
                return suggestion(profile, profiles, "profiles");
            }
            Self::NoCredentials { .. } => {
                "aws configure sso, then: {line} --profile NAME".to_owned()
            }
            Self::SsoExpired { profile } => format!("aws sso login --profile {profile}"),
            Self::Credentials { profile, .. } => {
                format!("aws sts get-caller-identity --profile {profile}")
            }
            Self::NotAccepted { .. } => {
                "aws sts get-caller-identity says whose they are; is this machine's clock right?"
                    .to_owned()
            }
            Self::NoStack { stack, ours, .. } | Self::NotOurs { stack, ours, .. } => {
                return stacks(stack, ours);
            }
            Self::NotDeployed { .. } => "sam build && sam deploy".to_owned(),
            Self::NotAllowed { .. } => {
                "what this command needs, as a policy: postern help permissions {command}"
                    .to_owned()
            }
            Self::Throttled { .. } => "run it again in a minute".to_owned(),
            Self::NoAnswer { .. } => {
                "is this machine on the network, and the region right? (--region)".to_owned()
            }
            Self::Failed { .. } => return None,
        };
        Some(hint)
    }
}

/// Returns what was not allowed: the action, on what, and who asked.
fn denied(action: &str, resource: Option<&str>, caller: Option<&str>) -> String {
    let resource = resource.map(|resource| format!(" on {resource}"));
    let caller = caller.map(|caller| format!(", as {caller}"));
    let [resource, caller] = [resource, caller].map(Option::unwrap_or_default);
    format!("{action}{resource}{caller}")
}

/// Returns which stacks there are, and which one may have been meant.
fn stacks(typed: &str, ours: &[String]) -> Option<String> {
    let none = "no stack there is Postern's: is it another region? --region";
    suggestion(typed, ours, "Postern stacks there").or_else(|| Some(none.to_owned()))
}

/// Returns which names there are, and which one may have been meant.
fn suggestion(typed: &str, names: &[String], what: &str) -> Option<String> {
    if names.is_empty() {
        return None;
    }
    let listed = format!("{what}: {}", names.join(", "));
    Some(match meant(typed, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?  {listed}"),
        None => listed,
    })
}
