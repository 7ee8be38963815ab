//! The queues, and the function that reads one.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::parts::{consumers, dead_letter_queues, number, referred, resources};
use crate::rule::{Complaints, Rule};

/// As long as SQS keeps a message. The consumer itself moves what is older than 12 days.
const RETENTION: u64 = 14 * 24 * 3600;
/// A receive is no verdict: a message may wait for the table through an outage of days.
const RECEIVES: u64 = 1000;

pub const RULES: &[Rule] = &[
    Rule {
        name: "every queue is a dead-letter queue or has one, keeps messages for 14 days, and gives up on nothing",
        broken_by: queues_without_a_way_out,
        changes: &[
            ("/Resources/DeliveriesQueue/Properties/RedrivePolicy", None),
            (
                "/Resources/DeliveriesQueue/Properties/RedrivePolicy/deadLetterTargetArn",
                Some(r#""arn:aws:sqs:eu-west-1:000000000000:elsewhere""#),
            ),
            (
                "/Resources/DeliveriesQueue/Properties/RedrivePolicy/maxReceiveCount",
                Some("5"),
            ),
            (
                "/Resources/DeliveriesQueue/Properties/MessageRetentionPeriod",
                Some("604800"),
            ),
            (
                "/Resources/DeadLetterQueue/Properties/MessageRetentionPeriod",
                None,
            ),
            (
                "/Resources/StrayQueue",
                Some(r#"{"Type": "AWS::SQS::Queue"}"#),
            ),
        ],
    },
    Rule {
        name: "every queue takes messages of 1 MiB",
        broken_by: queues_that_are_too_small,
        changes: &[
            (
                "/Resources/DeadLetterQueue/Properties/MaximumMessageSize",
                None,
            ),
            (
                "/Resources/DeliveriesQueue/Properties/MaximumMessageSize",
                Some("262144"),
            ),
        ],
    },
    Rule {
        name: "every queue outlives the stack, but not a first deploy that failed",
        broken_by: queues_that_can_be_lost,
        changes: &[
            ("/Resources/DeliveriesQueue/DeletionPolicy", None),
            (
                "/Resources/DeadLetterQueue/DeletionPolicy",
                Some(r#""Delete""#),
            ),
            ("/Resources/DeadLetterQueue/UpdateReplacePolicy", None),
        ],
    },
    Rule {
        name: "a message stays invisible for six timeouts of its consumer and the longest window",
        broken_by: messages_seen_twice,
        changes: &[
            (
                "/Resources/DeliveriesQueue/Properties/VisibilityTimeout",
                Some("199"),
            ),
            ("/Resources/ConsumerFunction/Properties/Timeout", Some("31")),
            ("/Parameters/BatchWindow/MaxValue", Some("21")),
            (
                "/Resources/OutboxQueue/Properties/VisibilityTimeout",
                Some("179"),
            ),
            (
                "/Resources/DeliverFunction/Properties/Events/Outbox/Properties/MaximumBatchingWindowInSeconds",
                Some("1"),
            ),
        ],
    },
    Rule {
        name: "a consumer fails single messages, is not started more often than it may run, leaves room in a new account, and waits for nothing",
        broken_by: consumers_that_lose_their_batch,
        changes: &[
            (
                "/Resources/ConsumerFunction/Properties/Events/Deliveries/Properties/FunctionResponseTypes",
                None,
            ),
            (
                "/Resources/ConsumerFunction/Properties/Events/Deliveries/Properties/ScalingConfig",
                None,
            ),
            (
                "/Resources/ConsumerFunction/Properties/ReservedConcurrentExecutions",
                Some("5"),
            ),
            ("/Parameters/MaximumConcurrency/Default", Some("10")),
            ("/Parameters/DeliverConcurrency/Default", Some("10")),
            ("/Parameters/BatchWindow/Default", Some("1")),
        ],
    },
];

fn queues(template: &Value) -> BTreeMap<&str, &Value> {
    resources(template, "AWS::SQS::Queue").into_iter().collect()
}

fn queues_without_a_way_out(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let (queues, targets) = (queues(template), dead_letter_queues(template));
    for (id, queue) in &queues {
        let queue = &queue["Properties"];
        let kept = number(&queue["MessageRetentionPeriod"]);
        complaints.unless(kept == RETENTION, id, "does not keep messages for 14 days");
        if !targets.contains(id) {
            let redrive = &queue["RedrivePolicy"];
            let target = referred(&redrive["deadLetterTargetArn"]);
            let is_there = target.is_some_and(|id| queues.contains_key(id));
            complaints.unless(is_there, id, "has no dead-letter queue");
            let receives = number(&redrive["maxReceiveCount"]);
            complaints.unless(receives == RECEIVES, id, "gives up");
        }
    }
    complaints.0
}

fn queues_that_are_too_small(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    for (id, queue) in queues(template) {
        let takes = number(&queue["Properties"]["MaximumMessageSize"]);
        complaints.unless(takes == 1024 * 1024, id, "does not take 1 MiB");
    }
    complaints.0
}

fn queues_that_can_be_lost(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    for (id, queue) in queues(template) {
        let is_kept = queue["DeletionPolicy"] == "RetainExceptOnCreate";
        complaints.unless(is_kept, id, "goes with the stack, or stays without one");
        let is_kept = queue["UpdateReplacePolicy"] == "Retain";
        complaints.unless(is_kept, id, "goes with a replacement");
    }
    complaints.0
}

fn messages_seen_twice(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    for (queue, (_, function), mapping) in consumers(template) {
        let invisible = number(&template["Resources"][queue]["Properties"]["VisibilityTimeout"]);
        let window = &mapping["MaximumBatchingWindowInSeconds"];
        let window = match referred(window) {
            Some(parameter) => &template["Parameters"][parameter]["MaxValue"],
            None => window,
        };
        let busy = window
            .as_u64()
            .map(|w| 6 * number(&function["Timeout"]) + w);
        let busy = busy.unwrap_or(u64::MAX);
        let holds = invisible >= busy;
        let complaint = format!("{invisible} s are less than {busy} s");
        complaints.unless(holds, queue, &complaint);
    }
    complaints.0
}

fn consumers_that_lose_their_batch(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    for (queue, (_, function), mapping) in consumers(template) {
        let answers = &mapping["FunctionResponseTypes"];
        let holds = *answers == json!(["ReportBatchItemFailures"]);
        complaints.unless(holds, queue, "one bad message fails its batch");
        let most = &mapping["ScalingConfig"]["MaximumConcurrency"];
        let reserved = &function["ReservedConcurrentExecutions"]["Fn::If"][1];
        let holds = !most.is_null() && most == reserved;
        complaints.unless(holds, queue, "starts more consumers than are reserved");
        let default = |value: &Value| {
            let parameter = referred(value).unwrap_or_default();
            template["Parameters"][parameter]["Default"].clone()
        };
        let room = if queue == "OutboxQueue" { 2 } else { 3 };
        complaints.unless(default(most) == room, queue, "takes a new account's room");
        let window = &mapping["MaximumBatchingWindowInSeconds"];
        let waits = *window != 0 && default(window) != 0;
        complaints.unless(!waits, queue, "waits for a batch to fill");
    }
    complaints.0
}
