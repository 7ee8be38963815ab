//! Answers of AWS's services for tests, without a network.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider, SharedHttpClient};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;

/// Answers a request by its text: its target or its body.
type Answer = fn(&str) -> (u16, String);

/// Returns the configuration of an account in which every request is answered like this.
pub(crate) fn config(answer: Answer) -> SdkConfig {
    let credentials = Credentials::new("id", "secret", None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::from_static("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(client(answer))
        .retry_config(RetryConfig::disabled())
        .build()
}

fn client(answer: Answer) -> SharedHttpClient {
    http_client_fn(move |_, _| SharedHttpConnector::new(Answers(answer)))
}

#[derive(Debug)]
struct Answers(Answer);

impl HttpConnector for Answers {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let body = request.body().bytes().unwrap_or_default();
        let asked = format!("{target} {}", String::from_utf8_lossy(body));
        let (status, body) = (self.0)(&asked);
        let status = StatusCode::try_from(status).expect("a status");
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(body))))
    }
}
