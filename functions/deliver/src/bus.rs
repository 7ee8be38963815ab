//! The event bus, as it is called: up to ten entries at once. Each entry has an end of its own, so
//! that only what failed comes again.

mod failure;

use std::collections::BTreeMap;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::config::Builder;
use aws_sdk_eventbridge::config::retry::RetryConfig;
use aws_sdk_eventbridge::operation::put_events::PutEventsOutput;
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::{PutEventsRequestEntry, PutEventsResultEntry};
use aws_types::SdkConfig;
use futures_util::future::join_all;
use outlets::bus::{Entry, groups};
use runtime::aws;
use tokio::time::{Duration, Instant, timeout_at};

use self::failure::Failure;
use crate::tried::Tried;

/// The longest that one attempt at the bus may take, and a call with the SDK's retries. The
/// webhooks of a batch do not wait for it, but the next batch does, until two hangs open the
/// breaker.
const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(700);
const CALL_TIMEOUT: Duration = Duration::from_secs(1);
/// The longest pause before the SDK's first retry. It doubles, and all of them fit into a call.
const BACKOFF: Duration = Duration::from_millis(100);

/// The bus.
pub(crate) struct Bus {
    client: Client,
    arn: String,
    /// Whose events they are: this stack's.
    source: String,
}

impl Bus {
    /// Returns the bus with this ARN, for the events of the stack of this name.
    pub(crate) fn new(config: &SdkConfig, arn: String, stack: &str) -> Self {
        let timeouts = aws::timeouts(ATTEMPT_TIMEOUT, CALL_TIMEOUT);
        let retries = RetryConfig::standard().with_initial_backoff(BACKOFF);
        let config = Builder::from(config)
            .timeout_config(timeouts)
            .retry_config(retries)
            .build();
        Self {
            client: Client::from_conf(config),
            arn,
            source: format!("postern.{stack}"),
        }
    }

    /// Puts entries, and returns by the `deadline` what became of each, by its id.
    pub(crate) async fn put(
        &self,
        entries: Vec<Entry>,
        deadline: Instant,
    ) -> BTreeMap<String, Tried> {
        let groups = groups(entries, &self.source);
        let puts = groups.iter().map(|group| self.put_group(group, deadline));
        join_all(puts).await.into_iter().flatten().collect()
    }

    async fn put_group(&self, group: &[Entry], deadline: Instant) -> Vec<(String, Tried)> {
        let began = Instant::now();
        let put = self.client.put_events();
        let put = put.set_entries(Some(group.iter().map(|entry| self.entry(entry)).collect()));
        let answer = timeout_at(deadline, put.send()).await;
        let took = began.elapsed();
        let answer = match answer {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(Failure::of_call(&error)),
            Err(_) => Err(Failure::Timeout),
        };
        let answers = answer.as_ref().map(PutEventsOutput::entries);
        let tried = |place: usize| match answers {
            Ok(answers) => tried(answers.get(place), took),
            Err(failure) => Tried::failed(failure.code(), took),
        };
        let ids = group.iter().map(|entry| entry.id.clone());
        ids.enumerate()
            .map(|(place, id)| (id, tried(place)))
            .collect()
    }

    fn entry(&self, entry: &Entry) -> PutEventsRequestEntry {
        PutEventsRequestEntry::builder()
            .event_bus_name(&self.arn)
            .source(&self.source)
            .detail_type(&entry.kind)
            .time(DateTime::from_millis(entry.time.as_millisecond()))
            .resources(&entry.id)
            .detail(&entry.detail)
            .build()
    }
}

/// Returns what the bus says of one entry. Of one that it says nothing of, nothing is known.
fn tried(answer: Option<&PutEventsResultEntry>, took: Duration) -> Tried {
    match answer {
        Some(answer) if answer.event_id().is_some() => Tried::accepted(took),
        Some(answer) => Tried::failed(Failure::of_entry(answer.error_code()).code(), took),
        None => Tried::failed(Failure::Unavailable.code(), took),
    }
}

#[cfg(test)]
mod tests;
