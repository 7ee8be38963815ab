//! How SES writes times.

use jiff::Timestamp;
use shared::time;

/// Reads a time: RFC 3339, and the form `2018-10-08T14:05:45 +0000`, which SES has sent, too.
pub(crate) fn time_of(text: &str) -> Option<Timestamp> {
    time::from_text(text).or_else(|| time::from_text(&text.trim().replace(" +0000", "Z")))
}
