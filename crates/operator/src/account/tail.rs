//! Follows a deployed stack's log lines.
//!
//! The logs are asked twice a second, one function after the other: a region answers five such
//! calls a second in all. With the eight functions of seven providers, a line is some four seconds
//! late. `StartLiveTail` would be faster, but it is billed by the minute, and leaves lines out
//! above 500 a second.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::FilteredLogEvent;
use jiff::Timestamp;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::account::deployed::Deployed;
use crate::account::error::AccountError;
use crate::account::lines::{Line, What};
use crate::account::refused::{Asked, failed};

/// The time between two calls.
const PACE: Duration = Duration::from_millis(500);
/// How long nothing is asked after the logs had too many calls.
const PAUSE: Duration = Duration::from_secs(5);
/// How late a line may come into the log, in milliseconds: this much is read again each time.
const LATE_MS: i64 = 30_000;

/// The outcomes that a user may want to see alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Only {
    /// Webhooks that were refused.
    Refused,
    /// Events that were stored.
    Stored,
    /// Webhooks that are in the dead-letter queue.
    Dead,
}

/// What is followed.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// Only this provider.
    pub provider: Option<&'a str>,
    /// Only these outcomes.
    pub only: Option<Only>,
    /// From when on.
    pub since: Timestamp,
}

impl Wanted<'_> {
    /// Returns the names of the logs that have such lines.
    fn groups<'a>(&self, stack: &'a Deployed) -> Vec<&'a str> {
        let providers = stack.providers();
        let providers = providers.filter(|name| self.provider.is_none_or(|wanted| wanted == *name));
        let receivers = providers.filter_map(|name| stack.receiver_log(name));
        let consumer = stack.consumer_log();
        match self.only {
            None => receivers.chain(consumer).collect(),
            Some(Only::Refused) => receivers.collect(),
            Some(Only::Stored | Only::Dead) => consumer.into_iter().collect(),
        }
    }

    /// Checks whether a line is one of these. An emulator does not know the language of patterns.
    fn has(&self, line: &Line) -> bool {
        let is_of_provider = self
            .provider
            .is_none_or(|wanted| line.provider.as_deref() == Some(wanted));
        is_of_provider
            && match self.only {
                None => true,
                Some(Only::Refused) => matches!(line.what, What::Refused { .. }),
                Some(Only::Stored) => matches!(line.what, What::Stored { .. }),
                Some(Only::Dead) => matches!(line.what, What::Dead { .. }),
            }
    }

    /// Returns the pattern that such lines match, in the language of `CloudWatch`'s filters.
    fn pattern(&self) -> String {
        let outcome = match self.only {
            None => r#"($.outcome = "*" || $.code = "*")"#,
            Some(Only::Refused) => r#"$.outcome = "rejected""#,
            Some(Only::Stored) => r#"$.outcome = "stored""#,
            Some(Only::Dead) => r#"$.outcome = "put_aside""#,
        };
        match self.provider {
            None => format!("{{ {outcome} }}"),
            Some(provider) => format!(r#"{{ {outcome} && $.provider = "{provider}" }}"#),
        }
    }
}

/// Follows the log lines until it fails, and passes each one on. It ends when the future is
/// dropped.
///
/// # Errors
/// Returns an error if the logs do not answer, or if this is not allowed. Too many calls are no
/// error: it pauses and goes on.
pub async fn follow(
    stack: &Deployed,
    wanted: &Wanted<'_>,
    each: impl FnMut(Line),
) -> Result<(), AccountError> {
    follow_at(PACE, stack, wanted, each).await
}

async fn follow_at(
    pace: Duration,
    stack: &Deployed,
    wanted: &Wanted<'_>,
    mut each: impl FnMut(Line),
) -> Result<(), AccountError> {
    let client = Client::new(&stack.config);
    let pattern = wanted.pattern();
    let groups = wanted.groups(stack).into_iter();
    let mut logs: Vec<Log> = groups.map(|name| Log::new(name, wanted.since)).collect();
    let mut pace = interval(pace);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !logs.is_empty() {
        for log in &mut logs {
            loop {
                pace.tick().await;
                match log.page(&client, &pattern, stack).await {
                    Ok(lines) => lines
                        .into_iter()
                        .filter(|line| wanted.has(line))
                        .for_each(&mut each),
                    Err(AccountError::Throttled { .. }) => sleep(PAUSE).await,
                    Err(error) => return Err(error),
                }
                if log.next.is_none() {
                    break;
                }
            }
        }
    }
    Ok(())
}

/// A log that is followed.
struct Log<'a> {
    name: &'a str,
    /// From when on it is read, in milliseconds.
    from: i64,
    /// The lines from then on that were passed on already, by their ids, and when they were
    /// written.
    seen: HashMap<String, i64>,
    /// The next page.
    next: Option<String>,
}

impl<'a> Log<'a> {
    fn new(name: &'a str, since: Timestamp) -> Self {
        Self {
            name,
            from: since.as_millisecond(),
            seen: HashMap::new(),
            next: None,
        }
    }

    /// Reads a page, and returns the lines that are new.
    async fn page(
        &mut self,
        client: &Client,
        pattern: &str,
        stack: &Deployed,
    ) -> Result<Vec<Line>, AccountError> {
        let request = client
            .filter_log_events()
            .log_group_name(self.name)
            .filter_pattern(pattern)
            .start_time(self.from)
            .set_next_token(self.next.take());
        let page = request.send().await.map_err(|error| {
            let asked = Asked {
                action: "logs:FilterLogEvents",
                resource: Some(self.name),
                caller: Some(&stack.caller),
                profile: &stack.profile,
            };
            failed(&error, asked)
        })?;
        let lines = self.unseen(page.events.unwrap_or_default());
        self.next = page.next_token;
        if self.next.is_none() {
            self.advance();
        }
        Ok(lines)
    }

    /// Returns the lines that were not passed on yet.
    fn unseen(&mut self, events: Vec<FilteredLogEvent>) -> Vec<Line> {
        let mut lines = Vec::new();
        for event in events {
            let written = event.timestamp.unwrap_or(self.from);
            let text = event.message.unwrap_or_default();
            // AWS gives each line an id. An emulator may not.
            let id = event.event_id.unwrap_or_else(|| text.clone());
            if self.seen.insert(id, written).is_none() {
                lines.extend(Line::read(&text));
            }
        }
        lines
    }

    /// Moves on, but for what may still come late.
    fn advance(&mut self) {
        let newest = self.seen.values().copied().max().unwrap_or(self.from);
        self.from = self.from.max(newest - LATE_MS);
        self.seen.retain(|_, written| *written >= self.from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::answers::{config, stack};

    const REFUSED: &str = r#"{\"timestamp\":\"2026-01-02T03:04:05Z\",\"provider\":\"resend\",\"outcome\":\"rejected\",\"request_id\":\"r\",\"status\":401,\"code\":\"signature_missing\"}"#;
    const STORED: &str = r#"{\"timestamp\":\"2026-01-02T03:04:06Z\",\"outcome\":\"stored\",\"provider\":\"resend\",\"messages\":[\"m\"],\"kinds\":{\"sent\":1}}"#;

    /// The receiver's log says the same line at each call, in two pages; the consumer's has one.
    fn logs(asked: &str) -> (u16, String) {
        let event = |id: &str, at: i64, text: &str| {
            format!(r#"{{"eventId":"{id}","timestamp":{at},"message":"{text}"}}"#)
        };
        let page = |events: &str, next: &str| (200, format!(r#"{{"events":[{events}]{next}}}"#));
        if asked.contains("consumer") {
            return page(&event("3", 2000, STORED), "");
        }
        if asked.contains("nextToken") {
            return page(&event("2", 1000, REFUSED), "");
        }
        page(&event("1", 1000, REFUSED), r#","nextToken":"n""#)
    }

    async fn heard(wanted: &Wanted<'_>) -> Vec<String> {
        let stack = stack(config(logs));
        let mut lines = Vec::new();
        let pace = Duration::from_millis(1);
        let following = follow_at(pace, &stack, wanted, |line| lines.push(line.at.to_string()));
        // many rounds: what was passed on is not passed on again
        let ended = tokio::time::timeout(Duration::from_millis(200), following).await;
        assert!(ended.is_err(), "it goes on: {ended:?}");
        lines
    }

    #[tokio::test]
    async fn each_line_is_passed_on_once() {
        let mut wanted = Wanted {
            provider: None,
            only: None,
            since: Timestamp::UNIX_EPOCH,
        };
        let (refused, stored) = ("2026-01-02T03:04:05Z", "2026-01-02T03:04:06Z");
        assert_eq!(heard(&wanted).await, [refused, refused, stored]);
        wanted.only = Some(Only::Stored);
        assert_eq!(heard(&wanted).await, [stored]);
        wanted.only = Some(Only::Refused);
        assert_eq!(heard(&wanted).await, [refused, refused]);
        wanted.provider = Some("insider");
        assert_eq!(wanted.groups(&stack(config(logs))), Vec::<&str>::new());
    }

    #[test]
    fn a_pattern_names_the_outcome_and_the_provider() {
        let wanted = Wanted {
            provider: Some("resend"),
            only: Some(Only::Dead),
            since: Timestamp::UNIX_EPOCH,
        };
        assert_eq!(
            wanted.pattern(),
            r#"{ $.outcome = "put_aside" && $.provider = "resend" }"#
        );
    }
}
