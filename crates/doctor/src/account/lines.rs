//! Reads log lines that match a pattern.

use aws_sdk_cloudwatchlogs::Client;
use jiff::Timestamp;

use crate::check::{Unread, ask};
use operator::account::Deployed;

const ACTION: &str = "logs:FilterLogEvents";
/// A page may be empty, and each reads a part of the log. More of them would take too long.
const PAGES: usize = 20;

/// A log line.
pub(super) struct Line {
    /// When it was written, in Unix milliseconds.
    pub(super) at: i64,
    pub(super) text: String,
}

/// Returns the lines of a log group that match a pattern, from a time on. Of a long log only the
/// first pages are read.
pub(super) async fn of(
    deployed: &Deployed,
    group: &str,
    pattern: &str,
    since: Timestamp,
) -> Result<Vec<Line>, Unread> {
    let client = Client::new(&deployed.config);
    let mut lines = Vec::new();
    let mut next = None;
    for _ in 0..PAGES {
        let asking = client
            .filter_log_events()
            .log_group_name(group)
            .filter_pattern(pattern)
            .start_time(since.as_millisecond())
            .set_next_token(next)
            .send();
        let page = ask(ACTION, asking).await?;
        next = page.next_token;
        let events = page.events.unwrap_or_default().into_iter();
        lines.extend(events.filter_map(|event| {
            Some(Line {
                at: event.timestamp?,
                text: event.message?,
            })
        }));
        if next.is_none() {
            break;
        }
    }
    Ok(lines)
}
