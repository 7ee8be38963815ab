//! Recognizes an export by its columns, or by the shape of its JSON.
//!
//! Unknown columns are told, and a file of another kind needs to be told which column is which.

use std::cmp::Reverse;

use super::column::Column;
use super::error::ImportError;
use super::format::{FORMATS, Format, Says};
use super::list::{Exporter, List};

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

#[cfg(test)]
mod tests {
    use super::*;
    use Exporter::{Customerio, Mailgun, Sendgrid};
    use List::{Bounces, Complaints, Topic};

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
