//! What the account allows, and whether this machine's clock is right.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::AccountLimit;
use jiff::{SignedDuration, Timestamp};

use crate::check::{Check, ask};
use operator::account::Deployed;
use operator::number::thousands;

/// What receivers need beside the consumer and what delivers.
const RECEIVERS: i64 = 4;
/// As in the template, where a stack does not say it.
const MAXIMUM_CONCURRENCY: i64 = 3;
/// AWS refuses what was signed with a clock that is further away.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// Compares how many functions the account runs at once with what the stack needs.
pub(super) async fn quota(deployed: &Deployed) -> Check {
    let client = Client::new(&deployed.config);
    let asking = client.get_account_settings().send();
    let found = match ask("lambda:GetAccountSettings", asking).await {
        Ok(found) => found,
        Err(unread) => return Check::unread("quota", &unread),
    };
    let has = found
        .account_limit()
        .map(AccountLimit::concurrent_executions);
    let parameter = |name: &str| deployed.parameters.get(name)?.parse::<i64>().ok();
    let consumers = parameter("MaximumConcurrency").unwrap_or(MAXIMUM_CONCURRENCY);
    let needed = consumers + parameter("DeliverConcurrency").unwrap_or(0) + RECEIVERS;
    judged(i64::from(has.unwrap_or_default()), needed, &deployed.region)
}

fn judged(has: i64, needed: i64, region: &str) -> Check {
    let write = |number: i64| thousands(number.unsigned_abs());
    let (has_text, needed_text) = (write(has), write(needed));
    let text =
        format!("the account runs {has_text} functions at once, this stack needs {needed_text}");
    if has >= needed {
        return Check::ok("quota", text);
    }
    let wanted = needed.max(1000);
    let fix = format!(
        "aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value {wanted} --region {region}"
    );
    Check::failed("quota", text, fix)
}

/// Compares this machine's clock with a server's.
pub(super) fn clock(clocks: Option<(Timestamp, Timestamp)>) -> Check {
    let Some((theirs, ours)) = clocks else {
        return Check::unanswered("clock", "no answer has said what time it is");
    };
    let apart = ours.duration_since(theirs);
    let seconds = apart.abs().as_secs();
    if apart.abs() < TOLERANCE {
        return Check::ok("clock", format!("{seconds} s from AWS's"));
    }
    let way = if apart.is_negative() {
        "behind"
    } else {
        "ahead of"
    };
    let text = format!("{} min {way} AWS's: what it signs is refused", seconds / 60);
    Check::failed(
        "clock",
        text,
        "set this machine's clock: timedatectl set-ntp true",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::State;

    fn parts(check: Check) -> (State, String, Option<String>) {
        (check.state, check.text, check.fix)
    }

    #[test]
    fn a_new_account_has_too_little() {
        let text = "the account runs 10 functions at once, this stack needs 7";
        assert_eq!(
            parts(judged(10, 7, "eu-west-1")),
            (State::Ok, text.to_owned(), None)
        );
        let text = "the account runs 10 functions at once, this stack needs 24";
        let fix = "aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1000 --region eu-west-1";
        assert_eq!(
            parts(judged(10, 24, "eu-west-1")),
            (State::Failed, text.to_owned(), Some(fix.to_owned()))
        );
    }

    #[test]
    fn a_clock_may_be_a_little_wrong() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let theirs = at("2026-11-20T12:00:00Z");
        let told = |ours| parts(clock(Some((theirs, at(ours)))));
        let right = (State::Ok, "2 s from AWS's".to_owned(), None);
        assert_eq!(told("2026-11-20T12:00:02Z"), right);
        let fix = Some("set this machine's clock: timedatectl set-ntp true".to_owned());
        let ahead = "5 min ahead of AWS's: what it signs is refused".to_owned();
        assert_eq!(
            told("2026-11-20T12:05:00Z"),
            (State::Failed, ahead, fix.clone())
        );
        let behind = "61 min behind AWS's: what it signs is refused".to_owned();
        assert_eq!(told("2026-11-20T10:58:59Z"), (State::Failed, behind, fix));
    }
}
