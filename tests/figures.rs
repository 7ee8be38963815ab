//! The figures of the README and of docs/performance.md are those of the committed run,
//! bench/results.json. `BLESS=1 cargo test -p tests --test figures` writes them.

use std::fmt::Write as _;

use serde_json::Value;
use stack::build::root;

const START: &str = "<!-- figures: made by tests/figures.rs -->\n";
const IN_SHORT: &str = "<!-- figures in short: made by tests/figures.rs -->\n";
const LATENCY: &str = "<!-- how soon an event is stored: made by tests/figures.rs -->\n";
const TOLD: &str = "<!-- figures of the way out: made by tests/figures.rs -->\n";
const END: &str = "<!-- end of figures -->";

/// The columns of the table in short: heading, subject.
const SUBJECTS: [(&str, &str); 7] = [
    ("no-op Rust function", "floor"),
    ("receiver", "customerio"),
    ("the same by hand", "bare receiver"),
    ("the same in Python", "python receiver"),
    ("consumer", "consumer"),
    ("the same by hand", "bare consumer"),
    ("the same in Python", "python consumer"),
];

/// The rows: what, measurement.
const ROWS: [(&str, &str); 7] = [
    ("start: exec to the first request for work, ms", "start_ms"),
    ("first webhook or batch after that, ms", "first_ms"),
    ("warm, median, ms", "warm_p50_ms"),
    ("warm, 99th percentile, ms", "warm_p99_ms"),
    ("CPU a webhook, ms", "cpu_ms"),
    ("most memory, MB", "memory_mb"),
    ("zip, MB", "zip_mb"),
];

fn results() -> Value {
    let text = std::fs::read_to_string(root().join("bench/results.json")).expect("results");
    serde_json::from_str(&text).expect("JSON")
}

fn at(results: &Value, path: &[&str]) -> Option<f64> {
    let value = path.iter().try_fold(results, |value, key| value.get(key))?;
    value.as_f64()
}

/// As many digits as mean something; as in `bench/src/report.rs`.
fn number(value: f64) -> String {
    match value.abs() {
        v if v >= 100.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        v if v >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn origin(results: &Value) -> String {
    format!(
        "Run of {}: {}, {} cores,\nload {} before and {} after.\n",
        text(results, "date"),
        text(results, "processor"),
        results["cores"],
        text(results, "load_before"),
        text(results, "load_after"),
    )
}

fn median(results: &Value, what: &str, subject: &str) -> String {
    let median = at(results, &["measured", what, subject, "median"]);
    number(median.expect("a median"))
}

fn total(results: &Value, scenario: &str, architecture: &str) -> f64 {
    let path = ["cost", scenario, "bills", architecture, "total"];
    at(results, &path).expect("a total")
}

/// The stacks of which the months are counted, as `bench` calls them.
const IN_USE: &str = "seven providers in use";
const IDLE: &str = "one provider, idle";

/// Returns the dollars of a month before the first event, and what is left of them with AWS's
/// allowances.
fn by_the_month(results: &Value, stack: &str) -> (f64, f64) {
    let dollars = |key: &str| at(results, &["standing", stack, key]).expect("dollars");
    (dollars("total"), dollars("within_allowances"))
}

/// Returns what the README says, a sentence a line.
fn in_three_lines(results: &Value) -> String {
    let start = median(results, "start_ms", "customerio");
    let start_in_python = median(results, "start_ms", "python receiver");
    let cpu = median(results, "cpu_ms", "customerio");
    let cpu_in_python = median(results, "cpu_ms", "python receiver");
    let arrays = total(results, "arrays of 100", "arm64");
    let single = total(results, "single", "arm64");
    let alone = total(results, "alone", "arm64");
    let (in_use, _) = by_the_month(results, IN_USE);
    let (idle, within) = by_the_month(results, IDLE);
    format!(
        "A receiver starts in {start} ms; the same job in Python takes {start_in_python} ms.\n\
         A webhook takes {cpu} ms of CPU; in Python it takes {cpu_in_python} ms.\n\
         A million events cost {arrays:.2} dollars in arrays of 100, and one by one {single:.2} \
         to {alone:.2}, on arm64.\n\
         Besides, a month costs {in_use:.2} dollars with seven providers in use,\n\
         {idle:.2} with one that is idle: {within:.2} within AWS's always-free allowances.\n"
    )
}

fn in_short(results: &Value) -> String {
    let mut table = String::from("| |");
    for (heading, _) in SUBJECTS {
        let _ = write!(table, " {heading} |");
    }
    table.push_str("\n|---|---|---|---|---|---|---|---|\n");
    for (row, what) in ROWS {
        let _ = write!(table, "| {row} |");
        for (_, subject) in SUBJECTS {
            let value = if what == "zip_mb" {
                at(results, &["size", subject, "zip_mb"])
            } else {
                at(results, &["measured", what, subject, "median"])
            };
            let _ = write!(table, " {} |", value.map(number).unwrap_or_default());
        }
        table.push('\n');
    }
    table.push_str("\n| dollars per million events | arm64 | x86_64 |\n|---|---|---|\n");
    for (scenario, name) in [
        ("single", "one event a webhook"),
        (
            "alone",
            "the same, each alone in its batch: where little comes",
        ),
        ("arrays of 100", "arrays of 100"),
        ("mixed day", "a mixed day"),
    ] {
        let arm = total(results, scenario, "arm64");
        let intel = total(results, scenario, "x86_64");
        let _ = writeln!(table, "| {name} | {arm:.2} | {intel:.2} |");
    }
    format!("{table}\n{}", origin(results))
}

/// Returns how soon events were in the table. Without a run of it there is nothing to say.
fn latency(results: &Value) -> String {
    let latency = &results["latency"];
    if latency.is_null() {
        return "Not measured yet: `cargo run --release -p bench -- --latency`.\n".to_owned();
    }
    let mut table = String::from(
        "| rate | webhooks of a round | median, ms | 99th percentile, ms |\n|---|---|---|---|\n",
    );
    for rate in ["1 a minute", "10 a second", "500 a second"] {
        let webhooks = &latency["webhooks"][rate];
        let shown = |what: &str| at(latency, &[what, rate, "median"]).map(number);
        let [p50, p99] = ["p50_ms", "p99_ms"].map(|what| shown(what).expect("a time"));
        let few = webhooks.as_u64().is_some_and(|webhooks| webhooks < 100);
        let slowest = if few { ", the slowest of them" } else { "" };
        let _ = writeln!(table, "| {rate} | {webhooks} | {p50} | {p99}{slowest} |");
    }
    format!("{table}\n{}", origin(latency))
}

/// Returns how the way out did. Without a run of it there is nothing to say.
fn told(results: &Value) -> String {
    let told = &results["told"];
    if told.is_null() {
        return "Not measured yet: `cargo run --release -p bench -- --told`.\n".to_owned();
    }
    let mut table = String::from(
        "| from a webhook to the notification, ms | median | 99th percentile | times alone |\n|---|---|---|---|\n",
    );
    let shown = |what: &str, who: &str| at(told, &[what, who, "median"]).map(number);
    for who in [
        "alone",
        "beside a dead one",
        "beside one that has just died",
    ] {
        let [p50, p99, ratio] =
            ["p50_ms", "p99_ms", "p99_over_alone"].map(|what| shown(what, who).unwrap_or_default());
        let _ = writeln!(table, "| {who} | {p50} | {p99} | {ratio} |");
    }
    table.push_str(
        "\n| dollars per million notifications | each | arm64 | x86_64 |\n|---|---|---|---|\n",
    );
    let bill = |architecture: &str| told["bills"][architecture].clone();
    let [arm, intel] = ["arm64", "x86_64"].map(bill);
    let dollars = |bill: &Value, row: usize| bill["lines"][row]["dollars"].as_f64();
    for (row, line) in arm["lines"].as_array().expect("lines").iter().enumerate() {
        let each = number(line["quantity"].as_f64().expect("a number"));
        let [arm, intel] = [&arm, &intel].map(|bill| dollars(bill, row).expect("dollars"));
        let (driver, unit) = (text(line, "driver"), text(line, "unit"));
        let _ = writeln!(
            table,
            "| {driver} | {each} {unit} | {arm:.4} | {intel:.4} |"
        );
    }
    for (name, key) in [
        ("**total**", "total"),
        ("of it requests and read units", "fixed_by_design"),
    ] {
        let [arm, intel] = [&arm, &intel].map(|bill| bill[key].as_f64().expect("dollars"));
        let _ = writeln!(table, "| {name} | | {arm:.3} | {intel:.3} |");
    }
    format!("{table}\n{}", origin(told))
}

fn at_length(results: &Value) -> String {
    let mut table = String::from("| target | wanted | measured | |\n|---|---|---|---|\n");
    for target in results["targets"].as_array().expect("targets") {
        let measured = number(target["measured"].as_f64().expect("a number"));
        let mark = if target["is_met"] == true {
            "met"
        } else {
            "**missed**"
        };
        let (what, wanted) = (text(target, "what"), text(target, "wanted"));
        let _ = writeln!(table, "| {what} | {wanted} | {measured} | {mark} |");
    }
    table.push_str("\n| dollars per million events (arm64) | one event a webhook | alone in its batch | arrays of 100 | a mixed day |\n|---|---|---|---|---|\n");
    let bill = |scenario: &str| results["cost"][scenario]["bills"]["arm64"].clone();
    let bills = ["single", "alone", "arrays of 100", "mixed day"].map(bill);
    let rows = bills[0]["lines"].as_array().expect("lines").len();
    for row in 0..rows {
        let _ = write!(table, "| {} |", text(&bills[0]["lines"][row], "driver"));
        for bill in &bills {
            let dollars = bill["lines"][row]["dollars"].as_f64().expect("dollars");
            let _ = write!(table, " {dollars:.4} |");
        }
        table.push('\n');
    }
    for (name, key) in [
        ("**total**", "total"),
        ("of it requests and write units", "fixed_by_design"),
        (
            "besides, for each month that they are kept",
            "storage_month",
        ),
    ] {
        let _ = write!(table, "| {name} |");
        for bill in &bills {
            let _ = write!(table, " {:.3} |", bill[key].as_f64().expect("dollars"));
        }
        table.push('\n');
    }
    table.push_str("\n| besides, by the month | seven providers in use | dollars | one provider, idle | dollars |\n|---|---|---|---|---|\n");
    let lines = |stack: &str| results["standing"][stack]["lines"].clone();
    let [in_use, idle] = [lines(IN_USE), lines(IDLE)];
    for row in 0..in_use.as_array().expect("lines").len() {
        let _ = write!(table, "| {} |", text(&in_use[row], "driver"));
        for line in [&in_use[row], &idle[row]] {
            let quantity = number(line["quantity"].as_f64().expect("a number"));
            let dollars = line["dollars"].as_f64().expect("dollars");
            let _ = write!(table, " {quantity} | {dollars:.2} |");
        }
        table.push('\n');
    }
    let (in_use, in_use_within) = by_the_month(results, IN_USE);
    let (idle, idle_within) = by_the_month(results, IDLE);
    let _ = writeln!(table, "| **total** | | {in_use:.2} | | {idle:.2} |");
    let _ = writeln!(
        table,
        "| with AWS's always-free allowances | | {in_use_within:.2} | | {idle_within:.2} |"
    );
    format!("{table}\n{}", origin(results))
}

/// Compares what a document has between `start` and [`END`]; writes it when blessing.
fn check(file: &str, start: &str, wanted: &str) {
    let path = root().join(file);
    let document = std::fs::read_to_string(&path).expect("a document");
    let (before, rest) = document
        .split_once(start)
        .expect("the start of the figures");
    let (actual, after) = rest.split_once(END).expect("the end of the figures");
    if actual != wanted && tests::is_blessing() {
        let document = format!("{before}{start}{wanted}{END}{after}");
        std::fs::write(&path, document).expect("written");
        return;
    }
    assert_eq!(actual, wanted, "{file}");
}

#[test]
fn the_readme_has_the_figures_of_the_committed_run() {
    check("README.md", START, &in_three_lines(&results()));
}

#[test]
fn the_performance_page_has_the_figures_of_the_committed_run() {
    // One after the other: both may be written.
    check("docs/performance.md", IN_SHORT, &in_short(&results()));
    check("docs/performance.md", START, &at_length(&results()));
    check("docs/performance.md", LATENCY, &latency(&results()));
    check("docs/performance.md", TOLD, &told(&results()));
}

/// `cargo run --release -p bench -- --charts` draws them again.
#[test]
fn the_charts_show_the_committed_run() {
    let results = results();
    for (chart, what, unit) in [
        ("cold-start", "start_ms", " ms"),
        ("cpu-per-webhook", "cpu_ms", " ms"),
    ] {
        let path = root().join(format!("docs/charts/{chart}.svg"));
        let svg = std::fs::read_to_string(path).expect("a chart");
        for subject in ["floor", "customerio", "python receiver"] {
            let shown = format!("{}{unit}", median(&results, what, subject));
            assert!(svg.contains(&shown), "{chart}: {subject} {shown}");
        }
    }
    let path = root().join("docs/charts/cost-per-million.svg");
    let svg = std::fs::read_to_string(path).expect("a chart");
    for scenario in ["single", "single, python", "arrays of 100", "mixed day"] {
        let total = number(total(&results, scenario, "arm64"));
        assert!(svg.contains(&total), "{scenario} {total}");
    }
}
