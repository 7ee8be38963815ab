//! The query of a request, read strictly: a parameter that is mistyped would be ignored, and the
//! answer would be to another question.

use jiff::Timestamp;
use shared::event::Channel;
use table::asked::{self, Cursor, Unclear};
use table::may_mail::Question;
use table::timeline::Span;

use crate::event::Event;

/// How many events a list has unless the request says otherwise, and how many at most.
const LIMIT: usize = 50;
const MOST: usize = 200;

/// The parameters of a request.
pub(crate) struct Query<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Query<'a> {
    /// Reads the parameters of a request that may have these.
    pub(crate) fn of(event: &'a Event, allowed: &[&str]) -> Result<Self, Unclear> {
        let mut parameters: Vec<(&str, &str)> = Vec::new();
        for (name, value) in event.parameters() {
            let is_new = parameters.iter().all(|(other, _)| *other != name);
            if !is_new || !allowed.contains(&name) {
                return Err(Unclear::Parameter);
            }
            parameters.push((name, value));
        }
        Ok(Self(parameters))
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        let found = self.0.iter().find(|(other, _)| *other == name);
        found.map(|(_, value)| *value)
    }

    /// Reads a parameter, if it is there.
    pub(super) fn one<T>(
        &self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, Unclear>,
    ) -> Result<Option<T>, Unclear> {
        self.get(name).map(plain).map(read).transpose()
    }

    /// Reads a parameter that is a list with commas, if it is there.
    pub(super) fn list<T>(
        &self,
        name: &str,
        read: impl Fn(&str) -> Result<T, Unclear>,
    ) -> Result<Vec<T>, Unclear> {
        let words = self.get(name).into_iter();
        let words = words.flat_map(|words| words.split(','));
        words.map(plain).map(read).collect()
    }

    /// Returns the channel. It is mail, if the request does not say.
    pub(super) fn channel(&self) -> Result<Channel, Unclear> {
        Ok(self
            .one("channel", asked::channel)?
            .unwrap_or(Channel::Email))
    }

    /// Returns how many events are wanted.
    pub(super) fn limit(&self) -> Result<usize, Unclear> {
        let limit = self.one("limit", |text| {
            let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
            let limit: Option<usize> = text.parse().ok();
            let limit = limit.filter(|limit| is_plain && (1..=MOST).contains(limit));
            limit.ok_or(Unclear::Limit)
        })?;
        Ok(limit.unwrap_or(LIMIT))
    }

    /// Returns whether what the provider sent is wanted, too.
    pub(super) fn raw(&self) -> Result<bool, Unclear> {
        match self.get("raw") {
            None => Ok(false),
            Some("1") => Ok(true),
            Some(_) => Err(Unclear::Raw),
        }
    }

    /// Returns the times, and where the list before ended.
    pub(super) fn span(&self) -> Result<Span, Unclear> {
        let (from, to) = (self.time("from")?, self.time("to")?);
        if from.zip(to).is_some_and(|(from, to)| from >= to) {
            return Err(Unclear::Time);
        }
        let before = self.one("cursor", Cursor::parse)?;
        Ok(Span {
            from,
            to,
            before: before.map(Cursor::into_sort_key),
        })
    }

    fn time(&self, name: &str) -> Result<Option<Timestamp>, Unclear> {
        self.one(name, asked::time)
    }

    /// Returns what is asked about an address.
    pub(super) fn question(&self) -> Result<Question, Unclear> {
        Ok(Question {
            channel: self.channel()?,
            scope: self.one("scope", asked::scope)?,
            ignore: self.list("ignore", asked::reason)?,
        })
    }
}

/// Refuses every parameter, of a request that has none.
///
/// # Errors
/// Returns [`Unclear::Parameter`].
pub(crate) fn none(event: &Event) -> Result<(), Unclear> {
    Query::of(event, &[]).map(|_| ())
}

/// Returns a word as it is, and none if there is white space around it: a client that sends some
/// means another word, or has encoded this one wrongly.
fn plain(word: &str) -> &str {
    if word.trim() == word { word } else { "" }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use shared::event::Reason;

    use super::*;

    fn with<T>(
        query: &Value,
        read: impl FnOnce(&Query<'static>) -> Result<T, Unclear>,
    ) -> Result<T, &'static str> {
        let event = json!({ "queryStringParameters": query });
        let event: Event = serde_json::from_str(&event.to_string()).unwrap();
        let event: &'static Event = Box::leak(Box::new(event));
        let allowed = [
            "kind", "limit", "raw", "from", "to", "cursor", "channel", "scope", "ignore",
        ];
        let query = Query::of(event, &allowed);
        query.and_then(|query| read(&query)).map_err(Unclear::code)
    }

    #[test]
    fn what_is_left_out_is_as_the_document_says() {
        let none = Value::Null;
        assert_eq!(with(&none, Query::limit), Ok(50));
        assert_eq!(with(&none, Query::raw), Ok(false));
        assert_eq!(with(&none, Query::channel), Ok(Channel::Email));
        assert_eq!(with(&none, Query::span), Ok(Span::default()));
    }

    #[test]
    fn a_parameter_is_known_and_fits() {
        for (query, code) in [
            (json!({ "ingore": "manual" }), "parameter_unknown"),
            (json!({ "Limit": "1" }), "parameter_unknown"),
            (json!({ "": "" }), "parameter_unknown"),
            (json!({ "limit": "0" }), "limit_unfit"),
            (json!({ "limit": "201" }), "limit_unfit"),
            (json!({ "limit": "+1" }), "limit_unfit"),
            (json!({ "limit": "" }), "limit_unfit"),
            (json!({ "limit": "1,2" }), "limit_unfit"),
            (json!({ "raw": "" }), "raw_unfit"),
            (json!({ "raw": "true" }), "raw_unfit"),
            (json!({ "from": "yesterday" }), "time_unreadable"),
            (json!({ "to": "" }), "time_unreadable"),
            (
                json!({ "from": "2026-01-02", "to": "2026-01-02" }),
                "time_unreadable",
            ),
            (json!({ "cursor": "" }), "cursor_unreadable"),
            (json!({ "cursor": "c3VwcHJlc3Npb24" }), "cursor_unreadable"),
            (json!({ "channel": "mail" }), "channel_unknown"),
            (json!({ "channel": "email,sms" }), "channel_unknown"),
            (json!({ "scope": "group" }), "scope_unreadable"),
            (json!({ "ignore": "" }), "reason_unknown"),
            (json!({ "ignore": "manual," }), "reason_unknown"),
            (json!({ "ignore": " manual" }), "reason_unknown"),
            (json!({ "ignore": "manual, bounced" }), "reason_unknown"),
            (json!({ "channel": "email " }), "channel_unknown"),
            (json!({ "scope": " group:1" }), "scope_unreadable"),
            // As the gateway joins a parameter that is there twice.
            (json!({ "scope": "group:1,group:2" }), "scope_unreadable"),
            (json!({ "scope": "group:1,2" }), "scope_unreadable"),
            (json!({ "raw": "1,1" }), "raw_unfit"),
            (
                json!({ "from": "2026-01-02,2026-01-03" }),
                "time_unreadable",
            ),
        ] {
            let all = |query: &Query<'static>| {
                query.limit()?;
                query.raw()?;
                query.span()?;
                query.question().map(|_| ())
            };
            assert_eq!(with(&query, all), Err(code), "{query}");
        }
        let ignore = json!({ "ignore": "manual,bounced" });
        let ignored = with(&ignore, Query::question).map(|question| question.ignore);
        assert_eq!(ignored, Ok(vec![Reason::Manual, Reason::Bounced]));
        assert_eq!(with(&json!({ "limit": "200" }), Query::limit), Ok(200));
    }

    #[test]
    fn a_parameter_that_is_there_twice_is_none() {
        let event = r#"{"queryStringParameters":{"limit":"1","limit":"2"}}"#;
        let event: Event = serde_json::from_str(event).unwrap();
        let refused = Query::of(&event, &["limit"]).err().unwrap();
        assert_eq!(refused, Unclear::Parameter);
    }
}
