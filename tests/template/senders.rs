//! Who may send to which queue, and how.

use serde_json::{Value, json};

use crate::parts::{dead_letter_queues, only_if, provider_of, resources};
use crate::rule::{Complaints, Rule};

pub const RULES: &[Rule] = &[Rule {
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
            "/Resources/DeliveriesQueuePolicy/Properties/PolicyDocument/Statement/1/Condition/ArnNotLike/aws:PrincipalArn/0/Fn::Sub",
            Some(r#""arn:${AWS::Partition}:iam::${AWS::AccountId}:role/${AWS::StackName}/*""#),
        ),
        // the operator's own word is the API's, and there is none without it
        (
            "/Resources/DeliveriesQueuePolicy/Properties/PolicyDocument/Statement/1/Condition/ArnNotLike/aws:PrincipalArn/1/Fn::If/1/Fn::GetAtt/0",
            Some(r#""DeliverRole""#),
        ),
        (
            "/Resources/DeliveriesQueuePolicy/Properties/PolicyDocument/Statement/1/Condition/ArnNotLike/aws:PrincipalArn/1/Fn::If/0",
            Some(r#""Domain""#),
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
        // a fact is announced by fanout alone, and an operator
        (
            "/Resources/OutboxQueuePolicy/Properties/PolicyDocument/Statement/1/Condition/ArnNotLike/aws:PrincipalArn/0/Fn::GetAtt/0",
            Some(r#""ConsumerRole""#),
        ),
        ("/Resources/FanoutFailuresQueuePolicy", None),
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
}];

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
    for (id, _) in resources(template, "AWS::SQS::Queue") {
        let of = policies.iter().filter(|(_, policy)| {
            let queues = &policy["Properties"]["Queues"];
            *queues == json!([{ "Ref": id }])
        });
        let senders = match of_the_way_out(id) {
            Some(senders) => senders,
            None if dead.contains(id) => role("ConsumerRole"),
            None => json!([{ "Fn::Sub": senders }, only_if("Outlets", &role("ApiRole"))]),
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
        let wanted = if provider_of(id).is_some() {
            receivers
        } else {
            "/${AWS::StackName}/"
        };
        let path = &role["Properties"]["Path"]["Fn::Sub"];
        complaints.unless(path == wanted, id, "is at another path");
    }
    complaints.0
}

fn role(id: &str) -> Value {
    json!({"Fn::GetAtt": [id, "Arn"]})
}

/// Who sends to the queues of the way out.
fn of_the_way_out(id: &str) -> Option<Value> {
    match id {
        "OutboxQueue" => Some(
            ["FanoutRole", "DeliverRole", "SweepRole", "ApiRole"]
                .map(role)
                .into_iter()
                .collect(),
        ),
        "OutboxDeadLetterQueue" => Some(
            ["FanoutRole", "DeliverRole"]
                .map(role)
                .into_iter()
                .collect(),
        ),
        "FanoutFailuresQueue" => Some(role("FanoutRole")),
        _ => None,
    }
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
