//! After a parser was fixed: stored events are rebuilt from their `raw`, in a real table.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use operator::renormalize::{Change, Left, Mode, Report, Selection, renormalize};
use registry::{QUEUED, SENDERS};
use serde_json::json;
use shared::event::{Event, Reason, SCHEMA};
use shared::time::rfc3339_ms;
use table::item::{Item, item};
use table::keys::{self, Key};
use table::read::{plain, text};
use table::store::key_of;
use table::suppression;
use tests::checks;
use tests::stack::Running;
use tests::{cases, deliver, received_at};

const EVERYTHING: Selection = Selection {
    provider: None,
    from: None,
    to: None,
};

/// Every item, whatever it is, by its key.
async fn table(running: &Running) -> BTreeMap<Key, Item> {
    let items = running.events.scan().await.expect("items");
    let keyed = items
        .into_iter()
        .map(|item| (key_of(&item).expect("a key"), item));
    keyed.collect()
}

/// A stack that keeps events for ten years: the samples are old.
async fn running() -> Running {
    let ten_years = ("RetentionDays".to_owned(), RETENTION_DAYS.to_string());
    Running::with(|options| options.parameters = vec![ten_years]).await
}

const RETENTION_DAYS: i64 = 3_650;

async fn put(running: &Running, item: &Item) {
    let put = running.events.client().put_item();
    let put = put.table_name(running.events.table());
    let done = put.set_item(Some(item.clone())).send().await;
    done.expect("put");
}

async fn delete(running: &Running, (pk, sk): &Key) {
    let deletion = running.events.client().delete_item();
    let deletion = deletion.table_name(running.events.table());
    let deletion = deletion.key("pk", AttributeValue::S(pk.clone()));
    let done = deletion
        .key("sk", AttributeValue::S(sk.clone()))
        .send()
        .await;
    done.expect("deleted");
}

async fn run(running: &Running, selection: &Selection, mode: Mode) -> (Report, Vec<String>) {
    let mut lines = Vec::new();
    let tell = |change: &Change| lines.push(change.line(false));
    let report = renormalize(&running.events, selection, mode, tell, |_| ()).await;
    (report.expect("a report"), lines)
}

fn set(item: &mut Item, name: &str, value: &str) {
    item.insert(name.to_owned(), AttributeValue::S(value.to_owned()));
}

/// Facts that only a parser finds.
const FACTS: [&str; 16] = [
    "message",
    "problem",
    "recipient",
    "rfc_message_id",
    "subject",
    "campaign",
    "tags",
    "metadata",
    "url",
    "machine",
    "bounce_class",
    "bounce_category",
    "smtp_code",
    "enhanced_code",
    "reason",
    "scope",
];

/// The item as an older parser would have written it, which knew nothing of the event but its key.
fn unknown(item: &Item) -> Item {
    let mut older = item.clone();
    older.retain(|name, _| !FACTS.contains(&name.as_str()));
    set(&mut older, "kind", "unknown");
    older
}

/// The same under another key.
fn with_key(item: &Item, pk: &str, time: &str, id: &str) -> Item {
    let mut older = item.clone();
    set(&mut older, "pk", pk);
    set(&mut older, "sk", &format!("{time}#{id}"));
    set(&mut older, "id", id);
    older
}

/// The remembered time of an undated event, kept as long as the event.
fn first_sight(event: &Item) -> Item {
    let mut sight = Item::new();
    let pk = format!("undated#{}#{}", text(event, "provider"), text(event, "id"));
    set(&mut sight, "pk", &pk);
    set(&mut sight, "sk", "undated");
    set(&mut sight, "at", time_of(event));
    if let Some(expires_at) = event.get("expires_at") {
        sight.insert("expires_at".to_owned(), expires_at.clone());
    }
    sight
}

fn time_of(item: &Item) -> &str {
    text(item, "sk").split('#').next().expect("a time")
}

/// The ids that an item's `raw` makes by itself, with the headers that are kept.
fn ids_of_raw(item: &Item) -> BTreeSet<String> {
    let provider = registry::provider(text(item, "provider")).expect("a provider");
    let message = json!({
        "v": 1, "provider": provider.name(), "received_at": 1, "encoding": "text",
        "headers": plain(item)["headers"], "body": provider.element_of(text(item, "raw")),
    });
    let made = registry::normalize(&message.to_string()).expect("a delivery");
    let ids = made.events.iter().map(|event| event.id.as_str().to_owned());
    ids.collect()
}

/// Rewrites the table as older versions would have left it: one did not know the kind, one made
/// other ids, one did not find the recipient, one did not read the time. Returns how many events
/// are not as they should be.
async fn grow_old(running: &Running, fresh: &BTreeMap<Key, Item>) -> usize {
    let later = received_at() + SignedDuration::from_hours(30 * 24);
    let mut altered = BTreeSet::new();
    let events = fresh.values().filter(|item| item.contains_key("kind"));
    for (n, item) in events.filter(|item| item.contains_key("raw")).enumerate() {
        let (pk, id) = (text(item, "pk"), text(item, "id"));
        let is_undated = text(item, "occurred_at_source") == "received";
        // the neighbours' doing, not the parser's
        let is_by_speed = text(item, "machine_why") == "speed";
        // Of events under one signed id, what told them apart is in the id alone.
        let is_told_apart = item.contains_key("headers") && !ids_of_raw(item).contains(id);
        let older = match n % 5 {
            _ if is_by_speed || is_told_apart => continue,
            0 => unknown(item),
            1 => with_key(item, pk, time_of(item), &format!("older-{n}")),
            2 => with_key(
                &unknown(item),
                "email#unknown",
                time_of(item),
                &format!("{id}-{n}"),
            ),
            3 if !is_undated => {
                let mut older = with_key(item, pk, &rfc3339_ms(later), id);
                set(&mut older, "occurred_at_source", "received");
                let kept = RETENTION_DAYS * 24 * 60 * 60;
                let expires_at = AttributeValue::N((later.as_second() + kept).to_string());
                older.insert("expires_at".to_owned(), expires_at);
                older
            }
            _ => continue,
        };
        if key_of(&older) == key_of(item) && older == *item {
            continue; // an event that is unknown to this version, too
        }
        delete(running, &key_of(item).expect("a key")).await;
        if is_undated {
            delete(running, &key_of(&first_sight(item)).expect("a key")).await;
        }
        if text(&older, "occurred_at_source") == "received" {
            put(running, &first_sight(&older)).await;
        }
        put(running, &older).await;
        altered.insert(key_of(item).expect("a key"));
    }
    // What an altered event had said of its address, the older version had not understood.
    for (key, item) in fresh.iter().filter(|(key, _)| keys::is_suppression(&key.1)) {
        let mut older = item.clone();
        for reason in Reason::ALL {
            let is_altered = |(pk, sk): &Key| {
                let id = sk.split_once('#').map_or("", |(_, id)| id);
                *pk == key.0 && suppression::rests_on(item, reason, id)
            };
            if altered.iter().any(is_altered) {
                older.remove(reason.name());
                older.remove(&suppression::order_key(reason));
            }
        }
        if older.keys().any(|name| name.ends_with("_at")) {
            put(running, &older).await;
        } else {
            delete(running, key).await;
        }
    }
    altered.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_older_versions_becomes_what_this_one_would_have_written() {
    let running = running().await;
    checks::send_every_sample_twice(&running.sender).await;
    running.stored().await;
    let fresh = table(&running).await;
    let (report, lines) = run(&running, &EVERYTHING, Mode::DryRun).await;
    assert_eq!((report.changed(), lines), (0, Vec::new()));
    assert_eq!(report.stuck, Vec::<String>::new());

    let altered = grow_old(&running, &fresh).await;
    assert!(altered > 150, "{altered} events were altered");
    let older = table(&running).await;
    let (plan, lines) = run(&running, &EVERYTHING, Mode::DryRun).await;
    assert_eq!(table(&running).await, older, "a dry run writes nothing");
    assert_eq!(plan.changed() - plan.more, altered);
    assert!(lines.len() >= altered);
    assert!(plan.moved > 50 && plan.suppressed > 5, "{plan:?}");
    let told = plan.summary(false) + &plan.rows().concat().join(" ") + &lines.join("\n");
    assert!(told.contains("unknown -> bounced"), "{told}");
    for people in ["mail.test", "shop.test", "example", "@"] {
        assert!(!told.contains(people), "{people} in {told}");
    }

    let (done, _) = run(&running, &EVERYTHING, Mode::Go(None)).await;
    assert_eq!(done, plan);
    let again = table(&running).await;
    let texts = |items: &BTreeMap<Key, Item>| -> BTreeSet<String> {
        items.values().map(|item| plain(item).to_string()).collect()
    };
    let (wanted, actual) = (texts(&fresh), texts(&again));
    let missing: Vec<&String> = wanted.difference(&actual).collect();
    let unexpected: Vec<&String> = actual.difference(&wanted).collect();
    assert!(
        missing.is_empty() && unexpected.is_empty(),
        "missing {missing:#?}\nunexpected {unexpected:#?}"
    );
    let (second, _) = run(&running, &EVERYTHING, Mode::Go(None)).await;
    assert_eq!((second.changed(), second.failed), (0, 0));
    assert_eq!(
        second.read,
        second.same + second.left.values().sum::<usize>()
    );
    assert_eq!(table(&running).await, again);
}

/// Puts a push of three devices as a version would have that read one event in it, and one that
/// read two of the three.
#[tokio::test(flavor = "multi_thread")]
async fn one_element_becomes_as_many_events_as_it_has() {
    let running = running().await;
    let push = |id: &str| {
        let devices: Vec<_> = (0..3)
            .map(|n| json!({"device_id": format!("{id}-{n}")}))
            .collect();
        json!({"event_id": id, "object_type": "push", "metric": "sent", "timestamp": 1_767_323_045, "data": {"recipients": devices, "identifiers": {"id": "u-9"}}})
            .to_string()
    };
    for id in ["one", "two"] {
        let reply = running.send("customerio", push(id).as_bytes()).await;
        assert_eq!(reply.status, 200);
    }
    running.stored().await;
    let fresh = table(&running).await;
    assert_eq!(fresh.len(), 6);
    let of = |device: &str| {
        let key = (
            format!("push#{device}"),
            format!("2026-01-02T03:04:05.000Z#{}", device.replace('-', ".")),
        );
        fresh.get(&key).unwrap_or_else(|| panic!("{key:?}")).clone()
    };
    for device in ["one-0", "one-1", "one-2", "two-1"] {
        delete(&running, &key_of(&of(device)).expect("a key")).await;
    }
    let single = with_key(&of("one-0"), "push#u-9", "2026-01-02T03:04:05.000Z", "one");
    put(&running, &single).await;
    let (report, _) = run(&running, &EVERYTHING, Mode::Go(Some(10_000))).await;
    // The one becomes three; each of the two others finds that the third is missing, and it is put
    // once.
    assert_eq!((report.moved, report.more, report.failed), (1, 3, 0));
    assert_eq!(table(&running).await, fresh);
    let (second, _) = run(&running, &EVERYTHING, Mode::Go(None)).await;
    assert_eq!((second.read, second.same), (6, 6));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_made_again_stays_and_is_counted() {
    let running = running().await;
    let long = "ab".repeat(400_000);
    let noise: String = (0..30_000_u32)
        .map(|n| shared::auth::fingerprint(&[Some(&n.to_string())]))
        .collect();
    let open = |address: &str, x: &str| {
        json!({"event": "open", "email": address, "iid": "i", "timestamp": 1_767_323_045, "x": x})
            .to_string()
    };
    for body in [
        open("packed@mail.test", &long),
        open("described@mail.test", &noise),
        open("later@mail.test", ""),
        open("stranger@mail.test", ""),
        open("broken@mail.test", ""),
        open("fine@mail.test", ""),
    ] {
        assert_eq!(running.send("insider", body.as_bytes()).await.status, 200);
    }
    let stored = running.stored().await;
    let of = |address: &str| {
        let pk = format!("email#{address}");
        stored
            .iter()
            .find(|item| text(item, "pk") == pk)
            .expect("an item")
            .clone()
    };
    let mut later = unknown(&of("later@mail.test"));
    later.insert(
        "schema".to_owned(),
        AttributeValue::N((SCHEMA + 1).to_string()),
    );
    let mut stranger = unknown(&of("stranger@mail.test"));
    set(&mut stranger, "provider", "acme");
    let mut broken = unknown(&of("broken@mail.test"));
    set(&mut broken, "raw", "[1]");
    let described = unknown(&of("described@mail.test"));
    for item in [&later, &stranger, &broken, &described] {
        put(&running, item).await;
    }
    put(&running, &unknown(&of("packed@mail.test"))).await;
    put(&running, &unknown(&of("fine@mail.test"))).await;

    let (report, _) = run(&running, &EVERYTHING, Mode::Go(None)).await;
    let left = BTreeMap::from([
        (Left::RawNotKept, 1),
        (Left::SchemaUnknown, 1),
        (Left::ProviderUnknown, 1),
        (Left::NoEvent, 1),
    ]);
    assert_eq!(report.left, left);
    let opened = ("insider".to_owned(), "unknown -> opened".to_owned());
    assert_eq!(report.transitions, BTreeMap::from([(opened, 2)]));
    assert_eq!(report.read, 6);
    let told = report.summary(false);
    assert!(
        told.contains("1 stay as they are: raw was too large to be kept (raw_not_kept)."),
        "{told}"
    );
    let after = table(&running).await;
    for item in [later, stranger, broken, described] {
        assert_eq!(after[&key_of(&item).expect("a key")], item);
    }
    for address in ["packed@mail.test", "fine@mail.test"] {
        let item = of(address);
        assert_eq!(after[&key_of(&item).expect("a key")], item);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_asked_for_is_made_again() {
    let running = running().await;
    let insider = br#"{"event":"open","email":"a@mail.test","iid":"i","timestamp":1767323045}"#;
    let earlier = br#"{"event":"open","email":"b@mail.test","iid":"i","timestamp":1767223045}"#;
    let mailpanda =
        br#"{"type":"open","email_id":"m","recipient":"c@mail.test","timestamp":1767323045}"#;
    running.send("insider", insider).await;
    running.send("insider", earlier).await;
    running.send("mailpanda", mailpanda).await;
    for item in running.stored().await {
        put(&running, &unknown(&item)).await;
    }
    let at = |text: &str| Some(text.parse::<Timestamp>().expect("a time"));
    let changed = async |provider: Option<&str>, from, to| {
        let selection = Selection {
            provider: provider.map(str::to_owned),
            from,
            to,
        };
        run(&running, &selection, Mode::DryRun).await.0.changed()
    };
    assert_eq!(changed(None, None, None).await, 3);
    assert_eq!(changed(Some("insider"), None, None).await, 2);
    assert_eq!(
        changed(Some("insider"), at("2026-01-02T03:04:05Z"), None).await,
        1
    );
    assert_eq!(changed(None, None, at("2026-01-02T03:04:05Z")).await, 1);
    assert_eq!(changed(None, at("2026-01-02T03:04:06Z"), None).await, 0);
}

/// A hard bounce that was none: the item is put right, and the suppression, which only moves to a
/// later event, is named.
#[tokio::test(flavor = "multi_thread")]
async fn a_suppression_that_the_fold_cannot_take_back_is_named() {
    let running = running().await;
    let bounce = |address: &str| {
        json!({"event_id": address, "object_type": "email", "metric": "bounced", "timestamp": 1_767_323_045, "data": {"recipient": address, "failure_message": "552 5.2.2 mailbox full"}})
            .to_string()
    };
    for address in ["kim@mail.test", "ode@mail.test"] {
        let reply = running.send("customerio", bounce(address).as_bytes()).await;
        assert_eq!(reply.status, 200);
    }
    let stored = running.stored().await;
    for item in &stored {
        let mut older = item.clone();
        set(&mut older, "bounce_class", "hard");
        put(&running, &older).await;
        let mut register = Item::new();
        set(&mut register, "pk", text(item, "pk"));
        set(&mut register, "sk", "suppression");
        // Ode has complained since: the register rests on that.
        let is_kim = text(item, "pk") == "email#kim@mail.test";
        let (time, event) = if is_kim {
            (time_of(item), text(item, "sk"))
        } else {
            ("2026-01-02T03:04:06.000Z", "2026-01-02T03:04:06.000Z#c")
        };
        let id = event.split_once('#').expect("an id").1;
        let reason = if is_kim { "bounced" } else { "complained" };
        set(
            &mut register,
            &format!("{reason}_at"),
            &format!("{time}#1#{id}"),
        );
        let mut word = Item::new();
        set(&mut word, "since", time);
        set(&mut word, "event", event);
        register.insert(reason.to_owned(), AttributeValue::M(word));
        put(&running, &register).await;
    }
    let registers = running.events.suppressed().await.expect("suppressions");
    let (report, lines) = run(&running, &EVERYTHING, Mode::Go(None)).await;
    assert_eq!(report.stuck, ["email#kim@mail.test"]);
    assert_eq!(
        (report.changed(), report.suppressed, report.lifted),
        (2, 0, 0)
    );
    assert!(
        lines
            .iter()
            .all(|line| line.ends_with("bounce_class \"hard\" -> \"soft\"")),
        "{lines:?}"
    );
    assert!(!report.summary(false).contains("kim"));
    assert!(report.summary(true).contains("\"email#kim@mail.test\""));
    assert_eq!(
        running.events.suppressed().await.expect("suppressions"),
        registers
    );
    let items = running.stored().await;
    assert!(
        items
            .iter()
            .all(|item| text(item, "bounce_class") == "soft")
    );
    let (second, _) = run(&running, &EVERYTHING, Mode::Go(None)).await;
    assert_eq!((second.changed(), second.stuck), (0, Vec::new()));
}

/// An event that was read as a complaint of nobody suppresses its address; one that is read
/// otherwise under a key that is stored already goes.
#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_was_stored_twice_across_an_upgrade_is_one_again() {
    let running = running().await;
    let body = br#"{"type":"email.complained","email_id":"m","recipient":"Kim@mail.test"}"#;
    assert_eq!(running.send("mailpanda", body).await.status, 200);
    running.stored().await;
    let fresh = table(&running).await;
    assert_eq!(
        fresh.len(),
        3,
        "the event, its first sight, the suppression"
    );
    let event = fresh
        .values()
        .find(|item| item.contains_key("kind"))
        .expect("an event");
    let older = with_key(
        &unknown(event),
        "email#unknown",
        "2025-12-31T00:00:00.000Z",
        "older",
    );
    put(&running, &older).await;
    put(&running, &first_sight(&older)).await;
    let (report, lines) = run(&running, &EVERYTHING, Mode::Go(None)).await;
    assert_eq!((report.changed(), report.moved, report.failed), (1, 1, 0));
    let told = "stored already under its new key";
    assert!(lines[0].ends_with(told), "{lines:?}");
    assert_eq!(table(&running).await, fresh);
}

/// Where the new key still has another event, which is to go elsewhere itself, nothing is
/// overwritten: the next run ends it.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_another_event_holds_is_waited_for() {
    let running = running().await;
    for address in ["kim@mail.test", "ode@mail.test"] {
        let open = json!({"type": "open", "email_id": "m", "recipient": address, "timestamp": 1_767_323_045});
        let reply = running.send("mailpanda", open.to_string().as_bytes()).await;
        assert_eq!(reply.status, 200);
    }
    running.stored().await;
    let fresh = table(&running).await;
    let items: Vec<&Item> = fresh.values().collect();
    let [kim, ode] = items[..] else {
        panic!("{items:?}")
    };
    // Ode's event is under Kim's key, and Kim's under none that is right.
    let sk = text(kim, "sk").split_once('#').expect("an id");
    let misplaced = with_key(ode, text(kim, "pk"), sk.0, sk.1);
    let older = with_key(kim, "email#unknown", sk.0, "older");
    delete(&running, &key_of(ode).expect("a key")).await;
    put(&running, &misplaced).await;
    put(&running, &older).await;

    let (first, _) = run(&running, &EVERYTHING, Mode::Go(None)).await;
    assert_eq!(first.left, BTreeMap::from([(Left::KeyInUse, 1)]));
    assert_eq!((first.changed(), first.moved), (1, 1));
    assert_eq!(table(&running).await.len(), 2, "nothing is lost in between");
    let (second, _) = run(&running, &EVERYTHING, Mode::Go(None)).await;
    assert_eq!((second.changed(), second.left.len()), (1, 0));
    assert_eq!(table(&running).await, fresh);
    let (third, _) = run(&running, &EVERYTHING, Mode::Go(None)).await;
    assert_eq!((third.read, third.same), (2, 2));
}

/// A provider that keeps headers has them stored, and rebuilt from the item.
#[test]
fn kept_headers_are_stored_whole_or_not_at_all() {
    let provider = registry::sender("insider").expect("a provider");
    let delivery = deliver(provider, br#"{"event":"open"}"#);
    let mut event = provider.normalize(&delivery).remove(0).expect("an event");
    assert_eq!(item(&event, 0).get("headers"), None);
    event
        .headers
        .insert("webhook-id".to_owned(), "msg_1".to_owned());
    let stored = AttributeValue::M(
        [(
            "webhook-id".to_owned(),
            AttributeValue::S("msg_1".to_owned()),
        )]
        .into(),
    );
    assert_eq!(item(&event, 0).get("headers"), Some(&stored));
    event
        .headers
        .insert("webhook-note".to_owned(), "n".repeat(4 * 1024));
    assert_eq!(item(&event, 0).get("headers"), None);
}

/// What the tool rests on, for every provider: an event's `raw` and kept headers are all that it is
/// made of.
#[test]
fn every_event_can_be_made_again_from_its_raw() {
    for provider in SENDERS.iter().chain(QUEUED) {
        for (body, _) in cases(*provider) {
            let delivery = deliver(*provider, &std::fs::read(&body).expect("a sample"));
            for event in provider.normalize(&delivery).into_iter().flatten() {
                let message = json!({
                    "v": 1, "provider": provider.name(), "received_at": event.occurred_at.time().as_millisecond(),
                    "headers": event.headers, "encoding": "text", "body": provider.element_of(&event.raw),
                });
                let again = registry::normalize(&message.to_string()).expect("a delivery");
                assert_eq!(again.malformed, [], "{}", body.display());
                let same = again.events.into_iter().find_map(|other| {
                    let ids = [other.id.clone(), other.id.told_apart_by(&event.raw)];
                    let id = ids.into_iter().find(|id| *id == event.id)?;
                    Some(Event { id, ..other })
                });
                let same = same.unwrap_or_else(|| {
                    panic!("{}: raw alone gives another event: raw and signed_headers() must be all that normalize needs", body.display())
                });
                let mut same = item(&same, 0);
                // A verdict of speed is the neighbours', and an event without a time takes the time
                // of its item.
                if text(&item(&event, 0), "machine_why") == "speed" {
                    for name in ["machine", "machine_why"] {
                        same.insert(name.to_owned(), item(&event, 0)[name].clone());
                    }
                }
                // What was repaired stays with its item, as the test below has it.
                let mut stored = item(&event, 0);
                for name in ["raw_repaired", "raw_as_sent"] {
                    stored.remove(name);
                }
                assert_eq!(plain(&same), plain(&stored), "{}", body.display());
            }
        }
    }
}

/// Suppression items had one `reason` for all: what stood still stands, under the key that the
/// person has today.
#[tokio::test(flavor = "multi_thread")]
async fn suppressions_of_the_first_shape_become_registers() {
    let running = running().await;
    let at = "2026-01-02T03:04:05.000Z";
    let first_shape = |pk: &str, reason: Option<&str>| {
        let mut item = Item::new();
        let rank = u8::from(reason.is_some());
        set(&mut item, "pk", pk);
        set(&mut item, "sk", "suppression");
        set(&mut item, "at", &format!("{at}#{rank}#e1"));
        set(&mut item, "since", at);
        set(&mut item, "event", &format!("{at}#e1"));
        if let Some(reason) = reason {
            set(&mut item, "reason", reason);
        }
        item
    };
    let several = first_shape("email#a@mail.test, b@mail.test", Some("bounced"));
    for item in [
        first_shape("email#kim@mail.test", Some("bounced")),
        first_shape("email#ode <ode@m\u{fc}nze.test>", Some("complained")),
        first_shape("email#u-9", Some("unsubscribed")),
        first_shape("email#lee@mail.test", None),
        several.clone(),
    ] {
        put(&running, &item).await;
    }
    let before = table(&running).await;
    let (plan, _) = run(&running, &EVERYTHING, Mode::DryRun).await;
    assert_eq!((plan.registers, table(&running).await), (4, before));
    let of_one = Selection {
        provider: Some("resend".to_owned()),
        ..Selection::default()
    };
    assert_eq!(run(&running, &of_one, Mode::Go(None)).await.0.registers, 0);
    let (done, _) = run(&running, &EVERYTHING, Mode::Go(None)).await;
    assert_eq!((done.registers, done.failed), (4, 0));
    let (again, _) = run(&running, &EVERYTHING, Mode::Go(None)).await;
    assert_eq!(again.registers, 0);
    let mut after = table(&running).await;
    assert_eq!(
        after.remove(&key_of(&several).expect("a key")),
        Some(several)
    );
    let after: Vec<serde_json::Value> = after.values().map(plain).collect();
    let register = |pk: &str, reason: &str| {
        json!({
            "pk": pk, "sk": "suppression", format!("{reason}_at"): format!("{at}#1#e1"),
            reason: {"since": at, "event": format!("{at}#e1")},
        })
    };
    let lifted = json!({
        "pk": "email#lee@mail.test", "sk": "suppression", "unsubscribed_at": format!("{at}#0#e1"),
    });
    assert_eq!(
        after,
        [
            register("customer#email#u-9", "unsubscribed"),
            register("email#kim@mail.test", "bounced"),
            lifted,
            register("email#ode@xn--mnze-0ra.test", "complained"),
        ]
    );
}
