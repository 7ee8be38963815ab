//! End to end: webhooks by HTTP through gateway, receiver, queue, consumer, into the table.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use operator::send::Poster;
use shared::sender::Sender;
use stack::faults::Faults;
use stack::gateway::Gateway;
use stack::lambda::Lambda;
use stack::live::Live;
use stack::poller::{Observer, Poller};
use stack::template::Route;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::outcome::Outcome;
use crate::services::Services;
use crate::stats::count;
use crate::subject::{CONSUMER, Subject, silent};
use crate::workload::{Events, Mix, no_others};

/// Webhooks under way at once.
const CLIENTS: usize = 8;
/// Instances of a function at once: the machine is shared with the stack itself.
const INSTANCES: usize = 2;
/// The longest wait for the queue to be empty.
const PATIENCE: Duration = Duration::from_mins(2);

/// Sends `webhooks` arrays of `length` (1: a plain object) of a provider, waits until all are
/// stored, and returns the events per second.
pub(crate) async fn run(
    services: &Services,
    subjects: &[Subject],
    provider: &'static dyn Sender,
    (webhooks, length): (usize, usize),
) -> Outcome<f64> {
    let receiver = function(subjects, provider.name())?;
    let consumer = function(subjects, CONSUMER)?;
    receiver.warm().await?;
    consumer.warm().await?;

    let stored = Arc::new(AtomicUsize::new(0));
    let observer: Observer = {
        let stored = Arc::clone(&stored);
        Arc::new(move |handled| {
            stored.fetch_add(usize::from(handled.stored), Ordering::Relaxed);
        })
    };
    let source = services
        .template
        .functions
        .iter()
        .find_map(|function| function.sources.first().cloned())
        .ok_or("no event source")?;
    let poller = Poller {
        queue: services.sqs.queue(&source.queue).ok_or("no queue")?,
        source,
        function: consumer,
        retry_after: Duration::from_secs(1),
        observer,
        faults: Faults::new(0, Vec::new()),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let route = Route {
        method: "POST".to_owned(),
        path: format!("/webhooks/{}", provider.name()),
        is_signed: false,
    };
    let gateway = Gateway {
        routes: vec![(route, receiver)],
        status: serde_json::Value::Null, // nobody asks
        port: address.port(),
        live: Live::default(),
        page: None,
        bus: None,
    };
    let mut tasks = JoinSet::new();
    tasks.spawn(gateway.serve(listener));
    tasks.spawn(poller.run());

    let bodies = bodies(provider, webhooks, length)?;
    let start = Instant::now();
    send(&address.to_string(), provider, bodies).await?;
    while stored.load(Ordering::Relaxed) < webhooks {
        if start.elapsed() > PATIENCE {
            return Err("not everything was stored in time".into());
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let seconds = start.elapsed().as_secs_f64();
    tasks.shutdown().await;
    Ok(count(webhooks * length) / seconds)
}

fn function(subjects: &[Subject], name: &str) -> Outcome<Arc<Lambda>> {
    let subject = subjects.iter().find(|subject| subject.name == name);
    let subject = subject.ok_or_else(|| format!("no function {name}"))?;
    Ok(Arc::new(subject.lambda(silent(), INSTANCES)))
}

fn bodies(provider: &dyn Sender, webhooks: usize, length: usize) -> Outcome<Vec<String>> {
    let mut events = Events::new(provider.name(), Mix::Ordinary)?;
    let body = |_| match length {
        1 => events.one().to_string(),
        length => events.array(length),
    };
    Ok((0..webhooks).map(body).collect())
}

async fn send(api: &str, provider: &'static dyn Sender, bodies: Vec<String>) -> Outcome<()> {
    let sender = Arc::new(Poster::new(api, no_others()));
    let bodies = Arc::new(Mutex::new(bodies));
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let (sender, bodies) = (Arc::clone(&sender), Arc::clone(&bodies));
        clients.spawn(async move {
            loop {
                let next = bodies.lock().unwrap_or_else(PoisonError::into_inner).pop();
                let Some(body) = next else { return Ok(()) };
                let reply = sender.send(provider, body.into_bytes()).await;
                let reply = reply.map_err(|error| error.to_string())?;
                if reply.status != 200 {
                    return Err(format!("the webhook was answered {}", reply.status));
                }
            }
        });
    }
    while let Some(client) = clients.join_next().await {
        client??;
    }
    Ok(())
}
