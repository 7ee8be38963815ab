//! What waits: dead letters, and webhooks for the consumer.

use aws_sdk_lambda::Client;
use jiff::SignedDuration;

use crate::check::{Check, Unread, ask};
use crate::counts::{self, many};
use operator::account::Deployed;
use operator::target::Target;

use super::figures::Figures;
use super::traffic::about;

const DEAD: &str = "dead";
const QUEUE: &str = "queue";
/// As the template keeps dead letters.
const KEPT: SignedDuration = SignedDuration::from_hours(14 * 24);
/// As in the template, where a stack does not say it.
const OLDEST_SECONDS: f64 = 900.0;

/// Counts dead letters, and says when the first of them is lost.
pub(super) async fn dead(target: &Target, figures: &Figures) -> Check {
    let client = target.queues().sqs();
    let count = counts::of(&client, target.dead_letter_queue_url()).await;
    judged(count, figures.oldest_dead_letter())
}

fn judged(count: Result<counts::Count, Unread>, oldest: Result<Option<f64>, Unread>) -> Check {
    let count = match count {
        Err(unread) => return Check::unread(DEAD, &unread),
        Ok(count) if count.all() == 0 => return Check::ok(DEAD, "no dead letters"),
        Ok(count) => many(count.all(), "dead letter", "dead letters"),
    };
    let oldest = oldest.ok().flatten();
    let left = oldest.map(|seconds| {
        let left = KEPT - SignedDuration::from_secs_f64(seconds.clamp(0.0, KEPT.as_secs_f64()));
        let (days, hours) = (left.as_hours() / 24, left.as_hours() % 24);
        let days = match days {
            0 => String::new(),
            1 => "1 day ".to_owned(),
            days => format!("{days} days "),
        };
        format!(", the first is lost in {days}{hours} h")
    });
    let text = format!("{count}{}", left.unwrap_or_default());
    Check::failed(DEAD, text, "postern redrive {target}")
}

/// Checks that the consumer takes what waits.
pub(super) async fn queue(target: &Target, deployed: &Deployed, figures: &Figures) -> Vec<Check> {
    let mut checks = mapping(deployed).await;
    let limit = deployed.parameters.get("OldestMessageSeconds");
    let limit = limit.and_then(|limit| limit.parse().ok());
    let limit = limit.unwrap_or(OLDEST_SECONDS);
    match figures.oldest_webhook() {
        Err(unread) => checks.push(Check::unread(QUEUE, &unread)),
        Ok(Some(age)) if age >= limit => {
            let age = SignedDuration::from_secs_f64(age.clamp(0.0, KEPT.as_secs_f64()));
            let client = target.queues().sqs();
            let count = counts::of(&client, target.queue_url()).await;
            let count = count.map_or_else(
                |_| "webhooks wait".to_owned(),
                |count| many(count.all(), "webhook waits", "webhooks wait"),
            );
            let text = format!("{count}, the oldest for {}", about(age));
            let fix = "docs/operations.md, The oldest webhook waits too long";
            checks.push(Check::failed(QUEUE, text, fix));
        }
        Ok(_) => {}
    }
    if checks.is_empty() {
        checks.push(Check::ok(QUEUE, "the consumer takes what comes"));
    }
    checks
}

/// Checks that the queue and the consumer are connected.
async fn mapping(deployed: &Deployed) -> Vec<Check> {
    const ACTION: &str = "lambda:ListEventSourceMappings";
    let deploy = "sam build && sam deploy";
    let Some(consumer) = deployed.consumer() else {
        return vec![Check::failed(QUEUE, "there is no consumer", deploy)];
    };
    let client = Client::new(&deployed.config);
    let asking = client
        .list_event_source_mappings()
        .function_name(consumer)
        .send();
    let found = match ask(ACTION, asking).await {
        Ok(found) => found.event_source_mappings.unwrap_or_default(),
        Err(unread) => return vec![Check::unread(QUEUE, &unread)],
    };
    if found.is_empty() {
        let text = "nothing takes webhooks from the queue: the consumer has no source";
        return vec![Check::failed(QUEUE, text, deploy)];
    }
    let off = found.iter().filter(|m| m.state() != Some("Enabled"));
    let checks = off.map(|mapping| {
        let state = mapping.state().unwrap_or("in no known state");
        let text =
            format!("nothing takes webhooks from the queue: the consumer's source is {state}");
        let uuid = mapping.uuid().unwrap_or_default();
        let region = &deployed.region;
        let fix = format!(
            "aws lambda update-event-source-mapping --uuid {uuid} --enabled --region {region}"
        );
        Check::failed(QUEUE, text, fix)
    });
    checks.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::State;
    use crate::counts::Count;

    fn line(waiting: u64, oldest: Option<f64>) -> (State, String, Option<String>) {
        let count = Count { waiting, hidden: 0 };
        let check = judged(Ok(count), Ok(oldest));
        (check.state, check.text, check.fix)
    }

    #[test]
    fn dead_letters_are_told_with_the_time_that_is_left() {
        let redrive = Some("postern redrive {target}".to_owned());
        assert_eq!(
            line(0, None),
            (State::Ok, "no dead letters".to_owned(), None)
        );
        let left = (14.0 * 24.0 - 76.0) * 3600.0; // 3 days 4 h
        assert_eq!(
            line(14, Some(left)),
            (
                State::Failed,
                "14 dead letters, the first is lost in 3 days 4 h".to_owned(),
                redrive.clone()
            )
        );
        assert_eq!(
            line(1, Some(20.0 * 24.0 * 3600.0)),
            (
                State::Failed,
                "1 dead letter, the first is lost in 0 h".to_owned(),
                redrive.clone()
            )
        );
        assert_eq!(
            line(2, None),
            (State::Failed, "2 dead letters".to_owned(), redrive)
        );
    }
}
