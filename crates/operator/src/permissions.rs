//! What each command asks of an account: one table. `help permissions COMMAND` and
//! `doctor --policy` print it as an IAM policy.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

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
const ITEM_READ: Grant = (Resource::Table, &["dynamodb:GetItem", "dynamodb:Query"]);
const INDEXES_READ: Grant = (Resource::Indexes, &["dynamodb:Query"]);
/// A scan is announced with the table's size first.
const SCANNED: Grant = (
    Resource::Table,
    &["dynamodb:DescribeTable", "dynamodb:Scan"],
);
const EVENTS_WRITTEN: Grant = (
    Resource::Table,
    &[
        "dynamodb:BatchWriteItem",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
    ],
);

/// What each command asks, beside [`FOUND`] and [`SUGGESTED`].
const COMMANDS: [(&str, &[Grant]); 17] = [
    ("send", &[]),
    ("listen", &[(Resource::Logs, &["logs:FilterLogEvents"])]),
    ("events", &[ITEM_READ, INDEXES_READ, SCANNED]),
    ("message", &[ITEM_READ, INDEXES_READ]),
    (
        "may-mail",
        &[ITEM_READ, (Resource::Table, &["dynamodb:BatchGetItem"])],
    ),
    ("problems", &[INDEXES_READ]),
    ("suppress list", &[SCANNED]),
    ("suppress add", &[ITEM_READ, EVENTS_WRITTEN]),
    ("suppress lift", &[ITEM_READ, EVENTS_WRITTEN]),
    (
        "suppress import",
        &[
            ITEM_READ,
            (Resource::Table, &["dynamodb:BatchGetItem"]),
            EVENTS_WRITTEN,
        ],
    ),
    (
        "redrive",
        &[(
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
        )],
    ),
    (
        "renormalize",
        &[
            ITEM_READ,
            SCANNED,
            EVENTS_WRITTEN,
            (Resource::Table, &["dynamodb:DeleteItem"]),
        ],
    ),
    (
        "erase",
        &[
            ITEM_READ,
            INDEXES_READ,
            EVENTS_WRITTEN,
            (Resource::Table, &["dynamodb:DeleteItem"]),
        ],
    ),
    (
        "secret set",
        &[(
            Resource::Secrets,
            &[
                "secretsmanager:CreateSecret",
                "secretsmanager:DescribeSecret",
                "secretsmanager:GetSecretValue",
                "secretsmanager:PutSecretValue",
            ],
        )],
    ),
    (
        "secret check",
        &[(Resource::Secrets, &["secretsmanager:GetSecretValue"])],
    ),
    (
        "secret status",
        &[
            (
                Resource::Secrets,
                &[
                    "secretsmanager:DescribeSecret",
                    "secretsmanager:GetSecretValue",
                ],
            ),
            (Resource::Any, &["cloudwatch:GetMetricData"]),
        ],
    ),
    (
        "doctor",
        &[
            (
                Resource::Any,
                &[
                    "cloudwatch:DescribeAlarms",
                    "cloudwatch:GetMetricData",
                    "lambda:GetAccountSettings",
                    "lambda:ListEventSourceMappings",
                    "sns:ListSubscriptionsByTopic",
                ],
            ),
            (Resource::Functions, &["lambda:GetFunctionConfiguration"]),
            (Resource::Logs, &["logs:FilterLogEvents"]),
            (
                Resource::Secrets,
                &[
                    "secretsmanager:DescribeSecret",
                    "secretsmanager:GetSecretValue",
                ],
            ),
            (Resource::Queues, &["sqs:GetQueueAttributes"]),
            (
                Resource::Table,
                &[
                    "dynamodb:DescribeContinuousBackups",
                    "dynamodb:DescribeTable",
                    "dynamodb:DescribeTimeToLive",
                ],
            ),
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

/// Returns the IAM policy with what some commands ask of the stack with this name. `region` only
/// says which partition of AWS it is.
///
/// Returns `None` if one of the commands is in no line of the table.
#[must_use]
pub fn policy(commands: &[&str], stack: &str, region: Option<&str>) -> Option<Value> {
    let partition = match region.unwrap_or_default() {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    };
    let statements = of(commands)?.into_iter().map(|(resource, actions)| {
        json!({
            "Sid": resource.sid(),
            "Effect": "Allow",
            "Action": actions,
            "Resource": resource.arns(partition, stack),
        })
    });
    let statements: Vec<Value> = statements.collect();
    Some(json!({ "Version": "2012-10-17", "Statement": statements }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_of_a_command_has_its_actions_on_its_resources() {
        let policy = policy(&["secret check"], "postern", None).expect("a policy");
        assert_eq!(
            policy,
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
                        "Action": ["secretsmanager:GetSecretValue"],
                        "Resource": ["arn:aws:secretsmanager:*:*:secret:postern/*"],
                    },
                ],
            })
        );
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
            let policy = policy(&["listen"], "mail", Some(region)).expect("a policy");
            assert_eq!(policy["Statement"][2]["Resource"], json!([arn]), "{region}");
        }
    }

    /// IAM does not count white space, and takes 6,144 characters for a managed policy.
    #[test]
    fn the_policy_of_all_commands_fits_into_a_managed_one() {
        let all: Vec<&str> = commands().collect();
        let policy = policy(&all, &"s".repeat(64), None).expect("a policy");
        let length = policy.to_string().len();
        assert!(length <= 6144, "{length} characters");
    }
}
