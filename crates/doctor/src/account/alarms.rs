//! Does an alarm ring, and would somebody be told?

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudwatch::types::{MetricAlarm, StateValue};
use aws_sdk_sns::types::Subscription;

use crate::check::{Check, Unread, ask};
use crate::counts::many;
use operator::account::Deployed;

const ALARMS: &str = "alarms";
const TOLD: &str = "told";
/// The most names that one call takes.
const NAMES: usize = 100;

/// Checks the alarms' states, and whom they tell.
pub(super) async fn alarms(deployed: &Deployed) -> Vec<Check> {
    let alarms = match described(deployed).await {
        Ok(alarms) => alarms,
        Err(unread) => {
            return vec![Check::unread(ALARMS, &unread), Check::unread(TOLD, &unread)];
        }
    };
    let mut checks = ringing(&alarms);
    checks.extend(told(deployed, &alarms).await);
    checks
}

/// Returns the stack's alarms.
async fn described(deployed: &Deployed) -> Result<Vec<MetricAlarm>, Unread> {
    let client = aws_sdk_cloudwatch::Client::new(&deployed.config);
    let names = deployed.resources.iter();
    let names = names.filter(|(id, _)| id.ends_with("Alarm"));
    let names: Vec<&String> = names.map(|(_, name)| name).collect();
    let mut alarms = Vec::new();
    for names in names.chunks(NAMES) {
        let names = names.iter().map(|name| (*name).clone()).collect();
        let asking = client
            .describe_alarms()
            .set_alarm_names(Some(names))
            .max_records(100)
            .send();
        let found = ask("cloudwatch:DescribeAlarms", asking).await?;
        alarms.extend(found.metric_alarms.unwrap_or_default());
    }
    Ok(alarms)
}

/// Returns a line for each alarm that rings. Its description says what to do.
fn ringing(alarms: &[MetricAlarm]) -> Vec<Check> {
    let ringing = alarms.iter();
    let ringing = ringing.filter(|alarm| alarm.state_value() == Some(&StateValue::Alarm));
    let mut checks: Vec<Check> = ringing
        .map(|alarm| {
            let name = alarm.alarm_name().unwrap_or_default();
            let fix = alarm
                .alarm_description()
                .unwrap_or("docs/operations.md, Alarms");
            Check::failed(ALARMS, format!("{name} rings"), fix)
        })
        .collect();
    if checks.is_empty() {
        let text = format!("none of {} rings", alarms.len());
        checks.push(Check::ok(ALARMS, text));
    }
    checks
}

/// Checks that the topics of the alarms have somebody who has said yes.
async fn told(deployed: &Deployed, alarms: &[MetricAlarm]) -> Vec<Check> {
    let all = many(alarms.len() as u64, "alarm", "alarms");
    let is_off = |alarm: &&MetricAlarm| alarm.actions_enabled() == Some(false);
    let off = alarms.iter().filter(is_off).count();
    if off > 0 {
        let names: Vec<&str> = alarms
            .iter()
            .filter(is_off)
            .filter_map(|a| a.alarm_name())
            .collect();
        let text = format!("{off} of {all} are switched off, and tell nobody");
        let region = &deployed.region;
        let fix = format!(
            "aws cloudwatch enable-alarm-actions --region {region} --alarm-names {}",
            names.join(" ")
        );
        return vec![Check::failed(TOLD, text, fix)];
    }
    let topics: BTreeSet<&str> = alarms
        .iter()
        .flat_map(MetricAlarm::alarm_actions)
        .map(String::as_str)
        .collect();
    if topics.is_empty() {
        let text = format!("{all} tell nobody: neither AlarmEmail nor AlarmTopicArn is set");
        let fix = "sam deploy --parameter-overrides AlarmEmail=you@example.com";
        return vec![Check::failed(TOLD, text, fix)];
    }
    let mut subscribed = BTreeMap::new();
    for topic in topics {
        match subscriptions(deployed, topic).await {
            Ok(found) => subscribed.insert(topic, found),
            Err(unread) => return vec![Check::unread(TOLD, &unread)],
        };
    }
    vec![judged(&deployed.region, &all, &subscribed)]
}

async fn subscriptions(deployed: &Deployed, topic: &str) -> Result<Vec<Subscription>, Unread> {
    let client = aws_sdk_sns::Client::new(&deployed.config);
    let asking = client.list_subscriptions_by_topic().topic_arn(topic).send();
    let found = ask("sns:ListSubscriptionsByTopic", asking).await?;
    Ok(found.subscriptions.unwrap_or_default())
}

fn judged(region: &str, all: &str, subscribed: &BTreeMap<&str, Vec<Subscription>>) -> Check {
    let confirmed = subscribed.values().flatten();
    let confirmed = confirmed.filter(|s| {
        s.subscription_arn()
            .is_some_and(|arn| arn.starts_with("arn:"))
    });
    let confirmed: Vec<&str> = confirmed.filter_map(|s| s.endpoint()).collect();
    if let [first, others @ ..] = &confirmed[..] {
        let others = match others.len() {
            0 => String::new(),
            others => format!(" and {others} more"),
        };
        return Check::ok(TOLD, format!("{all} tell {first}{others}"));
    }
    let topic = subscribed.keys().next().copied().unwrap_or_default();
    let pending = subscribed.values().flatten().find_map(|s| s.endpoint());
    let subscribe = |endpoint: &str| {
        format!(
            "aws sns subscribe --topic-arn {topic} --protocol email --notification-endpoint {endpoint} --region {region}"
        )
    };
    if let Some(endpoint) = pending {
        let text = format!("{all} tell nobody: the mail to {endpoint} was never confirmed");
        let fix = format!("confirm it, or: {}", subscribe(endpoint));
        return Check::failed(TOLD, text, fix);
    }
    let text = format!("{all} tell nobody: {topic} has no subscriber");
    Check::failed(TOLD, text, subscribe("you@example.com"))
}
