//! What is aimed at, and whether this run has it.

use std::collections::BTreeMap;

use crate::results::{Results, Spreads, Target};
use crate::standing::{IDLE, IN_USE, Standing};
use crate::subject::{BARE, CONSUMER, FLOOR, RECEIVER};
use crate::told::{ALONE, BESIDE};

/// A bound.
#[derive(Clone, Copy)]
enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

/// What is wanted: its name, its bound, this run's figure.
type Wanted = (&'static str, Bound, f64);

/// Every target with this run's figure. Where several functions have one, the worst counts.
pub(crate) fn judge(results: &Results) -> Vec<Target> {
    let wanted = [speed(results), size(results), cost(results)];
    let measured = wanted.into_iter().flatten().map(judged);
    let measured = measured.chain(by_hand(results));
    let measured = measured.chain(standing(&results.standing));
    let measured = measured.chain(latency(results));
    measured.chain(told(results)).collect()
}

/// How far ours are from what is possible. A run of before these were measured has none.
fn by_hand(results: &Results) -> Vec<Target> {
    let over = |what: &str, name: &str| {
        let spread = results.over_bare.get(what)?.get(name)?;
        Some(spread.median)
    };
    let consume = results.consume_over_bare.values().map(|s| s.median);
    let wanted = [
        (
            "start, times that of a receiver by hand",
            Bound::AtMost(1.5),
            over("start_ms", RECEIVER),
        ),
        (
            "CPU per webhook, times that of a receiver by hand",
            Bound::AtMost(1.5),
            over("cpu_ms", RECEIVER),
        ),
        (
            "CPU per event, times that of a consumer by hand (most of all batches)",
            Bound::AtMost(1.5),
            consume.reduce(f64::max),
        ),
    ];
    let measured = wanted.into_iter();
    let measured = measured.filter_map(|(what, bound, value)| Some(judged((what, bound, value?))));
    measured.collect()
}

/// How soon an event is in the table, at the rate at which that takes longest.
fn latency(results: &Results) -> Option<Target> {
    let latency = results.latency.as_ref()?;
    let longest = latency.p99_ms.values().map(|spread| spread.median);
    Some(judged((
        "from the 200 to the table, ms (99th percentile, at the worst rate)",
        Bound::AtMost(1_000.0),
        longest.fold(f64::NAN, f64::max),
    )))
}

/// How soon somebody is told, and what that costs.
fn told(results: &Results) -> Vec<Target> {
    let Some(told) = &results.told else {
        return Vec::new();
    };
    let of =
        |spreads: &Spreads, who: &str| spreads.get(who).map_or(f64::NAN, |spread| spread.median);
    let dollars = told.bills.get("arm64").map_or(f64::NAN, |bill| bill.total);
    let wanted = [
        (
            "from a webhook to the notification, ms (median)",
            Bound::AtMost(1_000.0),
            of(&told.p50_ms, ALONE),
        ),
        (
            "the same beside a dead endpoint, 99th percentile, times alone",
            Bound::AtMost(2.0),
            of(&told.p99_over_alone, BESIDE),
        ),
        (
            "dollars per million notifications (arm64)",
            Bound::AtMost(0.90),
            dollars,
        ),
    ];
    wanted.into_iter().map(judged).collect()
}

/// What a stack may cost for being there.
fn standing(bills: &BTreeMap<String, Standing>) -> Vec<Target> {
    let dollars = |what: &str, of: fn(&Standing) -> f64| bills.get(what).map_or(f64::NAN, of);
    let wanted = [
        (
            "dollars a month, seven providers in use",
            Bound::AtMost(15.0),
            dollars(IN_USE, |bill| bill.total),
        ),
        (
            "dollars a month, one provider, idle",
            Bound::AtMost(5.0),
            dollars(IDLE, |bill| bill.total),
        ),
        (
            "the same, with AWS's always-free allowances",
            Bound::AtMost(1.0),
            dollars(IDLE, |bill| bill.within_allowances),
        ),
    ];
    wanted.into_iter().map(judged).collect()
}

fn judged((what, bound, measured): Wanted) -> Target {
    let (wanted, is_met) = match bound {
        Bound::AtMost(most) => (format!("at most {most}"), measured <= most),
        Bound::AtLeast(least) => (format!("at least {least}"), measured >= least),
    };
    Target {
        what: what.to_owned(),
        wanted,
        measured,
        is_met,
    }
}

fn speed(results: &Results) -> Vec<Wanted> {
    let peer_over = |what: &str, name: &str| {
        let spread = results.peer_over.get(what).and_then(|s| s.get(name));
        spread.map_or(f64::NAN, |spread| spread.median)
    };
    let consume = results.consume_over_peer.values().map(|s| s.median);
    vec![
        (
            "start, times the floor's",
            Bound::AtMost(2.0),
            worst(results.over_floor.get("start_ms"), is_ours),
        ),
        (
            "first webhook, times a warm one",
            Bound::AtMost(2.0),
            worst(results.measured.get("first_over_warm"), is_receiver),
        ),
        (
            "CPU per webhook, times the floor's",
            Bound::AtMost(2.0),
            worst(results.over_floor.get("cpu_ms"), is_receiver),
        ),
        (
            "start, the Python receiver's as a multiple",
            Bound::AtLeast(20.0),
            peer_over("start_ms", RECEIVER),
        ),
        (
            "start, the Python consumer's as a multiple",
            Bound::AtLeast(20.0),
            peer_over("start_ms", CONSUMER),
        ),
        (
            "CPU per webhook, the Python receiver's as a multiple",
            Bound::AtLeast(5.0),
            peer_over("cpu_ms", RECEIVER),
        ),
        (
            "events per CPU second, times the Python consumer's (least of all batches)",
            Bound::AtLeast(10.0),
            consume.fold(f64::NAN, f64::min),
        ),
    ]
}

fn size(results: &Results) -> Vec<Wanted> {
    let zips = results.size.iter().filter(|(name, _)| is_ours(name));
    vec![
        (
            "zip, MB (largest)",
            Bound::AtMost(3.5),
            zips.map(|(_, size)| size.zip_mb).fold(f64::NAN, f64::max),
        ),
        (
            "memory of a receiver, MB (most)",
            Bound::AtMost(12.0),
            worst(results.measured.get("memory_mb"), is_receiver),
        ),
        (
            "memory of the consumer, MB",
            Bound::AtMost(24.0),
            results.median("memory_mb", CONSUMER),
        ),
    ]
}

fn cost(results: &Results) -> Vec<Wanted> {
    let dollars = |scenario: &str| {
        let cost = results.cost.get(scenario);
        let bill = cost.and_then(|cost| cost.bills.get("arm64"));
        bill.map_or(f64::NAN, |bill| bill.total)
    };
    let units = results.cost.get("single").map_or(f64::NAN, |cost| {
        cost.used.event_write_units
            + cost.used.suppression_write_units
            + cost.used.first_sight_write_units
    });
    vec![
        (
            "dollars per million, single events (arm64)",
            Bound::AtMost(3.20),
            dollars("single"),
        ),
        (
            "dollars per million, arrays of 100 (arm64)",
            Bound::AtMost(1.25),
            dollars("arrays of 100"),
        ),
        ("write units per ordinary event", Bound::AtMost(2.1), units),
        (
            "log bytes a webhook, its share of the consumer's line included",
            Bound::AtMost(350.0),
            results
                .cost
                .get("single")
                .map_or(f64::NAN, |cost| cost.used.log_bytes / cost.used.webhooks),
        ),
    ]
}

fn worst(spreads: Option<&Spreads>, is_wanted: fn(&str) -> bool) -> f64 {
    let spreads = spreads.into_iter().flatten();
    let wanted = spreads.filter(|(name, _)| is_wanted(name));
    wanted
        .map(|(_, spread)| spread.median)
        .fold(f64::NAN, f64::max)
}

fn is_ours(name: &str) -> bool {
    !name.starts_with("python") && !name.starts_with(BARE) && name != FLOOR
}

fn is_receiver(name: &str) -> bool {
    is_ours(name) && name != CONSUMER
}
