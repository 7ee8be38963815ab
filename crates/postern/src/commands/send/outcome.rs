//! What became of the webhooks that were sent.

use std::time::Duration;

use operator::Exit;
use operator::live::{Entry, Stream, Told, line};
use operator::print::printable;
use operator::send::{Chosen, Prepared, Reply};
use serde::Serialize;
use shared::auth::sha256_hex;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::{Instant, timeout_at};

use crate::console::with_commands;
use crate::environment::Environment;
use crate::error::CommandError;
use crate::output::{Color, Output};

/// How long it may take until a webhook is stored.
const PATIENCE: Duration = Duration::from_secs(10);

/// A webhook that was posted.
pub(super) struct Posted {
    name: String,
    body_sha256: String,
    began: Instant,
    took: Duration,
    reply: Option<Reply>,
    entry: Option<Entry>,
}

impl Posted {
    /// Remembers a webhook that is about to be posted.
    pub(super) fn begin(chosen: &Chosen, prepared: &Prepared) -> Self {
        Self {
            name: chosen.name.clone(),
            body_sha256: sha256_hex(&prepared.travels),
            began: Instant::now(),
            took: Duration::ZERO,
            reply: None,
            entry: None,
        }
    }

    /// Remembers its answer.
    pub(super) fn answered(self, reply: Reply) -> Self {
        Self {
            took: self.began.elapsed(),
            reply: Some(reply),
            ..self
        }
    }

    fn status(&self) -> u16 {
        let reply = self.reply.as_ref();
        reply.map_or(0, |reply| reply.status.as_u16())
    }

    fn is_accepted(&self) -> bool {
        self.status() == 200
    }

    /// Checks whether an entry is about this webhook: about its answer, or about what became of it.
    fn is_meant_by(&self, entry: &Entry) -> bool {
        let request_id = self.reply.as_ref().and_then(|r| r.request_id.as_ref());
        let is_of_answer = entry.request_id.is_some() && entry.request_id.as_ref() == request_id;
        let is_of_body = entry.body_sha256.as_ref() == Some(&self.body_sha256);
        is_of_answer || is_of_body && self.is_accepted()
    }
}

/// The entries of the local stack, read while the webhooks are sent.
pub(super) struct Feed(UnboundedReceiver<(Instant, Entry)>);

impl Feed {
    /// Begins to read. What is sent afterwards is not missed.
    pub(super) async fn open(api: &str) -> Result<Self, CommandError> {
        let mut stream = Stream::open(api, None).await?;
        let (told, entries) = unbounded_channel();
        tokio::spawn(async move {
            while let Ok(entry) = stream.next().await {
                if told.send((Instant::now(), entry)).is_err() {
                    return;
                }
            }
        });
        Ok(Self(entries))
    }

    /// Finds what became of each webhook, for as long as one may take.
    async fn find(mut self, posted: &mut [Posted]) {
        let deadline = Instant::now() + PATIENCE;
        let is_open = |posted: &Posted| posted.entry.is_none();
        while posted.iter().any(is_open) {
            let Ok(Some((at, entry))) = timeout_at(deadline, self.0.recv()).await else {
                return;
            };
            if entry.waits {
                continue;
            }
            // Two of one body are two: each entry is of one that has none yet.
            let mut open = posted.iter_mut().filter(|posted| is_open(posted));
            if let Some(meant) = open.find(|posted| posted.is_meant_by(&entry)) {
                meant.took = at.saturating_duration_since(meant.began).max(meant.took);
                meant.entry = Some(entry);
            }
        }
    }
}

/// What became of a webhook, for machines.
#[derive(Serialize)]
struct Outcome<'a> {
    sample: &'a str,
    status: u16,
    code: Option<&'a str>,
    events: &'a [Told],
    suppression: Option<&'a str>,
}

/// Prints what became of each webhook. Returns that the answer is no if one was refused.
pub(super) async fn tell(
    mut posted: Vec<Posted>,
    feed: Option<Feed>,
    target: &str,
    out: &Output,
    environment: &Environment,
) -> Result<Exit, CommandError> {
    let is_watched = feed.is_some();
    if let Some(feed) = feed {
        feed.find(&mut posted).await;
    }
    for posted in &posted {
        if out.is_json() {
            out.json(&outcome(posted))?;
            continue;
        }
        let color = if posted.is_accepted() {
            Color::Green
        } else {
            Color::Red
        };
        let status = out.paint(color, &posted.status().to_string());
        let said = with_commands(&said(posted, is_watched), target, environment);
        out.line(&format!("{status} {} {said}", printable(&posted.name)));
    }
    let is_accepted = posted.iter().all(Posted::is_accepted);
    Ok(if is_accepted { Exit::Done } else { Exit::No })
}

fn outcome(posted: &Posted) -> Outcome<'_> {
    let entry = posted.entry.as_ref();
    let events = entry.map_or(&[][..], |entry| &entry.events);
    let suppression = events.iter().rev();
    let mut suppression = suppression.filter_map(|event| event.suppression.as_deref());
    Outcome {
        sample: &posted.name,
        status: posted.status(),
        code: entry.and_then(|entry| entry.code.as_deref()),
        events,
        suppression: suppression.next(),
    }
}

fn said(posted: &Posted, is_watched: bool) -> String {
    let took = posted.took.as_millis();
    match &posted.entry {
        Some(entry) if entry.dead => format!("put aside: {}", line(entry).text),
        // What the gateway itself refuses has no code.
        Some(entry) if !posted.is_accepted() => line(entry).text,
        Some(entry) if entry.events.is_empty() && entry.code.is_none() => {
            format!("accepted in {took} ms: {}", line(entry).text)
        }
        Some(entry) if !entry.is_refused() => {
            format!("stored in {took} ms: {}", line(entry).text)
        }
        Some(entry) => line(entry).text,
        None if !posted.is_accepted() => {
            let reply = posted.reply.as_ref();
            let body = reply.map(|reply| printable(&reply.body));
            format!("refused {}", body.unwrap_or_default())
                .trim_end()
                .to_owned()
        }
        None if is_watched => format!(
            "accepted in {took} ms; whether it is stored is not known here after {} s: postern listen",
            PATIENCE.as_secs()
        ),
        None => format!("accepted in {took} ms"),
    }
}
