//! How many webhooks each version of a secret has signed.

use std::collections::BTreeMap;

use crate::account::ask::{Row, ask};
use crate::account::deployed::Deployed;
use crate::account::error::AccountError;
use crate::account::metrics::{Metric, series};

/// How far back it is counted.
const HOURS: i64 = 24;
/// A receiver's line has a stage if the version before the current one matched. There is no metric
/// of it, which would be paid for by the month.
const PREVIOUS: &str = r#"filter stage = "AWSPREVIOUS" | stats count(*) as webhooks by provider"#;

/// How many webhooks of a provider were accepted in the last 24 hours, by the version of its secret
/// that had signed them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Signed with a key of the current version; of any version, if `previous` is not known.
    pub current: u64,
    /// Signed with a key of the version before. It is `None` if the logs do not say it.
    pub previous: Option<u64>,
}

/// Returns how many webhooks each version of a provider's secret has signed in the last 24 hours.
///
/// # Errors
/// Returns an error if `CloudWatch` does not answer, or if this is not allowed.
pub async fn signed(stack: &Deployed, provider: &str) -> Result<Signed, AccountError> {
    let found = signed_by(stack, &[provider]).await?;
    let none = Signed {
        current: 0,
        previous: None,
    };
    Ok(found.into_iter().next().unwrap_or(none))
}

/// Returns what [`signed`] does, of several providers at once. The logs are asked in the same
/// moment; if they do not answer, only the version is not known.
///
/// # Errors
/// Returns an error if `CloudWatch` does not answer, or if this is not allowed.
pub async fn signed_by(stack: &Deployed, providers: &[&str]) -> Result<Vec<Signed>, AccountError> {
    let metrics = providers.iter();
    let metrics = metrics.map(|provider| Metric::of_provider(stack, "accepted", provider));
    let metrics: Vec<Metric> = metrics.collect();
    let (accepted, previous) =
        tokio::join!(series(stack, &metrics, HOURS), ask(stack, PREVIOUS, HOURS));
    let previous = previous.ok().and_then(|rows| counts(&rows));
    let accepted = accepted?;
    let of_each = providers.iter().zip(&accepted);
    let signed = of_each.map(|(provider, accepted)| {
        let accepted = accepted.total();
        let previous = previous.as_ref();
        let previous = previous.map(|counts| counts.get(*provider).copied().unwrap_or_default());
        Signed {
            // What has no event is not accepted, and is counted if it is the previous key's.
            current: accepted.saturating_sub(previous.unwrap_or_default()),
            previous,
        }
    });
    Ok(signed.collect())
}

/// Returns the number of webhooks by provider. Returns `None` if a row has none.
fn counts(rows: &[Row]) -> Option<BTreeMap<String, u64>> {
    let counts = rows.iter().map(|row| {
        let webhooks = row.get("webhooks")?.parse().ok()?;
        Some((row.get("provider")?.clone(), webhooks))
    });
    counts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::answers::{config, stack};

    /// The answer comes at the second look. It is of two providers.
    fn logs(asked: &str) -> (u16, String) {
        if asked.contains("StartQuery") {
            assert!(asked.contains("/postern/resend"), "{asked}");
            return (200, r#"{"queryId":"q"}"#.to_owned());
        }
        let row = |provider, count| {
            format!(
                r#"[{{"field":"provider","value":"{provider}"}},{{"field":"webhooks","value":"{count}"}}]"#
            )
        };
        let rows = format!("{},{}", row("resend", 7), row("insider", 12));
        (
            200,
            format!(r#"{{"status":"Complete","results":[{rows}]}}"#),
        )
    }

    #[tokio::test]
    async fn the_logs_say_what_the_key_before_has_signed() {
        let rows = ask(&stack(config(logs)), PREVIOUS, HOURS).await;
        let counted = counts(&rows.expect("rows"));
        let wanted = [("insider".to_owned(), 12), ("resend".to_owned(), 7)];
        assert_eq!(counted, Some(wanted.into()));
    }

    #[tokio::test]
    async fn a_query_that_fails_is_no_answer() {
        let logs = |asked: &str| {
            let answer = if asked.contains("StartQuery") {
                r#"{"queryId":"q"}"#
            } else {
                r#"{"status":"Failed","results":[]}"#
            };
            (200, answer.to_owned())
        };
        let error = ask(&stack(config(logs)), PREVIOUS, HOURS).await;
        let error = error.expect_err("no answer");
        assert_eq!(
            error.to_string(),
            "no answer to logs:StartQuery: the query is Failed"
        );
        assert_eq!(error.exit().code(), 3);
    }

    #[test]
    fn a_row_without_a_number_is_not_zero() {
        let row = Row::from([("@message".to_owned(), "{}".to_owned())]);
        assert_eq!(counts(&[row]), None);
        assert_eq!(counts(&[]), Some(BTreeMap::new()));
    }
}
