//! What is kept: for how long, and under which key.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::parts::{functions, only_if, referred, resources, statements};
use crate::rule::{Complaints, Rule};

pub const RULES: &[Rule] = &[
    Rule {
        name: "the table is kept, recoverable, encrypted, forgets in time, and costs nothing when idle",
        broken_by: tables_that_can_be_lost,
        changes: &[
            ("/Resources/EventsTable/DeletionPolicy", None),
            (
                "/Resources/EventsTable/UpdateReplacePolicy",
                Some(r#""Delete""#),
            ),
            (
                "/Resources/EventsTable/Properties/DeletionProtectionEnabled",
                None,
            ),
            (
                "/Resources/EventsTable/Properties/PointInTimeRecoverySpecification",
                None,
            ),
            (
                "/Resources/EventsTable/Properties/SSESpecification/SSEEnabled",
                Some("false"),
            ),
            (
                "/Resources/EventsTable/Properties/TimeToLiveSpecification/AttributeName",
                Some(r#""ttl""#),
            ),
            (
                "/Resources/EventsTable/Properties/BillingMode",
                Some(r#""PROVISIONED""#),
            ),
        ],
    },
    Rule {
        name: "every function logs to a group of its own, and every group forgets",
        broken_by: logs_that_are_kept_for_ever,
        changes: &[
            ("/Resources/insiderFunction/Properties/LoggingConfig", None),
            (
                "/Resources/insiderFunction/Properties/LoggingConfig/LogGroup/Ref",
                Some(r#""mailpandaLogs""#),
            ),
            ("/Resources/ApiLogs/Properties/RetentionInDays", None),
            // the dashboard asks all groups of this prefix
            (
                "/Resources/insiderLogs/Properties/LogGroupName/Fn::Sub",
                Some(r#""/insider""#),
            ),
            (
                "/Globals/Function/LoggingConfig/SystemLogLevel",
                Some(r#""INFO""#),
            ),
            ("/Parameters/SystemLogLevel/Default", Some(r#""INFO""#)),
        ],
    },
    Rule {
        name: "whatever stores is encrypted, with the operator's own key if there is one, which every role may use",
        broken_by: stores_in_the_clear,
        changes: &[
            (
                "/Resources/DeliveriesQueue/Properties/SqsManagedSseEnabled",
                Some("false"),
            ),
            ("/Resources/DeliveriesQueue/Properties/KmsMasterKeyId", None),
            (
                "/Resources/DeadLetterQueue/Properties/KmsMasterKeyId",
                Some(r#"{"Ref": "KmsKeyArn"}"#),
            ),
            (
                "/Resources/EventsTable/Properties/SSESpecification/KMSMasterKeyId",
                None,
            ),
            ("/Resources/ConsumerLogs/Properties/KmsKeyId", None),
            ("/Resources/ApiLogs/Properties/KmsKeyId", None),
            (
                "/Resources/insiderRole/Properties/Policies/0/PolicyDocument/Statement/3",
                None,
            ),
            (
                "/Resources/ConsumerRole/Properties/Policies/0/PolicyDocument/Statement/4/Fn::If/1/Action",
                Some(r#"["kms:Decrypt"]"#),
            ),
        ],
    },
];

fn tables_that_can_be_lost(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    for (id, table) in resources(template, "AWS::DynamoDB::Table") {
        for policy in ["DeletionPolicy", "UpdateReplacePolicy"] {
            complaints.unless(table[policy] == "Retain", id, policy);
        }
        for (place, wanted) in [
            ("/DeletionProtectionEnabled", json!(true)),
            (
                "/PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled",
                json!(true),
            ),
            ("/SSESpecification/SSEEnabled", json!(true)),
            ("/TimeToLiveSpecification/Enabled", json!(true)),
            (
                "/TimeToLiveSpecification/AttributeName",
                json!("expires_at"),
            ),
            ("/BillingMode", json!("PAY_PER_REQUEST")),
        ] {
            let holds = table["Properties"].pointer(place) == Some(&wanted);
            complaints.unless(holds, id, place);
        }
    }
    complaints.0
}

fn logs_that_are_kept_for_ever(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let groups = resources(template, "AWS::Logs::LogGroup");
    for (id, group) in &groups {
        let kept = referred(&group["Properties"]["RetentionInDays"]);
        complaints.unless(kept == Some("LogRetentionDays"), id, "is kept for ever");
    }
    let mut taken = BTreeSet::new();
    for (id, function) in functions(template) {
        let group = referred(&function["Properties"]["LoggingConfig"]["LogGroup"]);
        let group = group.and_then(|group| groups.iter().find(|(id, _)| *id == group));
        let Some((group, properties)) = group.filter(|(group, _)| taken.insert(*group)) else {
            complaints.unless(false, id, "has no log group");
            continue;
        };
        let name = &properties["Properties"]["LogGroupName"]["Fn::Sub"];
        let is_ours = name
            .as_str()
            .is_some_and(|name| name.starts_with("/${AWS::StackName}/"));
        complaints.unless(is_ours, group, "has another name");
    }
    let level = &template["Globals"]["Function"]["LoggingConfig"]["SystemLogLevel"];
    let is_asked = *level == json!({"Ref": "SystemLogLevel"});
    let is_quiet = template["Parameters"]["SystemLogLevel"]["Default"] == "WARN";
    complaints.unless(
        is_asked && is_quiet,
        "Globals",
        "Lambda logs what nobody asks",
    );
    complaints.0
}

fn stores_in_the_clear(template: &Value) -> Vec<String> {
    let mut complaints = Complaints::default();
    let key = only_if("OwnKey", &json!({"Ref": "KmsKeyArn"}));
    let otherwise_sqs = json!({"Fn::If": ["OwnKey", false, true]});
    for (id, queue) in resources(template, "AWS::SQS::Queue") {
        let queue = &queue["Properties"];
        let holds =
            queue["KmsMasterKeyId"] == key && queue["SqsManagedSseEnabled"] == otherwise_sqs;
        complaints.unless(holds, id, "is not encrypted");
    }
    for (id, table) in resources(template, "AWS::DynamoDB::Table") {
        let holds = table["Properties"]["SSESpecification"]["KMSMasterKeyId"] == key;
        complaints.unless(holds, id, "does not take the key");
    }
    for (id, group) in resources(template, "AWS::Logs::LogGroup") {
        let holds = group["Properties"]["KmsKeyId"] == key;
        complaints.unless(holds, id, "does not take the key");
    }
    let statement = json!({
        "Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": {"Ref": "KmsKeyArn"},
    });
    for (id, role) in resources(template, "AWS::IAM::Role") {
        let may = statements(role).contains(&&statement);
        complaints.unless(may, id, "may not use the key");
    }
    complaints.0
}
