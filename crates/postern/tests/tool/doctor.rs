//! `doctor` on stacks of its own: healthy, and with each fault that can be made.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::running::{Done, Up, run, run_words};
use crate::schema::check;

/// The lines of a report, without the room on the disk, which is this machine's.
fn lines(done: &Done) -> Vec<[String; 4]> {
    let report: Value = done.json().remove(0);
    assert_eq!(check("checks.json", &report), Ok(()), "{report}");
    let checks = report["checks"].as_array().expect("checks").iter();
    let text = |line: &Value, name: &str| line[name].as_str().unwrap_or("-").to_owned();
    let lines = checks.map(|line| ["id", "state", "text", "fix"].map(|name| text(line, name)));
    lines.filter(|[id, ..]| id != "disk").collect()
}

fn line(line: [&str; 4]) -> [String; 4] {
    line.map(str::to_owned)
}

/// Of a stack that is well.
fn well(stack: &Up) -> Vec<[String; 4]> {
    let since = stack.run("doctor --json").json().remove(0)["checks"][0]["text"].clone();
    let since = since.as_str().expect("a text").to_owned();
    let up = format!("{}/ (pid {}, since ", stack.url(), stack.pid());
    assert!(since.starts_with(&up), "{since}");
    let version = format!("this program and the stack: {}", env!("CARGO_PKG_VERSION"));
    vec![
        line(["up", "ok", &since, "-"]),
        line(["binary", "ok", &version, "-"]),
        line(["keys", "ok", "14 of 14 set, of good form", "-"]),
        line(["routes", "ok", "14 of 14 answer an unsigned POST 401", "-"]),
        line(["dead", "ok", "no dead letters", "-"]),
        line(["queue", "ok", "empty", "-"]),
        line(["outlets", "ok", "no endpoint is registered", "-"]),
        line([
            "data",
            "ok",
            "in memory, gone with the stack",
            "postern up --data .data keeps it",
        ]),
        line([
            "tunnel",
            "ok",
            "through a tunnel only webhooks are seen",
            "-",
        ]),
    ]
}

#[test]
fn a_stack_that_is_well_has_a_line_for_each_check_and_ends_with_0() {
    let stack = Up::start(&[]);
    let done = stack.run("doctor --json");
    assert_eq!((done.code, done.stderr.as_str()), (Some(0), ""), "{done:?}");
    assert_eq!(lines(&done), well(&stack));

    let done = stack.run("doctor");
    assert_eq!(done.stderr, "10 checks: 10 ✓\n");
    let rows: Vec<&str> = done.stdout.lines().collect();
    assert_eq!(rows.len(), 10);
    assert_eq!(rows[4], "dead\tok\tno dead letters\t");

    let done = stack.run("doctor insider --no-post --json");
    let told = lines(&done);
    assert_eq!(
        told[2],
        line(["keys", "ok", "1 of 1 set, of good form", "-"])
    );
    assert_eq!(
        told[3],
        line(["routes", "skipped", "left out: --no-post", "-"])
    );
}

#[test]
fn each_fault_has_its_line_and_ends_with_1() {
    let folder = std::env::temp_dir().join(format!("postern-doctor-tool-{}", std::process::id()));
    let data = folder.join("data");
    std::fs::create_dir_all(&data).expect("a folder");
    let permissions = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&data, permissions).expect("a mode");
    let keys = folder.join("keys.json");
    std::fs::write(&keys, r#"{"insider": "short"}"#).expect("a file");
    let body = folder.join("bad.json");
    std::fs::write(&body, "not json {").expect("a file");
    let text = |path: &std::path::Path| path.to_str().expect("a path").to_owned();
    let (data, keys, body) = (text(&data), text(&keys), text(&body));

    let stack = Up::start(&["--data", &data, "--keys", &keys]);
    let port = stack.ports[0].to_string();
    let posted = run_words(
        &["send", "--port", &port, "--provider", "mailpanda", &body],
        "",
    );
    assert_eq!(posted.code, Some(0), "{posted:?}");
    let letters = || stack.run("redrive --json").json().remove(0);
    while letters()["read"] == 0 {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let done = stack.run("doctor --json");
    assert_eq!(done.code, Some(1), "{done:?}");
    let well = well(&stack);
    let told = lines(&done);
    let differs: Vec<_> = told
        .into_iter()
        .filter(|told| !well.contains(told))
        .collect();
    let set = format!("postern secret set insider --port {port}");
    let short = "insider: a key in the secret has fewer than 8 characters: put the whole signing key, as the provider shows it (secrets_key_short)";
    let refused = "insider: an unsigned POST is answered 503: it has no key that it can use";
    assert_eq!(
        differs,
        [
            line(["keys", "failed", short, &set]),
            line(["routes", "failed", refused, &set]),
            line([
                "dead",
                "failed",
                "1 dead letter",
                &format!("postern redrive --port {port}")
            ]),
            line([
                "data",
                "warning",
                &format!("{data} can be read by others on this machine"),
                &format!("chmod 700 {data}")
            ]),
        ]
    );
    drop(stack);
    std::fs::remove_dir_all(&folder).expect("a folder");
}

#[test]
fn without_a_stack_it_says_how_to_start_one() {
    let [port, ..] = crate::running::free_ports();
    let done = run(&format!("doctor --port {port} --json"));
    assert_eq!(done.code, Some(1), "{done:?}");
    let nothing = format!("no local stack answers at http://127.0.0.1:{port}");
    let start = "start one in another terminal: postern up      (a deployed one: --stack NAME)";
    assert_eq!(lines(&done), [line(["up", "failed", &nothing, start])]);
}

#[test]
fn a_policy_needs_no_stack_and_no_account() {
    let done = run("doctor --policy --stack mail");
    assert_eq!(done.code, Some(0), "{done:?}");
    let policy: Value = serde_json::from_str(&done.stdout).expect("JSON");
    let table = "arn:aws:dynamodb:*:*:table/mail-EventsTable-*";
    let statements = policy["Statement"].as_array().expect("statements");
    let of_table = statements.iter().find(|s| s["Sid"] == "Table");
    assert_eq!(of_table.expect("one")["Resource"][0], table);
    let one = run("help permissions secret check");
    let policy: Value = serde_json::from_str(&one.stdout).expect("JSON");
    assert_eq!(policy["Statement"].as_array().map(Vec::len), Some(3));
    let none = run("help permissions evnts");
    assert_eq!(none.code, Some(2), "{none:?}");
}
