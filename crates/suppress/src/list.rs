//! Lists who is not to be mailed. This reads the whole table, because nothing else has all of it.

use serde::Serialize;
use shared::event::Reason;
use table::item::Item;
use table::keys::{Owner, SUPPRESSION, owner};
use table::read::text;
use table::suppression;

use super::standing::{Standing, registers};
use crate::failure::Error;
use ::operator::events::Events;
use ::operator::spreadsheet::csv;

/// The columns of the list as a spreadsheet has them.
const COLUMNS: [&str; 5] = ["address", "channel", "reason", "since", "provider"];

/// Which entries are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only those of this reason.
    pub reason: Option<Reason>,
    /// Only those that this provider said, or whose list did.
    pub provider: Option<String>,
}

/// An address that is not to be mailed, for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The address in its canonical form. For a person who is only known by the team's own id, this
    /// is the id.
    pub address: String,
    /// Whether it is such an id.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_customer: bool,
    /// The channel.
    pub channel: String,
    /// The reason.
    pub reason: &'static str,
    /// Since when, by which event, and who said so.
    #[serde(flatten)]
    pub standing: Standing,
}

impl Entry {
    /// Returns who said so: the provider, and whose list it was if it was imported.
    #[must_use]
    pub fn said_by(&self) -> String {
        let Standing { provider, from, .. } = &self.standing;
        match (provider, from) {
            (Some(provider), Some(from)) => format!("{provider} ({from})"),
            (Some(provider), None) => provider.clone(),
            (None, _) => String::new(),
        }
    }
}

/// Lists the entries, some at a time. `tell` is called with those of each page of the table, and
/// how many items have been read. Returns how many entries there were.
///
/// # Errors
/// Returns [`Error::Operator`] if the table cannot be read.
pub async fn list(
    events: &Events,
    selection: &Selection,
    mut tell: impl FnMut(Vec<Entry>, u64),
) -> Result<u64, Error> {
    let (mut start, mut read, mut count) = (None, 0, 0);
    loop {
        let page = events.page(start).await?;
        read += page.items.len() as u64;
        let is_ours = |item: &&Item| {
            text(item, "sk") == SUPPRESSION && !suppression::standing(item).is_empty()
        };
        let items: Vec<&Item> = page.items.iter().filter(is_ours).collect();
        let entries = entries(events, &items, selection).await?;
        count += entries.len() as u64;
        tell(entries, read);
        start = page.next;
        if start.is_none() {
            return Ok(count);
        }
    }
}

async fn entries(
    events: &Events,
    items: &[&Item],
    selection: &Selection,
) -> Result<Vec<Entry>, Error> {
    let registers = registers(events, items).await?;
    let entries = items.iter().zip(registers).flat_map(|(item, registers)| {
        let (channel, address, is_customer) = person(text(item, "pk"));
        registers.into_iter().map(move |(reason, standing)| Entry {
            address: address.to_owned(),
            is_customer,
            channel: channel.to_owned(),
            reason,
            standing,
        })
    });
    let is_selected = |entry: &Entry| {
        let reason = selection
            .reason
            .is_none_or(|reason| reason.name() == entry.reason);
        let Standing { provider, from, .. } = &entry.standing;
        let is_said_by =
            |name: &String| Some(name) == provider.as_ref() || Some(name) == from.as_ref();
        reason && selection.provider.as_ref().is_none_or(is_said_by)
    };
    Ok(entries.filter(is_selected).collect())
}

/// Returns whom a partition key is about: the channel, the name, and whether it is a customer's id.
fn person(pk: &str) -> (&str, &str, bool) {
    match owner(pk) {
        Some(Owner::Recipient(channel, address)) => (channel, address, false),
        Some(Owner::Customer(channel, id)) => (channel, id, true),
        Some(Owner::Nobody(channel)) => (channel, pk, false),
        None => ("", pk, false),
    }
}

/// Returns entries as lines of CSV, for a spreadsheet. A cell that it would take for a formula
/// starts with an apostrophe.
#[must_use]
pub fn spreadsheet(entries: Option<&[Entry]>) -> String {
    match entries {
        None => csv([COLUMNS]),
        Some(entries) => csv(entries.iter().map(cells)),
    }
}

fn cells(entry: &Entry) -> [String; COLUMNS.len()] {
    [
        entry.address.clone(),
        entry.channel.clone(),
        entry.reason.to_owned(),
        entry.standing.since.clone(),
        entry.said_by(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spreadsheet_obeys_no_address() {
        let entry = |address: &str, from: Option<&str>| Entry {
            address: address.to_owned(),
            is_customer: false,
            channel: "email".to_owned(),
            reason: "bounced",
            standing: Standing {
                since: "2026-01-02T03:04:05.000Z".to_owned(),
                event: String::new(),
                provider: Some("operator".to_owned()),
                from: from.map(str::to_owned),
            },
        };
        let entries = [
            entry("=1+1@mail.test", None),
            entry("\"kim, ode\"@mail.test", Some("sendgrid")),
        ];
        assert_eq!(
            spreadsheet(None),
            r#""address","channel","reason","since","provider""#
        );
        assert_eq!(
            spreadsheet(Some(&entries)),
            "\"'=1+1@mail.test\",\"email\",\"bounced\",\"2026-01-02T03:04:05.000Z\",\"operator\"\n\
             \"\"\"kim, ode\"\"@mail.test\",\"email\",\"bounced\",\"2026-01-02T03:04:05.000Z\",\"operator (sendgrid)\""
        );
    }

    #[test]
    fn a_key_says_whom_it_is_about() {
        assert_eq!(
            person("email#kim@mail.test"),
            ("email", "kim@mail.test", false)
        );
        assert_eq!(person("customer#email#47#11"), ("email", "47#11", true));
    }
}
