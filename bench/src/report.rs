//! The results as tables for the user.

use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};

use crate::prices::Bill;
use crate::results::{Results, Spreads};
use crate::standing::Standing;
use crate::stats::Spread;

/// The times that are compared with the floor's and with those by hand.
const TIMES: [&str; 5] = [
    "start_ms",
    "start_cpu_ms",
    "warm_p50_ms",
    "warm_p99_ms",
    "cpu_ms",
];

/// Prints everything.
pub(crate) fn print(results: &Results) {
    heading("machine");
    println!(
        "{} · {} cores · {}",
        results.processor, results.cores, results.date
    );
    println!(
        "load before {} · after {}",
        results.load_before, results.load_after
    );

    speed(results);
    heading("size: binary MB, zip MB");
    for (name, size) in &results.size {
        println!("  {name:18} {:8.2} {:8.2}", size.binary_mb, size.zip_mb);
    }
    heading("end to end through the local stack: events per second");
    line_by_line(&results.flow);
    heading("as the body grows: bytes, CPU ms, most memory MB");
    for (name, grown) in &results.growth {
        for row in grown {
            println!(
                "  {name:18} {:9} {:10.3} {:8.1}",
                row.body_bytes, row.cpu_ms, row.peak_memory_mb
            );
        }
    }
    for (scenario, cost) in &results.cost {
        heading(&format!("dollars per million events: {scenario}"));
        bills(&cost.bills);
    }
    standing(&results.standing);
    latency(results);
    told(results);
    heading("targets");
    for target in &results.targets {
        let mark = if target.is_met { "met   " } else { "MISSED" };
        println!(
            "  {mark} {:75} {:>12}: {:.3}",
            target.what, target.wanted, target.measured
        );
    }
}

/// Prints what was measured of starts, webhooks and batches, and the ratios.
pub(crate) fn speed(results: &Results) {
    heading("measured: median (10th to 90th percentile)");
    spreads(&results.measured);
    heading("times the floor's, round by round");
    spreads(&only(&results.over_floor, &TIMES));
    heading("times what it is by hand, round by round");
    spreads(&only(&results.over_bare, &TIMES));
    heading("the Python peer's as a multiple, round by round");
    spreads(&only(
        &results.peer_over,
        &[
            "start_ms",
            "start_cpu_ms",
            "first_ms",
            "warm_p50_ms",
            "warm_p99_ms",
            "cpu_ms",
            "memory_mb",
        ],
    ));
    heading("events per CPU second");
    spreads(&results.consume);
    heading("events per CPU second, times the Python consumer's");
    line_by_line(&results.consume_over_peer);
    heading("CPU per event, times what it is by hand");
    line_by_line(&results.consume_over_bare);
}

/// Prints what stacks cost by the month.
pub(crate) fn standing(bills: &BTreeMap<String, Standing>) {
    for (what, bill) in bills {
        heading(&format!("dollars a month before the first event: {what}"));
        for line in &bill.lines {
            println!(
                "  {:44}{:>12}{:16.2}",
                line.driver,
                number(line.quantity),
                line.dollars
            );
        }
        println!("  {:56}{:16.2}", "total", bill.total);
        let within = bill.within_allowances;
        println!("  {:56}{within:16.2}", "with AWS's always-free allowances");
    }
}

/// Prints how soon events were in the table.
pub(crate) fn latency(results: &Results) {
    let Some(latency) = &results.latency else {
        return;
    };
    heading("from the 200 to the table, ms: median");
    line_by_line(&latency.p50_ms);
    heading("99th percentile");
    line_by_line(&latency.p99_ms);
    println!(
        "\nload before {} · after {}",
        latency.load_before, latency.load_after
    );
}

/// Prints how the way out did.
pub(crate) fn told(results: &Results) {
    let Some(told) = &results.told else { return };
    heading(&format!(
        "from a webhook to the notification, ms, {} a second: median",
        number(told.rate)
    ));
    line_by_line(&told.p50_ms);
    heading("99th percentile");
    line_by_line(&told.p99_ms);
    heading("99th percentile, times alone, round by round");
    line_by_line(&told.p99_over_alone);
    heading("dollars per million notifications");
    bills(&told.bills);
    println!(
        "\nload before {} · after {}",
        told.load_before, told.load_after
    );
}

fn heading(text: &str) {
    println!("\n{text}");
}

fn only(all: &BTreeMap<String, Spreads>, wanted: &[&str]) -> BTreeMap<String, Spreads> {
    let wanted = all
        .iter()
        .filter(|(what, _)| wanted.contains(&what.as_str()));
    wanted
        .map(|(what, spreads)| (what.clone(), spreads.clone()))
        .collect()
}

fn spreads(all: &BTreeMap<String, Spreads>) {
    for (what, spreads) in all {
        if !spreads.is_empty() {
            println!("  {what}");
            line_by_line(spreads);
        }
    }
}

fn line_by_line(spreads: &Spreads) {
    for (name, spread) in spreads {
        println!("    {name:18} {}", shown(spread));
    }
}

fn shown(spread: &Spread) -> String {
    format!(
        "{:>10}  ({} to {}, {} runs)",
        number(spread.median),
        number(spread.p10),
        number(spread.p90),
        spread.runs
    )
}

/// As many digits as mean something.
pub(crate) fn number(value: f64) -> String {
    match value.abs() {
        v if v >= 100.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        v if v >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

fn bills(bills: &BTreeMap<String, Bill>) {
    let Some(first) = bills.values().next() else {
        return;
    };
    let header = columns(bills.keys());
    println!("  {:32}{:>12} {:12}{header}", "", "per event", "");
    for (row, line) in first.lines.iter().enumerate() {
        let lines = bills.values().filter_map(|bill| bill.lines.get(row));
        let dollars = columns(lines.map(|line| format!("{:.4}", line.dollars)));
        println!(
            "  {:32}{:>12} {:12}{dollars}",
            line.driver,
            number(line.quantity),
            line.unit
        );
    }
    let row = |name: &str, value: fn(&Bill) -> f64| {
        let dollars = columns(bills.values().map(|bill| format!("{:.4}", value(bill))));
        println!("  {name:57}{dollars}");
    };
    row("total", |bill| bill.total);
    row(
        "of it requests and write units: the price list's floor",
        |bill| bill.fixed_by_design,
    );
    row("besides: keeping them, per month", |bill| {
        bill.storage_month
    });
}

fn columns(cells: impl Iterator<Item = impl Display>) -> String {
    let mut row = String::new();
    for cell in cells {
        let _ = write!(row, "{cell:>16}"); // writing to a string cannot fail
    }
    row
}
