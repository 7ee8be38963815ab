//! The question whether many addresses may be mailed.

use shared::event::Channel;
use table::asked;
use table::may_mail::Question;

use super::field::{Fault, Field};
use super::hidden::Hidden;
use super::object::Object;
use super::refusal::Refusal;

/// The most addresses of one question.
pub const MOST_ADDRESSES: usize = 100;
/// The fields of the request.
const FIELDS: &[Field] = &[
    Field::Addresses,
    Field::Ignore,
    Field::Scope,
    Field::Channel,
];

/// What is asked, and about whom.
pub struct Check {
    /// The addresses as they were given, in their order.
    pub addresses: Vec<Hidden>,
    /// What is asked about each.
    pub question: Question,
}

impl Check {
    /// Reads the body of a request. Whether each address is one is not a matter of the others.
    ///
    /// # Errors
    /// Returns the [`Refusal`] of the first field that cannot be accepted.
    pub fn read(body: &[u8]) -> Result<Self, Refusal> {
        let object = Object::read(body, FIELDS)?;
        let addresses: Vec<Hidden> = object.needed(Field::Addresses)?;
        if addresses.len() > MOST_ADDRESSES {
            return Err(Refusal::Field(Field::Addresses, Fault::Unfit));
        }
        let ignore: Option<Vec<String>> = object.optional(Field::Ignore)?;
        let ignore = ignore.unwrap_or_default();
        let ignore = ignore.iter().map(|word| asked::reason(word));
        let scope: Option<String> = object.optional(Field::Scope)?;
        let channel: Option<String> = object.optional(Field::Channel)?;
        let channel = channel.as_deref().map(asked::channel).transpose()?;
        Ok(Self {
            addresses,
            question: Question {
                channel: channel.unwrap_or(Channel::Email),
                scope: scope.as_deref().map(asked::scope).transpose()?,
                ignore: ignore.collect::<Result<_, _>>()?,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use shared::event::{Reason, Scope};

    use super::*;

    #[test]
    fn a_question_is_about_mail_and_all_reasons_unless_it_says_otherwise() {
        let check = Check::read(br#"{"addresses":["kim@mail.test"," "],"ignore":null}"#).unwrap();
        let addresses: Vec<&str> = check.addresses.iter().map(Hidden::expose).collect();
        assert_eq!(addresses, ["kim@mail.test", " "]);
        assert_eq!(check.question.channel, Channel::Email);
        assert!(check.question.ignore.is_empty() && check.question.scope.is_none());
        let body =
            br#"{"addresses":[],"ignore":["unsubscribed"],"scope":"list:a","channel":"sms"}"#;
        let question = Check::read(body).unwrap().question;
        assert_eq!(question.ignore, [Reason::Unsubscribed]);
        assert_eq!(question.scope, Some(Scope::List(Some("a".to_owned()))));
        assert_eq!(question.channel, Channel::Sms);
    }

    #[test]
    fn what_is_wrong_is_refused_by_name() {
        let hundred = vec!["a@mail.test"; 100];
        let body = json!({ "addresses": hundred }).to_string();
        assert!(Check::read(body.as_bytes()).is_ok());
        let more = vec!["a@mail.test"; 101];
        for (body, code) in [
            (json!({ "addresses": more }), "addresses_unfit"),
            (json!({}), "addresses_missing"),
            (
                json!({ "addresses": "a@mail.test" }),
                "addresses_unreadable",
            ),
            (json!({ "addresses": [7] }), "addresses_unreadable"),
            (
                json!({ "addresses": [], "ignore": "manual" }),
                "ignore_unreadable",
            ),
            (
                json!({ "addresses": [], "ignore": ["Manual"] }),
                "reason_unknown",
            ),
            (json!({ "addresses": [], "scope": 7 }), "scope_unreadable"),
            (
                json!({ "addresses": [], "scope": "global:1" }),
                "scope_unreadable",
            ),
            (
                json!({ "addresses": [], "channel": [] }),
                "channel_unreadable",
            ),
            (
                json!({ "addresses": [], "channel": "mail" }),
                "channel_unknown",
            ),
            (json!({ "addresses": [], "url": "x" }), "field_unknown"),
        ] {
            let refused = Check::read(body.to_string().as_bytes()).err().unwrap();
            assert_eq!((refused.status(), refused.code()), (400, code), "{body}");
        }
    }
}
