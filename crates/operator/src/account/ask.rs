//! Asks the receivers' logs a question that no metric answers, in the language of `CloudWatch Logs
//! Insights`. It is paid for by what is read, when it is asked.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::{QueryStatus, ResultField};
use jiff::SignedDuration;
use tokio::time::{Instant, sleep};

use crate::account::deployed::Deployed;
use crate::account::error::AccountError;
use crate::account::refused::{Asked, failed};
use crate::print::now;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The time between two looks at it.
const PACE: Duration = Duration::from_millis(500);

/// A row of an answer: a value by the name of its column.
pub type Row = BTreeMap<String, String>;

/// Asks the receivers' logs of the last hours.
///
/// # Errors
/// Returns an error if the logs do not answer within half a minute, or if this is not allowed.
pub async fn ask(stack: &Deployed, query: &str, hours: i64) -> Result<Vec<Row>, AccountError> {
    let providers = stack.providers();
    let groups = providers
        .filter_map(|name| stack.receiver_log(name))
        .map(str::to_owned);
    let groups: Vec<String> = groups.collect();
    if groups.is_empty() {
        return Ok(Vec::new());
    }
    let end = now();
    let start = end - SignedDuration::from_hours(hours);
    let client = Client::new(&stack.config);
    let started = client
        .start_query()
        .set_log_group_names(Some(groups))
        .start_time(start.as_second())
        .end_time(end.as_second())
        .query_string(query)
        .send()
        .await
        .map_err(|error| failed(&error, asked(stack, "logs:StartQuery")))?;
    let id = started.query_id.unwrap_or_default();
    let deadline = Instant::now() + PATIENCE;
    loop {
        let answer = client.get_query_results().query_id(&id).send().await;
        let answer =
            answer.map_err(|error| failed(&error, asked(stack, "logs:GetQueryResults")))?;
        match answer.status {
            Some(QueryStatus::Complete) => {
                return Ok(answer
                    .results
                    .unwrap_or_default()
                    .iter()
                    .map(|fields| row(fields))
                    .collect());
            }
            Some(QueryStatus::Scheduled | QueryStatus::Running) if Instant::now() < deadline => {
                sleep(PACE).await;
            }
            status => {
                let status = status.as_ref().map_or("no status", QueryStatus::as_str);
                return Err(AccountError::NoAnswer {
                    action: "logs:StartQuery".to_owned(),
                    cause: format!("the query is {status}"),
                });
            }
        }
    }
}

fn row(fields: &[ResultField]) -> Row {
    let pairs = fields
        .iter()
        .filter_map(|field| Some((field.field()?.to_owned(), field.value()?.to_owned())));
    pairs.collect()
}

fn asked<'a>(stack: &'a Deployed, action: &'a str) -> Asked<'a> {
    Asked {
        action,
        resource: None,
        caller: Some(&stack.caller),
        profile: &stack.profile,
    }
}
