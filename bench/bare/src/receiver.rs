//! The receiver of Customer.io: check, enqueue, answer, log.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::delivery::{Delivery, read};
use crate::environment::{needed, now};
use crate::lambda::Lambda;
use crate::line;
use crate::outcome::Outcome;
use crate::sign::Service;

const PROVIDER: &str = "customerio";
const BEHIND: i64 = 8 * 24 * 60 * 60;
const AHEAD: i64 = 5 * 60;

/// Receives webhooks until it is stopped.
pub(crate) async fn run() -> Outcome<()> {
    let target = "AmazonSQS.SendMessage";
    let mut queue = Service::connect("AWS_ENDPOINT_URL_SQS", "sqs", target).await?;
    let key = needed("WEBHOOK_SECRETS")?;
    let queue_url = needed("QUEUE_URL")?;
    let mut lambda = Lambda::connect().await?;
    loop {
        let (event, id) = lambda.next().await?;
        let status = receive(&event, &id, &key, &queue_url, &mut queue).await?;
        lambda.answer(&id, answer(status)).await?;
    }
}

/// Receives a webhook and returns its status.
async fn receive(
    event: &[u8],
    id: &str,
    key: &str,
    queue_url: &str,
    queue: &mut Service,
) -> Outcome<u16> {
    let event: Event<'_> = read("a webhook", event)?;
    let body = if event.is_base64_encoded {
        Cow::Owned(STANDARD.decode(&*event.body)?)
    } else {
        Cow::Borrowed(event.body.as_bytes())
    };
    if !is_signed(&event, &body, key)? {
        return Ok(401);
    }
    let message = Delivery {
        v: 1,
        provider: PROVIDER.into(),
        received_at: event.request_context.time_epoch,
        encoding: "text".into(),
        body: std::str::from_utf8(&body)?.into(),
    };
    let json = serde_json::to_vec(&Send {
        queue_url,
        message_body: &serde_json::to_string(&message)?,
        message_group_id: PROVIDER,
    })?;
    let sent = queue.call(json).await?;
    let sent: Sent<'_> = read("the queue's answer", &sent)?;
    line::write(&Line::new(id, body.len(), sent.message_id))?;
    Ok(200)
}

fn is_signed(event: &Event<'_>, body: &[u8], key: &str) -> Outcome<bool> {
    let (Some(time), Some(signature)) = (&event.headers.time, &event.headers.signature) else {
        return Ok(false);
    };
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes())?;
    for part in [b"v0:", time.as_bytes(), b":", body] {
        mac.update(part);
    }
    let mut given = [0; 32];
    hex::decode_to_slice(signature.as_bytes(), &mut given)?;
    let age = event.request_context.time_epoch / 1_000 - time.parse::<i64>()?;
    Ok(mac.verify_slice(&given).is_ok() && (-AHEAD..=BEHIND).contains(&age))
}

fn answer(status: u16) -> Vec<u8> {
    format!(r#"{{"statusCode":{status},"headers":{{}},"body":"","isBase64Encoded":false}}"#)
        .into_bytes()
}

/// The gateway's event, with the fields that are needed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    #[serde(borrow)]
    headers: Headers<'a>,
    #[serde(borrow)]
    body: Cow<'a, str>,
    is_base64_encoded: bool,
    request_context: Context,
}

#[derive(Deserialize)]
struct Headers<'a> {
    #[serde(borrow, rename = "x-cio-timestamp")]
    time: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "x-cio-signature")]
    signature: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    time_epoch: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Send<'a> {
    queue_url: &'a str,
    message_body: &'a str,
    message_group_id: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Sent<'a> {
    message_id: &'a str,
}

/// The line of a webhook.
#[derive(Serialize)]
struct Line<'a> {
    timestamp: String,
    level: &'static str,
    provider: &'static str,
    outcome: &'static str,
    request_id: &'a str,
    body_bytes: usize,
    message_id: &'a str,
}

impl<'a> Line<'a> {
    fn new(request_id: &'a str, body_bytes: usize, message_id: &'a str) -> Self {
        Self {
            timestamp: format!("{:.3}", now()),
            level: "info",
            provider: PROVIDER,
            outcome: "accepted",
            request_id,
            body_bytes,
            message_id,
        }
    }
}
