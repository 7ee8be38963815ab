//! Says why a call to AWS failed: what is not allowed to whom, which credentials are missing, or
//! what does not answer.

use std::error::Error as StdError;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_dynamodb::error::ErrorMetadata;

use crate::account::error::AccountError;
use crate::cause::{is_denial, root_cause};

/// What was asked, and by whom. It is what an error says that AWS's answer leaves out.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The action, as a policy names it, such as `logs:FilterLogEvents`.
    pub action: &'a str,
    /// On what, such as the name of a table.
    pub resource: Option<&'a str>,
    /// The ARN of the caller, where it is known.
    pub caller: Option<&'a str>,
    /// The profile that the credentials come from.
    pub profile: &'a str,
}

/// AWS's codes for credentials that it does not know, or no longer.
const NOT_ACCEPTED: [&str; 11] = [
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "InvalidToken",
    "MissingAuthenticationToken",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];
/// What AWS's codes for too many calls have in them.
const THROTTLED: [&str; 5] = [
    "Throttl",
    "TooManyRequests",
    "RequestLimitExceeded",
    "ThroughputExceeded",
    "SlowDown",
];
/// SSO's code for a session that is over.
const SSO_UNAUTHORIZED: &str = "UnauthorizedException";

/// Returns the error of a call that failed.
#[must_use]
pub fn failed(error: &dyn StdError, asked: Asked) -> AccountError {
    if let Some(credentials) = link::<CredentialsError>(error) {
        return without_credentials(credentials, asked.profile);
    }
    let action = asked.action.to_owned();
    let Some((code, message)) = said(error) else {
        let cause = root_cause(error);
        return AccountError::NoAnswer { action, cause };
    };
    if is_denial(&code) {
        return denied(&message, asked);
    }
    if NOT_ACCEPTED.contains(&code.as_str()) {
        return AccountError::NotAccepted {
            code,
            cause: message,
        };
    }
    if THROTTLED.iter().any(|word| code.contains(word)) {
        return AccountError::Throttled { action, code };
    }
    AccountError::Failed {
        action,
        code,
        cause: message,
    }
}

/// Finds an error of this type in the chain of causes. The first link is the SDK's, around all.
fn link<E: StdError + 'static>(error: &dyn StdError) -> Option<&E> {
    let chain = std::iter::successors(error.source(), |error| (*error).source());
    chain.filter_map(|error| error.downcast_ref::<E>()).last()
}

/// Returns AWS's code and words, if the answer has any. The SDK has a type for some of its errors,
/// whose text begins with the code, and one type for all others.
pub(crate) fn said(error: &dyn StdError) -> Option<(String, String)> {
    if let Some(answer) = link::<ErrorMetadata>(error) {
        let message = answer.message().unwrap_or_default().to_owned();
        return Some((answer.code()?.to_owned(), message));
    }
    let text = root_cause(error);
    let (code, message) = text.split_once(": ").unwrap_or((&text, ""));
    let code = code.split(' ').next().unwrap_or_default(); // "ValidationError [ValidationError]"
    let is_code = code.ends_with("Exception") || code.ends_with("Error");
    is_code.then(|| (code.to_owned(), message.to_owned()))
}

/// Returns why there are no credentials.
fn without_credentials(error: &CredentialsError, profile: &str) -> AccountError {
    let profile = profile.to_owned();
    let chain = std::iter::successors(Some(error as &dyn StdError), |error| (*error).source());
    let texts: Vec<String> = chain.map(ToString::to_string).collect();
    let has = |words: &str| texts.iter().any(|text| text.contains(words));
    let is_over = said(error).is_some_and(|(code, _)| code == SSO_UNAUTHORIZED);
    if is_over || has("SSO token") || has("/sso/cache/") {
        return AccountError::SsoExpired { profile };
    }
    let is_none = matches!(error, CredentialsError::CredentialsNotLoaded(_));
    // The last place to look is the machine's own role, which most machines do not have.
    if is_none && !has("was not defined") || has("IMDS") {
        return AccountError::NoCredentials { profile };
    }
    AccountError::Credentials {
        profile,
        cause: texts.last().cloned().unwrap_or_default(),
    }
}

/// Returns what was not allowed. AWS's words say it best: an action may need another one, such as
/// that of a key.
fn denied(message: &str, asked: Asked) -> AccountError {
    let of_ours = |text: Option<&str>| text.map(str::to_owned);
    let caller = word_after(message, "User: ");
    let action = word_after(message, "not authorized to perform: ");
    let resource = word_after(message, "on resource: ");
    let because = message.split_once(" because ").map(|(_, because)| because);
    AccountError::NotAllowed {
        action: action.unwrap_or(asked.action).to_owned(),
        resource: resource.map(named).or_else(|| of_ours(asked.resource)),
        caller: of_ours(caller.or(asked.caller)),
        because: of_ours(because),
    }
}

/// Returns the word that comes after these words.
fn word_after<'a>(text: &'a str, words: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(words)?;
    rest.split_whitespace().next()
}

/// Returns the name of what an ARN is of, without what a reader knows: the account, the region, and
/// that a table is a table.
fn named(arn: &str) -> String {
    const KINDS: [&str; 5] = ["table/", "stack/", "function:", "secret:", "log-group:"];
    let last = arn
        .strip_prefix("arn:")
        .and_then(|arn| arn.splitn(5, ':').nth(4));
    let name = last.unwrap_or(arn).trim_matches('"');
    let name = KINDS
        .iter()
        .find_map(|kind| name.strip_prefix(kind))
        .unwrap_or(name);
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::operation::query::QueryError;

    use super::*;

    const CALLER: &str = "arn:aws:sts::123456789012:assumed-role/Support/kim";

    fn asked() -> Asked<'static> {
        Asked {
            action: "dynamodb:Query",
            resource: Some("postern-EventsTable-1A2B"),
            caller: Some("arn:aws:iam::123456789012:user/lee"),
            profile: "prod",
        }
    }

    fn of_aws(code: &str, message: &str) -> AccountError {
        let answer = ErrorMetadata::builder().code(code).message(message).build();
        failed(&QueryError::generic(answer), asked())
    }

    #[test]
    fn what_is_not_allowed_is_in_aws_s_words() {
        let error = of_aws(
            "AccessDeniedException",
            "User: arn:aws:sts::123456789012:assumed-role/Support/kim is not authorized to perform: \
             dynamodb:Query on resource: arn:aws:dynamodb:eu-west-1:123456789012:table/postern-EventsTable-1A2B/index/by_message \
             because no identity-based policy allows the dynamodb:Query action",
        );
        assert_eq!(
            error.to_string(),
            format!(
                "not allowed: dynamodb:Query on postern-EventsTable-1A2B/index/by_message, as {CALLER}"
            )
        );
        assert_eq!(
            error.cause().as_deref(),
            Some("no identity-based policy allows the dynamodb:Query action")
        );
        assert_eq!(
            error.hint().as_deref(),
            Some("what this command needs, as a policy: postern help permissions {command}")
        );
        assert_eq!((error.code(), error.exit().code()), ("not_allowed", 4));
    }

    /// An action without resources, and an answer without words.
    #[test]
    fn what_aws_does_not_say_is_known_from_the_call() {
        let metric = of_aws(
            "AccessDenied",
            "User: arn:aws:sts::123456789012:assumed-role/Support/kim is not authorized to perform: cloudwatch:GetMetricData",
        );
        let wanted = format!(
            "not allowed: cloudwatch:GetMetricData on postern-EventsTable-1A2B, as {CALLER}"
        );
        assert_eq!(metric.to_string(), wanted);
        let silent = of_aws("AccessDenied", "");
        let wanted = "not allowed: dynamodb:Query on postern-EventsTable-1A2B, as arn:aws:iam::123456789012:user/lee";
        assert_eq!(silent.to_string(), wanted);
    }

    #[test]
    fn a_resource_is_named_without_its_account_and_its_kind() {
        for (arn, wanted) in [
            (
                "arn:aws:sqs:eu-west-1:123456789012:postern-DeadLetterQueue-1",
                "postern-DeadLetterQueue-1",
            ),
            (
                "arn:aws:cloudformation:eu-west-1:123456789012:stack/postern/*",
                "postern/*",
            ),
            (
                "arn:aws:logs:eu-west-1:123456789012:log-group:/postern/resend:log-stream:",
                "/postern/resend:log-stream:",
            ),
            (
                "arn:aws-cn:lambda:cn-north-1:123456789012:function:postern-resend",
                "postern-resend",
            ),
            ("postern/resend", "postern/resend"),
            ("*", "*"),
        ] {
            assert_eq!(named(arn), wanted, "{arn}");
        }
    }

    #[test]
    fn codes_are_told_apart() {
        for (code, wanted, exit) in [
            ("ExpiredTokenException", "credentials_refused", 4),
            ("UnrecognizedClientException", "credentials_refused", 4),
            ("ThrottlingException", "throttled", 3),
            ("Throttling", "throttled", 3),
            ("ProvisionedThroughputExceededException", "throttled", 3),
            ("ValidationError", "service_failed", 3),
        ] {
            let error = of_aws(code, "words");
            assert_eq!(
                (error.code(), error.exit().code()),
                (wanted, exit),
                "{code}"
            );
        }
    }

    #[test]
    fn credentials_that_are_missing_are_no_answer_of_aws_s() {
        let of = |error: CredentialsError| without_credentials(&error, "prod");
        assert_eq!(
            of(CredentialsError::not_loaded_no_source()).to_string(),
            "no credentials: not in the environment, and not in the profile `prod`"
        );
        let over = of(CredentialsError::provider_error(
            "the SSO token has expired and cannot be refreshed",
        ));
        assert_eq!(
            over.to_string(),
            "the profile `prod` has no valid credentials: its SSO session has expired"
        );
        assert_eq!(over.hint().as_deref(), Some("aws sso login --profile prod"));
        assert_eq!((over.code(), over.exit().code()), ("sso_expired", 4));
        let odd = of(CredentialsError::invalid_configuration("no role_arn"));
        assert_eq!(odd.code(), "credentials_unreadable");
    }
}
