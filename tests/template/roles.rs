//! What each function may do.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::parts::{functions, only_if, package, referred, resources, statements, strings};
use crate::rule::{Complaints, Rule};

pub const RULES: &[Rule] = &[
    Rule {
        name: "no policy has an asterisk, or more than one resource, or comes from elsewhere",
        broken_by: policies_that_allow_too_much,
        changes: &[
            (
                "/Resources/insiderRole/Properties/Policies/0/PolicyDocument/Statement/0/Resource",
                Some(r#""*""#),
            ),
            (
                "/Resources/ConsumerRole/Properties/Policies/0/PolicyDocument/Statement/0/Action",
                Some(r#""dynamodb:*""#),
            ),
            (
                "/Resources/ConsumerRole/Properties/Policies/0/PolicyDocument/Statement/2/Resource",
                Some(
                    r#"{"Fn::Sub": "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:?"}"#,
                ),
            ),
            (
                "/Resources/insiderRole/Properties/Policies/0/PolicyDocument/Statement/1/Resource",
                Some(r#"[{"Ref": "insiderLogs"}, {"Ref": "mailpandaLogs"}]"#),
            ),
            (
                "/Resources/insiderRole/Properties/ManagedPolicyArns",
                Some(r#"["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"]"#),
            ),
            (
                "/Resources/insiderFunction/Properties/Policies",
                Some(r#"["AmazonSQSFullAccess"]"#),
            ),
        ],
    },
    Rule {
        name: "every function has a role of its own, which may do what it does and nothing else",
        broken_by: roles_that_do_not_fit,
        changes: &[
            ("/Resources/insiderFunction/Properties/Role", None),
            (
                "/Resources/insiderFunction/Properties/Role/Fn::GetAtt/0",
                Some(r#""mailpandaRole""#),
            ),
            (
                "/Resources/ConsumerRole/Properties/Policies/0/PolicyDocument/Statement/0/Action/0",
                Some(r#""dynamodb:DeleteItem""#),
            ),
            // its warm-up would be denied at each start
            (
                "/Resources/ConsumerRole/Properties/Policies/0/PolicyDocument/Statement/0/Action/3",
                None,
            ),
            (
                "/Resources/customerioRole/Properties/Policies/0/PolicyDocument/Statement/0/Action",
                Some(r#""sqs:SendMessage""#),
            ),
            (
                "/Resources/customerioRole/Properties/Policies/0/PolicyDocument/Statement/0",
                None,
            ),
            (
                "/Resources/customerioRole/Properties/Policies/0/PolicyDocument/Statement/0/Resource/Fn::GetAtt/0",
                Some(r#""DeadLetterQueue""#),
            ),
            // whoever sends to foreign addresses may look up what it has the key of, and no more
            (
                "/Resources/DeliverRole/Properties/Policies/0/PolicyDocument/Statement/0/Action",
                Some(r#"["dynamodb:BatchGetItem", "dynamodb:Query"]"#),
            ),
            // and may put events onto one bus
            (
                "/Resources/DeliverRole/Properties/Policies/0/PolicyDocument/Statement/5/Fn::If/1/Action",
                Some(r#"["events:PutEvents", "events:PutRule"]"#),
            ),
            (
                "/Resources/DeliverRole/Properties/Policies/0/PolicyDocument/Statement/5/Fn::If/1/Resource",
                Some(r#""arn:aws:events:eu-west-1:000000000000:event-bus/default""#),
            ),
            (
                "/Resources/FanoutRole/Properties/Policies/0/PolicyDocument/Statement/0/Resource/Fn::GetAtt/1",
                Some(r#""Arn""#),
            ),
            (
                "/Resources/ApiRole/Properties/Policies/0/PolicyDocument/Statement/3/Fn::If/1/Resource/Fn::Sub",
                Some(
                    r#""arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${AWS::StackName}/insider-??????""#,
                ),
            ),
            // whoever asks reads, and does not scan or write what is stored
            (
                "/Resources/ApiRole/Properties/Policies/0/PolicyDocument/Statement/4/Action/2",
                Some(r#""dynamodb:Scan""#),
            ),
            (
                "/Resources/ApiRole/Properties/Policies/0/PolicyDocument/Statement/4/Action/0",
                Some(r#""dynamodb:PutItem""#),
            ),
            (
                "/Resources/ApiRole/Properties/Policies/0/PolicyDocument/Statement/5/Resource/Fn::Sub",
                Some(r#""${EventsTable.Arn}/index/*""#),
            ),
            // what it waits with, and where it puts poison
            (
                "/Resources/ConsumerRole/Properties/Policies/0/PolicyDocument/Statement/1/Action/2",
                None,
            ),
            (
                "/Resources/ConsumerRole/Properties/Policies/0/PolicyDocument/Statement/2",
                None,
            ),
        ],
    },
    Rule {
        name: "every role is bounded where the account asks for it",
        broken_by: roles_without_a_bound,
        changes: &[
            (
                "/Resources/insiderRole/Properties/PermissionsBoundary",
                None,
            ),
            (
                "/Resources/ConsumerRole/Properties/PermissionsBoundary",
                Some(r#"{"Ref": "PermissionsBoundary"}"#),
            ),
        ],
    },
];

fn policies_that_allow_too_much(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    for (id, role) in resources(template, "AWS::IAM::Role") {
        let policies = &role["Properties"]["Policies"];
        let has_asterisk = strings(policies).iter().any(|text| text.contains('*'));
        complaints.unless(!has_asterisk, id, "has an asterisk");
        let managed = &role["Properties"]["ManagedPolicyArns"];
        complaints.unless(managed.is_null(), id, "has policies of someone else's");
        for statement in statements(role) {
            let resource = &statement["Resource"];
            let is_one = referred(resource).is_some() || secret(resource).is_some();
            let is_one = is_one || index(resource).is_some();
            let complaint = "allows an action on more than one resource of ours";
            complaints.unless(is_one, id, complaint);
        }
    }
    for (id, function) in functions(template) {
        let policies = &function["Properties"]["Policies"];
        complaints.unless(policies.is_null(), id, "has policies besides its role's");
    }
    complaints.0
}

/// The provider whose secret a policy's resource is. Secrets Manager adds a hyphen and six
/// characters to a secret's name, so that it can be named before it is there.
fn secret(resource: &Value) -> Option<&str> {
    let name = resource["Fn::Sub"].as_str()?.strip_prefix(
        "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${AWS::StackName}/",
    )?;
    let name = name.strip_suffix("-??????")?;
    (!name.contains('?')).then_some(name)
}

/// The index of the table that a policy's resource is.
fn index(resource: &Value) -> Option<&'static str> {
    let name = resource["Fn::Sub"].as_str()?;
    match name.strip_prefix("${EventsTable.Arn}/index/")? {
        "by_message" => Some("EventsTable.by_message"),
        "by_problem" => Some("EventsTable.by_problem"),
        _ => None,
    }
}

const READ_SECRET: &str = "secretsmanager:GetSecretValue";
const SEALING: &str = "AWS::SecretsManager::Secret";
/// The endpoints, their states and what is parked: read, written and leased.
const OUTLETS: [(&str, &str); 5] = [
    ("dynamodb:Query", "OutletsTable"),
    ("dynamodb:GetItem", "OutletsTable"),
    ("dynamodb:PutItem", "OutletsTable"),
    ("dynamodb:UpdateItem", "OutletsTable"),
    ("dynamodb:DeleteItem", "OutletsTable"),
];

/// What each function does, and so what its role may do: action on type of resource.
fn needed(package: &str) -> BTreeSet<(&str, &str)> {
    let own = match package {
        "fanout" => vec![
            ("dynamodb:DescribeStream", "EventsTable.StreamArn"),
            ("dynamodb:GetRecords", "EventsTable.StreamArn"),
            ("dynamodb:GetShardIterator", "EventsTable.StreamArn"),
            ("dynamodb:ListStreams", "EventsTable.StreamArn"),
            ("dynamodb:Query", "OutletsTable"),
            ("sqs:SendMessage", "OutboxQueue"),
            ("sqs:SendMessage", "OutboxDeadLetterQueue"),
            ("sqs:SendMessage", "FanoutFailuresQueue"),
        ],
        "deliver" => [
            ("dynamodb:BatchGetItem", "OutletsTable"),
            ("dynamodb:BatchWriteItem", "OutletsTable"),
            ("dynamodb:BatchGetItem", "EventsTable"),
            ("sqs:ReceiveMessage", "OutboxQueue"),
            ("sqs:DeleteMessage", "OutboxQueue"),
            ("sqs:ChangeMessageVisibility", "OutboxQueue"),
            ("sqs:GetQueueAttributes", "OutboxQueue"),
            ("sqs:SendMessage", "OutboxQueue"),
            ("sqs:SendMessage", "OutboxDeadLetterQueue"),
            (READ_SECRET, SEALING),
            ("events:PutEvents", "EventBusArn"),
        ]
        .into_iter()
        .chain(OUTLETS)
        .collect(),
        "sweep" => [("sqs:SendMessage", "OutboxQueue"), (READ_SECRET, SEALING)]
            .into_iter()
            .chain(OUTLETS)
            .collect(),
        "api" => [
            ("dynamodb:BatchGetItem", "OutletsTable"),
            ("dynamodb:BatchWriteItem", "OutletsTable"),
            ("dynamodb:GetItem", "EventsTable"),
            ("dynamodb:BatchGetItem", "EventsTable"),
            ("dynamodb:Query", "EventsTable"),
            ("dynamodb:Query", "EventsTable.by_message"),
            ("dynamodb:Query", "EventsTable.by_problem"),
            ("sqs:SendMessage", "OutboxQueue"),
            ("sqs:SendMessage", "DeliveriesQueue"),
            (READ_SECRET, SEALING),
            (READ_SECRET, "outlets/keys"),
        ]
        .into_iter()
        .chain(OUTLETS)
        .collect(),
        "consumer" => vec![
            ("dynamodb:BatchWriteItem", "EventsTable"),
            ("dynamodb:PutItem", "EventsTable"),
            ("dynamodb:UpdateItem", "EventsTable"),
            ("dynamodb:DescribeTable", "EventsTable"),
            ("sqs:ReceiveMessage", "DeliveriesQueue"),
            ("sqs:DeleteMessage", "DeliveriesQueue"),
            ("sqs:ChangeMessageVisibility", "DeliveriesQueue"),
            ("sqs:GetQueueAttributes", "DeliveriesQueue"),
            ("sqs:SendMessage", "DeadLetterQueue"),
            ("sqs:ReceiveMessage", "SesQueue"),
            ("sqs:DeleteMessage", "SesQueue"),
            ("sqs:ChangeMessageVisibility", "SesQueue"),
            ("sqs:GetQueueAttributes", "SesQueue"),
        ],
        provider => vec![
            ("sqs:SendMessage", "DeliveriesQueue"),
            ("sqs:GetQueueAttributes", "DeliveriesQueue"),
            (READ_SECRET, provider),
        ],
    };
    let logs = ["logs:CreateLogStream", "logs:PutLogEvents"];
    let logs = logs.map(|action| (action, "AWS::Logs::LogGroup"));
    let key = ["kms:Decrypt", "kms:GenerateDataKey"];
    let key = key.map(|action| (action, "KmsKeyArn"));
    own.into_iter().chain(logs).chain(key).collect()
}

fn roles_that_do_not_fit(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let mut taken = BTreeSet::new();
    for (id, function) in functions(template) {
        let Some(role) = referred(&function["Properties"]["Role"]) else {
            complaints.unless(false, id, "has no role of its own");
            continue;
        };
        complaints.unless(taken.insert(role), id, "shares its role");
        let mut allowed = BTreeSet::new();
        for statement in statements(&template["Resources"][role]) {
            let resource = &statement["Resource"];
            let is_stream = resource["Fn::GetAtt"] == json!(["EventsTable", "StreamArn"]);
            let stream = is_stream.then_some("EventsTable.StreamArn");
            let resource = stream.or(referred(resource)).or(secret(resource));
            let resource = resource.or(index(&statement["Resource"]));
            let resource = resource.unwrap_or_default();
            // a queue and the table by name, since there is more than one queue; the others by type
            let kind = template["Resources"][resource]["Type"].as_str();
            let kind = kind.filter(|kind| !kind.contains("SQS") && !kind.contains("DynamoDB"));
            let on = kind.unwrap_or(resource);
            allowed.extend(strings(&statement["Action"]).into_iter().map(|a| (a, on)));
        }
        for (action, on) in allowed.symmetric_difference(&needed(package(function))) {
            complaints.unless(false, id, &format!("{action} on {on}"));
        }
    }
    complaints.0
}

fn roles_without_a_bound(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let bound = only_if("Bounded", &json!({"Ref": "PermissionsBoundary"}));
    for (id, role) in resources(template, "AWS::IAM::Role") {
        let holds = role["Properties"]["PermissionsBoundary"] == bound;
        complaints.unless(holds, id, "is not bounded");
    }
    complaints.0
}
