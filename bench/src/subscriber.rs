//! A whole local stack, and an endpoint that it tells: when each event was sent, and when its
//! notification came.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use operator::Target;
use operator::send::Poster;
use operator::webhooks::{Addition, Webhooks};
use serde_json::Value;
use stack::Stack;
use stack::faults::{Endpoint, Injection, Post, Receive};
use stack::lambda::Output;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use crate::local::{Local, unobserved};
use crate::outcome::Outcome;
use crate::stats::count;
use crate::subject::RECEIVER;
use crate::workload::{self, Events, Mix, no_others};

/// The longest wait for the last notification.
const PATIENCE: Duration = Duration::from_mins(2);

/// When each event was sent, and when its notification came, by the event's id.
#[derive(Default)]
struct Seen {
    sent: HashMap<String, Instant>,
    told: HashMap<String, Instant>,
}

/// A stack, and the endpoint that is measured.
pub(crate) struct Run {
    pub(crate) stack: Stack,
    poster: Arc<Poster>,
    events: Events,
    /// Those that come in arrays. No event is said twice: it would be told once.
    in_arrays: Events,
    seen: Arc<Mutex<Seen>>,
    /// The requests that the endpoint got, and their bytes.
    pub(crate) got: Arc<Mutex<(usize, usize)>>,
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for Run {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Run {
    /// Starts a stack with the endpoint that is measured, and one that never answers if that is
    /// wanted.
    pub(crate) async fn start(
        built: Option<&Path>,
        output: Output,
        is_beside: bool,
    ) -> Outcome<Self> {
        let parameters = [("Outlets", "yes"), ("AnnounceMaxAgeDays", "3650")];
        let stack = Local {
            built,
            parameters: parameters
                .map(|(name, value)| (name, value.to_owned()))
                .into(),
            faults: Vec::new(),
            output,
        };
        let stack = stack.start(unobserved()).await?;
        let seen = Arc::<Mutex<Seen>>::default();
        let got = Arc::<Mutex<(usize, usize)>>::default();
        let receive: Receive = {
            let (seen, got) = (Arc::clone(&seen), Arc::clone(&got));
            Arc::new(move |post: Post| note(&seen, &got, &post))
        };
        let mut run = Self {
            poster: Arc::new(Poster::new(stack.api, no_others())),
            stack,
            events: Events::new(RECEIVER, Mix::Ordinary)?,
            in_arrays: Events::new("insider", Mix::Ordinary)?,
            seen,
            got,
            tasks: Vec::new(),
        };
        run.subscribe(Vec::new(), receive).await?;
        if is_beside {
            run.subscribe(vec!["endpoint:hang=1".parse()?], Arc::new(|_| {}))
                .await?;
        }
        Ok(run)
    }

    /// Serves an endpoint with these faults, and subscribes it to everything.
    async fn subscribe(&mut self, faults: Vec<Injection>, receive: Receive) -> Outcome<()> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/notifications", listener.local_addr()?);
        let endpoint = Endpoint::new(204, 1, Duration::from_hours(1), receive);
        endpoint.set(&faults);
        self.tasks.push(tokio::spawn(endpoint.serve(listener)));
        let target = Target::local(self.stack.api).await?;
        let addition = Addition {
            url: url.as_str().into(),
            events: "*".to_owned(),
            ..Addition::default()
        };
        Webhooks::of(&target, None)?.add(&addition).await?;
        Ok(())
    }

    /// Sends so many webhooks, so many a second, and waits for their notifications. Returns how
    /// long each took, in milliseconds.
    pub(crate) async fn send(&mut self, webhooks: usize, rate: u32) -> Outcome<Vec<f64>> {
        let provider = registry::sender(RECEIVER).ok_or("no such provider")?;
        let mut ticks = interval(Duration::from_secs(1) / rate);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut ids = Vec::new();
        let mut sending = tokio::task::JoinSet::new();
        for _ in 0..webhooks {
            ticks.tick().await;
            let body = self.events.one().to_string();
            let id = event_id(&body)?;
            let sent = Instant::now();
            lock(&self.seen).sent.insert(id.clone(), sent);
            ids.push(id);
            let poster = Arc::clone(&self.poster);
            sending.spawn(async move { poster.send(provider, body.into_bytes()).await });
        }
        while let Some(sent) = sending.join_next().await {
            let status = sent??.status;
            if status != 200 {
                return Err(format!("a webhook was answered {status}").into());
            }
        }
        self.all_told(&ids).await
    }

    async fn all_told(&self, ids: &[String]) -> Outcome<Vec<f64>> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let took = took(&lock(&self.seen), ids);
            if took.len() == ids.len() {
                return Ok(took);
            }
            if Instant::now() > deadline {
                return Err(format!("{} of {} were told", took.len(), ids.len()).into());
            }
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Sends so many events in arrays, and waits until the endpoint has been told of all.
    pub(crate) async fn send_arrays(&mut self, arrays: usize, length: usize) -> Outcome<()> {
        let provider = registry::sender("insider").ok_or("no such provider")?;
        let before = lock(&self.got).0;
        for _ in 0..arrays {
            let body = self.in_arrays.array(length);
            self.poster.send(provider, body.into_bytes()).await?;
        }
        let deadline = Instant::now() + PATIENCE;
        while lock(&self.got).0 < before + arrays * length {
            if Instant::now() > deadline {
                return Err("not everything was told in time".into());
            }
            sleep(Duration::from_millis(20)).await;
        }
        // the last lines are read after the answer
        sleep(Duration::from_secs(1)).await;
        Ok(())
    }
}

/// Notes a notification that has come.
fn note(seen: &Mutex<Seen>, got: &Mutex<(usize, usize)>, post: &Post) {
    let now = Instant::now();
    let headers = post.headers.iter();
    let headers: usize = headers
        .map(|(name, value)| name.len() + value.len() + 4)
        .sum();
    let mut got = lock(got);
    got.0 += 1;
    got.1 += headers + post.path.len() + "POST  HTTP/1.1\r\n\r\n".len() + post.body.len();
    let body: Option<Value> = serde_json::from_slice(&post.body).ok();
    let id = body.and_then(|body| Some(body.pointer("/data/id")?.as_str()?.to_owned()));
    if let Some(id) = id {
        lock(seen).told.entry(id).or_insert(now);
    }
}

/// How long each of these took, as far as they have come, in milliseconds.
fn took(seen: &Seen, ids: &[String]) -> Vec<f64> {
    let took = ids.iter().filter_map(|id| {
        let (sent, told) = (seen.sent.get(id)?, seen.told.get(id)?);
        Some(told.duration_since(*sent).as_secs_f64() * 1_000.0)
    });
    took.collect()
}

/// The id that Postern gives the event of a webhook.
fn event_id(body: &str) -> Outcome<String> {
    let message = workload::message(RECEIVER, body)?;
    let event = registry::normalize(&message)?.events.into_iter().next();
    Ok(event.ok_or("no event")?.id.as_str().to_owned())
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Items of a slice for each of so many, as a number to divide by.
pub(crate) fn each(sum: usize, of: usize) -> f64 {
    count(sum) / count(of)
}
