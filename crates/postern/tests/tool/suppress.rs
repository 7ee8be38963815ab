//! `suppress`: what it prints, and how it ends.

use serde_json::json;

use crate::running::{Up, run, run_words};
use crate::schema::check;

/// The export of a name, from the folder in which the tests of this crate run.
fn export(name: &str) -> String {
    format!("../../tests/exports/{name}")
}

#[test]
fn a_word_that_is_none_is_refused_before_anything_is_asked() {
    for (line, code, hint) in [
        (
            "suppress import x.csv --kind bouncs",
            "import_kind_unknown",
            "did you mean `bounces`?  one of: bounces blocks invalid complaints unsubscribes topic manual",
        ),
        (
            "suppress import x.csv --from sendgird",
            "import_from_unknown",
            "did you mean `sendgrid`?  one of: customerio mailgun postmark resend sendgrid ses",
        ),
        (
            "suppress import x.csv --map mail=x",
            "import_map_unreadable",
            "--map email=COLUMN, and if there are such: created=, reason=, status=",
        ),
        (
            "suppress list --reason bounces",
            "reason_unknown",
            "did you mean `bounced`?  one of: bounced complained unsubscribed manual",
        ),
    ] {
        let refused = run(&format!("{line} --port 1 --json"));
        let error = refused.error();
        assert_eq!(
            (refused.code, error["code"].as_str(), error["hint"].as_str()),
            (Some(2), Some(code), Some(hint)),
            "{line}"
        );
    }
}

#[test]
fn a_list_is_imported_listed_and_lifted() {
    let stack = Up::start(&[]);
    let bounces = export("suppression_bounces.csv");
    let plan = stack.run(&format!("suppress import {bounces}"));
    let line = "SendGrid bounces (status,reason,email,created), 12 rows: 4 new, 1 known, 3 not hard, \
                4 unreadable (lines 10, 11, 13, 14)\n";
    assert_eq!((plan.code, plan.stdout.as_str()), (Some(0), line));
    let again = format!(
        "  postern suppress import {bounces} --port {} --go\n",
        stack.ports[0]
    );
    assert!(plan.stderr.ends_with(&again), "{}", plan.stderr);
    let list = stack.run("suppress list");
    assert_eq!(
        (list.stdout.as_str(), list.stderr.as_str()),
        ("", "nobody\n")
    );
    let done = stack.run(&format!("suppress import {bounces} --go --json"));
    assert_eq!(done.code, Some(5), "some rows are unreadable");
    let receipt = &done.json()[0];
    assert_eq!(check("suppression-import.json", receipt), Ok(()));
    assert_eq!(
        (
            &receipt["written"],
            &receipt["dry_run"],
            &receipt["bad_lines"][0]
        ),
        (
            &json!(4),
            &json!(false),
            &json!({"row": 7, "line": 10, "code": "no_address"})
        )
    );
    let entries = stack.run("suppress list --provider sendgrid --json").json();
    assert_eq!(entries.len(), 4);
    for entry in &entries {
        assert_eq!(check("suppression.json", entry), Ok(()), "{entry}");
    }
    let csv = stack.run("suppress list --csv --reason bounced").stdout;
    let mut lines: Vec<&str> = csv.lines().collect();
    assert_eq!(
        lines.remove(0),
        r#""address","channel","reason","since","provider""#
    );
    lines.sort_unstable();
    let quoted = r#""""kim, ode""@mail.test","email","bounced","2026-01-02T03:04:10.000Z","operator (sendgrid)""#;
    assert_eq!(lines.first().copied(), Some(quoted));
    let lifted = stack.run("suppress lift kim@mail.test --go").stdout;
    assert_eq!(
        lifted,
        "lifted: kim@mail.test was bounced since 2026-01-02 03:04:05; SendGrid's own list may still \
         have it: Suppressions, in its dashboard\n"
    );
    let said = stack.run("suppress lift kim@mail.test --json").json();
    let nothing =
        json!({"address": "kim@mail.test", "state": "already", "before": {}, "after": {}});
    assert_eq!(
        (check("suppression-said.json", &said[0]), &said[0]),
        (Ok(()), &nothing)
    );
}

#[test]
fn a_list_may_come_from_the_standard_input_and_a_complaint_is_not_lifted_by_accident() {
    let stack = Up::start(&[]);
    let port = stack.ports[0].to_string();
    let list = "kim@mail.test, COMPLAINT\nlee@mail.test,BOUNCE\n";
    let done = run_words(&["suppress", "import", "-", "--go", "--port", &port], list);
    assert_eq!(
        done.stdout,
        "Amazon SES suppressions (emailaddress,reason), 2 rows: 2 new\n"
    );
    let refused = stack.run("suppress lift kim@mail.test --go");
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""));
    let hint = format!("suppress lift kim@mail.test --even-complaint --port {port}\n");
    assert!(refused.stderr.ends_with(&hint), "{}", refused.stderr);
    let done = stack.run("suppress lift kim@mail.test --even-complaint --go --json");
    assert_eq!(done.code, Some(0));
    let said = &done.json()[0];
    assert_eq!(check("suppression-said.json", said), Ok(()), "{said}");
    let added = stack
        .run("suppress add kim@mail.test lee@mail.test --why telephone --json")
        .json();
    for said in &added {
        assert_eq!(check("suppression-said.json", said), Ok(()), "{said}");
    }
    assert_eq!(added.len(), 2);
}
