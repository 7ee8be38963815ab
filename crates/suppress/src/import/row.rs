//! One row of an export, and what it says about its address.

use std::collections::BTreeMap;

use shared::bounce::{Class, EnhancedCode, Evidence, judge};
use shared::event::Reason;

use super::column::{COLUMNS, Column};
use super::list::{Exporter, List};

/// How many characters of a refusal's words are kept.
const KEPT_CHARS: usize = 500;

/// Where a row is: its number, and its lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lines {
    /// Its number from 1, without the header.
    pub row: u64,
    /// The first line.
    pub first: u64,
    /// The last line.
    pub last: u64,
}

/// A row: its cells by what their columns say. It has no `Debug`, because it names a person.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) lines: Lines,
    /// `None` if nobody knows what the row says: it has more cells than the file has columns, or a
    /// list where one thing should stand.
    pub(super) cells: Option<Cells>,
}

/// The cells of a row. A cell is `None` if it is not text.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Cells([Option<String>; COLUMNS]);

impl Cells {
    pub(super) fn set(&mut self, column: Column, text: String) {
        if let Some(cell) = self.0.get_mut(column as usize) {
            *cell = Some(text);
        }
    }

    /// Returns a cell without white space around it. A missing cell is an empty one.
    pub(super) fn get(&self, column: Column) -> &str {
        let cell = self.0.get(column as usize).and_then(Option::as_deref);
        cell.unwrap_or_default().trim()
    }

    /// Checks whether the row says nothing at all.
    pub(super) fn is_blank(&self) -> bool {
        self.0.iter().flatten().all(|cell| cell.trim().is_empty())
    }
}

/// What a row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The address is not to be mailed, for this reason.
    Suppress(Reason),
    /// The mail was refused, and the address is not at fault.
    NotHard,
    /// The person wants no more mail of one group, tag or topic.
    Topic,
    /// The person is not unsubscribed.
    Subscribed,
    /// The word is none that the provider has.
    WordUnknown,
    /// The flag is neither yes nor no.
    FlagUnknown,
}

/// Judges a row of a list.
pub(super) fn of_list(list: List, cells: &Cells) -> Verdict {
    match list {
        List::Bounces => bounced(cells),
        List::Blocks => Verdict::NotHard,
        List::Invalid => Verdict::Suppress(Reason::Bounced),
        List::Complaints => Verdict::Suppress(Reason::Complained),
        List::Unsubscribes => unsubscribed(cells),
        List::Topic => Verdict::Topic,
        List::Manual => Verdict::Suppress(Reason::Manual),
    }
}

/// Judges a bounce as the same provider's webhook is judged: that the address is on this list is
/// the provider's "hard", and the server's own words stand against it.
fn bounced(cells: &Cells) -> Verdict {
    let (status, text) = (cells.get(Column::Status), cells.get(Column::Reason));
    let verdict = judge(&Evidence {
        class: Some(Class::Hard),
        enhanced_code: EnhancedCode::parse(status),
        smtp_code: status.parse().ok(),
        text: Some(text),
        ..Evidence::default()
    });
    match verdict.class {
        Class::Hard => Verdict::Suppress(Reason::Bounced),
        _ => Verdict::NotHard,
    }
}

/// Mailgun's `*` is all mail of the domain, and so is nothing. Its JSON has a list of tags.
fn unsubscribed(cells: &Cells) -> Verdict {
    let tags = cells.get(Column::Tags).split(',');
    let mut tags =
        tags.map(|tag| tag.trim_matches(|c: char| c.is_whitespace() || "[]'\"".contains(c)));
    let is_all = tags.clone().all(str::is_empty) || tags.any(|tag| tag == "*");
    if is_all {
        Verdict::Suppress(Reason::Unsubscribed)
    } else {
        Verdict::Topic
    }
}

/// Judges a row that says its own reason.
pub(super) fn of_word(exporter: Exporter, cells: &Cells) -> Verdict {
    let word = cells.get(Column::Word).to_ascii_lowercase();
    let by = cells.get(Column::Origin).to_ascii_lowercase();
    Verdict::Suppress(match (exporter, word.as_str()) {
        (Exporter::Postmark, "hardbounce") | (Exporter::Ses | Exporter::Resend, "bounce") => {
            Reason::Bounced
        }
        (Exporter::Postmark, "spamcomplaint") | (Exporter::Ses | Exporter::Resend, "complaint") => {
            Reason::Complained
        }
        // By the recipient's hand it is an opt-out; by anybody else's it is what the word says.
        (Exporter::Postmark, "manualsuppression") if by == "recipient" => Reason::Unsubscribed,
        (Exporter::Postmark, "manualsuppression") | (Exporter::Resend, "manual") => Reason::Manual,
        _ => return Verdict::WordUnknown,
    })
}

/// The flags that mean yes. A spreadsheet writes them in its user's language.
const YES: [&str; 9] = [
    "true",
    "t",
    "yes",
    "1",
    "wahr",
    "vrai",
    "verdadero",
    "vero",
    "verdadeiro",
];
/// The flags that mean no.
const NO: [&str; 8] = ["", "false", "f", "no", "0", "falsch", "faux", "falso"];

/// Judges a row of a list of all people. A flag that is neither yes nor no is no opt-in.
pub(super) fn of_flag(cells: &Cells) -> Verdict {
    let flag = cells.get(Column::Flag).to_lowercase();
    match flag.as_str() {
        flag if YES.contains(&flag) => Verdict::Suppress(Reason::Unsubscribed),
        flag if NO.contains(&flag) => Verdict::Subscribed,
        _ => Verdict::FlagUnknown,
    }
}

/// Returns what else a row says, to be kept with the event. Its time is, if it is not understood.
pub(super) fn kept(cells: &Cells, with_time: bool) -> BTreeMap<String, String> {
    let columns = [
        (Column::Created, "created"),
        (Column::Status, "status"),
        (Column::Reason, "reason"),
        (Column::Word, "word"),
        (Column::Origin, "origin"),
    ];
    let kept = columns.into_iter().skip(usize::from(!with_time));
    let kept = kept.map(|(column, name)| (name.to_owned(), cells.get(column)));
    kept.filter(|(_, text)| !text.is_empty())
        .map(|(name, text)| (name, text.chars().take(KEPT_CHARS).collect()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(cells: &[(Column, &str)]) -> Cells {
        let mut all = Cells::default();
        for (column, text) in cells {
            all.set(*column, (*text).to_owned());
        }
        all
    }

    #[test]
    fn a_bounce_is_what_the_webhook_would_say() {
        let hard = Verdict::Suppress(Reason::Bounced);
        for (status, text, verdict) in [
            ("5.1.1", "550 5.1.1 The email account does not exist", hard),
            ("550", "5.1.1 mailbox does not exist", hard),
            ("", "", hard),
            ("550", "Bounced", hard),
            ("5.0.0", "550 rejected", hard),
            ("5.2.2", "552 5.2.2 mailbox full", Verdict::NotHard),
            (
                "550",
                "550 5.7.1 blocked using zen.spamhaus.org",
                Verdict::NotHard,
            ),
            ("4.4.1", "unable to get mx info: timeout", Verdict::NotHard),
        ] {
            let row = cells(&[(Column::Status, status), (Column::Reason, text)]);
            assert_eq!(of_list(List::Bounces, &row), verdict, "{status} {text}");
            assert_eq!(of_list(List::Blocks, &row), Verdict::NotHard);
            assert_eq!(of_list(List::Invalid, &row), hard);
        }
    }

    #[test]
    fn an_opt_out_of_all_mail_suppresses_and_one_of_a_tag_does_not() {
        let all = Verdict::Suppress(Reason::Unsubscribed);
        for (tags, verdict) in [
            ("*", all),
            ("", all),
            ("[\"*\"]", all),
            ("['*']", all),
            ("[\"news\",\"*\"]", all),
            ("[]", all),
            ("news", Verdict::Topic),
            ("[\"some tag\"]", Verdict::Topic),
        ] {
            let row = cells(&[(Column::Tags, tags)]);
            assert_eq!(of_list(List::Unsubscribes, &row), verdict, "{tags}");
        }
        assert_eq!(of_list(List::Topic, &Cells::default()), Verdict::Topic);
    }

    #[test]
    fn a_row_that_says_its_own_reason_is_believed() {
        use Exporter::{Postmark, Resend, Ses};
        let word = |exporter, word, origin| {
            of_word(
                exporter,
                &cells(&[(Column::Word, word), (Column::Origin, origin)]),
            )
        };
        for (exporter, text, origin, reason) in [
            (Postmark, "HardBounce", "Recipient", Reason::Bounced),
            (Postmark, "SpamComplaint", "Recipient", Reason::Complained),
            (
                Postmark,
                "ManualSuppression",
                "Recipient",
                Reason::Unsubscribed,
            ),
            (Postmark, "ManualSuppression", "Customer", Reason::Manual),
            (Postmark, "ManualSuppression", "Admin", Reason::Manual),
            (Ses, "BOUNCE", "", Reason::Bounced),
            (Ses, " COMPLAINT", "", Reason::Complained),
            (Resend, "bounce", "", Reason::Bounced),
            (Resend, "complaint", "", Reason::Complained),
            (Resend, "manual", "", Reason::Manual),
        ] {
            assert_eq!(
                word(exporter, text, origin),
                Verdict::Suppress(reason),
                "{text}"
            );
        }
        assert_eq!(word(Ses, "HardBounce", ""), Verdict::WordUnknown);
        assert_eq!(word(Postmark, "", ""), Verdict::WordUnknown);
    }

    #[test]
    fn only_who_is_unsubscribed_is_suppressed() {
        for (flag, verdict) in [
            ("true", Verdict::Suppress(Reason::Unsubscribed)),
            ("TRUE", Verdict::Suppress(Reason::Unsubscribed)),
            ("1", Verdict::Suppress(Reason::Unsubscribed)),
            ("t", Verdict::Suppress(Reason::Unsubscribed)),
            ("Yes", Verdict::Suppress(Reason::Unsubscribed)),
            ("WAHR", Verdict::Suppress(Reason::Unsubscribed)),
            ("Vrai", Verdict::Suppress(Reason::Unsubscribed)),
            ("VERDADERO", Verdict::Suppress(Reason::Unsubscribed)),
            ("VERO", Verdict::Suppress(Reason::Unsubscribed)),
            ("VERDADEIRO", Verdict::Suppress(Reason::Unsubscribed)),
            ("FALSCH", Verdict::Subscribed),
            ("FAUX", Verdict::Subscribed),
            ("falso", Verdict::Subscribed),
            ("F", Verdict::Subscribed),
            ("No", Verdict::Subscribed),
            ("unsubscribed", Verdict::FlagUnknown),
            ("1.0", Verdict::FlagUnknown),
            ("2026-01-02", Verdict::FlagUnknown),
            ("y", Verdict::FlagUnknown),
            ("false", Verdict::Subscribed),
            ("", Verdict::Subscribed),
            ("0", Verdict::Subscribed),
        ] {
            assert_eq!(of_flag(&cells(&[(Column::Flag, flag)])), verdict, "{flag}");
        }
    }
}
