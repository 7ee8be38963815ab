//! Finding a stack, by what AWS answers.

use crate::account::answers::config;
use crate::account::deployed::Deployed;
use crate::account::error::AccountError;
use crate::account::find::found;

const CALLER: &str = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult><Arn>arn:aws:sts::123456789012:assumed-role/Support/kim</Arn><UserId>U:kim</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";

const RESOURCES: [(&str, &str); 7] = [
    ("EventsTable", "postern-EventsTable-1A2B"),
    ("DeadLetterQueue", "https://sqs/123456789012/dead"),
    ("ConsumerFunction", "postern-consumer"),
    ("ConsumerLogs", "/postern/consumer"),
    ("resendFunction", "postern-resend"),
    ("resendLogs", "/postern/resend"),
    ("mailgunFunction", "postern-mailgun"),
];

fn stack(name: &str, status: &str, outputs: &[(&str, &str)]) -> String {
    let outputs = outputs.iter().map(|(name, value)| {
        format!("<member><OutputKey>{name}</OutputKey><OutputValue>{value}</OutputValue></member>")
    });
    let outputs: String = outputs.collect();
    format!(
        "<member><StackName>{name}</StackName><StackId>arn:aws:cloudformation:eu-west-1:123456789012:stack/{name}/1</StackId>\
         <StackStatus>{status}</StackStatus><CreationTime>2026-01-02T03:04:05Z</CreationTime>\
         <Parameters><member><ParameterKey>RetentionDays</ParameterKey><ParameterValue>400</ParameterValue></member></Parameters>\
         <Outputs>{outputs}</Outputs></member>"
    )
}

fn described(stacks: &[String]) -> (u16, String) {
    let stacks = stacks.concat();
    let text = format!(
        "<DescribeStacksResponse xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\"><DescribeStacksResult><Stacks>{stacks}</Stacks></DescribeStacksResult></DescribeStacksResponse>"
    );
    (200, text)
}

fn listed(resources: &[(&str, &str)]) -> (u16, String) {
    let members = resources.iter().map(|(name, id)| {
        format!("<member><LogicalResourceId>{name}</LogicalResourceId><PhysicalResourceId>{id}</PhysicalResourceId><ResourceType>T</ResourceType><ResourceStatus>CREATE_COMPLETE</ResourceStatus><LastUpdatedTimestamp>2026-01-02T03:04:05Z</LastUpdatedTimestamp></member>")
    });
    let members: String = members.collect();
    let text = format!(
        "<ListStackResourcesResponse xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\"><ListStackResourcesResult><StackResourceSummaries>{members}</StackResourceSummaries></ListStackResourcesResult></ListStackResourcesResponse>"
    );
    (200, text)
}

fn error(status: u16, code: &str, message: &str) -> (u16, String) {
    let text = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error><RequestId>1</RequestId></ErrorResponse>"
    );
    (status, text)
}

const OURS: [(&str, &str); 4] = [
    ("Table", "postern-EventsTable-1A2B"),
    ("QueueUrl", "https://sqs/123456789012/queue"),
    ("DeadLetterQueueUrl", "https://sqs/123456789012/dead"),
    ("resendUrl", "https://hooks.example.test/webhooks/resend"),
];

/// An account with two stacks of ours, another one, and one whose deployment failed.
fn an_account(asked: &str) -> (u16, String) {
    let has = |word: &str| asked.contains(word);
    if has("GetCallerIdentity") {
        return (200, CALLER.to_owned());
    }
    if has("ListStackResources") {
        return listed(if has("StackName=shop") {
            &[]
        } else {
            &RESOURCES
        });
    }
    let ours = |name| stack(name, "UPDATE_COMPLETE", &OURS);
    let shop = stack("shop", "CREATE_COMPLETE", &[("Table", "goods")]);
    let failed = stack("postern-new", "ROLLBACK_COMPLETE", &[]);
    match asked.split("StackName=").nth(1) {
        None => described(&[ours("postern-prod"), shop, failed, ours("postern-dev")]),
        Some("postern-prod") => described(&[ours("postern-prod")]),
        Some("shop") => described(&[shop]),
        Some("postern-new") => described(&[failed]),
        Some(other) => {
            let message = format!("Stack with id {other} does not exist");
            error(400, "ValidationError", &message)
        }
    }
}

async fn find(name: &str) -> Result<Deployed, AccountError> {
    found(name, config(an_account), "prod").await
}

#[tokio::test]
async fn a_stack_is_found_with_its_parts_by_its_name() {
    let stack = find("postern-prod").await.expect("a stack");
    assert_eq!(
        stack.banner(),
        "stack postern-prod (eu-west-1, 123456789012)"
    );
    assert_eq!(
        stack.caller,
        "arn:aws:sts::123456789012:assumed-role/Support/kim"
    );
    assert_eq!(stack.status, "UPDATE_COMPLETE");
    assert_eq!(stack.output("Table"), Some("postern-EventsTable-1A2B"));
    assert_eq!(stack.providers().collect::<Vec<_>>(), ["mailgun", "resend"]);
    assert_eq!(stack.receiver_log("resend"), Some("/postern/resend"));
    assert_eq!(stack.api(), Some("https://hooks.example.test"));
    assert_eq!(stack.secret_name("resend"), "postern-prod/resend");
    assert_eq!(stack.retention_days(), 400);
}

#[tokio::test]
async fn a_name_that_is_none_is_answered_with_those_that_are() {
    let error = find("postern-prd").await.expect_err("no stack");
    assert_eq!(
        error.to_string(),
        "there is no stack `postern-prd` in eu-west-1 (account 123456789012)"
    );
    assert_eq!(
        error.hint().as_deref(),
        Some("did you mean `postern-prod`?  Postern stacks there: postern-dev, postern-prod")
    );
    assert_eq!((error.code(), error.exit().code()), ("stack_missing", 3));
}

#[tokio::test]
async fn a_stack_of_somebody_else_and_one_that_failed_are_told_apart() {
    let other = find("shop").await.expect_err("not ours");
    assert_eq!(
        other.to_string(),
        "the stack `shop` in eu-west-1 is not Postern's: it has no output QueueUrl"
    );
    assert_eq!(
        other.hint().as_deref(),
        Some("Postern stacks there: postern-dev, postern-prod")
    );
    let failed = find("postern-new").await.expect_err("not deployed");
    assert_eq!(
        failed.to_string(),
        "the stack `postern-new` is in ROLLBACK_COMPLETE: it has no table and no queues yet, or no more"
    );
    assert_eq!(
        (failed.code(), failed.exit().code()),
        ("stack_not_deployed", 3)
    );
}

#[tokio::test]
async fn what_is_not_allowed_names_the_action_the_stack_and_who_asked() {
    let account = |asked: &str| {
        if asked.contains("DescribeStacks") {
            error(
                403,
                "AccessDenied",
                "User: arn:aws:sts::123456789012:assumed-role/Support/kim is not authorized to perform: cloudformation:DescribeStacks on resource: arn:aws:cloudformation:eu-west-1:123456789012:stack/postern-prod/* because no identity-based policy allows the cloudformation:DescribeStacks action",
            )
        } else {
            an_account(asked)
        }
    };
    let denied = found("postern-prod", config(account), "prod").await;
    let denied = denied.expect_err("denied");
    assert_eq!(
        denied.to_string(),
        "not allowed: cloudformation:DescribeStacks on postern-prod/*, as arn:aws:sts::123456789012:assumed-role/Support/kim"
    );
    assert_eq!(
        denied.cause().as_deref(),
        Some("no identity-based policy allows the cloudformation:DescribeStacks action")
    );
    assert_eq!((denied.code(), denied.exit().code()), ("not_allowed", 4));
}

#[tokio::test]
async fn credentials_that_are_over_are_said_before_the_stack() {
    let account = |_: &str| {
        error(
            403,
            "ExpiredToken",
            "The security token included in the request is expired",
        )
    };
    let over = found("postern-prod", config(account), "prod").await;
    let over = over.expect_err("expired");
    assert_eq!(
        over.to_string(),
        "AWS does not accept the credentials: The security token included in the request is expired (ExpiredToken)"
    );
    assert_eq!(
        (over.code(), over.exit().code()),
        ("credentials_refused", 4)
    );
}

#[tokio::test]
async fn too_many_calls_are_not_known() {
    let account = |asked: &str| {
        if asked.contains("ListStackResources") {
            error(400, "Throttling", "Rate exceeded")
        } else {
            an_account(asked)
        }
    };
    let throttled = found("postern-prod", config(account), "prod").await;
    let throttled = throttled.expect_err("throttled");
    assert_eq!(
        throttled.to_string(),
        "AWS turns cloudformation:ListStackResources away for now: too many calls (Throttling)"
    );
    assert_eq!(
        (throttled.code(), throttled.exit().code()),
        ("throttled", 3)
    );
}
