//! Tests the emulator with the AWS SDK, over HTTP, on a port of its own per test.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails may panic"
)]

/// Asserts that a call failed with exactly this variant of its typed error.
macro_rules! refused {
    ($result:expr, $variant:path) => {
        match $result {
            Err(error) => {
                let error = error.into_service_error();
                assert!(matches!(error, $variant(_)), "{error:?}");
            }
            Ok(answer) => panic!("accepted: {answer:?}"),
        }
    };
}

mod batches;
mod clock;
mod journal;
mod limits;
mod looking;
mod messages;
mod queues;
mod redrive;
mod wire;

use std::net::SocketAddr;

use aws_sdk_sqs::{
    Client,
    config::{BehaviorVersion, Credentials, Region, retry::RetryConfig},
    error::{ProvideErrorMetadata, SdkError},
    types::{MessageAttributeValue, QueueAttributeName},
};
use sqs::Sqs;

/// A running emulator, its client and its state.
struct Local {
    client: Client,
    sqs: Sqs,
    address: SocketAddr,
}

async fn local() -> Local {
    serve(Sqs::new("eu-west-1")).await
}

async fn serve(sqs: Sqs) -> Local {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = sqs::http::router(&sqs);
    tokio::spawn(async move { axum::serve(listener, router).await });
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(format!("http://{address}"))
        .retry_config(RetryConfig::disabled())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Local {
        client: Client::from_conf(config),
        sqs,
        address,
    }
}

impl Local {
    async fn create(&self, name: &str, attributes: &[(&str, &str)]) -> String {
        let mut create = self.client.create_queue().queue_name(name);
        for (name, value) in attributes {
            create = create.attributes(QueueAttributeName::from(*name), *value);
        }
        create.send().await.unwrap().queue_url.unwrap()
    }

    /// Creates a queue `work` with a dead-letter queue `dead`.
    async fn pair(&self, attributes: &[(&str, &str)], max: u32) -> (String, String) {
        let dead = self.create("dead", &[]).await;
        let policy = policy("dead", max);
        let redrive = ("RedrivePolicy", policy.as_str());
        let work = self
            .create("work", &[attributes, &[redrive]].concat())
            .await;
        (work, dead)
    }

    async fn attribute(&self, url: &str, name: &str) -> Option<String> {
        let answer = self.client.get_queue_attributes().queue_url(url);
        let answer = answer.attribute_names(QueueAttributeName::All);
        let all = answer.send().await.unwrap().attributes.unwrap();
        all.get(&QueueAttributeName::from(name)).cloned()
    }

    /// Returns how many messages are visible, in flight and delayed.
    async fn counts(&self, url: &str) -> [u32; 3] {
        let mut counts = [0; 3];
        let names = ["", "NotVisible", "Delayed"];
        for (count, name) in counts.iter_mut().zip(names) {
            let name = format!("ApproximateNumberOfMessages{name}");
            *count = self.attribute(url, &name).await.unwrap().parse().unwrap();
        }
        counts
    }

    async fn send(&self, url: &str, body: &str) -> String {
        let sent = self.client.send_message().queue_url(url).message_body(body);
        sent.send().await.unwrap().message_id.unwrap()
    }
}

fn arn(name: &str) -> String {
    format!("arn:aws:sqs:eu-west-1:000000000000:{name}")
}

fn policy(dead: &str, max: u32) -> String {
    let arn = arn(dead);
    format!(r#"{{"deadLetterTargetArn":"{arn}","maxReceiveCount":{max}}}"#)
}

fn text(kind: &str, value: &str) -> MessageAttributeValue {
    let attribute = MessageAttributeValue::builder().data_type(kind);
    attribute.string_value(value).build().unwrap()
}

/// Returns the code and message of an error whose type the SDK does not model.
fn code<T, E: ProvideErrorMetadata, R>(result: &Result<T, SdkError<E, R>>) -> (&str, &str) {
    match result {
        Err(error) => (error.code().unwrap_or(""), error.message().unwrap_or("")),
        Ok(_) => ("", "it was accepted"),
    }
}
