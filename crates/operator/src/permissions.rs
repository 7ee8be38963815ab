//! What each command asks of an account: one table. `help permissions COMMAND` and
//! `doctor --policy` print it as an IAM policy.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

/// What an action is allowed on. Everything is named after the stack, so that a policy can be
/// written before there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    /// AWS offers nothing narrower for these actions, or what they read may have any name.
    Any,
    /// The stack itself.
    Stack,
    /// The table.
    Table,
    /// The table's indexes.
    Indexes,
    /// The queue and the dead-letter queue.
    Queues,
    /// The providers' secrets.
    Secrets,
    /// The functions' log groups.
    Logs,
    /// The functions.
    Functions,
    /// The table of the endpoints.
    Outlets,
    /// The API that manages the endpoints. Its id is not named after the stack.
    Api,
}

impl Resource {
    /// Returns the name of the policy's statement.
    fn sid(self) -> &'static str {
        match self {
            Self::Any => "Account",
            Self::Stack => "Stack",
            Self::Table => "Table",
            Self::Indexes => "Indexes",
            Self::Queues => "Queues",
            Self::Secrets => "Secrets",
            Self::Logs => "Logs",
            Self::Functions => "Functions",
            Self::Outlets => "Outlets",
            Self::Api => "Api",
        }
    }

    /// Returns the ARNs of a stack's resources, in any region of the account that has the policy.
    fn arns(self, partition: &str, stack: &str) -> Vec<String> {
        let of = |rest: &str| format!("arn:{partition}:{rest}");
        match self {
            Self::Any => vec!["*".to_owned()],
            Self::Stack => vec![of(&format!("cloudformation:*:*:stack/{stack}/*"))],
            Self::Table => vec![of(&format!("dynamodb:*:*:table/{stack}-EventsTable-*"))],
            Self::Indexes => vec![of(&format!(
                "dynamodb:*:*:table/{stack}-EventsTable-*/index/*"
            ))],
            Self::Queues => vec![
                of(&format!("sqs:*:*:{stack}-DeliveriesQueue-*")),
                of(&format!("sqs:*:*:{stack}-DeadLetterQueue-*")),
            ],
            Self::Secrets => vec![of(&format!("secretsmanager:*:*:secret:{stack}/*"))],
            Self::Logs => vec![of(&format!("logs:*:*:log-group:/{stack}/*"))],
            Self::Functions => vec![of(&format!("lambda:*:*:function:{stack}-*"))],
            Self::Outlets => vec![of(&format!("dynamodb:*:*:table/{stack}-OutletsTable-*"))],
            Self::Api => vec![of("execute-api:*:*:*/$default/*/api/webhooks/manage*")],
        }
    }
}

/// Actions on one kind of resource.
type Grant = (Resource, &'static [&'static str]);

/// What every command with `--stack` asks first.
const FOUND: Grant = (
    Resource::Stack,
    &[
        "cloudformation:DescribeStacks",
        "cloudformation:ListStackResources",
    ],
);
/// What names the stacks that are there, where the one that was asked for is not.
const SUGGESTED: Grant = (Resource::Any, &["cloudformation:DescribeStacks"]);
const READ: Grant = (
    Resource::Table,
    &[
        "dynamodb:BatchGetItem",
        "dynamodb:GetItem",
        "dynamodb:Query",
    ],
);
const INDEXES_READ: Grant = (Resource::Indexes, &["dynamodb:Query"]);
/// A scan is announced with the table's size first.
const SCANNED: Grant = (
    Resource::Table,
    &["dynamodb:DescribeTable", "dynamodb:Scan"],
);
/// What is deleted goes in a batch, too.
const WRITTEN: Grant = (
    Resource::Table,
    &[
        "dynamodb:BatchWriteItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
    ],
);
/// Moving messages needs what SQS then does with them.
const MOVED: Grant = (
    Resource::Queues,
    &[
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ListDeadLetterSourceQueues",
        "sqs:ListMessageMoveTasks",
        "sqs:ReceiveMessage",
        "sqs:SendMessage",
        "sqs:StartMessageMoveTask",
    ],
);
const KEY_READ: Grant = (
    Resource::Secrets,
    &[
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
    ],
);
const KEY_PUT: Grant = (
    Resource::Secrets,
    &[
        "secretsmanager:CreateSecret",
        "secretsmanager:PutSecretValue",
    ],
);
/// What a stack asks that has `ApiAuth=iam`.
const MANAGED: Grant = (Resource::Api, &["execute-api:Invoke"]);
/// What a replay parks.
const PARKED: Grant = (Resource::Outlets, &["dynamodb:GetItem", "dynamodb:PutItem"]);
/// What is parked about a person.
const UNPARKED: Grant = (
    Resource::Outlets,
    &["dynamodb:BatchWriteItem", "dynamodb:Scan"],
);
const METRICS_READ: Grant = (Resource::Any, &["cloudwatch:GetMetricData"]);
const LINES_READ: Grant = (Resource::Logs, &["logs:FilterLogEvents"]);
/// A question to the logs. Its answer is nobody's in particular.
const LOGS_ASKED: [Grant; 2] = [
    (Resource::Logs, &["logs:StartQuery"]),
    (Resource::Any, &["logs:GetQueryResults"]),
];
/// What only `doctor` asks.
const ACCOUNT: Grant = (
    Resource::Any,
    &[
        "cloudwatch:DescribeAlarms",
        "lambda:GetAccountSettings",
        "lambda:ListEventSourceMappings",
        "sns:ListSubscriptionsByTopic",
    ],
);
const FUNCTIONS: Grant = (Resource::Functions, &["lambda:GetFunctionConfiguration"]);
const QUEUES: Grant = (Resource::Queues, &["sqs:GetQueueAttributes"]);
const TABLE: Grant = (
    Resource::Table,
    &[
        "dynamodb:DescribeContinuousBackups",
        "dynamodb:DescribeTable",
        "dynamodb:DescribeTimeToLive",
    ],
);

/// What each command asks, beside [`FOUND`] and [`SUGGESTED`].
const COMMANDS: [(&str, &[Grant]); 28] = [
    ("send", &[]),
    ("listen", &[LINES_READ]),
    ("events", &[READ, INDEXES_READ, SCANNED]),
    ("message", &[READ, INDEXES_READ]),
    ("may-mail", &[READ]),
    ("problems", &[READ, INDEXES_READ]),
    ("suppress list", &[READ, SCANNED]),
    ("suppress add", &[READ, WRITTEN]),
    ("suppress lift", &[READ, WRITTEN]),
    ("suppress import", &[READ, WRITTEN]),
    ("redrive", &[MOVED]),
    ("renormalize", &[READ, SCANNED, WRITTEN]),
    ("erase", &[READ, INDEXES_READ, WRITTEN, UNPARKED]),
    ("webhooks list", &[MANAGED]),
    ("webhooks add", &[MANAGED]),
    ("webhooks test", &[MANAGED]),
    ("webhooks rotate", &[MANAGED]),
    ("webhooks pause", &[MANAGED]),
    ("webhooks resume", &[MANAGED]),
    ("webhooks remove", &[MANAGED]),
    ("webhooks undelivered", &[MANAGED]),
    ("webhooks retry", &[MANAGED]),
    ("webhooks replay", &[SCANNED, PARKED]),
    ("secret set", &[KEY_READ, KEY_PUT]),
    ("secret check", &[KEY_READ]),
    (
        "secret retire",
        &[
            KEY_READ,
            KEY_PUT,
            METRICS_READ,
            LOGS_ASKED[0],
            LOGS_ASKED[1],
        ],
    ),
    (
        "secret status",
        &[KEY_READ, METRICS_READ, LOGS_ASKED[0], LOGS_ASKED[1]],
    ),
    (
        "doctor",
        &[
            ACCOUNT,
            FUNCTIONS,
            QUEUES,
            TABLE,
            KEY_READ,
            METRICS_READ,
            LINES_READ,
            LOGS_ASKED[0],
            LOGS_ASKED[1],
        ],
    ),
];

/// Returns the commands of the table, in its order.
pub fn commands() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().map(|(command, _)| *command)
}

/// Returns what some commands ask, each action once. A command that has subcommands stands for all
/// of them. Returns `None` if one of them is in no line of the table.
#[must_use]
pub fn of(commands: &[&str]) -> Option<BTreeMap<Resource, BTreeSet<&'static str>>> {
    let mut asked: BTreeMap<Resource, BTreeSet<&'static str>> = BTreeMap::new();
    for command in commands {
        let group = format!("{command} ");
        let is_meant = |name: &str| name == *command || name.starts_with(&group);
        let mut meant = COMMANDS
            .iter()
            .filter(|(name, _)| is_meant(name))
            .peekable();
        meant.peek()?;
        let grants = meant.flat_map(|(_, grants)| grants.iter());
        for (resource, actions) in grants.chain([&FOUND, &SUGGESTED]) {
            asked.entry(*resource).or_default().extend(*actions);
        }
    }
    Some(asked)
}

/// An IAM policy, in the order in which one is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Policy {
    version: &'static str,
    statement: Vec<Statement>,
}

/// What a policy allows on one kind of resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    sid: &'static str,
    effect: &'static str,
    action: BTreeSet<&'static str>,
    resource: Vec<String>,
}

/// Returns the IAM policy with what some commands ask of the stack with this name. `region` only
/// says which partition of AWS it is.
///
/// Returns `None` if one of the commands is in no line of the table.
#[must_use]
pub fn policy(commands: &[&str], stack: &str, region: Option<&str>) -> Option<Policy> {
    let partition = match region.unwrap_or_default() {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    };
    let statements = of(commands)?.into_iter();
    let statements = statements.map(|(resource, action)| Statement {
        sid: resource.sid(),
        effect: "Allow",
        action,
        resource: resource.arns(partition, stack),
    });
    Some(Policy {
        version: "2012-10-17",
        statement: statements.collect(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn said(commands: &[&str], stack: &str, region: Option<&str>) -> Value {
        let policy = policy(commands, stack, region).expect("a policy");
        serde_json::to_value(policy).expect("JSON")
    }

    #[test]
    fn the_policy_of_a_command_has_its_actions_on_its_resources() {
        assert_eq!(
            said(&["secret check"], "postern", None),
            json!({
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Sid": "Account", "Effect": "Allow",
                        "Action": ["cloudformation:DescribeStacks"],
                        "Resource": ["*"],
                    },
                    {
                        "Sid": "Stack", "Effect": "Allow",
                        "Action": ["cloudformation:DescribeStacks", "cloudformation:ListStackResources"],
                        "Resource": ["arn:aws:cloudformation:*:*:stack/postern/*"],
                    },
                    {
                        "Sid": "Secrets", "Effect": "Allow",
                        "Action": ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
                        "Resource": ["arn:aws:secretsmanager:*:*:secret:postern/*"],
                    },
                ],
            })
        );
    }

    #[test]
    fn an_endpoint_is_registered_by_the_api_alone() {
        let said = said(&["webhooks add"], "postern", None);
        let managed = json!({
            "Sid": "Api", "Effect": "Allow", "Action": ["execute-api:Invoke"],
            "Resource": ["arn:aws:execute-api:*:*:*/$default/*/api/webhooks/manage*"],
        });
        let statements = said["Statement"].as_array().expect("statements");
        assert_eq!(statements.last(), Some(&managed));
        assert!(!said.to_string().contains("dynamodb:"), "{said}");
    }

    #[test]
    fn a_command_stands_for_its_subcommands_and_one_that_is_none_for_nothing() {
        let whole = of(&["secret"]).expect("a command");
        let parts: Vec<&str> = commands()
            .filter(|name| name.starts_with("secret "))
            .collect();
        assert_eq!(Some(whole), of(&parts));
        assert_eq!(of(&["secre"]), None);
        assert_eq!(of(&["doctor", "nothing"]), None);
    }

    #[test]
    fn another_partition_has_its_own_arns() {
        for (region, arn) in [
            ("cn-north-1", "arn:aws-cn:logs:*:*:log-group:/mail/*"),
            ("us-gov-west-1", "arn:aws-us-gov:logs:*:*:log-group:/mail/*"),
            ("eu-west-1", "arn:aws:logs:*:*:log-group:/mail/*"),
        ] {
            let said = said(&["listen"], "mail", Some(region));
            assert_eq!(said["Statement"][2]["Resource"], json!([arn]), "{region}");
        }
    }

    /// IAM does not count white space, and takes 6,144 characters for a managed policy.
    #[test]
    fn the_policy_of_all_commands_fits_into_a_managed_one() {
        let all: Vec<&str> = commands().collect();
        let said = said(&all, &"s".repeat(64), None);
        let length = said.to_string().len();
        assert!(length <= 6144, "{length} characters");
    }
}
