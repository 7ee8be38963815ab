//! Answers of AWS's services for tests, without a network.

use std::collections::BTreeMap;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider, SharedHttpClient};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;

use crate::account::deployed::Deployed;

/// Answers a request by its text: its target or its body.
type Answer = fn(&str) -> (u16, String);
/// Answers a request by its body, which is not text.
type AnswerOfBytes = fn(&[u8]) -> (u16, Vec<u8>);

/// Returns the configuration of an account in which every request is answered like this.
pub(crate) fn config(answer: Answer) -> SdkConfig {
    config_with(Answers::Text(answer))
}

/// Returns the configuration of an account in which every request is answered like this, in CBOR.
pub(crate) fn config_of_bytes(answer: AnswerOfBytes) -> SdkConfig {
    config_with(Answers::Bytes(answer))
}

fn config_with(answers: Answers) -> SdkConfig {
    let credentials = Credentials::new("id", "secret", None, None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::from_static("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(client(answers))
        .retry_config(RetryConfig::disabled())
        .build()
}

fn client(answers: Answers) -> SharedHttpClient {
    http_client_fn(move |_, _| SharedHttpConnector::new(answers))
}

#[derive(Clone, Copy, Debug)]
enum Answers {
    Text(Answer),
    Bytes(AnswerOfBytes),
}

impl Answers {
    fn of(self, request: &HttpRequest) -> (u16, Vec<u8>) {
        let body = request.body().bytes().unwrap_or_default();
        match self {
            Self::Bytes(answer) => answer(body),
            Self::Text(answer) => {
                let target = request.headers().get("x-amz-target").unwrap_or_default();
                let asked = format!("{target} {}", String::from_utf8_lossy(body));
                let (status, body) = answer(&asked);
                (status, body.into_bytes())
            }
        }
    }
}

impl HttpConnector for Answers {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (status, body) = self.of(&request);
        let status = StatusCode::try_from(status).expect("a status");
        let mut response = HttpResponse::new(status, SdkBody::from(body));
        // CloudWatch's protocol is said by this header; the others do not look at it
        let headers = response.headers_mut();
        headers.insert("smithy-protocol", "rpc-v2-cbor");
        HttpConnectorFuture::ready(Ok(response))
    }
}

/// Returns a stack with one provider.
pub(crate) fn stack(config: SdkConfig) -> Deployed {
    let resources = [
        ("ConsumerLogs", "/postern/consumer"),
        ("resendFunction", "postern-resend"),
        ("resendLogs", "/postern/resend"),
    ];
    let resources = resources.map(|(name, id)| (name.to_owned(), id.to_owned()));
    Deployed {
        name: "postern".to_owned(),
        region: "eu-west-1".to_owned(),
        account: "123456789012".to_owned(),
        caller: "arn:aws:sts::123456789012:assumed-role/Support/kim".to_owned(),
        profile: "prod".to_owned(),
        status: "UPDATE_COMPLETE".to_owned(),
        changed: None,
        parameters: BTreeMap::new(),
        outputs: BTreeMap::new(),
        resources: resources.into(),
        config,
    }
}
