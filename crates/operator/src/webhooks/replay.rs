//! Tells an endpoint what is stored: again, or for the first time.
//!
//! The events table is read page by page. What the endpoint wants is parked for it, under the ids
//! that it always has, and due since it occurred. The sweep then sends it, the oldest first and at
//! its own pace. What is parked already is left alone, so a run that was cut short can be repeated.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use futures_util::stream::{self, StreamExt as _};
use jiff::Timestamp;
use outlets::bus;
use outlets::endpoint::{self, Endpoint};
use outlets::message::Message;
use outlets::pace;
use outlets::parked::Parked;
use serde::Serialize;
use table::item::Item;
use tokio::time::{Instant, sleep_until};

use super::error::WebhookError;
use super::matching::{Match, Selection};
use crate::events::Events;
use crate::number::{count, thousands};
use crate::target::Target;

/// How many writes are under way at once.
const CONCURRENCY: usize = 16;
/// How many are written before the pace is looked at.
const CHUNK: usize = 32;

/// What a replay does besides looking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Writes nothing.
    DryRun,
    /// Parks what is wanted, at most so many a second.
    Go(Option<u32>),
}

/// What a replay found, and did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The endpoint's id.
    pub webhook: u64,
    /// Whether nothing was written.
    pub dry_run: bool,
    /// How many items of the table were read.
    pub read: u64,
    /// How many notifications the endpoint wants of them, by kind.
    pub wanted: BTreeMap<String, u64>,
    /// How many were parked.
    pub parked: u64,
    /// How many were parked already.
    pub parked_already: u64,
    /// How many could not be written. Run it again.
    pub failed: u64,
}

/// What became of one write.
enum Written {
    Now,
    Already,
    Failed,
}

/// Returns the endpoint with this id, as it is stored, or the event bus by its own.
///
/// # Errors
/// Returns [`WebhookError::Off`] if the stack has no outlets, and [`WebhookError::NoEndpoint`] if
/// it has no such endpoint.
pub async fn endpoint(target: &Target, id: u64) -> Result<Endpoint, WebhookError> {
    if id == bus::BUS {
        let outlets = target.outlets();
        let arn = outlets.and_then(|outlets| outlets.event_bus_arn.as_deref());
        return bus::outlet_of(arn).ok_or(WebhookError::NoEndpoint(id));
    }
    let item = outlets_of(target)?.item(endpoint::key(id)).await?;
    let endpoint = item.as_ref().and_then(Endpoint::of);
    endpoint.ok_or(WebhookError::NoEndpoint(id))
}

/// Reads the events table, and parks what the endpoint wants if `mode` says so. `seen` is called
/// with how many items have been read.
///
/// # Errors
/// Returns a [`WebhookError`] if a table cannot be read.
pub async fn replay(
    target: &Target,
    endpoint: &Endpoint,
    selection: &Selection,
    mode: Mode,
    now: Timestamp,
    seen: impl Fn(u64),
) -> Result<Report, WebhookError> {
    let (events, outlets) = (target.events(), outlets_of(target)?);
    let mut report = Report {
        webhook: endpoint.id,
        dry_run: mode == Mode::DryRun,
        ..Report::default()
    };
    let began = Instant::now();
    let mut start: Option<Item> = None;
    loop {
        let page = events.page_at_half_price(start).await?;
        report.read += u64::try_from(page.items.len()).unwrap_or_default();
        let items = page.items.iter();
        let matches = items.flat_map(|item| selection.matches(item, endpoint, now));
        let mut parked = Vec::new();
        for found in matches {
            *report.wanted.entry(found.kind.clone()).or_default() += 1;
            parked.extend(to_park(found, endpoint.id, now));
        }
        if let Mode::Go(rate) = mode {
            report.park(&outlets, &parked, rate, began).await;
        }
        seen(report.read);
        start = page.next;
        if start.is_none() {
            return Ok(report);
        }
    }
}

/// Returns a reader of the table of the endpoints.
fn outlets_of(target: &Target) -> Result<Events, WebhookError> {
    let is_local = target.local_stack().is_some();
    target.outlets_table().ok_or(WebhookError::Off { is_local })
}

/// Returns what waits for the endpoint then. Its time to live starts now.
fn to_park(found: Match, outlet: u64, now: Timestamp) -> Option<Parked> {
    let message = Message::first(outlet, found.fact, now);
    // What is dated ahead is due at once, too.
    let parked = Parked::new(&message, found.webhook_id, found.at.min(now), 0, now)?;
    Some(parked.of_type(&found.named))
}

impl Report {
    async fn park(
        &mut self,
        outlets: &Events,
        parked: &[Parked],
        rate: Option<u32>,
        began: Instant,
    ) {
        for chunk in parked.chunks(CHUNK) {
            let writes = stream::iter(chunk).map(|parked| write(outlets, parked));
            let written: Vec<Written> = writes.buffer_unordered(CONCURRENCY).collect().await;
            for one in written {
                match one {
                    Written::Now => self.parked += 1,
                    Written::Already => self.parked_already += 1,
                    Written::Failed => self.failed += 1,
                }
            }
            if let Some(rate) = rate.filter(|rate| *rate > 0) {
                let all = self.parked + self.parked_already + self.failed;
                let all = u32::try_from(all).unwrap_or(u32::MAX);
                sleep_until(began + Duration::from_secs(1) * all / rate).await;
            }
        }
    }

    /// Returns how many notifications the endpoint wants.
    #[must_use]
    pub fn all(&self) -> u64 {
        self.wanted.values().sum()
    }

    /// Returns the sum in a sentence.
    #[must_use]
    pub fn summary(&self) -> String {
        let all = self.all();
        if all == 0 {
            let read = thousands(self.read);
            return format!(
                "nothing of {read} items is wanted by webhook {}",
                self.webhook
            );
        }
        let minutes = usize::try_from(all.div_ceil(pace::MOST)).unwrap_or(usize::MAX);
        let minutes = count(minutes, "minute", "minutes");
        let all = usize::try_from(all).unwrap_or(usize::MAX);
        let all = count(all, "notification", "notifications");
        if self.dry_run {
            return format!("{all} would be sent, under the ids of before, in about {minutes}");
        }
        let mut summary =
            format!("{all} will be sent, under the ids of before, in about {minutes}");
        if self.parked_already > 0 {
            let already = thousands(self.parked_already);
            let _ = write!(summary, "; {already} of them waited already");
        }
        summary
    }

    /// Returns a row for each kind.
    #[must_use]
    pub fn rows(&self) -> Vec<Vec<String>> {
        let wanted = self.wanted.iter();
        wanted
            .map(|(kind, number)| vec![kind.clone(), thousands(*number)])
            .collect()
    }
}

/// Parks one notification, unless it is parked.
async fn write(outlets: &Events, parked: &Parked) -> Written {
    let client: &Client = outlets.client();
    let put = client
        .put_item()
        .table_name(outlets.table())
        .set_item(Some(parked.item()))
        .condition_expression("attribute_not_exists(pk)");
    match put.send().await {
        Ok(_) => Written::Now,
        Err(error)
            if error
                .as_service_error()
                .is_some_and(PutItemError::is_conditional_check_failed_exception) =>
        {
            Written::Already
        }
        Err(_) => Written::Failed,
    }
}

#[cfg(test)]
mod tests {
    use outlets::fact::Fact;

    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_767_323_045, 0);

    fn found(at: &str) -> Match {
        let fact = Fact::event("email#kim@mail.test", "2026-01-02T03:00:00.000Z#a");
        Match {
            webhook_id: fact.id(None),
            fact,
            at: at.parse().expect("a time"),
            kind: "bounced".to_owned(),
            named: "email.bounced".to_owned(),
        }
    }

    #[test]
    fn a_second_run_parks_the_same_under_the_same_key() {
        let later = NOW + jiff::SignedDuration::from_hours(1);
        let at = "2026-01-02T03:00:00Z";
        let [one, two] = [NOW, later].map(|now| to_park(found(at), 3, now).expect("a place"));
        assert_eq!(one.key(), two.key());
        assert_eq!((one.attempt, one.first_at), (0, NOW));
        let ahead = to_park(found("2027-01-02T03:00:00Z"), 3, NOW).expect("a place");
        assert_eq!(ahead.due, NOW);
    }

    #[test]
    fn the_plan_says_how_many_and_how_long() {
        let mut report = Report {
            webhook: 3,
            dry_run: true,
            read: 5_000,
            ..Report::default()
        };
        assert_eq!(
            report.summary(),
            "nothing of 5,000 items is wanted by webhook 3"
        );
        report.wanted.insert("bounced".to_owned(), 3_204);
        assert_eq!(
            report.summary(),
            "3,204 notifications would be sent, under the ids of before, in about 2 minutes"
        );
        report.dry_run = false;
        report.parked_already = 4;
        assert!(report.summary().ends_with("; 4 of them waited already"));
    }
}
