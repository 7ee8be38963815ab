//! The table of permissions and the calls that are made: none is missing, and none is too many.
#![expect(clippy::expect_used, reason = "a test that fails may panic")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use operator::permissions::{commands, of};

/// The calls of the SDK, with what each needs in a policy. Whatever a command may come to call.
const CALLS: [(&str, &str); 42] = [
    ("batch_get_item", "dynamodb:BatchGetItem"),
    ("batch_write_item", "dynamodb:BatchWriteItem"),
    ("cancel_message_move_task", "sqs:CancelMessageMoveTask"),
    ("change_message_visibility", "sqs:ChangeMessageVisibility"),
    ("create_secret", "secretsmanager:CreateSecret"),
    ("delete_item", "dynamodb:DeleteItem"),
    ("delete_message", "sqs:DeleteMessage"),
    ("delete_secret", "secretsmanager:DeleteSecret"),
    ("describe_alarms", "cloudwatch:DescribeAlarms"),
    (
        "describe_continuous_backups",
        "dynamodb:DescribeContinuousBackups",
    ),
    ("describe_log_groups", "logs:DescribeLogGroups"),
    ("describe_secret", "secretsmanager:DescribeSecret"),
    ("describe_stacks", "cloudformation:DescribeStacks"),
    ("describe_table", "dynamodb:DescribeTable"),
    ("describe_time_to_live", "dynamodb:DescribeTimeToLive"),
    ("filter_log_events", "logs:FilterLogEvents"),
    ("get_account_settings", "lambda:GetAccountSettings"),
    (
        "get_function_configuration",
        "lambda:GetFunctionConfiguration",
    ),
    ("get_item", "dynamodb:GetItem"),
    ("get_metric_data", "cloudwatch:GetMetricData"),
    ("get_query_results", "logs:GetQueryResults"),
    ("get_queue_attributes", "sqs:GetQueueAttributes"),
    ("get_secret_value", "secretsmanager:GetSecretValue"),
    (
        "list_dead_letter_source_queues",
        "sqs:ListDeadLetterSourceQueues",
    ),
    (
        "list_event_source_mappings",
        "lambda:ListEventSourceMappings",
    ),
    ("list_message_move_tasks", "sqs:ListMessageMoveTasks"),
    (
        "list_secret_version_ids",
        "secretsmanager:ListSecretVersionIds",
    ),
    ("list_secrets", "secretsmanager:ListSecrets"),
    ("list_stack_resources", "cloudformation:ListStackResources"),
    ("list_stacks", "cloudformation:ListStacks"),
    (
        "list_subscriptions_by_topic",
        "sns:ListSubscriptionsByTopic",
    ),
    ("put_item", "dynamodb:PutItem"),
    ("put_secret_value", "secretsmanager:PutSecretValue"),
    ("query", "dynamodb:Query"),
    ("receive_message", "sqs:ReceiveMessage"),
    ("restore_secret", "secretsmanager:RestoreSecret"),
    ("scan", "dynamodb:Scan"),
    ("send_message", "sqs:SendMessage"),
    ("start_query", "logs:StartQuery"),
    ("start_message_move_task", "sqs:StartMessageMoveTask"),
    ("update_item", "dynamodb:UpdateItem"),
    (
        "update_secret_version_stage",
        "secretsmanager:UpdateSecretVersionStage",
    ),
];

/// What is needed without a call of its own: a move of messages needs what it does, a batch of
/// writes what is in it, and the API of the endpoints is no service of the SDK.
const IMPLIED: [&str; 4] = [
    "dynamodb:DeleteItem",
    "execute-api:Invoke",
    "sqs:DeleteMessage",
    "sqs:SendMessage",
];

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

fn called() -> BTreeSet<&'static str> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for name in ["doctor", "operator", "suppress"] {
        sources(&root.join(name).join("src"), &mut files);
    }
    sources(&root.join("table/src"), &mut files);
    let text: Vec<String> = files
        .iter()
        .map(|file| std::fs::read_to_string(file).expect("a file"))
        .collect();
    let is_called = |name: &str| text.iter().any(|text| text.contains(&format!(".{name}()")));
    CALLS
        .into_iter()
        .filter(|(name, _)| is_called(name))
        .map(|(_, action)| action)
        .collect()
}

#[test]
fn every_call_is_in_the_table_and_nothing_else_is() {
    let all: Vec<&str> = commands().collect();
    let asked = of(&all).expect("the commands");
    let mut asked: BTreeSet<&str> = asked.into_values().flatten().collect();
    let called = called();
    let missing: Vec<_> = called.difference(&asked).collect();
    assert!(missing.is_empty(), "called, and in no policy: {missing:?}");
    for implied in IMPLIED {
        asked.remove(implied);
    }
    let idle: Vec<_> = asked.difference(&called).collect();
    assert!(idle.is_empty(), "in a policy, and never called: {idle:?}");
}
