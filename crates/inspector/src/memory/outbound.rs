//! A notification to an endpoint, as the function that sends it says.

use serde_json::{Value, json};

/// The outcomes that are shown. The others change nothing for whoever waits.
const OUTCOMES: [&str; 5] = ["delivered", "failed", "gone", "parked", "dropped"];

/// What became of a notification for one endpoint, as of the last attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outbound {
    /// When it changed last, in the memory's own count.
    pub(crate) changed: u64,
    /// Its place among all, the newest last.
    pub(crate) number: u64,
    pub(crate) id: String,
    pub(crate) outlet: u64,
    pub(crate) kind: Option<String>,
    pub(crate) at: String,
    pub(crate) attempt: Option<u64>,
    pub(crate) status: Option<u64>,
    pub(crate) code: String,
    pub(crate) outcome: String,
    pub(crate) took_ms: Option<u64>,
    pub(crate) next_at: Option<String>,
}

impl Outbound {
    /// Reads a line of the function that sends. Returns `None` if it is about anything else.
    pub(crate) fn of(line: &Value) -> Option<Self> {
        let text = |name: &str| line.get(name).and_then(Value::as_str).map(str::to_owned);
        let number = |name: &str| line.get(name).and_then(Value::as_u64);
        if text("function")? != "deliver" {
            return None;
        }
        let outcome = text("outcome").filter(|outcome| OUTCOMES.contains(&outcome.as_str()))?;
        let status = number("status");
        let code = match (text("code").as_deref(), status) {
            (Some("http_status"), Some(status)) => format!("http_{status}"),
            (Some(code), _) => code.to_owned(),
            (None, _) => outcome.clone(),
        };
        Some(Self {
            changed: 0,
            number: 0,
            id: text("webhook_id")?,
            outlet: text("outlet")?.parse().ok()?,
            kind: text("type"),
            at: text("timestamp")?,
            attempt: number("attempt"),
            status,
            code,
            outcome,
            took_ms: number("latency_ms"),
            next_at: text("next_at"),
        })
    }

    /// Returns it for the page. `webhook` is the one that it tells of, and `recipient` its person.
    pub(crate) fn json(&self, webhook: Option<&str>, recipient: Option<&str>) -> Value {
        json!({
            "id": self.id,
            "outlet": self.outlet,
            "type": self.kind,
            "at": self.at,
            "attempt": self.attempt,
            "status": self.status,
            "code": self.code,
            "outcome": self.outcome,
            "took_ms": self.took_ms,
            "next_at": self.next_at,
            "webhook": webhook,
            "recipient": recipient,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attempt_is_read_and_what_is_none_is_not() {
        let line = json!({"timestamp": "2026-03-03T08:15:00.123Z", "function": "deliver",
            "outcome": "failed", "outlet": "3", "webhook_id": "evt_1", "type": "email.bounced",
            "attempt": 2, "code": "http_status", "status": 503, "latency_ms": 12});
        let read = Outbound::of(&line).expect("an attempt");
        assert_eq!((read.outlet, read.code.as_str()), (3, "http_503"));
        let shown = read.json(Some("w41"), Some("kim@mail.test"));
        assert_eq!(shown["outcome"], "failed");
        assert_eq!(shown["webhook"], "w41");
        for other in [
            json!({"function": "deliver", "outcome": "opened", "outlet": "3"}),
            json!({"function": "sweep", "outcome": "delivered", "outlet": "3"}),
            json!({"function": "deliver", "outcome": "waiting", "outlet": "3", "webhook_id": "e"}),
        ] {
            assert_eq!(Outbound::of(&other), None, "{other}");
        }
    }
}
