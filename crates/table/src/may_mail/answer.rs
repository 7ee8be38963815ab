//! The answer of the suppression items.

use serde::Serialize;
use shared::event::Reason;

use crate::item::Item;
use crate::keys::SUPPRESSION;
use crate::read::text;
use crate::suppression::register;
use crate::words::when;

/// A reason why an address must not be mailed.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Because {
    /// The register's name.
    pub reason: &'static str,
    /// Since when it counts, RFC 3339.
    pub since: String,
    /// The sort key of the event that said so, in the same timeline.
    pub event: String,
    /// Of what the recipient unsubscribed, if it is less than all mail: `group#sendgrid#10`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Who said so, if the event is still there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The refusal's own words, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The partition key of the timeline.
    #[serde(skip)]
    pub pk: String,
}

impl Because {
    /// Returns the reason and since when it counts.
    #[must_use]
    pub fn line(&self, is_for_a_person: bool) -> String {
        let scope = self.scope.as_deref();
        let scope = scope.map_or_else(String::new, |scope| format!(" from {scope}"));
        format!(
            "{}{scope} since {}",
            self.reason,
            when(&self.since, is_for_a_person)
        )
    }
}

/// Whether an address may be mailed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may be mailed.
    Yes,
    /// A reason stands against it.
    No,
    /// The table had no answer.
    NotKnown,
}

impl Verdict {
    /// Returns the word for a person.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::NotKnown => "not known",
        }
    }
}

/// The answer for one address.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The address in its canonical form.
    pub address: String,
    /// The text that was asked about, if it says otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked: Option<String>,
    /// Whether it may be mailed. `None` if it is not known.
    pub may_mail: Option<bool>,
    /// Why not.
    pub reasons: Vec<Because>,
    /// The reasons that stand and were not to count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<Because>,
}

impl Answer {
    /// Returns the answer of the suppression items of an address. `None` stands for an item that
    /// could not be read.
    #[must_use]
    pub fn of(address: &str, items: Option<&[&Item]>, ignore: &[Reason]) -> Self {
        let standing = items.into_iter().flatten().flat_map(|item| because(item));
        let is_ignored = |because: &Because| ignore.iter().any(|r| r.name() == because.reason);
        let (ignored, reasons): (Vec<Because>, Vec<Because>) = standing.partition(is_ignored);
        let may_mail = match items {
            _ if !reasons.is_empty() => Some(false),
            Some(_) => Some(true),
            None => None,
        };
        Self {
            address: address.to_owned(),
            asked: None,
            may_mail,
            reasons,
            ignored,
        }
    }

    /// Returns the same with the text that was asked about.
    #[must_use]
    pub fn asked_as(mut self, text: &str) -> Self {
        self.asked = Some(text.to_owned()).filter(|text| *text != self.address);
        self
    }

    /// Returns the verdict.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self.may_mail {
            Some(true) => Verdict::Yes,
            Some(false) => Verdict::No,
            None => Verdict::NotKnown,
        }
    }

    /// Returns the reasons, those that do not count too.
    pub fn all_reasons_mut(&mut self) -> impl Iterator<Item = &mut Because> {
        self.reasons.iter_mut().chain(&mut self.ignored)
    }

    /// Returns the verdict with its reasons, for a person.
    #[must_use]
    pub fn sentence(&self) -> String {
        let reasons = self.reasons.iter().map(|because| because.line(true));
        let reasons: Vec<String> = reasons.collect();
        let ignored = self.ignored.iter().map(|because| because.line(true));
        let ignored: Vec<String> = ignored.map(|text| format!("{text} (ignored)")).collect();
        let all: Vec<String> = reasons.into_iter().chain(ignored).collect();
        match all.as_slice() {
            [] => self.verdict().word().to_owned(),
            all => format!("{}, {}", self.verdict().word(), all.join(", ")),
        }
    }

    /// Returns the reasons, those that do not count too.
    pub fn all_reasons(&self) -> impl Iterator<Item = &Because> {
        self.reasons.iter().chain(&self.ignored)
    }
}

/// Returns the reasons that stand in an item.
fn because(item: &Item) -> Vec<Because> {
    let scope = text(item, "sk").strip_prefix(SUPPRESSION);
    let scope = scope.and_then(|scope| scope.strip_prefix('#'));
    let standing = Reason::ALL.into_iter().filter_map(|reason| {
        let standing = register(item, reason)?;
        Some(Because {
            reason: reason.name(),
            since: standing.since.to_owned(),
            event: standing.event.to_owned(),
            scope: scope.map(str::to_owned),
            provider: None,
            text: None,
            pk: text(item, "pk").to_owned(),
        })
    });
    standing.collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use aws_sdk_dynamodb::types::AttributeValue;

    use super::*;

    fn suppression(sk: &str, reasons: &[&str]) -> Item {
        let word = |text: &str| AttributeValue::S(text.to_owned());
        let mut item = HashMap::from([
            ("pk".to_owned(), word("email#kim@mail.test")),
            ("sk".to_owned(), word(sk)),
            // a register that was lifted
            ("manual_at".to_owned(), word("2026-01-01T00:00:00.000Z#0#x")),
        ]);
        for reason in reasons {
            let register = HashMap::from([
                ("since".to_owned(), word("2026-01-02T03:04:05.000Z")),
                ("event".to_owned(), word("2026-01-02T03:04:05.000Z#e")),
            ]);
            item.insert((*reason).to_owned(), AttributeValue::M(register));
        }
        item
    }

    fn answer(items: &[Item], ignore: &[Reason]) -> (Option<bool>, usize, usize) {
        let items: Vec<&Item> = items.iter().collect();
        let answer = Answer::of("kim@mail.test", Some(&items), ignore);
        (answer.may_mail, answer.reasons.len(), answer.ignored.len())
    }

    #[test]
    fn what_stands_is_a_no_unless_it_is_ignored_and_what_is_not_known_is_no_yes() {
        let both = [suppression("suppression", &["bounced", "unsubscribed"])];
        let unsubscribed = [suppression("suppression", &["unsubscribed"])];
        let ignore = [Reason::Unsubscribed];
        assert_eq!(answer(&[], &[]), (Some(true), 0, 0));
        assert_eq!(
            answer(&[suppression("suppression", &[])], &[]),
            (Some(true), 0, 0)
        );
        assert_eq!(answer(&both, &[]), (Some(false), 2, 0));
        assert_eq!(answer(&both, &ignore), (Some(false), 1, 1));
        assert_eq!(answer(&unsubscribed, &ignore), (Some(true), 0, 1));
        let unread = Answer::of("kim@mail.test", None, &[]);
        assert_eq!(unread.may_mail, None);
        assert_eq!(unread.verdict().word(), "not known");
    }

    #[test]
    fn a_register_that_cannot_be_read_stands() {
        let mut item = suppression("suppression", &[]);
        item.insert("manual".to_owned(), AttributeValue::Bool(false));
        assert_eq!(answer(&[item], &[]), (Some(false), 1, 0));
    }

    #[test]
    fn a_narrower_scope_is_named() {
        let item = suppression("suppression#group#sendgrid#10", &["unsubscribed"]);
        let answer = Answer::of("kim@mail.test", Some(&[&item]), &[]);
        let scope = answer.reasons[0].scope.as_deref();
        assert_eq!(scope, Some("group#sendgrid#10"));
        assert_eq!(answer.reasons[0].since, "2026-01-02T03:04:05.000Z");
        assert_eq!(answer.reasons[0].event, "2026-01-02T03:04:05.000Z#e");
    }
}
