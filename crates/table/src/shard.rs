//! Cuts keys that would be too hot for one partition into 16 shards.
//!
//! DynamoDB writes at most 1,000 items a second under one key of a table or an index. A campaign to
//! a bad list has that many bounces, and an index that is throttled throttles its whole table.
//!
//! So such a key ends with a shard, and a reader asks for all shards.

use shared::auth::sha256_hex;
use shared::event::{Channel, Event};
use shared::time::rfc3339_ms;

/// Starts the partition key of an event that names neither a recipient nor a customer.
pub const NOBODY: &str = "unknown";

/// The kinds that are in the index `by_problem`.
pub const PROBLEMS: [&str; 5] = [
    "bounced",
    "complained",
    "failed",
    "rejected",
    "unsubscribed",
];

/// Every shard, in the order in which a reader asks for them.
pub const SHARDS: [char; 16] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
];

/// Returns the shard of an event: the first hexadecimal digit, in lower case, of the SHA-256 of its
/// id. Others can compute it, too: `printf %s "$ID" | sha256sum | cut -c1`.
#[must_use]
pub fn shard_of(id: &str) -> char {
    sha256_hex(id.as_bytes())
        .chars()
        .next()
        .unwrap_or(SHARDS[0])
}

/// Returns the key of one shard of a day's problems of one kind, in the index `by_problem`:
/// `bounced#2026-01-02#7`.
#[must_use]
pub fn problem_key(kind: &str, day: &str, shard: char) -> String {
    format!("{kind}#{day}#{shard}")
}

/// Returns the partition key of one shard of a channel's events that name nobody:
/// `unknown#email#7`. No person's key meets it, because theirs start with the name of a channel.
#[must_use]
pub fn nobody_key(channel: Channel, shard: char) -> String {
    format!("{NOBODY}#{}#{shard}", channel.name())
}

/// Returns the key of an event in `by_problem`. Returns `None` if the event is not a problem.
pub(crate) fn problem(event: &Event) -> Option<String> {
    if !event.kind.is_problem() {
        return None;
    }
    let time = rfc3339_ms(event.occurred_at.time());
    let day = time.split('T').next().unwrap_or_default();
    let shard = shard_of(event.id.as_str());
    Some(problem_key(event.kind.name(), day, shard))
}
