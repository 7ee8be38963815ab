//! Invokes functions by their schedules.
//!
//! An hour may be shorter here, and a schedule's period is so, too. A period is never longer than a
//! second, so that nobody waits for a minute at a desk, and never shorter than what an invocation
//! may take.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use shared::time::rfc3339_ms;
use tokio::time::{MissedTickBehavior, interval};

use crate::clock::now;
use crate::lambda::Lambda;
use crate::template::{ACCOUNT, REGION, Schedule};

/// A real hour.
const HOUR: Duration = Duration::from_hours(1);
/// The shortest and the longest time between two invocations.
const SHORTEST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(1);

/// Invokes a function again and again, one invocation after the other, until the task is aborted.
pub(crate) async fn run(schedule: Schedule, function: Arc<Lambda>, hour: Option<Duration>) {
    let mut ticks = interval(period(&schedule, hour));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let event = event(&schedule).to_string();
        // As on AWS, nobody waits for the answer. The next one comes soon.
        let _ = function.invoke(Bytes::from(event)).await;
    }
}

/// Returns the time between two invocations, if an hour lasts so long.
fn period(schedule: &Schedule, hour: Option<Duration>) -> Duration {
    let hour = hour.unwrap_or(HOUR);
    let period = hour.mul_f64(schedule.period.as_secs_f64() / HOUR.as_secs_f64());
    period.clamp(SHORTEST, LONGEST)
}

fn event(schedule: &Schedule) -> Value {
    json!({
        "version": "0",
        "id": uuid::Uuid::new_v4().to_string(),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": rfc3339_ms(now()),
        "region": REGION,
        "resources": [format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/{}", schedule.name)],
        "detail": {},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_is_as_short_as_the_hour_says_within_bounds() {
        let schedule = Schedule {
            name: "Tick".to_owned(),
            period: Duration::from_mins(1),
        };
        let period = |hour: Option<u64>| period(&schedule, hour.map(Duration::from_secs));
        assert_eq!(period(None), LONGEST);
        assert_eq!(period(Some(30)), Duration::from_millis(500));
        assert_eq!(period(Some(1)), SHORTEST);
    }
}
