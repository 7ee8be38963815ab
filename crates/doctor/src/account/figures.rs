//! The metrics that the checks judge, asked for in three calls.

use futures_util::join;
use jiff::{SignedDuration, Timestamp};

use crate::check::Unread;
use operator::account::metrics::{Metric, Series, series};
use operator::account::{AccountError, Deployed};

use super::function::Function;

/// How far back silence is looked for: as long as `CloudWatch` keeps values of minutes.
pub(super) const FORTNIGHT_HOURS: i64 = 15 * 24;
const INDEXES: [Option<&str>; 3] = [None, Some("by_message"), Some("by_problem")];
const THROTTLED: [&str; 2] = ["WriteThrottleEvents", "ReadThrottleEvents"];
const AGE: &str = "ApproximateAgeOfOldestMessage";
const VISIBLE: &str = "ApproximateNumberOfMessagesVisible";
/// What is said of an endpoint each minute, or of each batch, is over if nobody says it for so
/// long: two values of five minutes.
const RECENT: SignedDuration = SignedDuration::from_mins(10);

/// The outputs with the URLs of the queues of what was put aside on the way out.
pub(super) const PUT_ASIDE: [&str; 2] = ["OutboxDeadLetterQueueUrl", "FanoutFailuresQueueUrl"];

type Found = Result<Vec<(Metric, Series)>, Unread>;

/// The metrics of one stack, or why they could not be read.
pub(super) struct Figures {
    stack: Deployed,
    hour: Found,
    day: Found,
    fortnight: Found,
}

impl Figures {
    /// Asks for everything.
    pub(super) async fn asked(
        stack: &Deployed,
        functions: &[Function],
        providers: &[String],
    ) -> Self {
        let of_functions = functions.iter().flat_map(|function| {
            let of = |name| Metric::of_function(name, &function.physical);
            [of("Errors"), of("Throttles")]
        });
        let of_queues = [queue(stack), dead_letters(stack)];
        let hour: Vec<Metric> = of_functions
            .chain(of_queues.into_iter().flatten())
            .chain(of_outlets(stack))
            .collect();
        let accepted = |provider: &String| Metric::of_provider(stack, "accepted", provider);
        let rejected = |provider: &String| Metric::of_provider(stack, "rejected", provider);
        let day = providers.iter().flat_map(|p| [accepted(p), rejected(p)]);
        let unreadable = Metric::of_stack(stack, "secret_refresh_failed");
        let day = day.chain(throttled(stack)).chain([unreadable]).collect();
        let fortnight = providers.iter().map(accepted).collect();
        let (hour, day, fortnight) = join!(
            found(stack, hour, 1),
            found(stack, day, 24),
            found(stack, fortnight, FORTNIGHT_HOURS)
        );
        Self {
            stack: stack.clone(),
            hour,
            day,
            fortnight,
        }
    }

    /// Returns that nothing could be read.
    pub(super) fn none(stack: &Deployed, cause: &str) -> Self {
        let none = || Err(Unread::Failed(cause.to_owned()));
        Self {
            stack: stack.clone(),
            hour: none(),
            day: none(),
            fortnight: none(),
        }
    }

    /// Returns a function's errors in the last hour.
    pub(super) fn errors(&self, function: &str) -> Result<u64, Unread> {
        let metric = Metric::of_function("Errors", function);
        Ok(one(&self.hour, &metric)?.total())
    }

    /// Returns how often a function was throttled in the last hour.
    pub(super) fn throttles(&self, function: &str) -> Result<u64, Unread> {
        let metric = Metric::of_function("Throttles", function);
        Ok(one(&self.hour, &metric)?.total())
    }

    /// Returns how old the oldest webhook in the queue is now, in seconds.
    pub(super) fn oldest_webhook(&self) -> Result<Option<f64>, Unread> {
        age(&self.hour, queue(&self.stack))
    }

    /// Returns how old the oldest dead letter is now, in seconds.
    pub(super) fn oldest_dead_letter(&self) -> Result<Option<f64>, Unread> {
        age(&self.hour, dead_letters(&self.stack))
    }

    /// Returns how old the records are that `fanout` reads now, in milliseconds.
    pub(super) fn stream_age(&self, now: Timestamp) -> Result<Option<f64>, Unread> {
        match stream(&self.stack) {
            Some(metric) => Ok(recent(one(&self.hour, &metric)?, now)),
            None => Ok(None),
        }
    }

    /// Returns for how many seconds the endpoint fails that fails for the longest time.
    pub(super) fn failing(&self, now: Timestamp) -> Result<Option<f64>, Unread> {
        Ok(recent(one(&self.hour, &failing(&self.stack))?, now))
    }

    /// Returns how many seconds ago the oldest notification that waits was tried first.
    pub(super) fn undelivered(&self, now: Timestamp) -> Result<Option<f64>, Unread> {
        Ok(recent(one(&self.hour, &undelivered(&self.stack))?, now))
    }

    /// Returns how many messages the queue has whose URL is this output.
    pub(super) fn visible(&self, output: &str) -> Result<Option<f64>, Unread> {
        age(&self.hour, visible(&self.stack, output))
    }

    /// Returns the accepted webhooks of a provider in the last day.
    pub(super) fn accepted(&self, provider: &str) -> Result<Series, Unread> {
        let metric = Metric::of_provider(&self.stack, "accepted", provider);
        Ok(one(&self.day, &metric)?.clone())
    }

    /// Returns the accepted webhooks of a provider in the last fortnight, by the hour.
    pub(super) fn accepted_in_fortnight(&self, provider: &str) -> Result<Series, Unread> {
        let metric = Metric::of_provider(&self.stack, "accepted", provider);
        Ok(one(&self.fortnight, &metric)?.clone())
    }

    /// Returns the rejected webhooks of a provider in the last day.
    pub(super) fn rejected(&self, provider: &str) -> Result<u64, Unread> {
        let metric = Metric::of_provider(&self.stack, "rejected", provider);
        Ok(one(&self.day, &metric)?.total())
    }

    /// Returns how many readings of a secret failed in the last day.
    pub(super) fn unreadable_secrets(&self) -> Result<u64, Unread> {
        let metric = Metric::of_stack(&self.stack, "secret_refresh_failed");
        Ok(one(&self.day, &metric)?.total())
    }

    /// Returns how often the table and its indexes refused something in the last day.
    pub(super) fn throttled(&self) -> Result<u64, Unread> {
        let each = throttled(&self.stack);
        let each = each.map(|metric| Ok(one(&self.day, &metric)?.total()));
        each.sum()
    }
}

async fn found(stack: &Deployed, metrics: Vec<Metric>, hours: i64) -> Found {
    let series = series(stack, &metrics, hours).await.map_err(unread)?;
    Ok(metrics.into_iter().zip(series).collect())
}

/// Returns why metrics could not be read.
pub(super) fn unread(error: AccountError) -> Unread {
    match error {
        AccountError::NotAllowed { action, .. } => Unread::NotAllowed(action),
        error => Unread::Failed(error.to_string()),
    }
}

fn one<'a>(found: &'a Found, wanted: &Metric) -> Result<&'a Series, Unread> {
    const NOTHING: &Series = &Series { values: Vec::new() };
    let found = found.as_ref().map_err(Clone::clone)?;
    let mut found = found.iter();
    let found = found.find(|(metric, _)| metric == wanted);
    Ok(found.map_or(NOTHING, |(_, series)| series))
}

fn age(found: &Found, queue: Option<Metric>) -> Result<Option<f64>, Unread> {
    match queue {
        Some(queue) => Ok(one(found, &queue)?.newest()),
        None => Ok(None),
    }
}

fn queue(stack: &Deployed) -> Option<Metric> {
    Some(Metric::of_queue(AGE, name(stack.output("QueueUrl")?)))
}

fn dead_letters(stack: &Deployed) -> Option<Metric> {
    Some(Metric::of_queue(
        AGE,
        name(stack.output("DeadLetterQueueUrl")?),
    ))
}

/// Returns the newest value, unless it is too old to be true now.
fn recent(series: &Series, now: Timestamp) -> Option<f64> {
    let (at, value) = series.values.last()?;
    (now.duration_since(*at) <= RECENT).then_some(*value)
}

/// Returns the metrics of the way out. A stack without outlets has none.
fn of_outlets(stack: &Deployed) -> Vec<Metric> {
    if stack.outlets().is_none() {
        return Vec::new();
    }
    let queues = PUT_ASIDE.iter().filter_map(|name| visible(stack, name));
    let said = [failing(stack), undelivered(stack)];
    stream(stack)
        .into_iter()
        .chain(said)
        .chain(queues)
        .collect()
}

fn stream(stack: &Deployed) -> Option<Metric> {
    let fanout = stack.resource("FanoutFunction")?;
    Some(Metric::of_function("IteratorAge", fanout).highest())
}

fn failing(stack: &Deployed) -> Metric {
    Metric::of_stack(stack, "failing_s").highest()
}

fn undelivered(stack: &Deployed) -> Metric {
    Metric::of_stack(stack, "oldest_s").highest()
}

fn visible(stack: &Deployed, output: &str) -> Option<Metric> {
    Some(Metric::of_queue(VISIBLE, name(stack.output(output)?)))
}

/// Returns a queue's name, which its URL ends with.
fn name(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}

fn throttled(stack: &Deployed) -> impl Iterator<Item = Metric> {
    let table = stack.output("Table").unwrap_or_default().to_owned();
    THROTTLED.into_iter().flat_map(move |name| {
        let table = table.clone();
        INDEXES.map(|index| Metric::of_table(name, &table, index))
    })
}
