//! The tables of docs/scale.md are those of the recorded simulation, bench/scale.json, and of
//! AWS's limits, bench/limits.json. `BLESS=1 cargo test -p tests --test scale` writes them.

use std::fmt::Write as _;

use serde_json::Value;
use stack::build::root;

const OUTCOMES: &str = "<!-- what came out: made by tests/scale.rs -->\n";
const FIRST: &str = "<!-- the limits that are hit: made by tests/scale.rs -->\n";
const CHECKS: &str = "<!-- the model beside the local stack: made by tests/scale.rs -->\n";
const MORE: &str = "<!-- shards and consumers: made by tests/scale.rs -->\n";
const LIMITS: &str = "<!-- the limits of AWS: made by tests/scale.rs -->\n";
const TOLD: &str = "<!-- a dead subscriber: made by tests/scale.rs -->\n";
const LADDERS: &str = "<!-- how providers send again: made by tests/scale.rs -->\n";
const END: &str = "<!-- end -->";

/// How many limits of a scenario are named.
const NAMED: usize = 3;

fn read(file: &str) -> Value {
    let text = std::fs::read_to_string(root().join(file)).expect("a file");
    serde_json::from_str(&text).expect("JSON")
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().expect("a list")
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().expect("a text")
}

fn number(value: &Value, key: &str) -> f64 {
    value[key].as_f64().expect("a number")
}

/// Returns a count with its thousands apart, as long as it is short, and in millions after that.
fn count(value: f64) -> String {
    if value >= 1e6 {
        return format!("{:.1} M", value / 1e6);
    }
    let digits = format!("{value:.0}");
    match digits.len() {
        0..=3 => digits,
        long => format!("{},{}", &digits[..long - 3], &digits[long - 3..]),
    }
}

/// Returns a time in words.
fn time(seconds: f64) -> String {
    if seconds < 120.0 {
        return format!("{seconds:.0} s");
    }
    format!("{:.0} min", seconds / 60.0)
}

/// Returns a part of a whole, in percent.
fn share(part: f64, whole: f64) -> String {
    let percent = 100.0 * part / whole;
    match percent {
        0.0 => "0".to_owned(),
        0.1..=99.9 => format!("{percent:.1} %"),
        percent if percent < 0.1 => "< 0.1 %".to_owned(),
        100.0 => "100 %".to_owned(),
        _ => "> 99.9 %".to_owned(),
    }
}

/// Calls `row` for each outcome, with its scenario's name if that is a new one.
fn rows(report: &Value, mut row: impl FnMut(&str, &Value)) {
    let mut latest = "";
    for came in list(report, "outcomes") {
        let name = text(came, "scenario");
        row(if name == latest { "" } else { name }, came);
        latest = name;
    }
}

fn outcomes(report: &Value) -> String {
    let mut table = String::from(
        "| scenario | set | stored a second | at most | stored | in the queue | to come again | lost at the provider | oldest in the queue | dead letters | write units a second | dollars an hour |\n\
         |---|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    rows(report, |name, came| {
        let part = |key: &str| share(number(came, key), number(came, "sent"));
        let _ = writeln!(
            table,
            "| {name} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {:.2} |",
            text(came, "setting"),
            count(number(came, "stored_per_second_meanwhile")),
            count(number(came, "stored_per_second")),
            part("stored"),
            part("in_queue"),
            part("at_providers"),
            part("given_up"),
            time(number(came, "oldest_seconds")),
            count(number(came, "dead_letters")),
            count(number(came, "write_units_per_second")),
            number(came, "dollars_an_hour"),
        );
    });
    let (seed, measured) = (&report["seed"], text(report, "measured"));
    format!("{table}\nSeed {seed}, milliseconds of the benchmark's run of {measured}.\n")
}

/// Returns the limits of an outcome, each with what it held back.
fn named(came: &Value) -> String {
    let limits = list(came, "limits");
    let named = limits.iter().take(NAMED).map(|limit| {
        let brief = if limit["is_brief"] == true {
            "briefly: "
        } else {
            ""
        };
        let refused = count(number(limit, "refused"));
        format!("{brief}{} ({refused})", text(limit, "limit"))
    });
    let mut named: Vec<String> = named.collect();
    if limits.len() > NAMED {
        named.push(format!("{} more", limits.len() - NAMED));
    }
    if named.is_empty() {
        return "none".to_owned();
    }
    named.join("; ")
}

fn first(report: &Value) -> String {
    let mut table = String::from(
        "| scenario | set | the limits, in the order in which they are hit | after | the first is moved by | 429 | 503 |\n\
         |---|---|---|---|---|---|---|\n",
    );
    rows(report, |name, came| {
        let first = list(came, "limits").first();
        let (after, moved) = first.map_or((String::new(), ""), |limit| {
            let after = time(number(limit, "after_seconds"));
            (after, text(limit, "moved_by"))
        });
        let _ = writeln!(
            table,
            "| {name} | {} | {} | {after} | {moved} | {} | {} |",
            text(came, "setting"),
            named(came),
            count(number(came, "answered_429")),
            count(number(came, "answered_503")),
        );
    });
    table
}

fn told(report: &Value) -> String {
    let mut table = String::from(
        "| set | delivered | failed attempts | parked at once, at most | the healthy endpoint is behind by |\n|---|---|---|---|---|\n",
    );
    for came in list(report, "outcomes") {
        let told = &came["told"];
        if told.is_null() {
            continue;
        }
        let _ = writeln!(
            table,
            "| {} | {} | {} | {} | {} |",
            text(came, "setting"),
            count(number(told, "delivered")),
            count(number(told, "failed")),
            count(number(told, "most_parked")),
            time(number(told, "healthy_behind_seconds")),
        );
    }
    table
}

fn ladders(limits: &Value) -> String {
    let mut table = String::from("| provider | sends again after, minutes | |\n|---|---|---|\n");
    for (name, ladder) in limits["ladders"].as_object().expect("ladders") {
        let minutes = list(ladder, "minutes").iter().map(ToString::to_string);
        let minutes: Vec<String> = minutes.collect();
        let times = ladder["last"]
            .as_u64()
            .map_or(String::new(), |times| format!(", {times} times"));
        let _ = writeln!(
            table,
            "| {name} | {}{times} | {} |",
            minutes.join(", "),
            text(ladder, "what"),
        );
    }
    table
}

/// The deviation that is wanted at most, in percent.
const WANTED: f64 = 15.0;

fn checks(report: &Value) -> String {
    let mut table = String::from(
        "| case | measured | reckoned | deviation | of the rounds | |\n|---|---|---|---|---|---|\n",
    );
    let mut load = "";
    for check in list(report, "checks") {
        load = text(check, "load");
        let percent = number(check, "percent");
        let mark = if percent.abs() <= WANTED {
            "met"
        } else {
            "**missed**"
        };
        let _ = writeln!(
            table,
            "| {} | {:.1} | {:.1} | {percent:+.1} % | {:+.1} to {:+.1} % | {mark} |",
            text(check, "what"),
            number(check, "measured"),
            number(check, "reckoned"),
            number(check, "least"),
            number(check, "most"),
        );
    }
    format!("{table}\nLoad {load} after the last round.\n")
}

fn more(report: &Value) -> String {
    let mut table = String::from(
        "| everything bounces, 40,000 a second, quotas raised | stored a second | oldest |\n|---|---|---|\n",
    );
    for more in list(report, "shards") {
        let _ = writeln!(
            table,
            "| {} shards | {} | {} |",
            more["shards"],
            count(number(more, "stored_per_second")),
            time(number(more, "oldest_seconds")),
        );
    }
    table.push_str(
        "\n| what one consumer stores a second | in batches of 10 | of 100 |\n|---|---|---|\n",
    );
    for can in list(report, "consumers") {
        let _ = writeln!(
            table,
            "| {} | {} | {} |",
            text(can, "of"),
            count(number(can, "of_ten")),
            count(number(can, "of_hundred")),
        );
    }
    table
}

fn limits(limits: &Value) -> String {
    let mut table = String::from("| limit | value | source | read |\n|---|---|---|---|\n");
    for limit in limits["limits"].as_object().expect("limits").values() {
        let value = count(number(limit, "value"));
        let (what, source) = (text(limit, "what"), text(limit, "source"));
        let _ = writeln!(
            table,
            "| {what} | {value} | {source} | {} |",
            text(limit, "read")
        );
    }
    table.push_str("\n| assumption | value |\n|---|---|\n");
    for assumed in limits["assumptions"]
        .as_object()
        .expect("assumptions")
        .values()
    {
        let _ = writeln!(
            table,
            "| {} | {} |",
            text(assumed, "what"),
            assumed["value"]
        );
    }
    table
}

/// Compares what the page has between `start` and [`END`]; writes it when blessing.
fn check(start: &str, wanted: &str) {
    let path = root().join("docs/scale.md");
    let document = std::fs::read_to_string(&path).expect("a document");
    let (before, rest) = document.split_once(start).expect("the start of a table");
    let (actual, after) = rest.split_once(END).expect("the end of a table");
    if actual != wanted && tests::is_blessing() {
        let document = format!("{before}{start}{wanted}{END}{after}");
        std::fs::write(&path, document).expect("written");
        return;
    }
    assert_eq!(actual, wanted, "{start}");
}

#[test]
fn the_page_has_the_tables_of_the_recorded_simulation() {
    // One after the other: all may be written.
    let report = read("bench/scale.json");
    check(OUTCOMES, &outcomes(&report));
    check(FIRST, &first(&report));
    check(CHECKS, &checks(&report));
    check(MORE, &more(&report));
    check(TOLD, &told(&report));
    let known = read("bench/limits.json");
    check(LADDERS, &ladders(&known));
    check(LIMITS, &limits(&known));
}

#[test]
fn no_scenario_has_a_dead_letter_and_every_webhook_is_somewhere() {
    let report = read("bench/scale.json");
    assert_eq!(list(&report, "outcomes").len(), 45);
    for came in list(&report, "outcomes") {
        let name = text(came, "scenario");
        assert_eq!(came["dead_letters"], 0, "{name}");
        let whole = |key: &str| came[key].as_u64().expect("a count");
        let places = ["stored", "in_queue", "at_providers", "given_up"];
        let found: u64 = places.iter().map(|place| whole(place)).sum();
        assert_eq!(found, whole("sent"), "{name}");
    }
}

#[test]
fn every_chart_of_the_page_is_there() {
    let page = std::fs::read_to_string(root().join("docs/scale.md")).expect("a page");
    for chart in ["steady", "campaign", "blocklist", "outage"] {
        let file = format!("charts/scale-{chart}.svg");
        assert!(page.contains(&file), "{file}");
        let svg = std::fs::read_to_string(root().join("docs").join(&file)).expect("a chart");
        for setting in [
            "new account",
            "as shipped",
            "tuned",
            "tuned and warmed",
            "quotas raised",
        ] {
            assert!(svg.contains(setting), "{file}: {setting}");
        }
    }
}

#[test]
fn counts_and_times_are_short() {
    let counts = [0.0, 999.0, 1_000.0, 250_863.0, 2_500_000.0].map(count);
    assert_eq!(counts, ["0", "999", "1,000", "250,863", "2.5 M"]);
    assert_eq!(
        [0.0, 119.0, 120.0, 6_286.0].map(time),
        ["0 s", "119 s", "2 min", "105 min"]
    );
    let shares = [0.0, 0.5, 1.0, 500.0, 999.9, 1_000.0].map(|part| share(part, 1_000.0));
    assert_eq!(
        shares,
        ["0", "< 0.1 %", "0.1 %", "50.0 %", "> 99.9 %", "100 %"]
    );
}
