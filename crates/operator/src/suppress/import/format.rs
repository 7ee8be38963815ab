//! Recognizes an export by its columns, or by the shape of its JSON.
//!
//! The formats are a table. What is not in it is never guessed: unknown columns are told, and a
//! file of another kind needs to be told which column is which.

use std::cmp::Reverse;

use super::error::ImportError;
use super::list::{Exporter, List};

/// What a column says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    /// The address.
    Address,
    /// When it came about.
    Created,
    /// The code of the refusal: RFC 3463's, or SMTP's.
    Status,
    /// The words of the refusal.
    Reason,
    /// The provider's word for why the address is there.
    Word,
    /// Who put it there.
    Origin,
    /// What the person unsubscribed from.
    Tags,
    /// Whether the person is unsubscribed.
    Flag,
}

/// How many kinds of columns there are.
pub(super) const COLUMNS: usize = 8;

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
    needs: &'static [(&'static str, Option<Column>)],
    /// Further columns that it may have.
    may_have: &'static [(&'static str, Option<Column>)],
    /// The key of the list in its JSON, if only that tells it from another format.
    container: Option<&'static str>,
}

use Column::{Address, Created, Flag, Origin, Reason, Status, Tags, Word};
use Exporter::{Customerio, Mailgun, Postmark, Resend, Sendgrid, Ses};
use List::{Blocks, Bounces, Complaints, Invalid, Topic, Unsubscribes};

const SENDGRID: [(&str, Option<Column>); 2] =
    [("email", Some(Address)), ("created", Some(Created))];

/// Every format; the first one whose columns are there counts. They are those of the providers'
/// documents and of public importers (read 2026-11-26). A key of JSON is a column, too.
#[rustfmt::skip]
static FORMATS: &[Format] = &[
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

impl Format {
    /// Finds the format of columns, in lower case. `container` is the key of the list in JSON.
    pub(super) fn of(
        columns: &[String],
        container: Option<&str>,
        from: Option<Exporter>,
    ) -> Result<&'static Self, ImportError> {
        let has = |column: &str| columns.iter().any(|own| own == column);
        let fits = |format: &&Self| format.needs.iter().all(|(column, _)| has(column));
        let is_there = |format: &&Self| format.container.is_none() || format.container == container;
        let fitting = FORMATS.iter().filter(fits);
        let found = fitting.clone().find(is_there);
        let Some(said) = from else {
            return found.ok_or_else(|| ImportError::ColumnsUnknown(columns.to_vec()));
        };
        // The user has said whose it is: then of this provider's formats the one that needs most.
        let own = fitting.filter(|format| format.exporter == said);
        match (own.min_by_key(|format| Reverse(format.needs.len())), found) {
            (Some(own), _) => Ok(own),
            (None, Some(other)) => Err(ImportError::OtherProvider {
                said,
                found: other.exporter,
            }),
            (None, None) => Err(ImportError::ColumnsUnknown(columns.to_vec())),
        }
    }

    /// Returns what a column says, in this format.
    pub(super) fn column(&self, name: &str) -> Option<Column> {
        let known = self.needs.iter().chain(self.may_have);
        let mut known = known.filter(|(column, _)| *column == name);
        known.next()?.1
    }

    /// Returns the columns that this format does not have.
    pub(super) fn unknown(&self, columns: &[String]) -> Vec<String> {
        let is_known = |name: &str| {
            let mut known = self.needs.iter().chain(self.may_have);
            known.any(|(column, _)| *column == name)
        };
        let is_told = self.says != Says::Flag;
        let unknown = columns.iter().filter(|name| is_told && !is_known(name));
        unknown.cloned().collect()
    }

    /// Decides which list a file is of: what the user says, else what the file's name or its JSON
    /// says, else what its columns say. `None` means that the rows say it.
    pub(super) fn list(
        &self,
        kind: Option<List>,
        named: Option<List>,
    ) -> Result<Option<List>, ImportError> {
        let Says::List { lists, usual } = self.says else {
            return match kind {
                Some(_) => Err(ImportError::KindNotNeeded),
                None => Ok(None),
            };
        };
        if kind.is_some() {
            return Ok(kind);
        }
        match (named, usual) {
            (Some(named), _) if lists.contains(&named) => Ok(Some(named)),
            (Some(named), Some(columns)) => Err(ImportError::ListContradicts { named, columns }),
            (None, Some(usual)) => Ok(Some(usual)),
            (_, None) => Err(ImportError::ListUnknown(self.exporter, lists)),
        }
    }
}

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

    fn recognized(header: &str, container: Option<&str>, from: Option<Exporter>) -> String {
        let columns: Vec<String> = header.split(',').map(str::to_owned).collect();
        match Format::of(&columns, container, from) {
            Ok(format) => {
                let unknown = format.unknown(&columns).join("+");
                let list = format.list(None, None);
                let list = list.map(|list| list.map_or("rows", List::name));
                let list = list.unwrap_or_else(|error| error.code());
                format!("{} {list} [{unknown}]", format.exporter.name())
            }
            Err(error) => error.code().to_owned(),
        }
    }

    #[test]
    fn every_format_is_known_by_its_columns() {
        let unknown = "import_list_unknown";
        for (header, container, format) in [
            (
                "status,reason,email,created",
                None,
                format!("sendgrid {unknown} []"),
            ),
            (
                "reason,email,created",
                None,
                "sendgrid invalid []".to_owned(),
            ),
            (
                "ip,email,created",
                None,
                "sendgrid complaints []".to_owned(),
            ),
            ("email,created", None, format!("sendgrid {unknown} []")),
            (
                "email,created,team",
                None,
                format!("sendgrid {unknown} [team]"),
            ),
            (
                "address,code,error,created_at",
                None,
                "mailgun bounces []".to_owned(),
            ),
            (
                "address,code,error,created_at,messagehash",
                Some("items"),
                "mailgun bounces []".to_owned(),
            ),
            (
                "address,tags,created_at",
                None,
                "mailgun unsubscribes []".to_owned(),
            ),
            (
                "address,tag,created_at",
                None,
                "mailgun unsubscribes []".to_owned(),
            ),
            (
                "address,created_at",
                None,
                "mailgun complaints []".to_owned(),
            ),
            (
                "emailaddress,suppressionreason,origin,createdat",
                Some("suppressions"),
                "postmark rows []".to_owned(),
            ),
            ("emailaddress,reason", None, "ses rows []".to_owned()),
            (
                "emailaddress,reason,lastupdatetime",
                Some("suppresseddestinationsummaries"),
                "ses rows []".to_owned(),
            ),
            (
                "object,id,email,origin,source_id,created_at",
                Some("data"),
                "resend rows []".to_owned(),
            ),
            (
                "created,email,reason,status",
                Some("suppressions"),
                format!("customerio {unknown} []"),
            ),
            (
                "email",
                Some("suppressions"),
                format!("customerio {unknown} []"),
            ),
            (
                "id,cio_id,email,unsubscribed,plan,company",
                None,
                "customerio rows []".to_owned(),
            ),
            ("email", None, "import_columns_unknown".to_owned()),
            ("name,mail", None, "import_columns_unknown".to_owned()),
        ] {
            assert_eq!(recognized(header, container, None), format, "{header}");
        }
    }

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

    #[test]
    fn what_the_user_says_must_be_what_the_columns_say() {
        let bounces = "status,reason,email,created";
        assert_eq!(
            recognized(bounces, None, Some(Mailgun)),
            "import_other_provider"
        );
        assert_eq!(
            recognized("name", None, Some(Mailgun)),
            "import_columns_unknown"
        );
        assert_eq!(
            recognized(bounces, None, Some(Sendgrid)),
            "sendgrid import_list_unknown []"
        );
        // Lines of JSON have no key that tells them from SendGrid's.
        assert_eq!(
            recognized(bounces, None, Some(Customerio)),
            "customerio import_list_unknown []"
        );
        assert_eq!(
            recognized("email,unsubscribed", None, Some(Customerio)),
            "customerio rows []"
        );
        assert_eq!(
            recognized("address,tags,created_at", None, Some(Mailgun)),
            "mailgun unsubscribes []"
        );
    }

    #[test]
    fn the_list_is_what_the_user_says_else_the_name_else_the_columns() {
        let format = |header: &str| {
            let columns: Vec<String> = header.split(',').map(str::to_owned).collect();
            Format::of(&columns, None, None).expect("a format")
        };
        let list = |header: &str, kind, named| {
            let list = format(header).list(kind, named);
            list.map_err(|error| error.code())
        };
        let all_three = "address,code,error,created_at";
        assert_eq!(
            list(all_three, None, Some(Complaints)),
            Ok(Some(Complaints))
        );
        assert_eq!(
            list(all_three, Some(Topic), Some(Complaints)),
            Ok(Some(Topic))
        );
        let complaints = "ip,email,created";
        assert_eq!(list(complaints, None, None), Ok(Some(Complaints)));
        assert_eq!(
            list(complaints, None, Some(Bounces)),
            Err("import_list_contradicts")
        );
        assert_eq!(list("email,created", None, Some(Topic)), Ok(Some(Topic)));
        assert_eq!(
            list("email,created", None, Some(Bounces)),
            Err("import_list_unknown")
        );
        assert_eq!(
            list("email,origin", Some(Bounces), None),
            Err("import_kind_not_needed")
        );
        assert_eq!(list("email,origin", None, Some(Bounces)), Ok(None));
    }
}
