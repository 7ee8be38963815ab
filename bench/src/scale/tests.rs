//! Small scenarios, in seconds.

use stack::build::root;

use super::*;
use crate::scale::chance::number;
use crate::scale::mix::Kinds;
use crate::scale::mix::Mix;
use crate::scale::scenario::Load;
use crate::scale::scenario::Scenario;

fn known(seed: u64) -> Known {
    Known::read(&root().join("bench/results.json"), seed).unwrap()
}

fn came_of(known: &Known, scenario: &Scenario, opened: Opened) -> Came {
    let priced = Priced::of(&known.results).unwrap();
    let end = known.happen(scenario, opened, Shards::default()).unwrap();
    Came::of(scenario, opened, &end, STEP_MS, &priced).unwrap()
}

fn came(scenario: &Scenario, opened: Opened) -> Came {
    came_of(&known(1), scenario, opened)
}

/// Returns the first limit that was hit for longer than a second.
fn first_limit(came: &Came) -> &str {
    let lasting = came.limits.iter().find(|limited| !limited.is_brief);
    lasting.map_or("", |limited| &limited.limit)
}

fn sudden(place: usize, rate: f64, seconds: f64) -> Scenario {
    SCENARIOS[place].small(Load::Sudden(rate), seconds)
}

#[test]
fn every_webhook_is_stored_or_waits_somewhere_and_none_is_a_dead_letter() {
    let known = known(3);
    for scenario in SCENARIOS {
        let scenario = Scenario {
            outage: scenario.outage.map(|_| (5.0, 40.0)),
            dead: scenario.dead.map(|_| (5.0, 40.0)),
            ..scenario.small(Load::Loud(900.0, 20.0), 60.0)
        };
        for opened in Opened::ALL {
            let scenario = Scenario {
                watched_seconds: 30.0,
                ..scenario
            };
            let came = came_of(&known, &scenario, opened);
            assert_eq!(
                came.all_of_it(),
                came.sent,
                "{} {}",
                came.scenario,
                came.setting
            );
            assert!(came.sent > 30_000 && came.stored > 0, "{}", came.scenario);
            assert_eq!(came.dead_letters, 0, "{}", came.scenario);
        }
    }
}

#[test]
fn the_same_seed_comes_out_the_same_and_another_does_not() {
    let scenario = sudden(0, 400.0, 30.0);
    let text = |seed| {
        let came = came_of(&known(seed), &scenario, Opened::Tuned);
        serde_json::to_string(&came).unwrap()
    };
    assert_eq!(text(1), text(1));
    assert_ne!(text(1), text(2));
}

#[test]
fn what_fits_is_stored_at_once_and_hits_nothing() {
    let came = came(&sudden(0, 300.0, 60.0), Opened::Shipped);
    assert_eq!(came.stored, came.sent);
    assert_eq!((came.answered_429, first_limit(&came)), (0, ""));
    assert!(came.oldest_seconds <= 1.0, "{}", came.oldest_seconds);
    // The same as a million of a mixed day, one event a webhook: docs/performance.md.
    let a_million = came.dollars_an_hour / (came.stored_per_second * 3_600.0) * 1e6;
    assert!((3.2..4.0).contains(&a_million), "{a_million}");
}

#[test]
fn each_scenario_ends_first_where_it_is_expected_to() {
    let loud = SCENARIOS[7].small(Load::Loud(1_000.0, 10.0), 30.0);
    let dead = Scenario {
        dead: Some((2.0, 20.0)),
        ..sudden(8, 300.0, 30.0)
    };
    let down = Scenario {
        outage: Some((5.0, 20.0)),
        ..sudden(6, 300.0, 30.0)
    };
    for (scenario, opened, limit) in [
        (
            sudden(0, 1_000.0, 30.0),
            Opened::Shipped,
            "consumers at work at once",
        ),
        (
            sudden(0, 600.0, 30.0),
            Opened::New,
            "Lambda's requests a second, ten for each of the concurrency",
        ),
        (loud, Opened::Shipped, "throttle of one route"),
        (
            sudden(1, 9_000.0, 20.0),
            Opened::Tuned,
            "on-demand's growth of the table",
        ),
        (
            sudden(4, 3_500.0, 20.0),
            Opened::Tuned,
            "several shards of by_problem in one partition",
        ),
        (sudden(1, 9_000.0, 20.0), Opened::Warmed, ""),
        (dead, Opened::Shipped, "deliverers at work at once"),
        (down, Opened::Tuned, "the table is down"),
    ] {
        let scenario = Scenario {
            watched_seconds: 0.0,
            ..scenario
        };
        let came = came(&scenario, opened);
        assert_eq!(
            first_limit(&came),
            limit,
            "{} {}",
            came.scenario,
            came.setting
        );
        let after = came.limits.first().map(|limit| limit.after_seconds);
        assert!(after.is_none_or(|after| after < 20.0), "{}", came.scenario);
    }
}

#[test]
fn what_a_provider_never_sends_again_is_given_up_and_counted() {
    // In a new account all are told 503, and some of them end at that.
    let scenario = Scenario {
        watched_seconds: 0.0,
        ..sudden(0, 600.0, 30.0)
    };
    let came = came(&scenario, Opened::New);
    let refused = came.answered_503;
    assert!(refused > 5_000 && came.answered_429 == 0, "{refused}");
    // Of what is refused the first time, four of fourteen: Brevo, and three that document no
    // retries.
    let share = number(came.given_up) / number(refused);
    assert!((0.15..4.0 / 14.0).contains(&share), "{share}");
    assert_eq!(came.all_of_it(), came.sent);
}

#[test]
fn a_flood_of_one_provider_costs_the_others_nothing() {
    let loud = SCENARIOS[7].small(Load::Loud(2_000.0, 5.0), 120.0);
    let came = came(&loud, Opened::Shipped);
    assert!(came.answered_429 > 200_000, "{}", came.answered_429);
    assert!(
        came.oldest_of_others_seconds <= 2.0,
        "{}",
        came.oldest_of_others_seconds
    );
}

#[test]
fn after_an_outage_everything_is_stored_when_its_hiding_is_over() {
    let down = Scenario {
        outage: Some((30.0, 330.0)),
        ..sudden(6, 200.0, 60.0)
    };
    let came = came(&down, Opened::Shipped);
    assert_eq!((came.stored, came.in_queue), (came.sent, 0));
    // Hidden for a minute, two and four: the last of them begins before the outage is over.
    assert!(
        (300.0..660.0).contains(&came.oldest_seconds),
        "{}",
        came.oldest_seconds
    );
}

#[test]
fn a_shard_takes_a_thousand_bounces_a_second_and_more_shards_take_more() {
    let known = known(1);
    let blocked = sudden(4, 30_000.0, 30.0);
    assert_eq!(blocked.kinds, Kinds::Blocked);
    let stored = |shards: usize| {
        let end = known
            .happen(&blocked, Opened::Lifted, Shards(shards))
            .unwrap();
        number(end.record.stored) / end.seconds
    };
    let (few, many) = (stored(16), stored(64));
    assert!(few < 17_000.0 && many > 1.4 * few, "{few} {many}");
}

#[test]
fn an_ordinary_event_takes_the_units_that_the_bill_has() {
    let known = known(1);
    let template = Opened::Shipped.template().unwrap();
    let mix = Mix::of(Kinds::Day, &template, &known.results).unwrap();
    assert_eq!(mix.senders.len(), registry::SENDERS.len());
    let units = mix.units_per_event();
    assert!((2.0..3.0).contains(&units), "{units}");
    for sender in &mix.senders {
        let all: f64 = sender.shares.iter().sum();
        assert!((all - 1.0).abs() < 1e-9, "{} {all}", sender.name);
    }
}

/// `cargo run --release -p bench -- scale` writes them.
#[test]
fn the_recorded_result_has_every_scenario() {
    let report = Report::read(&root().join("bench/scale.json")).unwrap();
    let there = |came: &Came| (came.scenario.clone(), came.setting.clone());
    let there: Vec<_> = report.outcomes.iter().map(there).collect();
    let wanted = SCENARIOS.iter().flat_map(|scenario| {
        Opened::ALL.map(|opened| (scenario.name.to_owned(), opened.name().to_owned()))
    });
    assert_eq!(there, wanted.collect::<Vec<_>>());
    for came in &report.outcomes {
        assert_eq!(came.all_of_it(), came.sent, "{}", came.scenario);
        assert_eq!(came.dead_letters, 0, "{}", came.scenario);
    }
    assert_eq!(report.checks.len(), 5);
}
