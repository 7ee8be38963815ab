//! Sends samples, and webhooks that have come, once more.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderName, Request, header};
use http_body_util::Full;
use operator::http::Http;
use operator::print::now;
use operator::samples;
use operator::send::{
    Break, Chosen, How, Poster, Prepared, Reply, curl, enqueue, of_stack, prepared,
};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::provider::Strength;
use tokio::time::Duration;

use super::vouched::unsigned;
use crate::error::PageError;
use crate::inspector::{Inspector, Running};
use crate::memory::Caught;

/// How long an answer may take: a little longer than API Gateway waits for a function.
const PATIENCE: Duration = Duration::from_secs(35);
/// The most times that a sample is sent at once.
const TIMES: usize = 2;
/// The headers that belong to a connection, and not to what was sent by it.
const OF_CONNECTION: [HeaderName; 6] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::EXPECT,
    header::HOST,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Returns the names of all samples, by provider.
pub(crate) fn samples() -> Value {
    let mut all: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for sample in samples::all() {
        let case = sample.name.split_once('/').map_or("", |(_, case)| case);
        all.entry(sample.provider).or_default().push(case);
    }
    json!({"samples": all})
}

/// What is sent, and how.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sample {
    #[serde(rename = "sample")]
    name: String,
    #[serde(default)]
    recipient: Option<String>,
    #[serde(default, rename = "break")]
    wrong: Option<Wrong>,
    #[serde(default = "once")]
    times: usize,
}

fn once() -> usize {
    1
}

/// What is wrong with it, on purpose.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Wrong {
    Signature,
    Key,
    Body,
    Time,
}

impl From<Wrong> for Break {
    fn from(wrong: Wrong) -> Self {
        match wrong {
            Wrong::Signature => Self::Signature,
            Wrong::Key => Self::Key,
            Wrong::Body => Self::Body,
            Wrong::Time => Self::Time,
        }
    }
}

/// Sends a sample, dated now.
pub(crate) async fn sample(page: &Inspector, asked: &Sample) -> Result<Value, PageError> {
    let running = page.running().ok_or_else(PageError::starting)?;
    // What names a sample must not name a file of this machine.
    let known = samples::find(&asked.name);
    let known =
        known.ok_or_else(|| PageError::asked("sample_unknown", "there is no such sample"))?;
    if !(1..=TIMES).contains(&asked.times) {
        return Err(PageError::asked("times_unreadable", "times is 1 or 2"));
    }
    let sender = registry::sender(known.provider);
    let sender = sender.ok_or_else(|| PageError::missing("the provider"))?;
    let chosen = Chosen {
        name: known.name.to_owned(),
        sender,
        body: known.body.to_vec(),
    };
    let recipient = asked.recipient.clone();
    let how = How {
        recipient: recipient.filter(|to| !to.trim().is_empty()),
        as_is: false,
        wrong: asked.wrong.map(Break::from),
    };
    let mut sent = Vec::new();
    let ready = ready(running, chosen, &how).await?;
    for _ in 0..asked.times {
        sent.push(posted(page, &ready.post(running).await?));
    }
    Ok(json!({"sent": sent}))
}

/// How a webhook that has come is sent again.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Again {
    #[serde(default)]
    unchanged: bool,
}

/// Sends a webhook again: signed anew and dated now, or byte for byte.
pub(crate) async fn again(
    page: &Inspector,
    caught: &Caught,
    asked: &Again,
) -> Result<Value, PageError> {
    let running = page.running().ok_or_else(PageError::starting)?;
    let reply = if !asked.unchanged {
        let ready = ready(running, of(caught)?, &How::default()).await?;
        ready.post(running).await?
    } else if caught.arrived.queue_arn.is_some() {
        let chosen = of(caught)?;
        if chosen.sender.strength() != Strength::Transport {
            return Err(PageError::asked(
                "request_unknown",
                "only its message is known, not the request: send it again",
            ));
        }
        enqueue(&running.target, chosen.sender, &chosen.body).await?
    } else {
        replayed(running, caught).await?
    };
    Ok(json!({"sent": [posted(page, &reply)]}))
}

/// Returns the webhook as a command line, signed now.
pub(crate) async fn curl_of(page: &Inspector, caught: &Caught) -> Result<Value, PageError> {
    let running = page.running().ok_or_else(PageError::starting)?;
    let chosen = of(caught)?;
    operator::send::are_webhooks(std::slice::from_ref(&chosen))?;
    let ready = ready(running, chosen, &How::default()).await?;
    let url = ready.poster.url_with_key(ready.chosen.sender)?;
    let text = curl(&ready.chosen.name, &url, &ready.prepared)?;
    Ok(json!({"text": text}))
}

/// Returns what a webhook was made of, for its provider to sign anew.
fn of(caught: &Caught) -> Result<Chosen, PageError> {
    let sender = caught.provider;
    let sender = sender.ok_or_else(|| {
        PageError::asked(
            "provider_unknown",
            "no provider has this path, so nobody can sign it",
        )
    })?;
    let is_message = caught.arrived.queue_arn.is_some() && sender.strength() != Strength::Transport;
    let body = if is_message {
        let message = String::from_utf8_lossy(caught.arrived.body());
        let opened = registry::open(&message).ok();
        let opened = opened.ok_or_else(|| PageError::missing("the body"))?;
        opened.1.body().to_vec()
    } else {
        unsigned(sender, caught.arrived.body()).into_owned()
    };
    Ok(Chosen {
        name: caught.name(),
        sender,
        body,
    })
}

/// A webhook that is ready to be posted.
struct Ready {
    chosen: Chosen,
    poster: Poster,
    prepared: Prepared,
}

async fn ready(running: &Running, chosen: Chosen, how: &How) -> Result<Ready, PageError> {
    let keys = of_stack(&running.target, std::slice::from_ref(&chosen)).await?;
    let poster = Poster::to(running.target.api(), keys);
    let prepared = prepared(&chosen, &poster.key(chosen.sender)?, how, now())?;
    Ok(Ready {
        chosen,
        poster,
        prepared,
    })
}

impl Ready {
    async fn post(&self, running: &Running) -> Result<Reply, PageError> {
        let Self {
            chosen,
            poster,
            prepared,
        } = self;
        if chosen.sender.strength() == Strength::Transport {
            return Ok(enqueue(&running.target, chosen.sender, &prepared.body).await?);
        }
        let url = poster.url_with_key(chosen.sender)?;
        let Prepared {
            content_type,
            headers,
            body,
            ..
        } = prepared;
        Ok(poster
            .post(&url, content_type, headers, body.clone())
            .await?)
    }
}

/// Posts a request once more, byte for byte.
async fn replayed(running: &Running, caught: &Caught) -> Result<Reply, PageError> {
    let arrived = &caught.arrived;
    let body = arrived.body.clone();
    let body = body.ok_or_else(|| PageError::missing("the body"))?;
    let query = arrived.query.as_deref().map(|query| format!("?{query}"));
    let url = format!(
        "{}{}{}",
        running.target.api(),
        arrived.path,
        query.unwrap_or_default()
    );
    let mut request = Request::builder().method(arrived.method.as_str()).uri(url);
    for (name, value) in &arrived.headers {
        if !OF_CONNECTION.contains(name) {
            request = request.header(name, value);
        }
    }
    let request = request.body(Full::new(body));
    let request = request.map_err(|error| PageError::failed(error.to_string()))?;
    let answer = Http::new(PATIENCE).exchange(request).await;
    let (status, headers, body): (_, _, Bytes) = answer.map_err(PageError::failed)?;
    let id = headers
        .get("apigw-requestid")
        .and_then(|id| id.to_str().ok());
    Ok(Reply {
        status,
        body: String::from_utf8_lossy(&body).into_owned(),
        request_id: id.map(str::to_owned),
    })
}

fn posted(page: &Inspector, reply: &Reply) -> Value {
    let memory = page.memory();
    let caught = reply
        .request_id
        .as_ref()
        .and_then(|id| memory.of_request(id));
    json!({
        "status": reply.status.as_u16(),
        "request_id": reply.request_id,
        "webhook": caught.map(Caught::name),
    })
}
