//! The storm's own tests: that its checker sees what is wrong, that a stack which is killed on the
//! way loses nothing, and that everybody is told. What the check of the sinks sees is in
//! `crates/storm/src/told/tests.rs`.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use operator::print::now;
use stack::build::{Selection, with_cargo};
use storm::Storm;
use storm::check::check;
use storm::driver::{Tally, drive};
use storm::findings::Findings;
use storm::plan::{Plan, Signing};
use storm::report::Report;
use storm::sinks::{DEAD, FLAKY, WELL};
use table::item::{Item, item};
use table::read::text;
use tests::stack::Running;
use tokio::sync::watch;

const WEBHOOKS: usize = 150;
/// As many that a forged one with an event in it is among them.
const CALM_WEBHOOKS: usize = 240;
const RETENTION_DAYS: u32 = 400;

/// A storm without faults that is over, and its table.
struct Calm {
    running: Running,
    plan: Plan,
    tally: Tally,
    dead: Vec<String>,
}

impl Calm {
    async fn new() -> Self {
        let kept = ("RetentionDays".to_owned(), RETENTION_DAYS.to_string());
        let running = Running::with(|options| options.parameters = vec![kept]).await;
        let plan = Plan::new(CALM_WEBHOOKS, 3, now(), RETENTION_DAYS, &BTreeMap::new());
        let plan = plan.expect("a plan");
        let mut tally = Tally::default();
        let progress = watch::Sender::new(0);
        drive(
            &plan,
            &plan.order,
            &running.sender,
            8,
            &progress,
            &mut tally,
        )
        .await;
        let dead = running.dead().await;
        Self {
            running,
            plan,
            tally,
            dead,
        }
    }

    async fn found(&self) -> Findings {
        let items = self.running.events.scan().await.expect("a table");
        check(&self.plan, &self.tally.sent, items, &self.dead)
    }

    /// What a change of the table makes of the findings; it is undone afterwards.
    async fn with(&self, removed: Option<&Item>, added: Option<&Item>) -> Findings {
        self.exchange(removed, added).await;
        let found = self.found().await;
        self.exchange(added, removed).await;
        found
    }

    async fn exchange(&self, removed: Option<&Item>, added: Option<&Item>) {
        let (client, table) = (self.running.events.client(), self.running.events.table());
        if let Some(item) = removed {
            let delete = client.delete_item().table_name(table);
            let delete = delete
                .key("pk", item["pk"].clone())
                .key("sk", item["sk"].clone());
            delete.send().await.expect("deleted");
        }
        if let Some(item) = added {
            let put = client.put_item().table_name(table);
            put.set_item(Some(item.clone())).send().await.expect("put");
        }
    }

    async fn an_item(&self, wanted: impl Fn(&Item) -> bool) -> Item {
        let items = self.running.events.scan().await.expect("a table");
        items.into_iter().find(wanted).expect("such an item")
    }
}

fn changed(item: &Item, name: &str, value: &str) -> Item {
    let mut item = item.clone();
    item.insert(name.to_owned(), AttributeValue::S(value.to_owned()));
    item
}

/// The defects that are not zero.
fn defects(found: &Findings) -> Vec<(&'static str, u64)> {
    let all = found.defects().into_iter();
    all.filter(|(_, count)| *count > 0).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_checker_sees_each_defect() {
    let calm = Calm::new().await;
    let right = calm.found().await;
    assert_eq!(defects(&right), [], "{:?}", right.examples);
    assert_eq!(right.stored, right.acknowledged_events);
    assert!(
        right.stored > 100 && right.suppressions > 0 && right.poison > 0,
        "{right:?}"
    );

    // an ordinary event: dated, and none that suppresses
    let plain = |item: &Item| {
        text(item, "kind") == "clicked" && text(item, "occurred_at_source") == "event"
    };
    let event = calm.an_item(plain).await;
    let found = calm.with(Some(&event), None).await;
    assert_eq!(defects(&found), [("lost", 1)]);
    assert_eq!(found.stored, right.stored - 1);
    let other = changed(&event, "id", "other");
    let other = changed(&other, "sk", "2026-01-02T03:04:05.000Z#other");
    assert_eq!(
        defects(&calm.with(None, Some(&other)).await),
        [("extra", 1)]
    );
    let altered = changed(&event, "url", "https://elsewhere.test/");
    assert_eq!(
        defects(&calm.with(Some(&event), Some(&altered)).await),
        [("differs", 1)]
    );
    let again = format!("2026-01-02T03:04:05.000Z#{}", text(&event, "id"));
    let again = changed(&event, "sk", &again);
    assert_eq!(
        defects(&calm.with(None, Some(&again)).await),
        [("doubled", 1)]
    );

    let forged = calm
        .plan
        .webhooks
        .iter()
        .filter(|w| w.signing == Signing::Forged);
    let mut forged = forged.filter_map(|webhook| calm.plan.normalized(webhook, now()));
    let event = forged.find_map(|normalized| normalized.events.into_iter().next());
    let event = item(&event.expect("a forged event"), RETENTION_DAYS);
    assert_eq!(
        defects(&calm.with(None, Some(&event)).await),
        [("forged", 1)]
    );

    let suppression = calm.an_item(|item| text(item, "sk") == "suppression").await;
    let wrong = [("suppressions_wrong", 1)];
    assert_eq!(defects(&calm.with(Some(&suppression), None).await), wrong);
    let altered = changed(&suppression, "since", "2026-01-02T03:04:05.000Z");
    assert_eq!(
        defects(&calm.with(Some(&suppression), Some(&altered)).await),
        wrong
    );
    let another = changed(&suppression, "pk", "email#nobody@mail.test");
    assert_eq!(defects(&calm.with(None, Some(&another)).await), wrong);

    let seen = calm.an_item(|item| text(item, "sk") == "undated").await;
    let early = changed(&seen, "at", "2026-01-02T03:04:05.000Z");
    let found = calm.with(Some(&seen), Some(&early)).await;
    assert_eq!(found.first_seen_wrong, 1, "{found:?}");
    assert_eq!(defects(&calm.found().await), [], "everything is as it was");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_checker_sees_each_defect_of_the_dead_letters() {
    let mut calm = Calm::new().await;
    let dead = calm.dead.clone();
    let delivery = tests::deliver(registry::SENDERS[0], b"{}").encode();
    calm.dead.push(delivery.expect("a message"));
    assert_eq!(defects(&calm.found().await), [("dead", 1)]);
    calm.dead = Vec::new();
    let lost = calm.found().await;
    assert_eq!(defects(&lost), [("poison_lost", lost.poison)]);
    calm.dead = dead;
    assert_eq!(defects(&calm.found().await), []);
}

fn storm(faults: &[&str], seed: u64) -> Storm {
    Storm {
        command: String::new(),
        webhooks: WEBHOOKS,
        concurrency: 8,
        faults: faults
            .iter()
            .map(|fault| fault.parse().expect("a fault"))
            .collect(),
        rounds: None,
        outage: false,
        seed,
        secrets: BTreeMap::new(),
        launcher: with_cargo(Selection::Workspace, false),
        build: "debug".to_owned(),
    }
}

/// Everybody was told all that they want. What the dead sink wants is held for it.
fn are_all_told(report: &Report) {
    assert_eq!(report.defects(), Vec::<String>::new(), "{}", report.text());
    for (name, heard) in &report.told.sinks {
        assert!(heard.wanted > 20, "{name} {heard:?}");
        let held = if name == DEAD { heard.wanted } else { 0 };
        let got = (heard.accepted, heard.held);
        assert_eq!(got, (heard.wanted - held, held), "{name}");
    }
    assert_eq!(report.told.sinks.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_that_is_killed_on_the_way_loses_nothing() {
    let faults = ["stack:kill=0.02", "queue:drop=0.1", "function:kill=0.02"];
    let report = storm(&faults, 1).run(|_| ()).await.expect("a report");
    are_all_told(&report);
    assert_eq!(report.struck.0["stack:kill"], 3);
    assert!(report.struck.0["queue:drop"] > 0, "{:?}", report.struck);
    let sending = &report.sending;
    assert_eq!((sending.gave_up, sending.webhooks), (0, WEBHOOKS as u64));
    assert_eq!(sending.acknowledged + sending.refused, sending.webhooks);
    assert!(sending.attempts > sending.webhooks);
}

/// The table throttles everything for an hour, shrunk to a minute. Nothing good is put aside, and
/// all of it is stored and told.
#[tokio::test(flavor = "multi_thread")]
async fn an_hour_without_the_table_puts_nothing_aside_but_the_poison() {
    let storm = Storm {
        outage: true,
        ..storm(&[], 2)
    };
    let report = storm.run(|_| ()).await.expect("a report");
    are_all_told(&report);
    assert!(
        report.struck.0["table:throttle"] > 50,
        "{:?}",
        report.struck
    );
    assert!(
        report.found.poison > 0 && report.found.stored > 100,
        "{}",
        report.text()
    );
    assert!(report.sending_s >= 60.0, "{}", report.sending_s);
}

/// No fault is about that could double anything at the well sink.
#[tokio::test(flavor = "multi_thread")]
async fn everybody_is_told_whatever_ails_another_endpoint() {
    let faults = [
        "endpoint:error=0.1",
        "endpoint:reset=0.1",
        "endpoint:drop=0.1",
        "endpoint:slow=0.1,100",
        "endpoint:redirect=0.1",
        "endpoint:down=1h",
        "stream:hold=0.3,200",
    ];
    let report = storm(&faults, 3).run(|_| ()).await.expect("a report");
    are_all_told(&report);
    for fault in ["endpoint:error", "endpoint:drop", "endpoint:redirect"] {
        assert!(report.struck.0[fault] > 0, "{fault} {:?}", report.struck);
    }
    let sinks = &report.told.sinks;
    assert_eq!(
        (sinks[WELL].again, sinks[WELL].requests),
        (0, sinks[WELL].wanted)
    );
    assert!(sinks[FLAKY].requests > sinks[FLAKY].accepted);
}
