//! A table item, written as the JSON of a put.

use std::io::Write as _;

use jiff::Timestamp;

use crate::outcome::Outcome;

/// What an item is made of, whoever sent it.
pub(crate) struct Facts<'a> {
    pub(crate) provider: &'static str,
    pub(crate) id: &'a str,
    pub(crate) kind: &'static str,
    pub(crate) provider_kind: &'a str,
    pub(crate) occurred_at: Timestamp,
    pub(crate) recipient: &'a str,
    pub(crate) message_id: &'a str,
    pub(crate) subject: Option<&'a str>,
    pub(crate) campaign: Option<&'a str>,
    pub(crate) url: Option<&'a str>,
    /// Of an open or a click: whether a machine did it, and why that is thought.
    pub(crate) machine: Option<(&'static str, Option<&'static str>)>,
    pub(crate) metadata: Option<(&'static str, &'a str)>,
    pub(crate) raw: &'a str,
}

/// Takes an event's facts.
pub(crate) type Take<'a> = dyn FnMut(&Facts<'_>) -> Outcome<()> + 'a;

/// The puts of one request, growing.
pub(crate) struct Puts {
    pub(crate) json: Vec<u8>,
    pub(crate) count: usize,
}

impl Puts {
    /// Returns the beginning of a request to this table.
    pub(crate) fn new(table: &str) -> Outcome<Self> {
        let mut json = Vec::with_capacity(32 * 1024);
        write!(json, r#"{{"RequestItems":{{"{table}":["#)?;
        Ok(Self { json, count: 0 })
    }

    /// Adds an item under this key.
    pub(crate) fn add(
        &mut self,
        (pk, sk): &(String, String),
        facts: &Facts<'_>,
        retention: i64,
    ) -> Outcome<()> {
        if self.count > 0 {
            self.json.push(b',');
        }
        self.count += 1;
        self.json
            .extend_from_slice(br#"{"PutRequest":{"Item":{"channel":{"S":"email"},"occurred_at_source":{"S":"event"},"schema":{"N":"2"}"#);
        if pk.strip_prefix("email#") != Some(facts.recipient) {
            self.text("recipient", facts.recipient)?;
        }
        self.text("pk", pk)?;
        self.text("sk", sk)?;
        self.text("id", facts.id)?;
        self.text("provider", facts.provider)?;
        self.text("kind", facts.kind)?;
        self.text("provider_kind", facts.provider_kind)?;
        let message = format!("{}#{}", facts.provider, facts.message_id);
        self.text("message", &message)?;
        for (name, value) in [
            ("subject", facts.subject),
            ("campaign", facts.campaign),
            ("url", facts.url),
        ] {
            if let Some(value) = value {
                self.text(name, value)?;
            }
        }
        if let Some((machine, why)) = facts.machine {
            self.text("machine", machine)?;
            if let Some(why) = why {
                self.text("machine_why", why)?;
            }
        }
        if let Some((name, value)) = facts.metadata {
            write!(self.json, r#","metadata":{{"M":{{"{name}":{{"S":"#)?;
            serde_json::to_writer(&mut self.json, value)?;
            self.json.extend_from_slice(b"}}}");
        }
        let expires = facts.occurred_at.as_second() + retention;
        write!(self.json, r#","expires_at":{{"N":"{expires}"}}"#)?;
        self.text("raw", facts.raw)?;
        self.json.extend_from_slice(b"}}}");
        Ok(())
    }

    /// Ends the request.
    pub(crate) fn end(mut self) -> Vec<u8> {
        self.json.extend_from_slice(b"]}}");
        self.json
    }

    fn text(&mut self, name: &str, value: &str) -> Outcome<()> {
        write!(self.json, r#","{name}":{{"S":"#)?;
        serde_json::to_writer(&mut self.json, value)?;
        self.json.push(b'}');
        Ok(())
    }
}

/// Returns what a user agent says of a machine.
pub(crate) fn machine(user_agent: Option<&str>) -> (&'static str, Option<&'static str>) {
    let agent = user_agent.unwrap_or_default().to_ascii_lowercase();
    let is = |words: &[&str]| words.iter().any(|word| agent.contains(word));
    if agent == "mozilla/5.0" {
        ("suspected", Some("apple_mpp"))
    } else if is(&["googleimageproxy", "ggpht.com", "yahoomailproxy"]) {
        ("suspected", Some("proxy"))
    } else if is(&["bot/", "bot;", "crawler", "spider", "preview", "curl/"]) {
        ("suspected", Some("scanner"))
    } else {
        ("none", None)
    }
}
