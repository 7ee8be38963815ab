//! The queues, and the function that reads one.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::parts::{consumers, dead_letter_queues, number, only_if, referred, resources};
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
        name: "every queue is reached over TLS alone, and takes messages from its senders and the operators alone",
        broken_by: queues_that_anyone_may_fill,
        changes: &[
            ("/Resources/DeliveriesQueuePolicy", None),
            ("/Resources/DeadLetterQueuePolicy/Properties/Queues", None),
            (
                "/Resources/DeadLetterQueuePolicy/Properties/PolicyDocument/Statement/0",
                None,
            ),
            (
                "/Resources/DeliveriesQueuePolicy/Properties/PolicyDocument/Statement/0/Condition/Bool/aws:SecureTransport",
                Some(r#""true""#),
            ),
            (
                "/Resources/DeliveriesQueuePolicy/Properties/PolicyDocument/Statement/1/Action",
                Some(r#""sqs:ReceiveMessage""#),
            ),
            // the consumer's role has no business there
            (
                "/Resources/DeliveriesQueuePolicy/Properties/PolicyDocument/Statement/1/Condition/ArnNotLike/aws:PrincipalArn/Fn::Sub",
                Some(r#""arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${AWS::StackName}/*""#),
            ),
            (
                "/Resources/DeadLetterQueuePolicy/Properties/PolicyDocument/Statement/1/Condition/ArnNotLike/aws:PrincipalArn/Fn::GetAtt/0",
                Some(r#""insiderRole""#),
            ),
            // whoever may publish elsewhere is no source of SES's
            (
                "/Resources/SesQueuePolicy/Properties/PolicyDocument/Statement/1/Condition",
                None,
            ),
            (
                "/Resources/SesQueuePolicy/Properties/PolicyDocument/Statement/2",
                None,
            ),
            (
                "/Resources/SesUndeliveredQueuePolicy/Properties/PolicyDocument/Statement/1/Principal",
                Some(r#""*""#),
            ),
            ("/Resources/SesDeadLetterQueuePolicy", None),
            // without operators the condition would have an empty list
            (
                "/Resources/DeadLetterQueuePolicy/Properties/PolicyDocument/Statement/1/Condition/ArnNotEquals",
                Some(r#"{"aws:PrincipalArn": {"Fn::Split": [",", {"Ref": "OperatorRoleArns"}]}}"#),
            ),
            // the table's receivers are told apart by their path
            ("/Resources/insiderRole/Properties/Path", None),
            (
                "/Resources/ConsumerRole/Properties/Path",
                Some(r#"{"Fn::Sub": "/${AWS::StackName}/receivers/"}"#),
            ),
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

fn queues_that_anyone_may_fill(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let over_tls = json!({
        "Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    });
    let receivers = "/${AWS::StackName}/receivers/";
    let senders = format!("arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role{receivers}*");
    let dead = dead_letter_queues(template);
    let policies = resources(template, "AWS::SQS::QueuePolicy");
    for (id, _) in queues(template) {
        let of = policies.iter().filter(|(_, policy)| {
            let queues = &policy["Properties"]["Queues"];
            *queues == json!([{ "Ref": id }])
        });
        let senders = if dead.contains(id) {
            json!({"Fn::GetAtt": ["ConsumerRole", "Arn"]})
        } else {
            json!({ "Fn::Sub": senders })
        };
        let operators = json!({"Fn::Split": [",", {"Ref": "OperatorRoleArns"}]});
        let operators = json!({ "aws:PrincipalArn": operators });
        let from_ours = json!({
            "Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage",
            "Resource": {"Fn::GetAtt": [id, "Arn"]},
            "Condition": {
                "ArnNotLike": {"aws:PrincipalArn": senders},
                "ArnNotEquals": only_if("Operators", &operators),
            },
        });
        let wanted = match of_ses(id) {
            Some(others) => [vec![over_tls.clone()], others].concat().into(),
            None => json!([over_tls, from_ours]),
        };
        let found: Vec<&Value> = of
            .map(|(_, policy)| &policy["Properties"]["PolicyDocument"]["Statement"])
            .collect();
        complaints.unless(found == [&wanted], id, "has another policy, or none");
    }
    for (id, role) in resources(template, "AWS::IAM::Role") {
        let wanted = if id == "ConsumerRole" {
            "/${AWS::StackName}/"
        } else {
            receivers
        };
        let path = &role["Properties"]["Path"]["Fn::Sub"];
        complaints.unless(path == wanted, id, "is at another path");
    }
    complaints.0
}

/// The queues of SES take what its topic sends: the one that is read, and the one for what could
/// not be delivered there. To the third nobody sends: SQS itself moves messages there.
fn of_ses(id: &str) -> Option<Vec<Value>> {
    let topic = json!({"aws:SourceArn": {"Ref": "SesTopic"}});
    let operators = json!({"aws:PrincipalArn": {"Fn::Split": [",", {"Ref": "OperatorRoleArns"}]}});
    let both = json!({
        "aws:SourceArn": topic["aws:SourceArn"],
        "aws:PrincipalArn": operators["aws:PrincipalArn"],
    });
    let queue = json!({"Fn::GetAtt": [id, "Arn"]});
    let denied = |condition: Value| {
        json!({
            "Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": queue,
            "Condition": condition,
        })
    };
    match id {
        "SesQueue" | "SesUndeliveredQueue" => Some(vec![
            json!({
                "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage", "Resource": queue,
                "Condition": {"ArnEquals": topic},
            }),
            denied(json!({"ArnNotEquals": {"Fn::If": ["Operators", both, topic]}})),
        ]),
        "SesDeadLetterQueue" => Some(vec![denied(only_if(
            "Operators",
            &json!({"ArnNotEquals": operators}),
        ))]),
        _ => None,
    }
}

fn messages_seen_twice(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    for (queue, (_, function), mapping) in consumers(template) {
        let invisible = number(&template["Resources"][queue]["Properties"]["VisibilityTimeout"]);
        let window = referred(&mapping["MaximumBatchingWindowInSeconds"]).unwrap_or_default();
        let window = number(&template["Parameters"][window]["MaxValue"]);
        let busy = 6 * number(&function["Timeout"]) + window;
        let holds = window > 0 && invisible >= busy;
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
        complaints.unless(default(most) == 3, queue, "takes a new account's room");
        let window = default(&mapping["MaximumBatchingWindowInSeconds"]);
        complaints.unless(window == 0, queue, "waits for a batch to fill");
    }
    complaints.0
}
