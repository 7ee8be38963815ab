//! What a change of the events table announces.
//!
//! An event is announced when its key is born. A provider's redelivery writes the same key, so it
//! announces nothing, whether DynamoDB tells of such a write or not. A suppression is announced by
//! the difference of its registers before and after.

use jiff::{SignedDuration, Timestamp};
use shared::event::Reason;
use shared::operator::{Act, PROVIDER};
use shared::time::from_rfc3339;
use table::item::Item;
use table::keys::{SUPPRESSION, is_suppression, owner};
use table::read::text;
use table::suppression::{is_imported, order_key};

use crate::fact::Fact;

/// What has happened to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// Its key was born.
    Inserted,
    /// It was written again.
    Modified,
    /// It is gone.
    Removed,
}

/// A change of one item. It has no `Debug`, because it names a person.
#[derive(Clone)]
pub struct Change {
    /// What has happened.
    pub done: Done,
    /// The item before.
    pub old: Option<Item>,
    /// The item after.
    pub new: Option<Item>,
}

/// What a change announces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// These facts.
    Facts(Vec<Fact>),
    /// Nothing, because it happened too long ago: a restored history floods nobody.
    TooOld,
    /// Nothing.
    Nothing,
    /// Nothing can be made of it.
    Unreadable,
}

/// Returns what a change announces at this time. What is older than `max_age_days` is not
/// announced.
#[must_use]
pub fn announced(change: &Change, now: Timestamp, max_age_days: u32) -> Said {
    let Some(new) = change.new.as_ref().filter(|_| change.done != Done::Removed) else {
        return Said::Nothing;
    };
    let (pk, sk) = (text(new, "pk"), text(new, "sk"));
    if owner(pk).is_none() {
        return Said::Nothing; // first sights, tokens
    }
    let oldest = now - SignedDuration::from_hours(24 * i64::from(max_age_days));
    if sk == SUPPRESSION {
        return registers(pk, change.old.as_ref(), new, oldest);
    }
    if is_suppression(sk) || change.done != Done::Inserted || !new.contains_key("kind") {
        return Said::Nothing;
    }
    if text(new, "provider") == PROVIDER && text(new, "provider_kind") == Act::Import.name() {
        return Said::Nothing;
    }
    match time_of(sk) {
        None => Said::Unreadable,
        Some(at) if at < oldest => Said::TooOld,
        Some(_) => Said::Facts(vec![Fact::event(pk, sk)]),
    }
}

/// Returns the time with which a sort key or an order key begins.
fn time_of(key: &str) -> Option<Timestamp> {
    from_rfc3339(key.split('#').next()?)
}

/// Returns the registers that have appeared or gone. One that only an import had set appears when
/// somebody else says the same, because nobody was told of it.
fn registers(pk: &str, old: Option<&Item>, new: &Item, oldest: Timestamp) -> Said {
    let stood = |reason: &Reason| old.is_some_and(|old| old.contains_key(reason.name()));
    let was_told = |reason: &Reason| !old.is_some_and(|old| is_imported(old, *reason));
    let has_changed = |reason: &Reason| {
        let stands = new.contains_key(reason.name());
        stands != stood(reason) || stands && !was_told(reason)
    };
    let changed = Reason::ALL
        .into_iter()
        .filter(has_changed)
        .filter(|reason| !is_imported(new, *reason));
    let (mut facts, mut is_old) = (Vec::new(), false);
    for reason in changed {
        match time_of(text(new, &order_key(reason))) {
            None => return Said::Unreadable,
            Some(at) if at < oldest => is_old = true,
            Some(_) => facts.push(Fact::suppression(pk, reason)),
        }
    }
    match (facts.is_empty(), is_old) {
        (false, _) => Said::Facts(facts),
        (true, true) => Said::TooOld,
        (true, false) => Said::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use aws_sdk_dynamodb::types::AttributeValue;

    use super::*;

    const NOW: &str = "2026-03-03T08:15:00Z";
    const SK: &str = "2026-03-03T08:14:59.000Z#abc";
    const PK: &str = "email#kim@mail.test";

    fn item(attributes: &[(&str, &str)]) -> Item {
        let text = |(name, text): &(&str, &str)| {
            ((*name).to_owned(), AttributeValue::S((*text).to_owned()))
        };
        attributes.iter().map(text).collect()
    }

    fn said(done: Done, old: Option<Item>, new: Option<Item>) -> Said {
        announced(&Change { done, old, new }, NOW.parse().unwrap(), 8)
    }

    fn event(pk: &str, sk: &str) -> Item {
        item(&[
            ("pk", pk),
            ("sk", sk),
            ("kind", "bounced"),
            ("provider", "resend"),
        ])
    }

    /// A suppression item: its registers, each with the time at which it was last spoken of.
    fn suppression(registers: &[(Reason, bool, &str)]) -> Item {
        let mut item = item(&[("pk", PK), ("sk", SUPPRESSION)]);
        for (reason, stands, at) in registers {
            let key = format!("{at}#{}#id", u8::from(*stands));
            item.insert(order_key(*reason), AttributeValue::S(key));
            if *stands {
                let map = AttributeValue::M(HashMap::new());
                item.insert(reason.name().to_owned(), map);
            }
        }
        item
    }

    #[test]
    fn an_event_is_announced_when_its_key_is_born_and_never_again() {
        let event = event(PK, SK);
        let born = said(Done::Inserted, None, Some(event.clone()));
        assert_eq!(born, Said::Facts(vec![Fact::event(PK, SK)]));
        let again = said(Done::Modified, Some(event.clone()), Some(event.clone()));
        assert_eq!(again, Said::Nothing);
        assert_eq!(said(Done::Removed, Some(event), None), Said::Nothing);
    }

    #[test]
    fn what_is_no_event_is_not_announced() {
        for (pk, sk) in [
            ("undated#resend#x", "undated"),
            ("token#mailgun#x", "token"),
            (PK, "suppression#group#sendgrid#7"),
        ] {
            let said = said(Done::Inserted, None, Some(event(pk, sk)));
            assert_eq!(said, Said::Nothing, "{pk} {sk}");
        }
        let odd = item(&[("pk", PK), ("sk", SK)]);
        assert_eq!(said(Done::Inserted, None, Some(odd)), Said::Nothing);
        let undated = event(PK, "yesterday#abc");
        assert_eq!(said(Done::Inserted, None, Some(undated)), Said::Unreadable);
    }

    #[test]
    fn what_is_old_and_what_an_import_says_floods_nobody() {
        for (sk, wanted) in [
            ("2026-02-23T08:14:59.999Z#abc", Said::TooOld),
            (
                "2026-02-23T08:15:00.000Z#abc",
                Said::Facts(vec![Fact::event(PK, "2026-02-23T08:15:00.000Z#abc")]),
            ),
        ] {
            assert_eq!(said(Done::Inserted, None, Some(event(PK, sk))), wanted);
        }
        let mut import = event(PK, SK);
        for (name, value) in [("provider", "operator"), ("provider_kind", "import")] {
            import.insert(name.to_owned(), AttributeValue::S(value.to_owned()));
        }
        assert_eq!(
            said(Done::Inserted, None, Some(import.clone())),
            Said::Nothing
        );
        let act = AttributeValue::S("add".to_owned());
        import.insert("provider_kind".to_owned(), act);
        let added = said(Done::Inserted, None, Some(import));
        assert_eq!(added, Said::Facts(vec![Fact::event(PK, SK)]));
    }

    #[test]
    fn a_suppression_is_announced_by_the_difference_of_its_registers() {
        let (at, later) = ("2026-03-03T08:00:00.000Z", "2026-03-03T08:01:00.000Z");
        let (b, c) = (Reason::Bounced, Reason::Complained);
        let fact = |reason| Fact::suppression(PK, reason);
        for (old, new, wanted) in [
            (None, vec![(b, true, at)], Said::Facts(vec![fact(b)])),
            (None, vec![(b, false, at)], Said::Nothing),
            (
                Some(vec![(b, true, at)]),
                vec![(b, true, later)],
                Said::Nothing,
            ),
            (
                Some(vec![(b, true, at)]),
                vec![(b, false, later)],
                Said::Facts(vec![fact(b)]),
            ),
            (
                Some(vec![(b, true, at)]),
                vec![(b, true, at), (c, true, later)],
                Said::Facts(vec![fact(c)]),
            ),
            (
                None,
                vec![(b, true, at), (c, true, at)],
                Said::Facts(vec![fact(b), fact(c)]),
            ),
            (
                None,
                vec![(b, true, "2026-01-01T00:00:00.000Z")],
                Said::TooOld,
            ),
            (None, vec![(b, true, "soon")], Said::Unreadable),
        ] {
            let done = old.as_ref().map_or(Done::Inserted, |_| Done::Modified);
            let said = said(
                done,
                old.as_deref().map(suppression),
                Some(suppression(&new)),
            );
            assert_eq!(said, wanted);
        }
    }

    #[test]
    fn what_an_import_has_suppressed_is_not_announced() {
        let mut imported = suppression(&[(Reason::Bounced, true, "2026-03-03T08:00:00.000Z")]);
        let by = HashMap::from([("act".to_owned(), AttributeValue::S("import".to_owned()))]);
        imported.insert("bounced".to_owned(), AttributeValue::M(by));
        let first = said(Done::Inserted, None, Some(imported.clone()));
        assert_eq!(first, Said::Nothing);
        let moved =
            |old: &Item, new: &Item| said(Done::Modified, Some(old.clone()), Some(new.clone()));
        assert_eq!(moved(&imported, &imported), Said::Nothing);
        let at = "2026-03-03T08:01:00.000Z";
        let fact = Said::Facts(vec![Fact::suppression(PK, Reason::Bounced)]);
        let by_others = |stands| suppression(&[(Reason::Bounced, stands, at)]);
        assert_eq!(moved(&imported, &by_others(true)), fact, "told first now");
        assert_eq!(moved(&imported, &by_others(false)), fact);
        let told_before = moved(&by_others(true), &imported);
        assert_eq!(told_before, Said::Nothing);
    }
}
