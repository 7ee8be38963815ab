//! Answers whether addresses may be mailed, and why not.

use outlets::manage::{Check, Hidden, Problem, ProblemText, Refusal};
use serde::Serialize;
use shared::event::Channel;
use table::may_mail::{Answer as Answered, Because};
use table::recipient::{Of, Recipient};

use super::query::Query;
use crate::answer::Answer;
use crate::done::{Done, Wrong};
use crate::event::Event;
use crate::parts::Parts;

/// What may be asked for.
const PARAMETERS: [&str; 3] = ["channel", "ignore", "scope"];

/// The answers about many addresses.
#[derive(Serialize)]
struct Rows {
    /// In the order of the question.
    recipients: Vec<Row>,
}

/// The answer about one of them.
#[derive(Serialize)]
struct Row {
    /// The canonical address. `None` if the text is no address.
    address: Option<String>,
    may_mail: bool,
    reasons: Vec<Because>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ignored: Vec<Because>,
    /// What is wrong with the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ProblemText>,
}

/// Answers about one address.
pub(crate) async fn one(parts: &Parts, address: &str, event: &Event) -> Result<Done, Wrong> {
    let question = Query::of(event, &PARAMETERS)?.question()?;
    let of = named(address, question.channel).ok_or(Refusal::Address)?;
    let who = [(of.name(), &of)];
    let answers = question.shortly(&parts.events, &who).await?;
    let mut rows = answers.into_iter().map(row);
    let row = rows.next().ok_or(Refusal::Unavailable)??;
    Ok(Done::read(Answer::ok(&row)))
}

/// Answers about many addresses. If one of them cannot be known, nothing is answered: a sender who
/// looks at the yes alone would take it for a no, and one who looks at the no for a yes.
pub(crate) async fn many(parts: &Parts, body: &[u8]) -> Result<Done, Wrong> {
    let Check {
        addresses,
        question,
    } = Check::read(body)?;
    let read = |text: &Hidden| named(text.expose(), question.channel);
    let people: Vec<Option<Of>> = addresses.iter().map(read).collect();
    let who: Vec<(&str, &Of)> = people.iter().flatten().map(|of| (of.name(), of)).collect();
    let mut answers = question.shortly(&parts.events, &who).await?.into_iter();
    let rows = people.iter().map(|of| match of {
        Some(_) => row(answers.next().ok_or(Refusal::Unavailable)?),
        None => Ok(unreadable()),
    });
    let recipients = rows.collect::<Result<_, Wrong>>()?;
    Ok(Done::read(Answer::ok(&Rows { recipients })))
}

/// Reads whom a text names in a channel, if it is one recipient.
fn named(text: &str, channel: Channel) -> Option<Of> {
    let recipient = Recipient::parse(text).ok()?;
    let is_of_channel = !recipient.keys(channel).is_empty();
    is_of_channel.then_some(Of::Recipient(recipient))
}

/// Returns the answer about one address, if it is known.
fn row(answer: Answered) -> Result<Row, Wrong> {
    let unknown = || Wrong::because(Refusal::Unavailable, "item_unread");
    Ok(Row {
        may_mail: answer.may_mail.ok_or_else(unknown)?,
        address: Some(answer.address),
        reasons: answer.reasons,
        ignored: answer.ignored,
        error: None,
    })
}

/// Returns the row of a text that is no address.
fn unreadable() -> Row {
    let refusal = Refusal::Address;
    Row {
        address: None,
        may_mail: false,
        reasons: Vec::new(),
        ignored: Vec::new(),
        error: Some(Problem::new(refusal.code(), refusal.to_string()).error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(row: &Row) -> String {
        serde_json::to_string(row).unwrap()
    }

    #[test]
    fn what_is_not_known_is_no_answer() {
        let unknown = Answered::of("kim@mail.test", None, &[]);
        let wrong = row(unknown).err().unwrap();
        assert_eq!(wrong.refusal, Refusal::Unavailable);
        let known = Answered::of("kim@mail.test", Some(&[]), &[]);
        let wanted = r#"{"address":"kim@mail.test","may_mail":true,"reasons":[]}"#;
        assert_eq!(json(&row(known).unwrap()), wanted);
    }

    #[test]
    fn a_text_that_is_no_address_is_a_no_and_not_repeated() {
        let wanted = r#"{"address":null,"may_mail":false,"reasons":[],"error":{"code":"address_unreadable","message":"the address is not that of one recipient"}}"#;
        assert_eq!(json(&unreadable()), wanted);
        for text in [
            "",
            "kim",
            "a@x.test, b@x.test",
            "n\0ul@mail.test",
            "+15550100",
        ] {
            assert!(named(text, Channel::Email).is_none(), "{text:?}");
        }
        assert!(named("+15550100", Channel::Sms).is_some());
    }
}
