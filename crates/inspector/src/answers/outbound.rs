//! What others were told, and the endpoints.

use http::Uri;
use operator::webhooks::Webhooks;
use outlets::manage::Shown;
use serde_json::{Value, json};

use crate::error::PageError;
use crate::inspector::{Inspector, Running};
use crate::question::Query;

/// How many rows there are unless more are wanted, and at most.
const ROWS: usize = 100;
const MOST_ROWS: usize = 500;

/// Returns the notifications, the newest first, and the endpoints as they are now.
pub(crate) async fn list(page: &Inspector, query: &Query) -> Result<Value, PageError> {
    let running = page.running().ok_or_else(PageError::starting)?;
    let endpoints = endpoints(running).await?;
    let words = query.get("q").map(str::to_lowercase);
    let before = query.get("before").and_then(|number| number.parse().ok());
    let before: u64 = before.unwrap_or(u64::MAX);
    let limit = query.limit(ROWS, MOST_ROWS);
    let memory = page.memory();
    let wanted = memory.outbound().filter(|sent| sent.number < before);
    let wanted = wanted.map(|sent| (sent.number, memory.shown(sent)));
    // A field whose name has the word is no match.
    let has = |shown: &Value, words: &str| {
        let fields = shown.as_object().into_iter().flatten();
        let mut texts = fields.filter_map(|(_, value)| value.as_str());
        texts.any(|text| text.to_lowercase().contains(words))
    };
    let wanted = wanted.filter(|(_, shown)| words.as_deref().is_none_or(|words| has(shown, words)));
    let mut rows: Vec<(u64, Value)> = wanted.take(limit + 1).collect();
    let is_more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows
        .last()
        .filter(|_| is_more)
        .map(|(number, _)| number.to_string());
    let rows: Vec<Value> = rows.into_iter().map(|(_, shown)| shown).collect();
    Ok(json!({"outbound": rows, "more": is_more, "next": next, "endpoints": endpoints}))
}

async fn endpoints(running: &Running) -> Result<Vec<Value>, PageError> {
    if running.target.outlets().is_none() {
        return Ok(Vec::new());
    }
    // With keys of its own the API lets nobody in who has none.
    let Ok(api) = Webhooks::of(&running.target, None) else {
        return Ok(Vec::new());
    };
    let all = api.list().await?;
    Ok(all.iter().map(endpoint).collect())
}

/// Returns an endpoint. Its path may have a secret, so only its host is shown.
fn endpoint(shown: &Shown) -> Value {
    let url: Option<Uri> = shown.url.expose().parse().ok();
    let host = url.as_ref().and_then(Uri::authority);
    let host = host.map(|host| host.as_str().rsplit('@').next().unwrap_or_default());
    json!({
        "id": shown.id,
        "url_host": host,
        "events": shown.events,
        "active": shown.active,
        "state": shown.standing.state,
        "last_code": shown.standing.last_code,
        "next_at": shown.standing.next_at,
        "undelivered": shown.standing.undelivered,
        "undelivered_more": shown.standing.undelivered_more,
    })
}
