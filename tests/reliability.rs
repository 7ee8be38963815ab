//! `docs/reliability.md` says what the storms in `docs/reliability/` came to, and no more.
//! `BLESS=1 cargo test -p tests --test reliability` writes its tables.

use std::fmt::Write as _;

use stack::build::root;
use stack::faults::{Injection, every};
use storm::report::{GROWTH_FILES, GROWTH_KIB, Report};
use storm::sinks::DEAD;

/// What one storm of the document is: alone, or the soak.
fn is_soak(report: &Report) -> bool {
    report.command.contains("--soak")
}

/// Whether one fault of the stream, of the endpoints or of the bus was in force, alone.
fn is_of_the_way_out(report: &Report) -> bool {
    let [fault] = &report.faults[..] else {
        return false;
    };
    ["stream:", "endpoint:", "bus:"]
        .iter()
        .any(|kind| fault.starts_with(kind))
}

/// Every committed report, in the order of its file's name.
fn reports() -> Vec<(String, Report)> {
    let folder = root().join("docs/reliability");
    let files = std::fs::read_dir(folder).expect("a folder");
    let mut reports: Vec<(String, Report)> = files
        .map(|file| {
            let path = file.expect("a file").path();
            let text = std::fs::read_to_string(&path).expect("a report");
            let report = serde_json::from_str(&text).expect("a report");
            let name = path.file_stem().and_then(|name| name.to_str());
            (name.expect("a name").to_owned(), report)
        })
        .collect();
    reports.sort_by(|a, b| a.0.cmp(&b.0));
    reports
}

fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn defects(report: &Report) -> u64 {
    let found = report.found.defects().into_iter();
    let found = found.chain(report.told.defects());
    let found: u64 = found.map(|(_, count)| count).sum();
    let sending = &report.sending;
    found + sending.wrongly_refused + sending.wrongly_acknowledged + report.noise.len() as u64
}

/// What the sinks that accept something were told, of what they want.
fn told(report: &Report) -> String {
    let served = report.told.sinks.iter();
    let served = served.filter(|(name, _)| *name != DEAD);
    let (accepted, wanted) = served.fold((0, 0), |(accepted, wanted), (_, heard)| {
        (accepted + heard.accepted, wanted + heard.wanted)
    });
    if report.told.sinks.is_empty() {
        return "none yet".to_owned();
    }
    format!("{} of {}", thousands(accepted), thousands(wanted))
}

/// One line for each storm.
fn storms() -> String {
    let mut table = "\
| faults | struck | webhooks | acknowledged | given up | requests | unanswered | p50, p95, p99 (ms) | events stored | told | defects |
|---|---|---|---|---|---|---|---|---|---|---|
"
    .to_owned();
    for (name, report) in reports().iter().filter(|(_, report)| !is_soak(report)) {
        let (sent, found) = (&report.sending, &report.found);
        let faults = match report.faults.as_slice() {
            [fault] => format!("`{fault}`"),
            _ => name.replace('-', " "),
        };
        let answers = &sent.answers_ms;
        let cells = [
            faults,
            thousands(report.struck.0.values().sum()),
            thousands(sent.webhooks),
            thousands(sent.acknowledged),
            thousands(sent.gave_up),
            thousands(sent.attempts),
            thousands(sent.unanswered),
            format!("{:.0}, {:.0}, {:.0}", answers.p50, answers.p95, answers.p99),
            format!(
                "{} of {}",
                thousands(found.stored),
                thousands(found.acknowledged_events)
            ),
            told(report),
            thousands(defects(report)),
        ];
        let _ = writeln!(table, "| {} |", cells.join(" | "));
    }
    table + "\n" + &made_on(|report| !is_soak(report))
}

/// One line for each function.
fn soak() -> String {
    let mut table = "\
| function | processes from the first quarter to the end | resident | most growth | open files | most growth |
|---|---|---|---|---|---|
"
    .to_owned();
    for (_, report) in reports().iter().filter(|(_, report)| is_soak(report)) {
        for (name, growth) in &report.processes {
            let _ = writeln!(
                table,
                "| `{name}` | {} | {} KiB | {} KiB | {} | {} |",
                growth.survivors,
                thousands(growth.resident_kib),
                growth.resident_more_kib,
                growth.open_files,
                growth.open_files_more,
            );
        }
    }
    table + "\n" + &made_on(is_soak)
}

/// Where and when, once for each machine and day.
fn made_on(wanted: impl Fn(&Report) -> bool) -> String {
    let mut lines = std::collections::BTreeSet::new();
    for (_, report) in reports() {
        let day: String = report.date.chars().take(10).collect();
        let (machine, build, seed) = (&report.machine, &report.build, report.seed);
        if wanted(&report) {
            lines.insert(format!("{day}, {machine}, {build} build, seed {seed}.\n"));
        }
    }
    lines.into_iter().collect()
}

#[test]
fn the_document_says_what_the_reports_say() {
    let path = root().join("docs/reliability.md");
    let mut document = std::fs::read_to_string(&path).expect("a document");
    for (name, table) in [("storms", storms()), ("soak", soak())] {
        let start =
            format!("<!-- {name}: made by tests/reliability.rs from docs/reliability/*.json -->\n");
        let end = format!("<!-- end of {name} -->");
        let (head, rest) = document.split_once(&start).expect("the start of a table");
        let (actual, tail) = rest.split_once(&end).expect("the end of a table");
        assert!(
            tests::is_blessing() || actual == table,
            "wanted:\n{table}\nfound:\n{actual}"
        );
        document = format!("{head}{start}{table}{end}{tail}");
    }
    if tests::is_blessing() {
        std::fs::write(&path, &document).expect("written");
    }
}

#[test]
fn every_report_is_of_a_release_build_and_clean() {
    let reports = reports();
    assert!(!reports.is_empty());
    for (name, report) in reports {
        assert_eq!(report.defects(), Vec::<String>::new(), "{name}");
        assert_eq!(report.build, "release", "{name}");
        let sent = &report.sending;
        assert_eq!(
            sent.webhooks,
            sent.acknowledged + sent.refused + sent.gave_up,
            "{name}"
        );
        assert_eq!(
            report.found.stored, report.found.acknowledged_events,
            "{name}"
        );
        for (sink, heard) in &report.told.sinks {
            let all = heard.accepted + heard.held;
            assert_eq!(all, heard.wanted, "{name} {sink}");
            assert_eq!(heard.accepted == 0, sink == DEAD, "{name} {sink}");
        }
        // a 200 after more than the driver's 4 s: the machine stood still, and the times of that
        // run say nothing
        assert!(sent.answers_ms.max < 5_000.0, "{name}");
        if is_soak(&report) {
            assert_eq!(report.growth(), Vec::<String>::new(), "{name}");
            assert_eq!(sent.webhooks, 36_000, "{name}");
        } else if is_of_the_way_out(&report) {
            // each of them is told to four sinks, again and again
            assert!(sent.webhooks >= 1_000, "{name}");
        } else {
            assert_eq!(sent.webhooks, 50_000, "{name}");
        }
    }
}

#[test]
fn every_fault_has_been_alone_and_with_all_others() {
    let storms = reports().into_iter().map(|(_, report)| report);
    let storms: Vec<Vec<String>> = storms
        .filter(|report| !is_soak(report))
        .map(|report| report.faults)
        .collect();
    let every: Vec<Injection> = every().collect();
    for injection in &every {
        let start = format!("{}=", injection.fault.name());
        let is_alone =
            |faults: &Vec<String>| matches!(faults.as_slice(), [only] if only.starts_with(&start));
        assert!(storms.iter().any(is_alone), "{start}");
    }
    let counts: Vec<usize> = storms.iter().map(Vec::len).collect();
    assert!(counts.contains(&0) && counts.contains(&every.len()));
}

#[test]
fn the_document_names_every_fault_and_the_bounds_of_growth() {
    let document = std::fs::read_to_string(root().join("docs/reliability.md")).expect("a document");
    for injection in every() {
        let name = format!("`{}`", injection.fault.name());
        assert!(document.contains(&name), "{name}");
    }
    let bound = format!("{GROWTH_KIB} KiB and {GROWTH_FILES} files");
    assert!(document.contains(&bound), "{bound}");
}
