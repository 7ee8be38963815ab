//! Everything that a check of the sinks counts is found when it is made on purpose.

mod bus;
mod double;

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use operator::print::now;
use operator::send::Poster;
use outlets::filter::Filter;
use outlets::notification::Notification;
use shared::auth::{OutboundSecret, sign_outbound};
use table::item::{Item, item};
use table::keys::SUPPRESSION;
use table::read::text;
use table::store::key_of;
use table::suppression::{Changes, order_key};

use super::*;
use crate::HOUR;
use crate::plan::{Plan, Signing};
use crate::sinks::{DEAD, FLAKY, Sink};

const WEBHOOKS: usize = 120;
const RETENTION_DAYS: u32 = 400;

/// The sinks, what stands in the table, and someone who tells.
struct Stage {
    sinks: Sinks,
    items: Vec<Item>,
    began: Timestamp,
    poster: Poster,
}

/// What is posted to a sink.
struct Sent {
    path: String,
    id: String,
    body: Vec<u8>,
    secrets: [OutboundSecret; 2],
    headers: Vec<(String, String)>,
}

impl Stage {
    /// Everybody has been told everything that they want.
    async fn told() -> Self {
        let stage = Self::silent().await;
        for sink in &stage.sinks.0 {
            for notification in stage.all_for(sink) {
                stage.post(sink, honest(sink, &notification)).await;
            }
        }
        for notification in stage.all_for(stage.sink(WELL)) {
            stage.put(&notification, |_, _| ());
        }
        stage
    }

    async fn silent() -> Self {
        let began = now();
        let plan = Plan::new(WEBHOOKS, 5, began, RETENTION_DAYS, &BTreeMap::new());
        let sinks = Sinks::start(5, HOUR).await.expect("sinks");
        Self {
            sinks,
            items: items(&plan.expect("a plan"), began),
            began,
            poster: Poster::new("127.0.0.1:1", BTreeMap::new()),
        }
    }

    fn sink(&self, name: &str) -> &Sink {
        let mut sinks = self.sinks.0.iter();
        sinks.find(|sink| sink.name == name).expect("a sink")
    }

    fn events_for(&self, filter: &Filter) -> Vec<Notification> {
        let items = self.items.iter();
        items
            .filter_map(|item| Notification::of_event(item, filter))
            .collect()
    }

    fn all_for(&self, sink: &Sink) -> Vec<Notification> {
        let suppressions = self.items.iter().flat_map(|item| {
            let reasons = Reason::ALL.into_iter();
            let standing = reasons.filter(|reason| item.contains_key(reason.name()));
            standing.filter_map(|reason| Notification::of_suppression(item, reason))
        });
        let mut all = self.events_for(&sink.filter);
        all.extend(suppressions);
        all
    }

    async fn post(&self, sink: &Sink, sent: Sent) {
        let timestamp = now().as_second();
        let [standard, hex] = sent
            .secrets
            .map(|secret| sign_outbound(&[secret], &sent.id, timestamp, &sent.body));
        let mut headers = vec![
            ("webhook-id".to_owned(), sent.id),
            ("webhook-timestamp".to_owned(), timestamp.to_string()),
            ("webhook-signature".to_owned(), standard.standard),
            ("x-webhook-signature".to_owned(), hex.hex),
        ];
        headers.extend(sent.headers);
        let headers = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone()));
        let headers: Vec<_> = headers.collect();
        let url = sink.url.replace(&sink.own.path, &sent.path);
        let posting = self
            .poster
            .post(&url, "application/json", &headers, sent.body);
        let reply = posting.await.expect("an answer");
        assert_eq!(reply.status.is_success(), sink.name != DEAD);
    }

    /// Posts to a sink what it was told already, or what is made of it.
    async fn again(&self, name: &str, change: impl FnOnce(&mut Sent)) {
        let sink = self.sink(name);
        let notification = self.events_for(&sink.filter).remove(0);
        let mut sent = honest(sink, &notification);
        change(&mut sent);
        self.post(sink, sent).await;
    }

    /// What is found, if all that the dead sink misses is held, and doubles count.
    fn found(&self) -> Telling {
        let wanted = Wanted::of(&self.sinks, &self.items, self.began, now());
        let dead = self.sink(DEAD);
        let missing = wanted.missing(dead.name, &dead.kept());
        let held = Held {
            ids: missing.events.into_iter().collect(),
            registers: missing.registers.into_iter().collect(),
        };
        told(&self.sinks, &wanted, &held, false)
    }

    fn defects(&self) -> Vec<(&'static str, u64)> {
        let all = self.found().defects().into_iter();
        all.filter(|(_, count)| *count > 0).collect()
    }
}

/// What stands in the table after a storm.
fn items(plan: &Plan, now: Timestamp) -> Vec<Item> {
    let right = plan.webhooks.iter().filter(|w| w.signing == Signing::Right);
    let normalized = right.filter_map(|webhook| plan.normalized(webhook, now));
    let events = normalized.flat_map(|normalized| normalized.events);
    let mut items: BTreeMap<_, Item> = BTreeMap::new();
    let mut changes = Changes::default();
    for event in events {
        let seen = table::sight::key(&event, now).map(|key| (key, now));
        let seen = seen.into_iter().collect();
        let dated = table::sight::dated(event, now, &seen).expect("a dated event");
        changes.fold(&dated);
        let item = item(&dated.event, RETENTION_DAYS);
        items.insert(key_of(&item).expect("a key"), item);
    }
    for (register, change) in changes.0 {
        let key = register.key();
        let item = items.entry(key.clone()).or_insert_with(|| {
            let text = |text: String| AttributeValue::S(text);
            Item::from([
                ("pk".to_owned(), text(key.0)),
                ("sk".to_owned(), text(key.1)),
            ])
        });
        change.apply(item);
    }
    items.into_values().collect()
}

fn honest(sink: &Sink, notification: &Notification) -> Sent {
    let (secret, header, token) = sink.keys();
    Sent {
        path: sink.own.path.clone(),
        id: notification.id.clone(),
        body: notification.body.clone(),
        secrets: [secret.clone(), secret.clone()],
        headers: vec![(header.to_owned(), token.to_owned())],
    }
}

#[tokio::test]
async fn who_is_told_what_they_want_finds_nothing_wrong() {
    let stage = Stage::told().await;
    let found = stage.found();
    assert_eq!(stage.defects(), [], "{:?}", found.examples);
    for name in [WELL, FLAKY, DEAD, BUS] {
        let heard = &found.sinks[name];
        assert!(heard.wanted > 10, "{name} {heard:?}");
        let held = if name == DEAD { heard.wanted } else { 0 };
        assert_eq!((heard.accepted, heard.held), (heard.wanted - held, held));
        assert_eq!(heard.again, 0);
    }
    assert!(found.sinks[FLAKY].wanted < found.sinks[WELL].wanted);
    assert_eq!(found.sinks[BUS].wanted, found.sinks[WELL].wanted);
}

#[tokio::test]
async fn what_nobody_was_told_is_undelivered() {
    let stage = Stage::silent().await;
    let found = stage.found();
    let served = [WELL, FLAKY, BUS].map(|name| found.sinks[name].wanted);
    let served = served.into_iter().sum::<u64>();
    assert_eq!(stage.defects(), [("undelivered", served)]);
    // what the dead sink is to be told, and what does not wait for it, is lost, too
    let wanted = Wanted::of(&stage.sinks, &stage.items, stage.began, now());
    let lost = told(&stage.sinks, &wanted, &Held::default(), false);
    assert_eq!(lost.undelivered, served + found.sinks[DEAD].wanted);
}

#[tokio::test]
async fn an_event_that_comes_into_the_table_and_is_not_told_is_undelivered() {
    let mut stage = Stage::told().await;
    let opened = |item: &&Item| text(item, "kind") == "clicked";
    let mut another = stage.items.iter().find(opened).expect("an event").clone();
    let sk = format!("{}x", text(&another, "sk"));
    another.insert("sk".to_owned(), AttributeValue::S(sk));
    stage.items.push(another);
    assert_eq!(stage.found().sinks[WELL].held, 0);
    assert!(stage.found().undelivered >= 1, "{:?}", stage.defects());
    assert_eq!(stage.defects().len(), 1);
}

#[tokio::test]
async fn a_second_notification_counts_at_the_well_sink_alone() {
    let stage = Stage::told().await;
    stage.again(FLAKY, |_| ()).await;
    assert_eq!(stage.defects(), []);
    stage.again(WELL, |_| ()).await;
    assert_eq!(stage.defects(), [("renotified", 1)]);
    let wanted = Wanted::of(&stage.sinks, &stage.items, stage.began, now());
    let excused = told(&stage.sinks, &wanted, &Held::default(), true);
    assert_eq!(excused.renotified, 0);
    assert_eq!(excused.sinks[WELL].again, 1);
}

#[tokio::test]
async fn a_notification_of_nothing_is_a_stranger() {
    let stage = Stage::told().await;
    stage
        .again(WELL, |sent| sent.id = "evt_0123".to_owned())
        .await;
    assert_eq!(stage.defects(), [("stranger", 1)]);
}

#[tokio::test]
async fn a_body_that_the_item_does_not_make_differs() {
    let stage = Stage::told().await;
    stage.again(FLAKY, |sent| sent.body.push(b' ')).await;
    assert_eq!(stage.defects(), [("body_differs", 1)]);
}

#[tokio::test]
async fn each_of_the_two_signatures_is_judged() {
    let nobodys = || OutboundSecret::new("nobody-has-this-secret").expect("a secret");
    for which in [0, 1] {
        let stage = Stage::told().await;
        stage
            .again(FLAKY, |sent| sent.secrets[which] = nobodys())
            .await;
        assert_eq!(stage.defects(), [("badly_signed", 1)], "{which}");
    }
}

#[tokio::test]
async fn what_a_sink_has_not_subscribed_to_is_unwanted() {
    let stage = Stage::told().await;
    let everything = Filter::parse("*").expect("a filter");
    for name in [FLAKY, DEAD] {
        let sink = stage.sink(name);
        let own: BTreeSet<String> = stage
            .events_for(&sink.filter)
            .into_iter()
            .map(|notification| notification.id)
            .collect();
        let mut others = stage.events_for(&everything);
        others.retain(|notification| !own.contains(&notification.id));
        stage.post(sink, honest(sink, &others.remove(0))).await;
    }
    assert_eq!(stage.defects(), [("unwanted", 2)]);
}

#[tokio::test]
async fn what_belongs_to_another_sink_is_leaked() {
    let stage = Stage::told().await;
    let (secret, header, token) = stage.sink(WELL).keys();
    let (header, token) = (header.to_owned(), token.to_owned());
    let secret = secret.expose().to_owned();
    for change in [
        (|sent, header, _, _| sent.headers.push((header, "x".to_owned()))) as Change,
        |sent, _, token, _| sent.headers.push(("x-token".to_owned(), token)),
        |sent, _, _, secret| sent.headers.push(("x-token".to_owned(), secret)),
        |sent, _, _, _| sent.headers.clear(),
        |sent, _, _, _| sent.path = "/elsewhere".to_owned(),
    ] {
        let stage = Stage::told().await;
        let (header, token, secret) = (header.clone(), token.clone(), secret.clone());
        stage
            .again(FLAKY, |sent| change(sent, header, token, secret))
            .await;
        assert_eq!(stage.defects(), [("leaked", 1)]);
    }
}

/// What is done to a request: with the header, the token and the secret of another sink.
type Change = fn(&mut Sent, String, String, String);

#[tokio::test]
async fn the_last_word_about_a_suppression_is_what_counts() {
    let stage = Stage::told().await;
    let stands = |item: &&Item| text(item, "sk") == SUPPRESSION && item.contains_key("bounced");
    let item = stage.items.iter().find(stands).expect("a suppression");
    let at = |time: &str, sets: u8| AttributeValue::S(format!("{time}#{sets}#id"));
    let notification = |time: &str, sets: bool, pk: &str| {
        let mut item = item.clone();
        item.insert("pk".to_owned(), AttributeValue::S(pk.to_owned()));
        item.insert(order_key(Reason::Bounced), at(time, u8::from(sets)));
        if !sets {
            item.remove("bounced");
        }
        Notification::of_suppression(&item, Reason::Bounced).expect("a notification")
    };
    let (sink, pk) = (stage.sink(FLAKY), text(item, "pk"));
    // an older word comes late, and changes nothing
    let older = notification("2020-01-02T03:04:05.000Z", false, pk);
    stage.post(sink, honest(sink, &older)).await;
    assert_eq!(stage.defects(), []);
    let nobody = notification("2020-01-02T03:04:05.000Z", true, "email#nobody@mail.test");
    stage.post(sink, honest(sink, &nobody)).await;
    assert_eq!(stage.defects(), [("stranger", 1)]);
}

#[tokio::test]
async fn who_knows_only_an_older_word_about_a_suppression_is_not_told() {
    let mut stage = Stage::told().await;
    let stands = |item: &Item| text(item, "sk") == SUPPRESSION && item.contains_key("bounced");
    let place = stage.items.iter().position(stands).expect("a suppression");
    let later = AttributeValue::S("2100-01-02T03:04:05.000Z#0#id".to_owned());
    stage.items[place].insert(order_key(Reason::Bounced), later);
    // A later word that says the same needs no notification.
    assert_eq!(stage.defects(), []);
    stage.items[place].remove("bounced");
    assert_eq!(
        stage.defects(),
        [("undelivered", 3)],
        "the well and the flaky sink, and the bus"
    );
}
