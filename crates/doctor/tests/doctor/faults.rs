//! Each fault by itself: its line, and what to do. All other lines stay as they are.

use jiff::SignedDuration;
use serde_json::json;

use crate::aws::Secret;
use crate::{TABLE, TOPIC, alarm, differs, healthy, started};

fn rejected(code: &str) -> String {
    format!(
        r#"{{"level":"warn","provider":"mailgun","outcome":"rejected","status":401,"code":"{code}"}}"#
    )
}

#[tokio::test]
async fn stack_that_was_rolled_back() {
    let mut case = healthy();
    "UPDATE_ROLLBACK_COMPLETE".clone_into(&mut case.stack.status);
    differs(case, &["stack failed | postern, UPDATE_ROLLBACK_COMPLETE 2026-11-20: the last deploy failed | aws cloudformation describe-stack-events --stack-name postern --region eu-west-1 --output text --query \"StackEvents[?contains(ResourceStatus, 'FAILED')].[LogicalResourceId, ResourceStatusReason]\""]).await;
    let mut case = healthy();
    "UPDATE_IN_PROGRESS".clone_into(&mut case.stack.status);
    differs(case, &["stack warning | postern, UPDATE_IN_PROGRESS 2026-11-20: a deploy is under way | ask again when it has ended"]).await;
}

#[tokio::test]
async fn version_that_differs_or_is_not_known() {
    let mut case = healthy();
    let logs = &mut case.account.logs;
    logs.insert("/postern/mailgun".to_owned(), started("0.1.0"));
    differs(case, &["version failed | the functions differ: mailgun 0.1.0, consumer insider 0.2.0 | sam build && sam deploy"]).await;
    let mut case = healthy();
    for lines in case.account.logs.values_mut() {
        lines.clear();
    }
    differs(
        case,
        &["version skipped | unknown: none of the 3 functions has started in 24 h | -"],
    )
    .await;
}

#[tokio::test]
async fn functions_that_do_not_run() {
    let mut case = healthy();
    let functions = &mut case.account.functions;
    functions.get_mut("postern-insider").unwrap()["State"] = json!("Failed");
    functions.get_mut("postern-insider").unwrap()["StateReason"] = json!("the role is gone");
    functions.get_mut("postern-mailgun").unwrap()["Architectures"] = json!(["x86_64"]);
    differs(
        case,
        &[
            "functions failed | insider: Failed: the role is gone | sam build && sam deploy",
            "functions failed | mailgun: is for x86_64, and the stack's Architecture is arm64 | name Architecture once, in samconfig.toml, then: sam build && sam deploy",
        ],
    )
    .await;
}

#[tokio::test]
async fn functions_with_errors_say_why_from_their_log() {
    let mut case = healthy();
    let metrics = &mut case.account.metrics;
    metrics.insert(
        "AWS/Lambda Errors postern-insider".to_owned(),
        vec![(0.2, 4.0), (3.0, 90.0)],
    );
    metrics.insert(
        "AWS/Lambda Errors postern-consumer".to_owned(),
        vec![(0.2, 1.0)],
    );
    metrics.insert(
        "AWS/Lambda Throttles postern-mailgun".to_owned(),
        vec![(0.2, 12.0)],
    );
    let logs = &mut case.account.logs;
    logs.get_mut("/postern/insider").unwrap().push(r#"{"level":"error","function":"insider","code":"queue_url_unset","message":"QUEUE_URL is not set"}"#.to_owned());
    differs(
        case,
        &[
            "functions failed | consumer: 1 error in 1 h | aws logs tail /postern/consumer --since 1h --region eu-west-1",
            "functions failed | insider: 4 errors in 1 h | its log: queue_url_unset: QUEUE_URL is not set",
            "functions warning | mailgun: throttled 12 times in 1 h | raise ReceiverConcurrency or MaximumConcurrency, or the account's quota",
        ],
    )
    .await;
}

#[tokio::test]
async fn keys_that_are_not_there_or_not_usable() {
    let mut case = healthy();
    let secrets = &mut case.account.secrets;
    secrets.remove("postern/mailgun");
    secrets.get_mut("postern/insider").unwrap().value = Err("InvalidRequestException");
    differs(
        case,
        &[
            "keys failed | insider: deleted, every receiver that starts has none | aws secretsmanager restore-secret --secret-id postern/insider",
            "keys failed | mailgun: never set, every webhook is refused | postern secret set mailgun {target}",
        ],
    )
    .await;
    let mut case = healthy();
    let metrics = &mut case.account.metrics;
    metrics.insert("postern secret_refresh_failed".to_owned(), vec![(5.0, 2.0)]);
    case.account
        .secrets
        .get_mut("postern/insider")
        .unwrap()
        .value = Ok("a-key");
    differs(
        case,
        &[
            "keys failed | insider: a key in the secret has fewer than 8 characters: put the whole signing key, as the provider shows it (secrets_key_short) | postern secret set insider {target}",
            "keys warning | 2 readings of a secret failed in 24 h | postern secret status {target}",
        ],
    )
    .await;
}

#[tokio::test]
async fn rotation_that_has_not_come_to_its_end() {
    let mut case = healthy();
    case.account.previous.insert("insider", 7);
    let old = Secret {
        value: Ok("0123456789abcdef"),
        days: 30,
        has_previous: true,
    };
    case.account
        .secrets
        .insert("postern/insider".to_owned(), old);
    let day = operator::print::now() - SignedDuration::from_hours(30 * 24);
    let day = day.strftime("%Y-%m-%d");
    let line = format!(
        "rotation warning | insider: the new key is there since {day}, and the old one still signed 7 in 24 h | set the new key at insider, then: postern secret retire insider {{target}}"
    );
    differs(case, &[&line]).await;
}

#[tokio::test]
async fn routes_that_answer_anything_but_401() {
    let mut case = healthy();
    let answers = &mut case.answers.by_path;
    answers.insert(
        "/webhooks/insider".to_owned(),
        (404, r#"{"message":"Not Found"}"#),
    );
    answers.insert("/webhooks/mailgun".to_owned(), (503, ""));
    differs(
        case,
        &[
            "routes failed | insider: an unsigned POST is answered 404: there is no such route | is insider in Providers? then: sam build && sam deploy",
            "routes failed | mailgun: an unsigned POST is answered 503: it has no key that it can use | postern secret set mailgun {target}",
        ],
    )
    .await;
    let mut case = healthy();
    case.no_post = true;
    differs(case, &["routes skipped | left out: --no-post | -"]).await;
}

#[tokio::test]
async fn accepted_nothing_for_long() {
    let mut case = healthy();
    let nine_days = 9.0 * 24.0 + 1.0;
    case.account.metrics.insert(
        "postern accepted mailgun".to_owned(),
        vec![(nine_days, 5.0)],
    );
    let (report, api) = case.examined().await;
    let lines = crate::lines(&report);
    let wanted = format!(
        "accepted warning | mailgun: nothing for 9 days (others: minutes) | is the webhook on there? URL: {api}/webhooks/mailgun"
    );
    assert_eq!(lines[8], wanted);
    let mut case = healthy();
    case.account.metrics.remove("postern accepted mailgun");
    case.account.metrics.remove("postern accepted insider");
    let (report, api) = case.examined().await;
    let wanted = ["insider", "mailgun"].map(|provider| {
        format!("accepted warning | {provider}: nothing for 15 days or more | is the webhook on there? URL: {api}/webhooks/{provider}")
    });
    assert_eq!(crate::lines(&report)[8..10], wanted);
}

#[tokio::test]
async fn refused_more_than_a_few() {
    let mut case = healthy();
    case.account
        .metrics
        .insert("postern rejected mailgun".to_owned(), vec![(2.0, 301.0)]);
    let log = case.account.logs.get_mut("/postern/mailgun").unwrap();
    log.extend(
        [
            "signature_mismatch",
            "timestamp_stale",
            "signature_mismatch",
        ]
        .map(rejected),
    );
    differs(
        case,
        &["refused failed | mailgun: 20 % refused in 24 h (301 of 1,505): signature_mismatch 2, timestamp_stale 1 | postern secret check mailgun {target} compares; put the key again: postern secret set mailgun {target} (docs/providers/mailgun.md#when-it-fails)"],
    )
    .await;
    // What a doctor has posted itself is nothing.
    let mut case = healthy();
    case.account
        .metrics
        .insert("postern rejected mailgun".to_owned(), vec![(2.0, 20.0)]);
    case.account
        .metrics
        .insert("postern accepted mailgun".to_owned(), vec![(3.0, 10.0)]);
    let log = case.account.logs.get_mut("/postern/mailgun").unwrap();
    log.push(rejected("signature_missing"));
    differs(case, &[]).await;
}

#[tokio::test]
async fn dead_letters_and_webhooks_that_wait() {
    let mut case = healthy();
    case.account.queues.insert("DeadLetterQueue-1", (13, 1));
    case.account.queues.insert("DeliveriesQueue-1", (1_200, 30));
    let age = 10.0 * 24.0 * 3600.0 + 20.0 * 3600.0;
    let metrics = &mut case.account.metrics;
    let name = |queue: &str| format!("AWS/SQS ApproximateAgeOfOldestMessage postern-{queue}-1");
    metrics.insert(
        name("DeadLetterQueue"),
        vec![(0.1, age), (0.9, age - 2_880.0)],
    );
    metrics.insert(name("DeliveriesQueue"), vec![(0.1, 5_400.0)]);
    case.account.mappings = json!([{"UUID": "7-8", "State": "Disabled"}]);
    differs(
        case,
        &[
            "dead failed | 14 dead letters, the first is lost in 3 days 4 h | postern redrive {target}",
            "queue failed | nothing takes webhooks from the queue: the consumer's source is Disabled | aws lambda update-event-source-mapping --uuid 7-8 --enabled --region eu-west-1",
            "queue failed | 1,230 webhooks wait, the oldest for 90 min | docs/operations.md, The oldest webhook waits too long",
        ],
    )
    .await;
}

#[tokio::test]
async fn table_that_is_not_safe_or_does_not_keep_up() {
    let mut case = healthy();
    case.account.table["DeletionProtectionEnabled"] = json!(false);
    case.account.table["GlobalSecondaryIndexes"][0]["IndexStatus"] = json!("CREATING");
    case.account.recovery = "DISABLED";
    case.account.expiry = json!({"TimeToLiveStatus": "DISABLED"});
    let throttled = format!("AWS/DynamoDB WriteThrottleEvents {TABLE} by_problem");
    case.account.metrics.insert(throttled, vec![(4.0, 1_300.0)]);
    let aws = |what: &str| format!("aws dynamodb {what} --region eu-west-1");
    let recover = aws(
        "update-continuous-backups --table-name postern-EventsTable-1A2B --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true",
    );
    let expire = aws(
        "update-time-to-live --table-name postern-EventsTable-1A2B --time-to-live-specification Enabled=true,AttributeName=expires_at",
    );
    let protect =
        aws("update-table --table-name postern-EventsTable-1A2B --deletion-protection-enabled");
    differs(
        case,
        &[
            "table warning | its index by_message is CREATING | ask again when it is ACTIVE",
            &format!("table failed | it is not protected from deletion | {protect}"),
            &format!("table failed | it cannot be restored: point-in-time recovery is off | {recover}"),
            &format!("table failed | nothing expires: time to live is not on for expires_at | {expire}"),
            "table failed | throttled 1,300 times in 24 h, its indexes included | docs/operations.md, The table does not keep up",
        ],
    )
    .await;
}

#[tokio::test]
async fn alarms_that_ring() {
    let mut case = healthy();
    case.account.alarms[1]["StateValue"] = json!("ALARM");
    differs(case, &["alarms failed | two rings | Somebody should look."]).await;
}

#[tokio::test]
async fn told_nobody() {
    let subscribe =
        format!("aws sns subscribe --topic-arn {TOPIC} --protocol email --notification-endpoint");
    let mut case = healthy();
    case.account.subscriptions = vec![("PendingConfirmation", "ops@example.com")];
    let line = format!(
        "told failed | 3 alarms tell nobody: the mail to ops@example.com was never confirmed | confirm it, or: {subscribe} ops@example.com --region eu-west-1"
    );
    differs(case, &[&line]).await;
    let mut case = healthy();
    case.account.subscriptions.clear();
    let line = format!(
        "told failed | 3 alarms tell nobody: {TOPIC} has no subscriber | {subscribe} you@example.com --region eu-west-1"
    );
    differs(case, &[&line]).await;
    let mut case = healthy();
    case.account.alarms = vec![alarm("one"), alarm("two")];
    for alarm in &mut case.account.alarms {
        alarm["AlarmActions"] = json!([]);
    }
    differs(case, &[
        "alarms ok | none of 2 rings | -",
        "told failed | 2 alarms tell nobody: neither AlarmEmail nor AlarmTopicArn is set | sam deploy --parameter-overrides AlarmEmail=you@example.com",
    ]).await;
    let mut case = healthy();
    case.account.alarms[2]["ActionsEnabled"] = json!(false);
    differs(case, &["told failed | 1 of 3 alarms are switched off, and tell nobody | aws cloudwatch enable-alarm-actions --region eu-west-1 --alarm-names three"]).await;
}

#[tokio::test]
async fn quota_of_a_new_account() {
    let mut case = healthy();
    case.account.concurrency = 10;
    case.stack
        .parameters
        .insert("MaximumConcurrency".to_owned(), "20".to_owned());
    differs(case, &["quota failed | the account runs 10 functions at once, this stack needs 24 | aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 --desired-value 1000 --region eu-west-1"]).await;
}

#[tokio::test]
async fn clock_that_is_wrong() {
    let mut case = healthy();
    case.answers.clock = SignedDuration::from_mins(-61);
    differs(case, &["clock failed | 61 min ahead of AWS's: what it signs is refused | set this machine's clock: timedatectl set-ntp true"]).await;
}
