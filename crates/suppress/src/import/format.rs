//! The formats of exports, as a table. What is not in it is never guessed.

use super::column::Column;
use super::list::{Exporter, List};

/// How a list says why its addresses are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says {
    /// All of it is of one of these lists. If there is only one, or the first is meant unless the
    /// file's name says another, it is `usual`.
    List {
        lists: &'static [List],
        usual: Option<List>,
    },
    /// Each row says it in a word.
    Rows,
    /// It is a list of all people, and a flag says who is unsubscribed.
    Flag,
}

/// One format.
pub(super) struct Format {
    pub(super) exporter: Exporter,
    pub(super) says: Says,
    /// The columns that make it this format, and what they say.
    pub(super) needs: &'static [(&'static str, Option<Column>)],
    /// Further columns that it may have.
    pub(super) may_have: &'static [(&'static str, Option<Column>)],
    /// The key of the list in its JSON, if only that tells it from another format.
    pub(super) container: Option<&'static str>,
}

use Column::{Address, Created, Flag, Origin, Reason, Status, Tags, Word};
use Exporter::{Customerio, Mailgun, Postmark, Resend, Sendgrid, Ses};
use List::{Blocks, Bounces, Complaints, Invalid, Topic, Unsubscribes};

const SENDGRID: [(&str, Option<Column>); 2] =
    [("email", Some(Address)), ("created", Some(Created))];

/// Every format; the first one whose columns are there counts. They are those of the providers'
/// documents and of public importers (read 2026-11-26). A key of JSON is a column, too.
#[rustfmt::skip]
pub(super) static FORMATS: &[Format] = &[
    // The API's answer; `category` says which list. Its columns are SendGrid's.
    Format { exporter: Customerio, container: Some("suppressions"),
        says: Says::List { lists: &[Bounces, Blocks, Complaints, Invalid], usual: None },
        needs: &[("email", Some(Address))],
        may_have: &[("created", Some(Created)), ("status", Some(Status)), ("reason", Some(Reason))] },
    Format { exporter: Sendgrid, container: None,
        says: Says::List { lists: &[Bounces, Blocks], usual: None },
        needs: &[SENDGRID[0], SENDGRID[1], ("status", Some(Status)), ("reason", Some(Reason))],
        may_have: &[] },
    Format { exporter: Sendgrid, container: None,
        says: Says::List { lists: &[Complaints], usual: Some(Complaints) },
        needs: &[SENDGRID[0], SENDGRID[1], ("ip", None)],
        may_have: &[] },
    Format { exporter: Sendgrid, container: None,
        says: Says::List { lists: &[Invalid, Bounces, Blocks], usual: Some(Invalid) },
        needs: &[SENDGRID[0], SENDGRID[1], ("reason", Some(Reason))],
        may_have: &[] },
    // Mailgun's own script writes the columns of bounces for all three lists: the name decides.
    Format { exporter: Mailgun, container: None,
        says: Says::List { lists: &[Bounces, Complaints, Unsubscribes], usual: Some(Bounces) },
        needs: &[("address", Some(Address)), ("code", Some(Status)), ("error", Some(Reason))],
        may_have: &[("created_at", Some(Created)), ("messagehash", None), ("tags", Some(Tags)), ("tag", Some(Tags))] },
    Format { exporter: Mailgun, container: None,
        says: Says::List { lists: &[Unsubscribes], usual: Some(Unsubscribes) },
        needs: &[("address", Some(Address)), ("tags", Some(Tags))],
        may_have: &[("created_at", Some(Created)), ("id", None), ("messagehash", None)] },
    Format { exporter: Mailgun, container: None,
        says: Says::List { lists: &[Unsubscribes], usual: Some(Unsubscribes) },
        needs: &[("address", Some(Address)), ("tag", Some(Tags))],
        may_have: &[("created_at", Some(Created)), ("id", None), ("messagehash", None)] },
    Format { exporter: Mailgun, container: None,
        says: Says::List { lists: &[Complaints, Unsubscribes, Bounces], usual: Some(Complaints) },
        needs: &[("address", Some(Address)), ("created_at", Some(Created))],
        may_have: &[("count", None), ("messagehash", None)] },
    Format { exporter: Postmark, container: None, says: Says::Rows,
        needs: &[("emailaddress", Some(Address)), ("suppressionreason", Some(Word))],
        may_have: &[("origin", Some(Origin)), ("createdat", Some(Created))] },
    Format { exporter: Ses, container: None, says: Says::Rows,
        needs: &[("emailaddress", Some(Address)), ("reason", Some(Word))],
        may_have: &[("lastupdatetime", Some(Created)), ("attributes", None)] },
    Format { exporter: Resend, container: None, says: Says::Rows,
        needs: &[("email", Some(Address)), ("origin", Some(Word))],
        may_have: &[("created_at", Some(Created)), ("source_id", None), ("id", None), ("object", None)] },
    // An export of people has every attribute that the team has made up: none of them is told.
    Format { exporter: Customerio, container: None, says: Says::Flag,
        needs: &[("email", Some(Address)), ("unsubscribed", Some(Flag))],
        may_have: &[("id", None), ("cio_id", None)] },
    Format { exporter: Sendgrid, container: None,
        says: Says::List { lists: &[Unsubscribes, Topic], usual: None },
        needs: &[SENDGRID[0], SENDGRID[1]],
        may_have: &[] },
];

/// The format of a CSV file without a header, `address,BOUNCE`.
pub(super) const SES_COLUMNS: [&str; 2] = ["emailaddress", "reason"];

/// The keys under which an export's JSON has its rows, in lower case.
pub(super) const CONTAINERS: [&str; 4] = [
    "suppressions",
    "suppresseddestinationsummaries",
    "data",
    "items",
];

/// Returns the formats as lines: whose, which lists, and the columns that they are known by.
#[must_use]
pub fn formats() -> String {
    let lines = FORMATS.iter().map(|format| {
        let lists = match format.says {
            Says::List { lists, .. } => {
                let names: Vec<&str> = lists.iter().map(|list| list.name()).collect();
                names.join(" ")
            }
            Says::Rows => "each row says its reason".to_owned(),
            Says::Flag => "people".to_owned(),
        };
        let names = |columns: &[(&'static str, Option<Column>)]| {
            let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
            names.join(",")
        };
        let container = format.container.map(|key| format!("{key}[]: "));
        let optional = match names(format.may_have) {
            columns if columns.is_empty() => String::new(),
            columns => format!(" [{columns}]"),
        };
        format!(
            "{:10}  {:32}  {}{}{optional}",
            format.exporter.name(),
            lists,
            container.unwrap_or_default(),
            names(format.needs)
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_told_in_a_line() {
        let lines = formats();
        let lines: Vec<&str> = lines.lines().collect();
        assert_eq!(lines.len(), FORMATS.len());
        assert_eq!(
            lines.first().copied(),
            Some(
                "customerio  bounces blocks complaints invalid  suppressions[]: email [created,status,reason]"
            )
        );
    }
}
