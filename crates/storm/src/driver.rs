//! Sends webhooks as providers do: several at once, out of order, some of them twice, and with
//! retries until they are acknowledged.

use std::collections::BTreeMap;
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use futures_util::stream::{self, StreamExt as _};
use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use crate::plan::{Plan, Signing, Webhook};
use operator::print::now;
use operator::send::Poster;
use operator::send::content_type;

/// How long a provider waits for an answer. Customer.io's 4 s is the shortest time that is
/// documented.
const PATIENCE: Duration = Duration::from_secs(4);
/// The back-off doubles from 100 ms to 5 s. This makes a minute of retries, where providers retry
/// for hours.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
const ATTEMPTS: usize = 20;

/// What became of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was answered 2xx.
    Acknowledged,
    /// It was answered 401, as it should be.
    Refused,
    /// It got no 2xx in any attempt.
    GaveUp,
}

/// A webhook that was sent at least once.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// What became of it.
    pub outcome: Outcome,
    /// When the first attempt began.
    pub first: Timestamp,
    /// When the last attempt ended.
    pub last: Timestamp,
}

/// The result of all the sending.
#[derive(Default)]
pub struct Tally {
    /// What became of each webhook, by its number.
    pub sent: BTreeMap<usize, Sent>,
    /// How many attempts were made.
    pub attempts: u64,
    /// How many attempts got each status.
    pub statuses: BTreeMap<u16, u64>,
    /// How many attempts got no answer: no connection, a broken one, or no answer within 4 s.
    pub unanswered: u64,
    /// How long each 2xx took, in microseconds.
    pub answers: Vec<u32>,
    /// How many webhooks with a right signature were answered 401.
    pub wrongly_refused: u64,
}

/// The attempts of one webhook.
struct Attempts {
    number: usize,
    sent: Sent,
    statuses: Vec<Option<u16>>,
    answer: Option<u32>,
}

impl Tally {
    fn add(&mut self, attempts: Attempts, signing: Signing) {
        for status in attempts.statuses {
            self.attempts += 1;
            match status {
                Some(status) => *self.statuses.entry(status).or_default() += 1,
                None => self.unanswered += 1,
            }
            let is_wrong = signing == Signing::Right && status == Some(401);
            self.wrongly_refused += u64::from(is_wrong);
        }
        self.answers.extend(attempts.answer);
        let sent = attempts.sent;
        let of_both = self.sent.entry(attempts.number).or_insert(sent);
        of_both.first = of_both.first.min(sent.first);
        of_both.last = of_both.last.max(sent.last);
        if of_both.outcome != Outcome::Acknowledged {
            of_both.outcome = sent.outcome;
        }
    }
}

/// Sends the webhooks of `order`, `concurrency` at a time. `progress` is told how many are done.
pub async fn drive(
    plan: &Plan,
    order: &[usize],
    sender: &Poster,
    concurrency: usize,
    progress: &watch::Sender<usize>,
    tally: &mut Tally,
) {
    let webhooks = order
        .iter()
        .filter_map(|number| Some((*number, plan.webhooks.get(*number)?)));
    let sending = stream::iter(webhooks).map(|(number, webhook)| async move {
        (send(plan, number, webhook, sender).await, webhook.signing)
    });
    let mut sending = sending.buffer_unordered(concurrency);
    while let Some((attempts, signing)) = sending.next().await {
        tally.add(attempts, signing);
        progress.send_modify(|done| *done += 1);
    }
}

async fn send(plan: &Plan, number: usize, webhook: &Webhook, sender: &Poster) -> Attempts {
    let first = now();
    let url = sender.url(webhook.provider);
    let mut pauses = ExponentialBuilder::new()
        .with_min_delay(FIRST_PAUSE)
        .with_max_delay(LONGEST_PAUSE)
        .with_max_times(ATTEMPTS - 1)
        .with_jitter()
        .with_jitter_seed(number as u64)
        .build();
    let mut statuses = Vec::new();
    let mut answer = None;
    let outcome = loop {
        let headers = plan.headers(webhook, now());
        let started = Instant::now();
        let content_type = content_type(webhook.provider, &webhook.body);
        let posting = sender.post(&url, content_type, &headers, webhook.body.clone());
        let reply = timeout(PATIENCE, posting).await.ok().and_then(Result::ok);
        let status = reply.map(|reply| reply.status);
        statuses.push(status.map(|status| status.as_u16()));
        if status.is_some_and(|status| status.is_success()) {
            answer = u32::try_from(started.elapsed().as_micros()).ok();
            break Outcome::Acknowledged;
        }
        if webhook.signing != Signing::Right && statuses.last() == Some(&Some(401)) {
            break Outcome::Refused;
        }
        match pauses.next() {
            Some(pause) => sleep(pause).await,
            None => break Outcome::GaveUp,
        }
    };
    let sent = Sent {
        outcome,
        first,
        last: now(),
    };
    Attempts {
        number,
        sent,
        statuses,
        answer,
    }
}
