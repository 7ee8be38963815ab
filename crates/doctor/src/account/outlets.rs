//! The way out: is the stream read in time, do the endpoints accept what they are told, and was
//! anything put aside?

use jiff::{SignedDuration, Timestamp};

use crate::check::{Check, Unread};
use crate::counts::many;
use operator::account::Deployed;

use super::figures::{Figures, PUT_ASIDE};
use super::traffic::about;

const ID: &str = "outlets";
/// As in the template's alarms.
const LATE_STREAM: SignedDuration = SignedDuration::from_mins(15);
const LATE: SignedDuration = SignedDuration::from_hours(1);
/// Longer than anything here is kept.
const LONGEST: SignedDuration = SignedDuration::from_hours(15 * 24);
const CURE: &str = "postern webhooks undelivered {target}";

/// Checks what tells others, if the stack has it.
pub(super) fn outlets(deployed: &Deployed, figures: &Figures, now: Timestamp) -> Vec<Check> {
    if deployed.outlets().is_none() {
        return vec![Check::ok(ID, "this stack has no outlets")];
    }
    found(figures, now).unwrap_or_else(|unread| vec![Check::unread(ID, &unread)])
}

fn found(figures: &Figures, now: Timestamp) -> Result<Vec<Check>, Unread> {
    let mut checks = Vec::new();
    let stream = figures.stream_age(now)?.map(|age| time(age / 1000.0));
    if let Some(age) = stream.filter(|age| *age >= LATE_STREAM) {
        let text = format!(
            "what is stored is read {} late, and after 24 h it is told to nobody",
            about(age)
        );
        let fix = "docs/operations.md, The stream is behind";
        checks.push(Check::failed(ID, text, fix));
    }
    if let Some(age) = figures.failing(now)?.map(time) {
        let text = format!("an endpoint has failed for {}", about(age));
        checks.push(Check::failed(ID, text, CURE));
    }
    let oldest = figures.undelivered(now)?.map(time);
    if let Some(age) = oldest.filter(|age| *age > LATE) {
        let text = format!("a notification has waited for {}", about(age));
        checks.push(Check::failed(ID, text, CURE));
    }
    for output in PUT_ASIDE {
        let count = figures.visible(output)?.unwrap_or_default();
        if count >= 1.0 {
            checks.push(put_aside(output, count));
        }
    }
    if checks.is_empty() {
        let text = "no endpoint fails, nothing waits for an hour, and nothing was put aside";
        checks.push(Check::ok(ID, text));
    }
    Ok(checks)
}

/// Returns the line of a queue that is not empty.
fn put_aside(output: &str, count: f64) -> Check {
    let queue = output.trim_end_matches("Url");
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of messages is a whole number"
    )]
    let count = many(count as u64, "message", "messages");
    let fix = "docs/operations.md, A notification was put aside";
    Check::failed(ID, format!("{count} in the {queue}"), fix)
}

fn time(seconds: f64) -> SignedDuration {
    SignedDuration::from_secs_f64(seconds.clamp(0.0, LONGEST.as_secs_f64()))
}
