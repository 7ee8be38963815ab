//! Asks about every address of a list, many at once, and tells the answers in the list's order.

use futures_util::stream::{self, StreamExt as _};
use serde::Serialize;
use shared::event::Channel;
use table::may_mail::{Answer, Question, Verdict};

use super::list::Row;
use crate::asked::Asked;
use crate::error::Error;
use crate::events::{Events, Of};
use crate::number::{count, thousands};
use crate::recipient::Recipient;

/// How many addresses are asked about at once.
const ADDRESSES: usize = 100;
/// How many such questions are under way at once.
const CONCURRENCY: usize = 8;
/// How many lines without an address are named.
const NAMED: usize = 3;

/// What became of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// How many rows there were.
    pub asked: usize,
    /// How many may be mailed.
    pub yes: usize,
    /// How many must not be mailed.
    pub no: usize,
    /// Of how many the table did not say.
    pub not_known: usize,
    /// How many are no addresses.
    pub no_address: usize,
    /// The first lines of those.
    pub lines: Vec<u64>,
}

/// A row, and its answer. There is none for a row that is no address.
type Answered = (Row, Option<Answer>);

/// Asks about every row, and tells each answer.
///
/// # Errors
/// Returns [`Error::Service`] if the table cannot be read, and [`Error::Asked`] if the list cannot.
/// The answers until then have been told.
pub async fn crowd(
    events: &Events,
    question: &Question,
    rows: impl Iterator<Item = Result<Row, Asked>>,
    mut tell: impl FnMut(&Row, Option<&Answer>),
) -> Result<Counts, Error> {
    let parts = Parts { rows };
    let mut answers = stream::iter(parts)
        .map(async |part| answered(events, question, part?).await)
        .buffered(CONCURRENCY);
    let mut counts = Counts::default();
    while let Some(part) = answers.next().await {
        for (row, answer) in part? {
            counts.add(&row, answer.as_ref());
            tell(&row, answer.as_ref());
        }
    }
    Ok(counts)
}

async fn answered(
    events: &Events,
    question: &Question,
    rows: Vec<Row>,
) -> Result<Vec<Answered>, Error> {
    let people: Vec<Option<(String, Of)>> = rows
        .iter()
        .map(|row| person(question.channel, &row.text))
        .collect();
    let who = people
        .iter()
        .flatten()
        .map(|(address, of)| (address.as_str(), of));
    let who: Vec<(&str, &Of)> = who.collect();
    let mut answers = question.each(events, &who).await?.into_iter();
    let answered = rows.into_iter().zip(&people).map(|(row, person)| {
        let answer = person.as_ref().map(|(address, _)| {
            // An answer that is missing is none.
            let answer = answers
                .next()
                .unwrap_or_else(|| Answer::of(address, None, &[]));
            answer.asked_as(&row.text)
        });
        (row, answer)
    });
    Ok(answered.collect())
}

/// Reads whom a row names, if it names one. A row that is not UTF-8 names nobody.
fn person(channel: Channel, text: &str) -> Option<(String, Of)> {
    let is_whole = !text.contains(char::REPLACEMENT_CHARACTER);
    let recipient = Recipient::parse(text).ok().filter(|_| is_whole)?;
    let is_of_channel = !recipient.keys(channel).is_empty();
    let address = recipient.canonical().to_owned();
    is_of_channel.then_some((address, Of::Recipient(recipient)))
}

/// The rows in parts of [`ADDRESSES`].
struct Parts<R> {
    rows: R,
}

impl<R: Iterator<Item = Result<Row, Asked>>> Iterator for Parts<R> {
    type Item = Result<Vec<Row>, Asked>;

    fn next(&mut self) -> Option<Self::Item> {
        let part: Result<Vec<Row>, Asked> = self.rows.by_ref().take(ADDRESSES).collect();
        match part {
            Ok(rows) if rows.is_empty() => None,
            part => Some(part),
        }
    }
}

impl Counts {
    fn add(&mut self, row: &Row, answer: Option<&Answer>) {
        if let Some(answer) = answer {
            return self.count(answer);
        }
        self.asked += 1;
        self.no_address += 1;
        if self.lines.len() < NAMED {
            self.lines.push(row.line);
        }
    }

    /// Counts an answer.
    pub fn count(&mut self, answer: &Answer) {
        self.asked += 1;
        match answer.verdict() {
            Verdict::Yes => self.yes += 1,
            Verdict::No => self.no += 1,
            Verdict::NotKnown => self.not_known += 1,
        }
    }

    /// Returns the counts as a sentence.
    #[must_use]
    pub fn text(&self) -> String {
        let number = |number: usize| thousands(u64::try_from(number).unwrap_or(u64::MAX));
        let mut parts = vec![
            format!("{} yes", number(self.yes)),
            format!("{} no", number(self.no)),
        ];
        if self.not_known > 0 {
            parts.push(format!("{} not known", number(self.not_known)));
        }
        if self.no_address > 0 {
            parts.push(self.no_addresses());
        }
        format!("{} asked: {}", number(self.asked), parts.join(", "))
    }

    fn no_addresses(&self) -> String {
        let lines: Vec<String> = self.lines.iter().map(u64::to_string).collect();
        let more = if self.no_address > lines.len() {
            " …"
        } else {
            ""
        };
        let line = if self.no_address == 1 {
            "line"
        } else {
            "lines"
        };
        let verb = if self.no_address == 1 { "is" } else { "are" };
        let what = count(self.no_address, "no address", "no addresses");
        let what = what.replacen(' ', &format!(" {verb} "), 1);
        format!("{what} ({line} {}{more})", lines.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_counted_in_a_sentence() {
        let counts = Counts {
            asked: 48_112,
            yes: 47_530,
            no: 570,
            not_known: 0,
            no_address: 12,
            lines: vec![7, 90, 411],
        };
        let wanted = "48,112 asked: 47,530 yes, 570 no, 12 are no addresses (lines 7, 90, 411 …)";
        assert_eq!(counts.text(), wanted);
        let counts = Counts {
            asked: 2,
            not_known: 1,
            no_address: 1,
            lines: vec![2],
            ..Counts::default()
        };
        let wanted = "2 asked: 0 yes, 0 no, 1 not known, 1 is no address (line 2)";
        assert_eq!(counts.text(), wanted);
    }

    #[test]
    fn a_row_names_one_person_or_nobody() {
        let address = |channel, text| person(channel, text).map(|(address, _)| address);
        let kim = Some("kim@mail.test".to_owned());
        assert_eq!(address(Channel::Email, "\"Ode, Kim\" <KIM@mail.test>"), kim);
        for text in ["", "kim", "a@x.test, b@x.test", "\u{fffd}@mail.test"] {
            assert_eq!(address(Channel::Email, text), None, "{text}");
        }
        let number = Some("+15550100".to_owned());
        assert_eq!(address(Channel::Sms, "+15550100"), number);
    }
}
