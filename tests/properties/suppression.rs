//! The suppression item does not depend on the order of the history, nor on repetition, nor on how
//! it is cut into batches.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use proptest::prelude::*;
use proptest::sample::select;
use shared::bounce::{Category, Class, Evidence};
use shared::event::{Address, Event, EventId, Kind, OccurredAt, Reason, Refusal, Scope};
use shared::machine::{Machine, Why};
use shared::time::rfc3339_ms;
use table::item::{Item, item};
use table::keys::{Key, partition_key, sort_key};
use table::sight::Dated;
use table::suppression::{Change, Changes, Register};
use table::word::{word, word_of};

use crate::cases;
use crate::event::{at, bare};

/// The suppression items, by their keys.
type Table = BTreeMap<Key, Item>;

fn refusal(class: Class) -> Refusal {
    Refusal::judge(&Evidence {
        class: Some(class),
        ..Evidence::default()
    })
}

fn not_tried(category: Category, scope: Scope) -> Refusal {
    let refusal = Refusal::judge(&Evidence {
        category: Some(category),
        ..Evidence::default()
    });
    Refusal { scope, ..refusal }
}

fn list(id: &str) -> Scope {
    Scope::List(Some(id.to_owned()))
}

fn unsubscribed(scope: Scope, machine: Machine) -> Kind {
    Kind::Unsubscribed { scope, machine }
}

/// The sort key, the register, whether it is set.
type Said = (&'static str, Reason, bool);

/// Every kind that speaks, and what it says: the sort key, the register, whether it sets it; and
/// some that say nothing.
fn words() -> Vec<(Kind, Option<Said>)> {
    use Reason::{Bounced, Complained, Manual, Unsubscribed};
    let all = "suppression";
    let by_machine = Machine::Suspected(Why::Scanner);
    vec![
        (
            Kind::Bounced(refusal(Class::Hard)),
            Some((all, Bounced, true)),
        ),
        (Kind::Bounced(refusal(Class::Soft)), None),
        (Kind::Bounced(refusal(Class::Block)), None),
        (Kind::Bounced(refusal(Class::Undetermined)), None),
        (Kind::Deferred(refusal(Class::Hard)), None),
        (Kind::Failed(refusal(Class::Hard)), None),
        (Kind::Rejected(refusal(Class::Hard)), None),
        (
            Kind::Rejected(not_tried(Category::SuppressedBounce, Scope::Global)),
            Some((all, Bounced, true)),
        ),
        (
            Kind::Rejected(not_tried(Category::SuppressedComplaint, Scope::Global)),
            Some((all, Complained, true)),
        ),
        (
            Kind::Rejected(not_tried(Category::SuppressedUnsubscribe, Scope::Global)),
            Some((all, Unsubscribed, true)),
        ),
        (
            Kind::Rejected(not_tried(
                Category::SuppressedUnsubscribe,
                Scope::Group(Some("7".to_owned())),
            )),
            Some(("suppression#group#customerio#7", Unsubscribed, true)),
        ),
        (
            Kind::Rejected(not_tried(
                Category::SuppressedUnsubscribe,
                Scope::Group(None),
            )),
            None,
        ),
        (
            Kind::Rejected(not_tried(Category::SuppressedManual, Scope::Global)),
            None,
        ),
        (Kind::Complained, Some((all, Complained, true))),
        (
            unsubscribed(Scope::Global, Machine::None),
            Some((all, Unsubscribed, true)),
        ),
        (
            unsubscribed(Scope::Global, by_machine),
            Some((all, Unsubscribed, true)),
        ),
        (
            unsubscribed(list("7"), Machine::None),
            Some(("suppression#list#customerio#7", Unsubscribed, true)),
        ),
        (
            unsubscribed(Scope::Topic(Some("7".to_owned())), Machine::None),
            Some(("suppression#topic#customerio#7", Unsubscribed, true)),
        ),
        (
            unsubscribed(Scope::Stream(Some("7".to_owned())), Machine::None),
            Some(("suppression#stream#customerio#7", Unsubscribed, true)),
        ),
        (unsubscribed(Scope::List(None), Machine::None), None),
        (
            Kind::Subscribed(Scope::Global),
            Some((all, Unsubscribed, false)),
        ),
        (
            Kind::Subscribed(list("7")),
            Some(("suppression#list#customerio#7", Unsubscribed, false)),
        ),
        (Kind::Subscribed(Scope::List(None)), None),
        (Kind::SuppressionAdded(Bounced), Some((all, Bounced, true))),
        (Kind::SuppressionAdded(Manual), Some((all, Manual, true))),
        (
            Kind::SuppressionRemoved(Bounced),
            Some((all, Bounced, false)),
        ),
        (
            Kind::SuppressionRemoved(Complained),
            Some((all, Complained, false)),
        ),
        (Kind::SuppressionRemoved(Manual), Some((all, Manual, false))),
        (Kind::Delivered, None),
        (Kind::PreferencesChanged, None),
        (Kind::Opened(Machine::None), None),
    ]
}

fn of_kim(kind: Kind) -> Event {
    Event {
        kind,
        recipient: Address::new("kim@mail.test"),
        ..bare("{}")
    }
}

#[test]
fn each_kind_says_what_it_says_and_its_item_says_the_same() {
    for (kind, wanted) in words() {
        let event = of_kim(kind.clone());
        let said = word(&event);
        let told = said
            .as_ref()
            .map(|word| (word.sk.as_str(), word.reason, word.sets));
        assert_eq!(told, wanted, "{kind:?}");
        assert_eq!(word_of(&item(&event, 0)), said, "{kind:?}");
        let ambiguous = Event {
            recipient_is_ambiguous: true,
            ..event.clone()
        };
        assert_eq!(
            (word(&ambiguous), word_of(&item(&ambiguous, 0))),
            (None, None)
        );
        let nobody = Event {
            recipient: None,
            ..event
        };
        assert_eq!(word(&nobody), None, "{kind:?}");
    }
}

#[test]
fn the_id_of_a_list_of_any_length_is_a_key_of_its_own() {
    let key = |id: &str| word(&of_kim(Kind::Subscribed(list(id)))).map(|word| word.sk);
    let long = "x".repeat(4_000);
    let keys = [key("7"), key("70"), key(&long), key(&format!("{long}y"))];
    let different: std::collections::BTreeSet<_> = keys.iter().collect();
    assert_eq!(different.len(), keys.len());
    assert!(keys.iter().flatten().all(|key| key.len() <= 1_024));
}

fn kind() -> impl Strategy<Value = Kind> {
    select(
        words()
            .into_iter()
            .map(|(kind, _)| kind)
            .collect::<Vec<_>>(),
    )
}

/// A few people, a few times: ties are common. Every event has an id of its own; some count before
/// they occurred.
fn history() -> impl Strategy<Value = Vec<Dated>> {
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
        (1i64..4, 1i64..4),
        is_ambiguous,
    );
    prop::collection::vec(event, 0..24).prop_map(|events| {
        let events = events.into_iter().enumerate();
        events
            .map(
                |(index, (kind, recipient, customer_id, (own, first_sight), is_ambiguous))| {
                    let event = Event {
                        id: EventId::of_provider("acme", &(index * 7 % 24).to_string()),
                        kind,
                        recipient: recipient.and_then(Address::new),
                        recipient_is_ambiguous: is_ambiguous,
                        customer_id: customer_id.map(str::to_owned),
                        occurred_at: OccurredAt::Event(at(own * 1000)),
                        ..bare("{}")
                    };
                    let counts_at = at(own.min(first_sight) * 1000);
                    Dated { event, counts_at }
                },
            )
            .collect()
    })
}

/// A history, and the same one shuffled, with repetitions, cut into batches.
fn histories() -> impl Strategy<Value = (Vec<Dated>, Vec<Dated>, usize)> {
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

fn fold<'a>(events: impl IntoIterator<Item = &'a Dated>) -> Changes {
    let mut changes = Changes::default();
    for dated in events {
        let touched = changes.fold(dated);
        assert!(touched.is_none_or(|register| register.pk == partition_key(&dated.event)));
    }
    changes
}

/// `UpdateItem`, as far as a change asks for it.
fn update(table: &mut Table, change: &Change) {
    assert_eq!(change.condition(), "attribute_not_exists(#at) OR #at < :at");
    let (names, values) = (change.names(), change.values());
    let Register { pk, sk, .. } = change.register.clone();
    let item = table.entry((pk, sk)).or_default();
    let mut applied = item.clone();
    let text = |value: &AttributeValue| value.as_s().expect("text").clone();
    let (at, reason) = (&names["#at"], &names["#reason"]);
    let is_later = item
        .get(at)
        .is_none_or(|known| text(known) < text(&values[":at"]));
    if is_later {
        item.insert(at.clone(), values[":at"].clone());
        match change.expression() {
            "SET #at = :at, #reason = :reason" => {
                item.insert(reason.clone(), values[":reason"].clone());
            }
            "SET #at = :at REMOVE #reason" => {
                assert_eq!(values.len(), 1, "a value that is not used is refused");
                item.remove(reason);
            }
            other => panic!("an unknown update: {other}"),
        }
    }
    assert_eq!(names.len(), 2);
    change.apply(&mut applied);
    assert_eq!(&applied, item, "apply() is the update");
}

fn apply(table: &mut Table, changes: &Changes) {
    for change in changes.0.values() {
        update(table, change);
    }
}

fn table_of(changes: &Changes) -> Table {
    let mut table = Table::new();
    apply(&mut table, changes);
    table
}

/// What a register holds, and when that was said.
type Verdict = (Option<(String, String)>, String);

/// Said once more, in other words: of each register the last event that speaks of it counts; at the
/// same time the one that sets it, then the greater id.
fn verdicts(history: &[Dated]) -> BTreeMap<(String, String, Reason), Verdict> {
    let mut last: BTreeMap<_, (bool, &Dated)> = BTreeMap::new();
    for dated in history {
        let Some(word) = word(&dated.event) else {
            continue;
        };
        let pk = match (&dated.event.recipient, &dated.event.customer_id) {
            (None, None) => continue,
            _ => partition_key(&dated.event),
        };
        let rank =
            |(sets, dated): &(bool, &Dated)| (dated.counts_at, *sets, dated.event.id.clone());
        let candidate = (word.sets, dated);
        let known = last.entry((pk, word.sk, word.reason)).or_insert(candidate);
        if rank(known) < rank(&candidate) {
            *known = candidate;
        }
    }
    let told = |(sets, dated): (bool, &Dated)| {
        let since = rfc3339_ms(dated.counts_at);
        let register = sets.then(|| (since.clone(), sort_key(&dated.event)));
        (register, since)
    };
    last.into_iter()
        .map(|(register, last)| (register, told(last)))
        .collect()
}

/// The same of the stored items.
fn stored(table: &Table) -> BTreeMap<(String, String, Reason), Verdict> {
    let text =
        |map: &HashMap<String, AttributeValue>, name: &str| map[name].as_s().expect("text").clone();
    let mut stored = BTreeMap::new();
    for ((pk, sk), item) in table {
        for reason in Reason::ALL {
            let register = item.get(reason.name()).map(|map| {
                let map = map.as_m().expect("a map");
                assert_eq!(map.len(), 2);
                (text(map, "since"), text(map, "event"))
            });
            match item.get(&format!("{}_at", reason.name())) {
                None => assert_eq!(register, None),
                Some(at) => {
                    let at = at.as_s().expect("text");
                    let since = at.split('#').next().unwrap_or_default().to_owned();
                    stored.insert((pk.clone(), sk.clone(), reason), (register, since));
                }
            }
        }
    }
    stored
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
    fn the_last_word_of_each_register_counts((history, again, _) in histories()) {
        prop_assert_eq!(stored(&table_of(&fold(&again))), verdicts(&history));
    }
}
