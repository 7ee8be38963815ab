//! A stack with the way out: well, and with each fault by itself.

use crate::{Case, differs, function, healthy, pairs, started};

/// As [`healthy`], with the way out.
fn telling() -> Case {
    let mut case = healthy();
    case.stack.outputs.extend(pairs([
        ("OutletsTable", "postern-OutletsTable-1"),
        ("OutboxQueueUrl", "https://sqs.test/1/postern-OutboxQueue-1"),
        ("ManageUrl", "https://hooks.test/api/webhooks/manage"),
        (
            "OutboxDeadLetterQueueUrl",
            "https://sqs.test/1/postern-OutboxDead-1",
        ),
        (
            "FanoutFailuresQueueUrl",
            "https://sqs.test/1/postern-FanoutFailures-1",
        ),
    ]));
    case.stack.resources.extend(pairs([
        ("ApiLogs", "/postern/access"),
        ("ApiFunction", "postern-api"),
        ("ApiFunctionLogs", "/postern/api"),
        ("FanoutFunction", "postern-fanout"),
        ("FanoutLogs", "/postern/fanout"),
    ]));
    for name in ["api", "fanout"] {
        let functions = &mut case.account.functions;
        functions.insert(format!("postern-{name}"), function());
        let logs = &mut case.account.logs;
        logs.insert(format!("/postern/{name}"), started("0.2.0"));
    }
    case
}

/// The lines that differ where all is well: two more functions, of which each says its version.
const MORE: [&str; 2] = [
    "version ok | this program 0.2.0, all 5 functions 0.2.0 | -",
    "functions ok | 5 of 5 active, no errors or throttles in 1 h | -",
];

async fn told(metrics: &[(&str, f64, f64)], wanted: &[&str]) {
    let mut case = telling();
    for (name, hours, value) in metrics {
        let values = vec![(*hours, *value)];
        case.account.metrics.insert((*name).to_owned(), values);
    }
    Box::pin(differs(case, &[&MORE, wanted].concat())).await;
}

#[tokio::test]
async fn what_fails_waits_or_was_put_aside_has_a_line_each() {
    const WELL: &str =
        "outlets ok | no endpoint fails, nothing waits for an hour, and nothing was put aside | -";
    let stream = "AWS/Lambda IteratorAge postern-fanout";
    told(&[], &[WELL]).await;
    // Half an hour ago all was bad, and since then nobody has said so again.
    told(
        &[
            (stream, 0.5, 3_000_000.0),
            ("postern failing_s", 0.5, 900.0),
            ("postern oldest_s", 0.5, 9_000.0),
        ],
        &[WELL],
    )
    .await;
    told(
        &[
            (stream, 0.05, 899_000.0),
            ("postern oldest_s", 0.05, 3_600.0),
        ],
        &[WELL],
    )
    .await;
    told(
        &[
            (stream, 0.05, 1_260_000.0),
            ("postern failing_s", 0.05, 240.0),
            ("postern oldest_s", 0.05, 10_800.0),
            ("AWS/SQS ApproximateNumberOfMessagesVisible postern-OutboxDead-1", 0.4, 1.0),
            ("AWS/SQS ApproximateNumberOfMessagesVisible postern-FanoutFailures-1", 0.1, 12.0),
        ],
        &[
            "outlets failed | what is stored is read 21 min late, and after 24 h it is told to nobody | docs/operations.md, The stream is behind",
            "outlets failed | an endpoint has failed for 4 min | postern webhooks undelivered {target}",
            "outlets failed | a notification has waited for 3 hours | postern webhooks undelivered {target}",
            "outlets failed | 1 message in the OutboxDeadLetterQueue | docs/operations.md, A notification was put aside",
            "outlets failed | 12 messages in the FanoutFailuresQueue | docs/operations.md, A notification was put aside",
        ],
    )
    .await;
}

#[tokio::test]
async fn what_may_not_be_read_of_it_is_skipped() {
    let mut case = telling();
    case.account.denied.insert("cloudwatch:GetMetricData");
    let denied = "skipped: not allowed: cloudwatch:GetMetricData | postern doctor --policy";
    let (report, _) = case.examined().await;
    let lines = crate::lines(&report);
    assert!(
        lines.contains(&format!("outlets skipped | {denied}")),
        "{lines:?}"
    );
}
