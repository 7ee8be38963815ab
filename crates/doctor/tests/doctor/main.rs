//! `doctor` against an account that answers in AWS's wire formats: healthy, and with each fault by
//! itself. The URLs are those of an API on this machine.
#![cfg(feature = "account")]
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails may panic"
)]

mod aws;
mod cbor;
mod faults;
mod outlets;
mod unread;
mod web;

use std::collections::{BTreeMap, BTreeSet};

use doctor::{Options, Report, examine};
use operator::Target;
use operator::account::Deployed;
use serde_json::json;

use crate::aws::{Account, Secret};
use crate::web::Answers;

const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:postern-AlarmTopic-1";
const TABLE: &str = "postern-EventsTable-1A2B";
const QUEUE: &str = "https://sqs.eu-west-1.amazonaws.com/123456789012/postern-DeliveriesQueue-1";
const DEAD: &str = "https://sqs.eu-west-1.amazonaws.com/123456789012/postern-DeadLetterQueue-1";
const PROVIDERS: [&str; 2] = ["insider", "mailgun"];

/// A stack with two providers, and what is asked of it.
struct Case {
    account: Account,
    stack: Deployed,
    answers: Answers,
    no_post: bool,
    provider: Option<&'static str>,
}

fn function() -> serde_json::Value {
    json!({"State": "Active", "LastUpdateStatus": "Successful", "Architectures": ["arm64"]})
}

fn alarm(name: &str) -> serde_json::Value {
    json!({
        "AlarmName": name, "StateValue": "OK", "ActionsEnabled": true, "AlarmActions": [TOPIC],
        "AlarmDescription": "Somebody should look.",
    })
}

fn started(version: &str) -> Vec<String> {
    vec![format!(
        r#"{{"level":"info","function":"f","code":"started","version":"{version}"}}"#
    )]
}

fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    let pairs = pairs.into_iter();
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// All is well.
fn healthy() -> Case {
    let names = ["postern-consumer", "postern-insider", "postern-mailgun"];
    let logs = ["/postern/consumer", "/postern/insider", "/postern/mailgun"];
    let secret = |value| Secret {
        value: Ok(value),
        days: 2,
        has_previous: false,
    };
    let account = Account {
        functions: names.map(|name| (name.to_owned(), function())).into(),
        logs: logs
            .map(|group| (group.to_owned(), started("0.2.0")))
            .into(),
        secrets: BTreeMap::from([
            ("postern/insider".to_owned(), secret("0123456789abcdef")),
            ("postern/mailgun".to_owned(), secret("fedcba9876543210")),
        ]),
        previous: BTreeMap::new(),
        metrics: BTreeMap::from([
            ("postern accepted insider".to_owned(), vec![(0.1, 900.0)]),
            ("postern accepted mailgun".to_owned(), vec![(3.0, 1_204.0)]),
        ]),
        queues: BTreeMap::from([("DeliveriesQueue-1", (3, 1)), ("DeadLetterQueue-1", (0, 0))]),
        table: json!({
            "TableStatus": "ACTIVE", "DeletionProtectionEnabled": true,
            "GlobalSecondaryIndexes": [{"IndexName": "by_message", "IndexStatus": "ACTIVE"}],
        }),
        recovery: "ENABLED",
        expiry: json!({"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}),
        alarms: ["one", "two", "three"].map(alarm).into(),
        subscriptions: vec![(
            "arn:aws:sns:eu-west-1:123456789012:postern-AlarmTopic-1:5",
            "ops@example.com",
        )],
        mappings: json!([{"UUID": "7-8", "State": "Enabled"}]),
        concurrency: 1_000,
        denied: BTreeSet::new(),
        throttled: BTreeSet::new(),
    };
    let stack = Deployed {
        name: "postern".to_owned(),
        region: "eu-west-1".to_owned(),
        account: "123456789012".to_owned(),
        caller: "arn:aws:iam::123456789012:user/kim".to_owned(),
        profile: "default".to_owned(),
        status: "UPDATE_COMPLETE".to_owned(),
        changed: "2026-11-20T03:04:05Z".parse().ok(),
        parameters: pairs([
            ("Architecture", "arm64"),
            ("MaximumConcurrency", "3"),
            ("OldestMessageSeconds", "900"),
            ("SilenceHours", "24"),
        ]),
        outputs: pairs([
            ("Table", TABLE),
            ("QueueUrl", QUEUE),
            ("DeadLetterQueueUrl", DEAD),
        ]),
        resources: pairs([
            ("ConsumerFunction", "postern-consumer"),
            ("ConsumerLogs", "/postern/consumer"),
            ("insiderFunction", "postern-insider"),
            ("insiderLogs", "/postern/insider"),
            ("insiderRejectedAlarm", "one"),
            ("mailgunFunction", "postern-mailgun"),
            ("mailgunLogs", "/postern/mailgun"),
            ("mailgunRejectedAlarm", "two"),
            ("WaitingAlarm", "three"),
        ]),
        config: account.clone().config(),
    };
    Case {
        account,
        stack,
        answers: Answers::default(),
        no_post: false,
        provider: None,
    }
}

impl Case {
    async fn examined(mut self) -> (Report, String) {
        let api = web::serve(self.answers).await;
        for provider in PROVIDERS {
            let url = format!("{api}/webhooks/{provider}");
            self.stack.outputs.insert(format!("{provider}Url"), url);
        }
        self.stack.config = self.account.config();
        let options = Options {
            no_post: self.no_post,
            provider: self.provider,
            version: "0.2.0",
        };
        let report = examine(&Target::deployed(self.stack), options, |_, _| {}).await;
        (report, api)
    }
}

/// The lines, as a script reads them.
fn lines(report: &Report) -> Vec<String> {
    let lines = report.checks.iter().map(|check| {
        let fix = check.fix.as_deref().unwrap_or("-");
        format!(
            "{} {} | {} | {fix}",
            check.id,
            check.state.word(),
            check.text
        )
    });
    lines.collect()
}

/// The lines of a healthy stack. The API of these tests has no TLS, which is the one fault.
fn well(api: &str) -> Vec<String> {
    let url = format!("url failed | {api} does not begin with https:// | sam build && sam deploy");
    [
        "account ok | 123456789012 in eu-west-1, as arn:aws:iam::123456789012:user/kim | -",
        "stack ok | postern, UPDATE_COMPLETE 2026-11-20 | -",
        "version ok | this program 0.2.0, all 3 functions 0.2.0 | -",
        "functions ok | 3 of 3 active, no errors or throttles in 1 h | -",
        "keys ok | 2 of 2 set, of good form | -",
        "rotation ok | no old key is in use | -",
        "routes ok | 2 of 2 answer an unsigned POST 401 | -",
        &url,
        "accepted ok | 2 of 2 providers send, the most silent 3 hours ago | -",
        "refused ok | less than 5 % of each provider in 24 h | -",
        "dead ok | no dead letters | -",
        "queue ok | the consumer takes what comes | -",
        "outlets ok | this stack has no outlets | -",
        "table ok | recovery, expiry and deletion protection are on; not throttled in 24 h | -",
        "alarms ok | none of 3 rings | -",
        "told ok | 3 alarms tell ops@example.com | -",
        "quota ok | the account runs 1,000 functions at once, this stack needs 7 | -",
        "clock ok | 0 s from AWS's | -",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// Checks that a case differs from a healthy one by these lines alone.
async fn differs(case: Case, wanted: &[&str]) {
    let (report, api) = case.examined().await;
    let well = well(&api);
    let told = lines(&report);
    let told: Vec<&str> = told
        .iter()
        .filter(|line| !well.contains(line))
        .map(String::as_str)
        .collect();
    // A clock may be a second further on a machine that is busy.
    let told: Vec<&str> = told
        .into_iter()
        .filter(|line| !line.contains("clock ok"))
        .collect();
    assert_eq!(told, wanted);
}

#[tokio::test]
async fn a_healthy_stack_has_a_line_for_each_check() {
    let (report, api) = healthy().examined().await;
    let told = lines(&report);
    let (last, told) = told.split_last().unwrap();
    assert_eq!(told, &well(&api)[..17]);
    assert!(last.starts_with("clock ok | "), "{last}");
    assert_eq!(report.summary(), "18 checks: 17 ✓  1 ✗");
}
