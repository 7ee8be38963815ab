//! Finds in a stored item what an endpoint would be told of it.

use jiff::Timestamp;
use outlets::endpoint::Endpoint;
use outlets::fact::Fact;
use shared::time::from_rfc3339;
use table::item::Item;
use table::keys::SUPPRESSION;
use table::read::text;
use table::suppression::{register, standing};

/// The word for suppressions among kinds.
pub(super) const OF_SUPPRESSIONS: &str = "suppression";

/// What a replay looks at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only what occurred at this time or later.
    pub from: Option<Timestamp>,
    /// Only what occurred before this time.
    pub to: Option<Timestamp>,
    /// Only these kinds, if there are any; `suppression` is one, too.
    pub kinds: Vec<String>,
}

/// One thing that an endpoint would be told.
pub(super) struct Match {
    /// What it is about.
    pub(super) fact: Fact,
    /// Under which id.
    pub(super) webhook_id: String,
    /// When it occurred.
    pub(super) at: Timestamp,
    /// Its kind, for the plan.
    pub(super) kind: String,
    /// Its type.
    pub(super) named: String,
}

impl Selection {
    /// Returns what the endpoint would be told of an item.
    pub(super) fn matches(&self, item: &Item, endpoint: &Endpoint, now: Timestamp) -> Vec<Match> {
        if has_expired(item, now) {
            return Vec::new();
        }
        let (pk, sk) = (text(item, "pk"), text(item, "sk"));
        if sk == SUPPRESSION {
            return self.of_suppression(pk, item, endpoint);
        }
        let kind = text(item, "kind");
        let named = endpoint.wants(item).filter(|_| self.has_kind(kind));
        let at = time_of(sk).filter(|at| self.has_time(*at));
        let fact = Fact::event(pk, sk);
        let matched = at.zip(named).map(|(at, named)| Match {
            webhook_id: fact.id(None),
            fact,
            at,
            kind: kind.to_owned(),
            named,
        });
        matched.into_iter().collect()
    }

    fn of_suppression(&self, pk: &str, item: &Item, endpoint: &Endpoint) -> Vec<Match> {
        if !endpoint.wants_suppression() || !self.has_kind(OF_SUPPRESSIONS) {
            return Vec::new();
        }
        let stand = standing(item).into_iter().filter_map(|reason| {
            let at = from_rfc3339(register(item, reason)?.since)?;
            let fact = Fact::suppression(pk, reason);
            self.has_time(at).then(|| Match {
                webhook_id: fact.id(Some(item)),
                fact,
                at,
                kind: OF_SUPPRESSIONS.to_owned(),
                named: "suppression.set".to_owned(),
            })
        });
        stand.collect()
    }

    fn has_kind(&self, kind: &str) -> bool {
        self.kinds.is_empty() || self.kinds.iter().any(|known| known == kind)
    }

    fn has_time(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| at >= from) && self.to.is_none_or(|to| at < to)
    }
}

/// Returns when an event occurred, by its sort key.
fn time_of(sk: &str) -> Option<Timestamp> {
    from_rfc3339(sk.split_once('#')?.0)
}

/// Checks whether an item is only there because nothing has deleted it yet.
fn has_expired(item: &Item, now: Timestamp) -> bool {
    let at = item.get("expires_at").and_then(|at| at.as_n().ok());
    let at: Option<i64> = at.and_then(|at| at.parse().ok());
    at.is_some_and(|at| at <= now.as_second())
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashMap};

    use aws_sdk_dynamodb::types::AttributeValue;
    use outlets::filter::Filter;

    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_767_323_045, 0);

    fn endpoint(events: &str, providers: &[&str]) -> Endpoint {
        Endpoint {
            id: 3,
            url: "https://crm.test/hook".to_owned(),
            filter: Filter::parse(events).expect("words"),
            providers: providers.iter().map(|name| (*name).to_owned()).collect(),
            sources: Vec::new(),
            headers: BTreeMap::new(),
            secrets: Vec::new(),
            active: true,
            created_at: NOW,
            created_by: String::new(),
            revision: 1,
        }
    }

    fn item(attributes: &[(&str, &str)]) -> Item {
        let attributes = attributes.iter();
        attributes
            .map(|(name, text)| ((*name).to_owned(), AttributeValue::S((*text).to_owned())))
            .collect()
    }

    fn bounce() -> Item {
        item(&[
            ("pk", "email#kim@mail.test"),
            ("sk", "2026-01-02T03:00:00.000Z#a"),
            ("kind", "bounced"),
            ("channel", "email"),
            ("provider", "resend"),
        ])
    }

    fn suppression() -> Item {
        let words = item(&[("since", "2026-01-02T03:00:00.000Z"), ("event", "e")]);
        let mut suppression = item(&[
            ("pk", "email#kim@mail.test"),
            ("sk", SUPPRESSION),
            ("bounced_at", "2026-01-02T03:00:00.000Z#1#a"),
        ]);
        suppression.insert("bounced".to_owned(), AttributeValue::M(words));
        suppression
    }

    fn ids(selection: &Selection, item: &Item, endpoint: &Endpoint) -> Vec<String> {
        let matches = selection.matches(item, endpoint, NOW).into_iter();
        matches.map(|found| found.webhook_id).collect()
    }

    #[test]
    fn an_event_is_told_if_the_endpoint_wants_it_and_it_was_selected() {
        let all = Selection::default();
        let wants = endpoint("bounced", &[]);
        let id = Fact::event("email#kim@mail.test", "2026-01-02T03:00:00.000Z#a").id(None);
        assert_eq!(ids(&all, &bounce(), &wants), [id]);
        assert!(ids(&all, &bounce(), &endpoint("opened", &[])).is_empty());
        assert!(ids(&all, &bounce(), &endpoint("bounced", &["ses"])).is_empty());
        let time = |text: &str| Some(text.parse().expect("a time"));
        for (from, to, kinds, is_told) in [
            (time("2026-01-02T03:00:00Z"), None, vec![], true),
            (time("2026-01-02T03:00:01Z"), None, vec![], false),
            (None, time("2026-01-02T03:00:00Z"), vec![], false),
            (None, None, vec!["bounced".to_owned()], true),
            (None, None, vec!["opened".to_owned()], false),
        ] {
            let selection = Selection { from, to, kinds };
            let told = !ids(&selection, &bounce(), &wants).is_empty();
            assert_eq!(told, is_told, "{selection:?}");
        }
        let mut expired = bounce();
        let at = AttributeValue::N(NOW.as_second().to_string());
        expired.insert("expires_at".to_owned(), at);
        assert!(ids(&all, &expired, &wants).is_empty());
    }

    #[test]
    fn a_suppression_that_stands_is_told_to_an_endpoint_that_is_not_narrowed() {
        let all = Selection::default();
        let told = ids(&all, &suppression(), &endpoint("*", &[]));
        assert!(told.len() == 1 && told[0].starts_with("sup_"), "{told:?}");
        assert!(ids(&all, &suppression(), &endpoint("*", &["resend"])).is_empty());
        assert!(ids(&all, &suppression(), &endpoint("bounced", &[])).is_empty());
        let events_alone = Selection {
            kinds: vec!["bounced".to_owned()],
            ..all.clone()
        };
        assert!(ids(&events_alone, &suppression(), &endpoint("*", &[])).is_empty());
        let nothing: Item = HashMap::new();
        assert!(ids(&all, &nothing, &endpoint("*", &[])).is_empty());
    }
}
