//! What may not be read, does not answer, or was not asked for.

use crate::{differs, healthy};

/// Each check is skipped with its action's name, and ends none of the others.
#[tokio::test]
async fn what_may_not_be_read_is_skipped_with_the_action() {
    for (action, checks) in [
        ("cloudwatch:DescribeAlarms", &["alarms", "told"][..]),
        ("sns:ListSubscriptionsByTopic", &["told"]),
        ("lambda:GetFunctionConfiguration", &["functions"]),
        ("lambda:ListEventSourceMappings", &["queue"]),
        ("lambda:GetAccountSettings", &["quota"]),
        ("logs:FilterLogEvents", &["version"]),
        ("secretsmanager:DescribeSecret", &["rotation"]),
        ("sqs:GetQueueAttributes", &["dead"]),
        ("dynamodb:DescribeTable", &["table"]),
        ("dynamodb:DescribeContinuousBackups", &["table"]),
        ("dynamodb:DescribeTimeToLive", &["table"]),
    ] {
        let mut case = healthy();
        case.account.denied.insert(action);
        let lines = checks.iter().map(|check| {
            format!("{check} skipped | skipped: not allowed: {action} | postern doctor --policy")
        });
        let lines: Vec<String> = lines.collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        differs(case, &lines).await;
    }
    let mut case = healthy();
    case.account.denied.insert("secretsmanager:GetSecretValue");
    differs(
        case,
        &["keys ok | 2 of 2 set; their form is not read | postern doctor --policy"],
    )
    .await;
    let mut case = healthy();
    case.account.denied.insert("cloudwatch:GetMetricData");
    let skipped = |check| {
        format!(
            "{check} skipped | skipped: not allowed: cloudwatch:GetMetricData | postern doctor --policy"
        )
    };
    let [rotation, accepted, refused, queue, table] =
        ["rotation", "accepted", "refused", "queue", "table"].map(skipped);
    differs(
        case,
        &[
            "functions ok | 3 of 3 active; errors not read: not allowed: cloudwatch:GetMetricData | -",
            &rotation,
            &accepted,
            &refused,
            &queue,
            &table,
        ],
    )
    .await;
}

/// An answer that does not come is no permission that is missing, and the exit code is no 0.
#[tokio::test]
async fn what_does_not_answer_is_skipped_and_is_never_all_well() {
    let mut case = healthy();
    case.account.throttled.insert("lambda:GetAccountSettings");
    differs(
        case,
        &["quota skipped | skipped: lambda:GetAccountSettings failed (ThrottlingException) | -"],
    )
    .await;
    let mut case = healthy();
    case.account.throttled.insert("lambda:GetAccountSettings");
    let (mut report, _) = case.examined().await;
    report.checks.retain(|check| check.id != "url");
    assert_eq!(report.exit(), operator::Exit::Unreachable);
}

/// With one provider, only what belongs to it is asked, beside the stack itself.
#[tokio::test]
async fn one_provider_alone() {
    let mut case = healthy();
    case.provider = Some("insider");
    case.account.secrets.remove("postern/mailgun");
    differs(
        case,
        &[
            "keys ok | 1 of 1 set, of good form | -",
            "routes ok | 1 of 1 answer an unsigned POST 401 | -",
            "accepted ok | 1 of 1 providers send, the most silent 6 min ago | -",
        ],
    )
    .await;
    let mut case = healthy();
    case.provider = Some("resend");
    let (report, _) = case.examined().await;
    let line = "routes failed | resend is not on; these are: insider mailgun | add resend to Providers, then: sam build && sam deploy";
    assert_eq!(crate::lines(&report), [line]);
}
