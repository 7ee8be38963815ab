//! Tests an endpoint: a notification that says nothing goes the way of all others.

use std::fmt::Write as _;
use std::time::Duration;

use outlets::breaker::LastTest;
use outlets::manage::{Refusal, Tested, read_nothing};
use outlets::message::Message;
use runtime::random;
use tokio::time::{Instant, sleep};

use crate::answer::Answer;
use crate::done::{Done, Wrong};
use crate::parts::{Asked, Parts, managed};

/// The longest that a request waits for what becomes of a test: longer than an attempt lasts.
const PATIENCE: Duration = Duration::from_secs(18);
/// The time between two looks.
const PAUSE: Duration = Duration::from_millis(200);
/// The start of a test's `webhook-id`.
const PREFIX: &str = "tst_";

/// Sends a test, and answers with what became of it, or that it is on its way.
pub(crate) async fn test(
    parts: &Parts,
    id: u64,
    body: &[u8],
    asked: Asked<'_>,
) -> Result<Done, Wrong> {
    read_nothing(body)?;
    let endpoint = parts.endpoint(id).await?;
    let test = test_id()?;
    parts
        .send(&Message::test(id, test.clone(), asked.at))
        .await?;
    let answer = match result(parts, id, &test).await {
        Some(last) => Answer::ok(&tested(last)),
        None => Answer::accepted(&Tested {
            id: test,
            delivered: None,
            code: None,
            status: None,
            latency_ms: None,
        }),
    };
    Ok(Done::managed(answer, managed("tested", &endpoint)))
}

/// Returns what became of a test. Returns `None` if that is not known in time. A table that cannot
/// be read is no reason to say that the test was not sent.
async fn result(parts: &Parts, id: u64, test: &str) -> Option<LastTest> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        sleep(PAUSE).await;
        let state = parts.outlets.state(id).await.ok();
        let tests = state.map(|state| state.tests).unwrap_or_default();
        if let Some(last) = tests.into_iter().find(|last| last.id == test) {
            return Some(last);
        }
    }
    None
}

fn tested(last: LastTest) -> Tested {
    Tested {
        id: last.id,
        delivered: Some(last.delivered),
        code: Some(last.code),
        status: last.status,
        latency_ms: Some(last.latency_ms),
    }
}

/// Returns a new `webhook-id` for a test: 128 random bits, and no dot, which Standard Webhooks
/// forbids.
fn test_id() -> Result<String, Wrong> {
    let random: [u8; 16] =
        random::bytes().map_err(|error| Wrong::because(Refusal::Unavailable, error.code()))?;
    let mut id = PREFIX.to_owned();
    for byte in random {
        let _ = write!(id, "{byte:02x}"); // a text takes all
    }
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_has_an_id_of_its_own() {
        let id = test_id().unwrap();
        assert_eq!(id.len(), 36);
        assert!(id.starts_with("tst_") && !id.contains('.'));
        assert_ne!(id, test_id().unwrap());
    }
}
