//! Processes a batch: all its messages at once, so that a slow endpoint delays none of the others'
//! ends. Each is logged as it ends.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use outlets::breaker::LastTest;
use outlets::message::Message;
use outlets::notification::Notification;
use runtime::clock;
use runtime::log::{self, Level};
use runtime::outbox::MOST;
use tokio::time::{Duration, Instant};

use crate::after::{self, Unwritten};
use crate::attempt::{Attempt, attempt};
use crate::content::notification;
use crate::end::{End, Said};
use crate::event::{BatchResponse, ItemFailure, Record};
use crate::known::Known;
use crate::line::Line;
use crate::plan::Plan;
use crate::putting::Putting;
use crate::state::Deliver;
use crate::states;
use crate::tried::{Tried, Verdict};

/// The time before the `deadline` in which the next messages and parked items are written.
const WRITING: Duration = Duration::from_secs(6);
/// The code of a message that cannot be read.
const UNREADABLE: &str = "message_unreadable";
/// The code of a message whose processing panicked.
const PANICKED: &str = "panicked";
/// The code of a message after which nothing could be written.
const UNWRITTEN: &str = "next_unwritten";

/// How long a message is hidden after its first receive. It doubles with each receive.
const HIDDEN: Duration = Duration::from_secs(30);
/// The longest that a message is hidden.
const HIDDEN_MOST: Duration = Duration::from_mins(30);

/// Processes a batch by the `deadline`, and returns the messages that the queue must keep.
pub(crate) async fn process(
    records: &[Record],
    deliver: &Deliver,
    request_id: &str,
    deadline: Instant,
) -> BatchResponse {
    let messages: Vec<Option<Message>> = records
        .iter()
        .map(|record| Message::decode(&record.body))
        .collect();
    let readable: Vec<&Message> = messages.iter().flatten().collect();
    let reading = Known::read(&readable, deliver, clock::now(), deadline - WRITING);
    let known = Box::pin(reading).await;
    let putting = Putting::of(&readable, &known, deliver, clock::now(), deadline - WRITING);
    let job = Job {
        known: &known,
        deliver,
        putting,
        request_id,
        deadline,
    };
    let ends = records
        .iter()
        .zip(&messages)
        .map(|(record, message)| Box::pin(job.ended(record, message.as_ref())));
    let ends = join_all(ends).await;
    let is_waiting: Vec<bool> = ends.iter().map(|end| end.waits).collect();
    let said = ends.into_iter().filter_map(|end| end.said).collect();
    let waiting: Vec<&Record> = records
        .iter()
        .zip(is_waiting)
        .filter_map(|(record, waits)| waits.then_some(record))
        .collect();
    tokio::join!(
        states::judge(said, &known, deliver, request_id),
        hide(&waiting, deliver),
    );
    let failures = waiting.iter().map(|record| ItemFailure {
        item_identifier: record.message_id.clone(),
    });
    BatchResponse {
        batch_item_failures: failures.collect(),
    }
}

/// Hides what waits, longer each time. If this fails, it comes after the queue's own time.
async fn hide(waiting: &[&Record], deliver: &Deliver) {
    for part in waiting.chunks(MOST) {
        let messages = part.iter().map(|record| {
            let handle = record.receipt_handle.as_str();
            (handle, hidden(record.receives()))
        });
        let messages: Vec<(&str, Duration)> = messages.collect();
        deliver.outbox.hide(&messages).await;
    }
}

fn hidden(receives: u32) -> Duration {
    let doubled = 1_u32.checked_shl(receives.saturating_sub(1));
    let time = doubled.and_then(|times| HIDDEN.checked_mul(times));
    time.unwrap_or(HIDDEN_MOST).min(HIDDEN_MOST)
}

/// What the messages of a batch have in common.
struct Job<'a> {
    known: &'a Known,
    deliver: &'a Deliver,
    putting: Putting<'a>,
    request_id: &'a str,
    deadline: Instant,
}

impl Job<'_> {
    /// Processes a message to its end. If that panics, the message is put aside: it would stop its
    /// neighbours each time.
    async fn ended(&self, record: &Record, message: Option<&Message>) -> End {
        let Some(message) = message else {
            return self.put_aside(record, None, UNREADABLE).await;
        };
        let processing = AssertUnwindSafe(self.process(message)).catch_unwind();
        match processing.await {
            Ok(end) => end,
            Err(_) => self.put_aside(record, Some(message), PANICKED).await,
        }
    }

    async fn process(&self, message: &Message) -> End {
        match self.known.plan(message, clock::now()) {
            Ok(Plan::Try) => self.try_it(message).await,
            Ok(Plan::Hold(code)) => self.hold(message, code).await,
            Ok(Plan::Drop(code)) => self.drop_it(message, code).await,
            Err(code) => self.wait(message, code),
        }
    }

    async fn try_it(&self, message: &Message) -> End {
        let deadline = self.deadline - WRITING;
        let attempt = attempt(message, self.known, self.deliver, &self.putting, deadline);
        match Box::pin(attempt).await {
            Attempt::Tried(notification, tried) => self.after(message, &notification, &tried).await,
            Attempt::Dropped(code) => self.drop_it(message, code).await,
            Attempt::Waits(code) => self.wait(message, code),
        }
    }

    /// Writes what comes after an attempt. The endpoint is judged by it in any case.
    async fn after(&self, message: &Message, notification: &Notification, tried: &Tried) -> End {
        let now = clock::now();
        let line = |level, outcome| {
            self.line(level, outcome, message)
                .about(&notification.id, Some(&notification.kind))
                .tried(tried)
        };
        let written = match tried.verdict {
            Verdict::Delivered => {
                after::forget(message, self.deliver).await;
                log::line(&line(Level::Info, "delivered"));
                Ok(())
            }
            Verdict::Gone => {
                log::line(&line(Level::Error, "gone"));
                after::keep(message, notification, tried, self.deliver, now).await
            }
            Verdict::Failed => {
                let next = after::next(message, notification, tried, self.deliver, now).await;
                let due = next.as_ref().ok().copied().flatten();
                log::line(&line(Level::Warn, "failed").next_at(due));
                next.map(|_| ())
            }
        };
        let said = Said {
            outlet: message.outlet,
            at: now,
            outcome: tried.outcome(message.probe),
            test: message.test.as_ref().map(|id| LastTest {
                id: id.clone(),
                delivered: tried.verdict == Verdict::Delivered,
                code: tried.code.to_owned(),
                status: tried.status,
                latency_ms: tried.latency_ms(),
                at: Some(now),
            }),
        };
        let end = match written {
            Ok(()) => End::default(),
            Err(Unwritten) => self.wait(message, UNWRITTEN),
        };
        if said.test.is_some() {
            // Somebody waits for it, and must not wait for the slowest of the batch.
            let judging = states::judge(vec![said], self.known, self.deliver, self.request_id);
            judging.await;
            return end;
        }
        End {
            said: Some(said),
            ..end
        }
    }

    /// Holds a message. What there is nothing to tell of is not held: whoever was erased stays so.
    async fn hold(&self, message: &Message, code: &'static str) -> End {
        let now = clock::now();
        let Some(endpoint) = self.known.endpoint(message) else {
            return self.drop_it(message, "removed").await;
        };
        let item = match self.known.item(message) {
            Ok(item) => item,
            Err(code) => return self.wait(message, code),
        };
        let notification = match notification(message, endpoint, item, now) {
            Ok(notification) => notification,
            Err(code) => return self.drop_it(message, code).await,
        };
        match after::hold(message, &notification, self.deliver, now).await {
            Ok(()) => {
                log::line(
                    &self
                        .known_line(Level::Info, "parked", message)
                        .because(code),
                );
                End::default()
            }
            Err(Unwritten) => self.wait(message, UNWRITTEN),
        }
    }

    async fn drop_it(&self, message: &Message, code: &'static str) -> End {
        after::forget(message, self.deliver).await;
        log::line(
            &self
                .known_line(Level::Info, "dropped", message)
                .because(code),
        );
        End::default()
    }

    fn wait(&self, message: &Message, code: &'static str) -> End {
        log::line(
            &self
                .known_line(Level::Warn, "waiting", message)
                .because(code),
        );
        End::waiting()
    }

    async fn put_aside(
        &self,
        record: &Record,
        message: Option<&Message>,
        code: &'static str,
    ) -> End {
        let now = clock::now();
        let is_there = self.deliver.dead_letters.put_aside(&record.body, code, now);
        let outcome = if is_there.await {
            "put_aside"
        } else {
            "waiting"
        };
        let line = Line::new(Level::Error, outcome, message, self.request_id, now);
        log::line(&line.because(code));
        End {
            waits: outcome == "waiting",
            said: None,
        }
    }

    fn line(&self, level: Level, outcome: &'static str, message: &Message) -> Line<'_> {
        Line::new(level, outcome, Some(message), self.request_id, clock::now())
    }

    /// Returns a line with the id, as far as it is known without the item.
    fn known_line(&self, level: Level, outcome: &'static str, message: &Message) -> Line<'_> {
        let line = self.line(level, outcome, message);
        let id = message.fact.as_ref().map(|fact| fact.id(None));
        match id.as_ref().or(message.test.as_ref()) {
            Some(id) => line.about(id, None),
            None => line,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_hidden_for_half_a_minute_and_twice_as_long_each_time() {
        let seconds = [0, 1, 2, 3, 6, 7, 8, 32, 33, 1_000].map(|n| hidden(n).as_secs());
        assert_eq!(
            seconds,
            [30, 30, 60, 120, 960, 1_800, 1_800, 1_800, 1_800, 1_800]
        );
    }
}
