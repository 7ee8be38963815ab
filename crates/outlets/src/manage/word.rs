//! What an operator says about an address: it is not to be mailed, or it may be again.

use shared::event::{Channel, Reason};
use shared::terminal::is_obeyed;

use super::field::{Fault, Field};
use super::hidden::Hidden;
use super::object::Object;
use super::refusal::Refusal;

/// The most characters of a text that says why.
pub const MOST_WHY_CHARS: usize = 500;

/// An address is not to be mailed, for the reason `manual`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppress {
    /// Why, in the operator's words. They are kept with the event.
    pub why: Hidden,
}

impl Suppress {
    /// Reads the body of a request: `{"why":…}`, with `"channel":"email"` beside it or without.
    ///
    /// # Errors
    /// Returns the [`Refusal`] of the first field that cannot be accepted.
    pub fn read(body: &[u8]) -> Result<Self, Refusal> {
        let object = Object::read(body, &[Field::Why, Field::Channel])?;
        channel(object.optional::<String>(Field::Channel)?.as_deref())?;
        Ok(Self {
            why: why(object.needed(Field::Why)?)?,
        })
    }
}

/// An address may be mailed again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lift {
    /// Why, in the operator's words. They are kept with the event.
    pub why: Hidden,
    /// The one reason that is lifted. If none is named, all are that stand.
    pub reason: Option<Reason>,
    /// Whether a complaint is lifted, too.
    pub even_complaint: bool,
}

impl Lift {
    /// The names of its fields, which its query may have in place of a body.
    pub const FIELDS: [&str; 4] = ["why", "reason", "even_complaint", "channel"];

    /// Reads the body of a request: `{"why":…}`, with or without `reason`, `even_complaint` and
    /// `"channel":"email"`. If the body is empty, the query says the same: `parameter` finds it.
    ///
    /// # Errors
    /// Returns the [`Refusal`] of the first field that cannot be accepted.
    pub fn read<'a>(
        body: &[u8],
        parameter: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<Self, Refusal> {
        if body.is_empty() {
            return Self::of_query(parameter);
        }
        let fields = [
            Field::Why,
            Field::Reason,
            Field::EvenComplaint,
            Field::Channel,
        ];
        let object = Object::read(body, &fields)?;
        channel(object.optional::<String>(Field::Channel)?.as_deref())?;
        let even_complaint: Option<bool> = object.optional(Field::EvenComplaint)?;
        Self::of(
            object.needed(Field::Why)?,
            object.optional::<String>(Field::Reason)?.as_deref(),
            even_complaint.unwrap_or_default(),
        )
    }

    fn of_query<'a>(parameter: impl Fn(&str) -> Option<&'a str>) -> Result<Self, Refusal> {
        let parameter = |field: Field| parameter(field.name());
        channel(parameter(Field::Channel))?;
        let why = parameter(Field::Why).ok_or(Refusal::Field(Field::Why, Fault::Missing))?;
        let even_complaint = match parameter(Field::EvenComplaint) {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(Refusal::Field(Field::EvenComplaint, Fault::Unreadable)),
        };
        Self::of(why.to_owned(), parameter(Field::Reason), even_complaint)
    }

    fn of(text: String, reason: Option<&str>, even_complaint: bool) -> Result<Self, Refusal> {
        let known = |name: &str| {
            let reason = Reason::ALL.into_iter().find(|reason| reason.name() == name);
            reason.ok_or(Refusal::Field(Field::Reason, Fault::Unfit))
        };
        Ok(Self {
            why: why(text)?,
            reason: reason.map(known).transpose()?,
            even_complaint,
        })
    }
}

/// Returns a text that says why. It is a line that somebody will read in a terminal.
fn why(text: String) -> Result<Hidden, Refusal> {
    let is_fit = text.chars().take(MOST_WHY_CHARS + 1).count() <= MOST_WHY_CHARS
        && !text.trim().is_empty()
        && !text.contains(is_obeyed);
    if is_fit {
        Ok(text.into())
    } else {
        Err(Refusal::Field(Field::Why, Fault::Unfit))
    }
}

/// Checks that it is mail that is spoken of. The operator's words have no other channel yet.
fn channel(name: Option<&str>) -> Result<(), Refusal> {
    match name {
        None => Ok(()),
        Some(name) if name == Channel::Email.name() => Ok(()),
        Some(_) => Err(Refusal::Field(Field::Channel, Fault::Unfit)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing(_: &str) -> Option<&'static str> {
        None
    }

    #[test]
    fn a_suppression_says_why() {
        let read = |body: &str| {
            Suppress::read(body.as_bytes())
                .map(|said| said.why.expose().to_owned())
                .map_err(|refusal| refusal.code())
        };
        assert_eq!(read(r#"{"why":"asked"}"#), Ok("asked".to_owned()));
        let by_mail = r#"{"why":"asked","channel":"email"}"#;
        assert_eq!(read(by_mail), Ok("asked".to_owned()));
        let most = "ü".repeat(MOST_WHY_CHARS);
        assert_eq!(read(&format!(r#"{{"why":"{most}"}}"#)), Ok(most.clone()));
        for (body, code) in [
            ("", "body_not_json"),
            ("{}", "why_missing"),
            (r#"{"why":null}"#, "why_unreadable"),
            (r#"{"why":7}"#, "why_unreadable"),
            (r#"{"why":""}"#, "why_unfit"),
            (r#"{"why":" \u00a0 "}"#, "why_unfit"),
            (r#"{"why":"a\nb"}"#, "why_unfit"),
            (r#"{"why":"a\u001b[2J"}"#, "why_unfit"),
            (r#"{"why":"a\u2028b"}"#, "why_unfit"),
            (r#"{"why":"a\u2029b"}"#, "why_unfit"),
            (r#"{"why":"a\u202eb"}"#, "why_unfit"),
            (r#"{"why":"a\u2066b"}"#, "why_unfit"),
            (r#"{"why":"a\ufeffb"}"#, "why_unfit"),
            (r#"{"why":"a","why":"a"}"#, "why_repeated"),
            (r#"{"why":"a","channel":"sms"}"#, "channel_unfit"),
            (r#"{"why":"a","channel":1}"#, "channel_unreadable"),
            (r#"{"why":"a","reason":"bounced"}"#, "field_unknown"),
        ] {
            assert_eq!(read(body), Err(code), "{body}");
        }
        let long = format!(r#"{{"why":"{most}x"}}"#);
        assert_eq!(read(&long), Err("why_unfit"));
    }

    #[test]
    fn a_lift_is_of_one_reason_or_of_all_that_stand() {
        let read = |body: &str| {
            Lift::read(body.as_bytes(), nothing)
                .map(|said| (said.reason, said.even_complaint))
                .map_err(|refusal| refusal.code())
        };
        assert_eq!(read(r#"{"why":"a"}"#), Ok((None, false)));
        let absent = r#"{"why":"a","reason":null,"even_complaint":null,"channel":null}"#;
        assert_eq!(read(absent), Ok((None, false)));
        for reason in Reason::ALL {
            let body = format!(r#"{{"why":"a","reason":"{}"}}"#, reason.name());
            assert_eq!(read(&body), Ok((Some(reason), false)));
        }
        let even = r#"{"why":"a","even_complaint":true}"#;
        assert_eq!(read(even), Ok((None, true)));
        for (body, code) in [
            ("{}", "why_missing"),
            (r#"{"why":"a","reason":"Bounced"}"#, "reason_unfit"),
            (r#"{"why":"a","reason":["bounced"]}"#, "reason_unreadable"),
            (
                r#"{"why":"a","even_complaint":1}"#,
                "even_complaint_unreadable",
            ),
            (
                r#"{"why":"a","even_complaint":true,"even_complaint":true}"#,
                "even_complaint_repeated",
            ),
            (r#"{"why":"a","channel":"push"}"#, "channel_unfit"),
            (r#"{"why":"a","held":"drop"}"#, "field_unknown"),
        ] {
            assert_eq!(read(body), Err(code), "{body}");
        }
    }

    #[test]
    fn without_a_body_the_query_says_it() {
        let read = |query: &[(&str, &'static str)]| {
            let parameter = |name: &str| {
                let mut found = query.iter().filter(|(other, _)| *other == name);
                found.next().map(|(_, value)| *value)
            };
            Lift::read(b"", parameter)
                .map(|said| {
                    (
                        said.why.expose().to_owned(),
                        said.reason,
                        said.even_complaint,
                    )
                })
                .map_err(|refusal| refusal.code())
        };
        let all = [
            ("why", "a b"),
            ("reason", "manual"),
            ("even_complaint", "true"),
        ];
        let wanted = ("a b".to_owned(), Some(Reason::Manual), true);
        assert_eq!(read(&all), Ok(wanted));
        assert_eq!(read(&[]), Err("why_missing"));
        assert_eq!(read(&[("why", "")]), Err("why_unfit"));
        assert_eq!(read(&[("why", "a"), ("reason", "x")]), Err("reason_unfit"));
        let odd = [("why", "a"), ("even_complaint", "1")];
        assert_eq!(read(&odd), Err("even_complaint_unreadable"));
        assert_eq!(
            read(&[("why", "a"), ("channel", "sms")]),
            Err("channel_unfit")
        );
        // A body that is there is all that counts.
        assert!(Lift::read(b"{}", |_| Some("a")).is_err());
    }

    #[test]
    fn what_somebody_said_is_not_printed() {
        let said = Suppress::read(br#"{"why":"asked by telephone"}"#).unwrap();
        assert!(!format!("{said:?}").contains("telephone"));
    }
}
