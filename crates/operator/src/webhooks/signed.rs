//! Proves to the API who asks.

use std::time::SystemTime;

use aws_credential_types::provider::ProvideCredentials as _;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use http::{HeaderValue, Request, header};
use jiff::Timestamp;
use outlets::manage::Hidden;

use super::error::WebhookError;
use crate::services::Services;

/// The name of API Gateway in a signature.
const SERVICE: &str = "execute-api";

/// How the API is shown who asks.
pub(super) enum Auth {
    /// By a signature with the credentials of these services.
    Iam(Box<Services>),
    /// By a bearer key.
    Key(Hidden),
}

impl Auth {
    /// Adds the proof to a request with this body.
    pub(super) async fn sign<B>(
        &self,
        request: &mut Request<B>,
        body: &[u8],
        now: Timestamp,
    ) -> Result<(), WebhookError> {
        match self {
            Self::Key(key) => {
                let value = HeaderValue::try_from(format!("Bearer {}", key.expose()));
                let mut value = value.map_err(|_| WebhookError::KeyUnfit)?;
                value.set_sensitive(true);
                request.headers_mut().insert(header::AUTHORIZATION, value);
                Ok(())
            }
            Self::Iam(services) => {
                let credentials = services.config().credentials_provider();
                let credentials = credentials.ok_or(WebhookError::Request)?;
                let credentials = credentials.provide_credentials().await;
                let credentials = credentials
                    .map_err(|error| services.failed("no credentials to sign with", &error))?;
                let region = services.config().region();
                let region = region.map_or("", AsRef::as_ref);
                v4(request, body, credentials, region, now)
            }
        }
    }
}

/// Signs a request by Signature Version 4.
fn v4<B>(
    request: &mut Request<B>,
    body: &[u8],
    credentials: aws_credential_types::Credentials,
    region: &str,
    now: Timestamp,
) -> Result<(), WebhookError> {
    let identity = credentials.into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(SERVICE)
        .time(SystemTime::from(now))
        .settings(SigningSettings::default())
        .build();
    let params = params.map_err(|_| WebhookError::Request)?.into();
    let uri = request.uri().to_string();
    let headers = request.headers().iter();
    let headers = headers.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let signable = SignableRequest::new(
        request.method().as_str(),
        uri,
        headers,
        SignableBody::Bytes(body),
    );
    let signable = signable.map_err(|_| WebhookError::Request)?;
    let signed = sign(signable, &params).map_err(|_| WebhookError::Request)?;
    let (instructions, _) = signed.into_parts();
    instructions.apply_to_request_http1x(request);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_signed_for_the_api_in_its_region() {
        let mut request = Request::get("https://api.example.com/api/webhooks/manage?after=a")
            .header("content-type", "application/json")
            .body(())
            .expect("a request");
        let credentials = aws_credential_types::Credentials::new(
            "AKIDEXAMPLE",
            "not-a-key",
            Some("a-session".to_owned()),
            None,
            "test",
        );
        let at = "2026-01-02T03:04:05Z".parse().expect("a time");
        v4(&mut request, b"", credentials, "eu-west-1", at).expect("a signature");
        let header = |name: &str| request.headers()[name].to_str().expect("text").to_owned();
        let proof = header("authorization");
        let scope = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/eu-west-1/execute-api/";
        assert!(proof.starts_with(scope), "{proof}");
        assert!(proof.contains("content-type;host;x-amz-date"), "{proof}");
        assert_eq!(header("x-amz-date"), "20260102T030405Z");
        assert_eq!(header("x-amz-security-token"), "a-session");
    }

    #[tokio::test]
    async fn a_bearer_key_is_shown_to_the_api_and_to_nobody_else() {
        let mut request = Request::new(());
        let auth = Auth::Key("a-key-of-the-api".into());
        let now = "2026-01-02T03:04:05Z".parse().expect("a time");
        auth.sign(&mut request, b"", now).await.expect("a proof");
        assert_eq!(
            request.headers()["authorization"],
            "Bearer a-key-of-the-api"
        );
        assert!(!format!("{request:?}").contains("a-key-of-the-api"));
        let odd = Auth::Key("a\nkey".into());
        let refused = odd.sign(&mut request, b"", now).await.expect_err("no key");
        assert_eq!(refused.code(), "api_key_unfit");
    }
}
