//! The suppression item does not depend on the order of the history, nor on repetition, nor on how it is cut into batches.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use consumer::item::{Item, partition_key, sort_key};
use consumer::suppression::{Change, Changes};
use proptest::prelude::*;
use proptest::sample::select;
use shared::bounce::{Class, Evidence};
use shared::event::{Address, Event, EventId, Kind, OccurredAt, Refusal, Scope};
use shared::time::rfc3339_ms;

use crate::cases;
use crate::event::{at, bare};

/// The suppression items, by partition key.
type Table = BTreeMap<String, Item>;

fn refusal(class: Class) -> Refusal {
    Refusal::judge(&Evidence {
        class: Some(class),
        ..Evidence::default()
    })
}

fn kind() -> impl Strategy<Value = Kind> {
    select(vec![
        Kind::Bounced(refusal(Class::Hard)),
        Kind::Bounced(refusal(Class::Soft)),
        Kind::Bounced(refusal(Class::Undetermined)),
        Kind::Rejected(refusal(Class::Hard)),
        Kind::Complained,
        Kind::Unsubscribed(Scope::Global),
        Kind::Unsubscribed(Scope::List),
        Kind::Subscribed(Scope::Global),
        Kind::Subscribed(Scope::Global),
        Kind::Subscribed(Scope::Topic),
        Kind::Delivered,
    ])
}

/// A few people, a few times: ties are common. Every event has an id of its own.
fn history() -> impl Strategy<Value = Vec<Event>> {
    let who = select(vec![
        Some("a@b.test"),
        Some("A@B.test"),
        Some("c@d.test"),
        None,
    ]);
    let is_ambiguous = prop::bool::weighted(0.2);
    let event = (
        kind(),
        who,
        select(vec![None, Some("7")]),
        1i64..4,
        is_ambiguous,
    );
    prop::collection::vec(event, 0..24).prop_map(|events| {
        let events = events.into_iter().enumerate();
        events
            .map(
                |(index, (kind, recipient, customer_id, second, is_ambiguous))| Event {
                    id: EventId::of_provider("acme", &(index * 7 % 24).to_string()),
                    kind,
                    recipient: recipient.and_then(Address::new),
                    recipient_is_ambiguous: is_ambiguous,
                    customer_id: customer_id.map(str::to_owned),
                    occurred_at: OccurredAt::Event(at(second * 1000)),
                    ..bare("{}")
                },
            )
            .collect()
    })
}

/// A history, and the same one shuffled, with repetitions, cut into batches.
fn histories() -> impl Strategy<Value = (Vec<Event>, Vec<Event>, usize)> {
    history()
        .prop_flat_map(|history| {
            let repeated = prop::sample::subsequence(history.clone(), 0..=history.len());
            (Just(history), repeated, 1usize..9)
        })
        .prop_flat_map(|(history, repeated, batch)| {
            let again = [history.clone(), repeated].concat();
            (Just(history), Just(again).prop_shuffle(), Just(batch))
        })
}

fn fold<'a>(events: impl IntoIterator<Item = &'a Event>) -> Changes {
    let mut changes = Changes::default();
    for event in events {
        let touched = changes.fold(event);
        assert!(touched.is_none_or(|pk| pk == partition_key(event)));
    }
    changes
}

/// `UpdateItem`, as far as a change asks for it.
fn update(table: &mut Table, pk: &str, change: &Change) {
    assert_eq!(change.condition(), "attribute_not_exists(#at) OR #at < :at");
    let values = change.values();
    let set = |name: &str| (name.to_owned(), values[&format!(":{name}")].clone());
    let text = |value: &AttributeValue| value.as_s().expect("text").clone();
    let item = table.entry(pk.to_owned()).or_default();
    if item
        .get("at")
        .is_some_and(|at| text(at) >= text(&values[":at"]))
    {
        return;
    }
    item.extend(["at", "since", "event"].map(set));
    match change.expression() {
        "SET #at = :at, #since = :since, #event = :event, #reason = :reason" => {
            item.extend([set("reason")]);
        }
        "SET #at = :at, #since = :since, #event = :event REMOVE #reason" => {
            item.remove("reason");
        }
        other => panic!("an unknown update: {other}"),
    }
    let mut names: Vec<String> = change.names().into_values().collect();
    names.sort();
    assert_eq!(names, ["at", "event", "reason", "since"]);
}

fn apply(table: &mut Table, changes: &Changes) {
    for (pk, change) in &changes.0 {
        update(table, pk, change);
    }
}

fn table_of(changes: &Changes) -> Table {
    let mut table = Table::new();
    apply(&mut table, changes);
    table
}

/// Said once more, in other words: the last event that says anything counts; at the same time the one that suppresses, then
/// the greater id.
fn verdicts(history: &[Event]) -> BTreeMap<String, (Option<&'static str>, String, String)> {
    let mut last: BTreeMap<String, (_, &Event)> = BTreeMap::new();
    for event in history.iter().filter(|event| !event.recipient_is_ambiguous) {
        let reason = match &event.kind {
            Kind::Bounced(refusal) if refusal.verdict.class == Class::Hard => Some("bounced"),
            Kind::Complained => Some("complained"),
            Kind::Unsubscribed(Scope::Global) => Some("unsubscribed"),
            Kind::Subscribed(Scope::Global) => None,
            _ => continue,
        };
        let pk = match (&event.recipient, &event.customer_id) {
            (Some(address), _) => format!("email#{}", address.expose().to_lowercase()),
            (None, Some(id)) => format!("customer#email#{id}"),
            (None, None) => continue,
        };
        let rank = |(reason, event): &(Option<&str>, &Event)| {
            (event.occurred_at.time(), reason.is_some(), event.id.clone())
        };
        let candidate = (reason, event);
        let known = last.entry(pk).or_insert(candidate);
        if rank(known) < rank(&candidate) {
            *known = candidate;
        }
    }
    let told = |(reason, event): (_, &Event)| {
        (
            reason,
            rfc3339_ms(event.occurred_at.time()),
            sort_key(event),
        )
    };
    last.into_iter()
        .map(|(pk, last)| (pk, told(last)))
        .collect()
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn any_order_and_any_repetition_give_the_same((history, again, batch) in histories()) {
        let changes = fold(&history);
        prop_assert_eq!(&fold(&again), &changes);

        let mut table = Table::new();
        for events in again.chunks(batch) {
            apply(&mut table, &fold(events));
        }
        prop_assert_eq!(&table, &table_of(&changes));
        apply(&mut table, &changes);
        prop_assert_eq!(&table, &table_of(&changes), "applied again");
    }

    #[test]
    fn the_last_word_counts((history, again, _) in histories()) {
        let text = |item: &Item, name: &str| item.get(name).map(|value| value.as_s().expect("text").clone());
        let stored: BTreeMap<_, _> = table_of(&fold(&again))
            .into_iter()
            .map(|(pk, item)| (pk, (text(&item, "reason"), text(&item, "since"), text(&item, "event"))))
            .collect();
        let wanted: BTreeMap<_, _> = verdicts(&history)
            .into_iter()
            .map(|(pk, (reason, since, event))| (pk, (reason.map(str::to_owned), Some(since), Some(event))))
            .collect();
        prop_assert_eq!(stored, wanted);
    }
}
