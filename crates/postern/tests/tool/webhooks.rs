//! `webhooks` and `listen --out`: a stack that tells others, and an endpoint that hears it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::going::Going;
use crate::running::{Done, Up, run, run_words};
use crate::schema::check;

const SECRET: &str = "whsec_a-secret-of-my-own";

/// Adds an endpoint, whose answer shows its secret once.
fn add(stack: &Up, url: &str, events: &str) -> Value {
    let added = stack.run(&format!("webhooks add {url} --events {events} --json"));
    assert_eq!(added.code, Some(0), "{added:?}");
    added.json().remove(0)
}

/// Runs a line until it ends with 0, for at most so long.
fn until(stack: &Up, line: &str, is_so: impl Fn(&Done) -> bool) -> Done {
    let patience = Instant::now() + Duration::from_secs(40);
    loop {
        let done = stack.run(line);
        if is_so(&done) {
            return done;
        }
        assert!(Instant::now() < patience, "{line}: {done:?}");
        std::thread::sleep(Duration::from_millis(300));
    }
}

#[test]
fn a_secret_on_the_line_is_refused_and_never_repeated() {
    for line in [
        format!("webhooks add https://crm.example.com/ --secret {SECRET}"),
        format!("webhooks add https://crm.example.com/ --secret={SECRET}"),
        format!("webhooks add https://crm.example.com/ --secret - {SECRET}"),
        format!("webhooks add https://crm.example.com/ {SECRET}"),
        format!("webhooks add https://crm.example.com/ --header x-token={SECRET}"),
        format!("webhooks add https://crm.example.com/ --header x-token:{SECRET}"),
        format!("webhooks rotate 3 --secret {SECRET}"),
        format!("webhooks rotate 3 {SECRET}"),
        format!("webhooks rotate {SECRET}"),
        format!("webhooks list --api-key {SECRET}"),
        format!("listen --out --secret {SECRET}"),
        format!("listen --out --secret - {SECRET}"),
        format!("--json webhooks rotate 3 {SECRET}"),
    ] {
        let done = run(&line);
        assert_eq!((done.code, done.stdout.as_str()), (Some(2), ""), "{line}");
        assert!(!done.stderr.contains(SECRET), "{line}: {done:?}");
        assert!(!done.stderr.is_empty(), "{line}");
    }
}

#[test]
fn what_is_mistyped_is_said_before_anything_is_asked() {
    for (line, said) in [
        (
            "webhooks replay 3 --kind bounces",
            "error: `bounces` is no kind of event",
        ),
        (
            "webhooks replay 3 --from 2026-02-01 --to 2026-01-01",
            "is not before --to",
        ),
        ("webhooks rotate 3 --keep 9d", "hours or days, up to a week"),
        ("webhooks retry 3", "the following required arguments"),
        ("webhooks test three", "an id is a number"),
        ("listen --fail 0.3", "--out"),
        ("listen --out --fail 3", "a share from 0 to 1"),
        ("listen --out --answer 99", "99 is not in 200..=599"),
        ("listen --out --only refused", "cannot be used with"),
        ("up --hour soon", "a length of time"),
    ] {
        let done = run(line);
        assert_eq!((done.code, done.stdout.as_str()), (Some(2), ""), "{line}");
        assert!(done.stderr.contains(said), "{line}: {done:?}");
    }
}

#[test]
fn a_stack_without_outlets_says_so_and_what_turns_them_on() {
    let stack = Up::start(&["--parameter", "Outlets=no"]);
    for line in [
        "webhooks list",
        "webhooks test 3",
        "webhooks replay 3",
        "listen --out",
    ] {
        let done = stack.run(line);
        assert_eq!(done.code, Some(3), "{line}: {done:?}");
        let said =
            "error: this stack has no outlets\nhint: start it without Outlets=no: postern up\n";
        assert_eq!(done.stderr, said, "{line}");
    }
    let erased = stack.run("erase kim@mail.test");
    assert_eq!(erased.code, Some(0), "{erased:?}");
}

#[test]
fn a_listener_registers_itself_is_told_with_good_signatures_and_is_gone_when_it_ends() {
    let stack = Up::start(&[]);
    let port = stack.ports[0];
    let none = stack.run("webhooks list");
    assert_eq!((none.code, none.stdout.as_str()), (Some(0), ""));

    let mut listener = Going::start(&format!("listen --out --port {port}"));
    let own = until(&stack, "webhooks list --json", |done| {
        !done.stdout.is_empty()
    });
    let own = own.json().remove(0);
    assert_eq!(check("outlet.json", &own), Ok(()), "{own}");
    assert_eq!(
        (&own["events"], &own["active"]),
        (&json!("*"), &json!(true))
    );
    let sent = stack.run("send resend/bounced --recipient kim@mail.test");
    assert_eq!(sent.code, Some(0), "{sent:?}");
    let mut lines = [listener.line(), listener.line()];
    lines.sort();
    let bounced = " email.bounced kim@mail.test v1 ok hex ok -> 200";
    assert!(
        lines[0].starts_with("evt_") && lines[0].ends_with(bounced),
        "{lines:?}"
    );
    let suppressed = " suppression.set kim@mail.test v1 ok hex ok -> 200";
    assert!(
        lines[1].starts_with("sup_") && lines[1].ends_with(suppressed),
        "{lines:?}"
    );
    let id = own["id"].as_u64().expect("an id");
    let tested = stack.run(&format!("webhooks test {id}"));
    assert_eq!(tested.code, Some(0), "{tested:?}");
    assert!(tested.stdout.starts_with("200 in "), "{tested:?}");
    assert!(
        tested.stdout.ends_with(", both signatures sent\n"),
        "{tested:?}"
    );
    let test = listener.line();
    assert!(
        test.starts_with("tst_") && test.ends_with("v1 ok hex ok -> 200"),
        "{test}"
    );
    assert_eq!(listener.stopped_by("-INT"), Some(0));
    assert_eq!(stack.run("webhooks list").stdout, "");
}

#[test]
fn what_an_endpoint_misses_waits_and_can_be_erased() {
    let stack = Up::start(&[]);
    let sent = stack.run("send resend/bounced --recipient kim@mail.test");
    assert_eq!(sent.code, Some(0), "{sent:?}");
    // What is stored before an endpoint is there is not told to it.
    std::thread::sleep(Duration::from_secs(2));
    let created = add(&stack, "http://127.0.0.1:9/hooks", "bounced");
    assert_eq!(check("outlet-added.json", &created), Ok(()), "{created}");
    let secret = created["secret"].as_str().expect("a secret");
    assert!(secret.starts_with("whsec_"));
    let id = created["id"].as_u64().expect("an id");
    let failed = stack.run(&format!("webhooks test {id} --json"));
    assert_eq!(failed.code, Some(1), "{failed:?}");
    let failed = failed.json().remove(0);
    assert_eq!(check("outlet-tested.json", &failed), Ok(()), "{failed}");
    assert_eq!(failed["code"], "connect_failed");

    let paused = stack.run(&format!("webhooks pause {id}"));
    assert_eq!(paused.stdout, "paused: held 14 days\n", "{paused:?}");
    let plan = stack.run(&format!("webhooks replay {id} --kind bounced"));
    let said = "1 notification would be sent, under the ids of before, in about 1 minute\n";
    assert!(plan.stdout.ends_with(said), "{plan:?}");
    let dry = format!("A dry run: nothing was sent.  postern webhooks replay {id} --kind bounced");
    assert!(plan.stderr.starts_with(&dry), "{plan:?}");
    for already in [0, 1] {
        let replayed = stack.run(&format!("webhooks replay {id} --go --json"));
        assert_eq!(replayed.code, Some(0), "{replayed:?}");
        let report = replayed.json().remove(0);
        assert_eq!(check("replayed.json", &report), Ok(()), "{report}");
        assert_eq!(report["wanted"], json!({"bounced": 1}));
        let counts = (&report["parked"], &report["parked_already"]);
        assert_eq!(counts, (&json!(1 - already), &json!(already)));
    }
    let waiting = stack.run(&format!("webhooks undelivered {id} --json"));
    let waiting = waiting.json().remove(0);
    assert_eq!(check("undelivered.json", &waiting), Ok(()), "{waiting}");
    assert_eq!(
        (&waiting["recipient"], &waiting["webhook"]),
        (&json!("kim@mail.test"), &json!(id))
    );

    let erased = stack.run("erase kim@mail.test --go --json");
    assert_eq!(erased.json()[0]["parked"], 1, "{erased:?}");
    let nothing = stack.run("webhooks undelivered");
    assert_eq!(
        (nothing.stdout.as_str(), nothing.stderr.as_str()),
        ("", "nothing waits\n")
    );
}

#[test]
fn an_endpoint_is_paused_resumed_rotated_and_removed() {
    let stack = Up::start(&[]);
    let port = stack.ports[0];
    let created = add(&stack, "http://127.0.0.1:9/hooks", "bounced");
    let id = created["id"].as_u64().expect("an id");
    let resumed = stack.run(&format!("webhooks resume {id} --drop-held"));
    assert_eq!(
        resumed.stdout, "resumed: what was held is dropped\n",
        "{resumed:?}"
    );
    let rotated = stack.run(&format!("webhooks rotate {id}"));
    assert!(
        rotated.stdout.starts_with("new secret whsec_"),
        "{rotated:?}"
    );
    assert!(
        rotated
            .stdout
            .contains(" (shown once), the old one signs beside it until ")
    );
    let again = stack.run(&format!("webhooks rotate {id} --json"));
    assert_eq!(again.code, Some(1), "{again:?}");
    assert_eq!(again.error()["code"], "still_rotating");

    let line = format!("webhooks remove {id} --port {port}");
    let plan = run(&line);
    assert!(plan.stdout.contains("http://127.0.0.1:9/hooks"), "{plan:?}");
    assert_eq!(
        plan.stderr,
        format!("A dry run: nothing was removed.  postern {line} --go\n")
    );
    let removed = run(&format!("{line} --go"));
    assert_eq!(removed.stdout, format!("removed: {id}\n"), "{removed:?}");
    let unknown = stack.run(&format!("webhooks test {id}"));
    assert_eq!(unknown.code, Some(2), "{unknown:?}");
    let hint = format!("hint: those that there are: postern webhooks list --port {port}\n");
    assert!(unknown.stderr.ends_with(&hint), "{unknown:?}");
}

#[test]
fn a_given_secret_is_used_and_not_shown() {
    let stack = Up::start(&[]);
    let port = stack.ports[0].to_string();
    let words = [
        "webhooks",
        "add",
        "http://127.0.0.1:9/",
        "--secret",
        "-",
        "--header",
        "x-token",
        "--port",
        &port,
    ];
    let added = run_words(&words, &format!("{SECRET}\na value\n"));
    assert_eq!(added.code, Some(0), "{added:?}");
    assert_eq!(added.stdout, "1\thttp://127.0.0.1:9/\t*\n");
    let next = format!("next: postern webhooks test 1 --port {port}\n");
    assert_eq!(added.stderr, next);
    let shown = stack.run("webhooks list --json");
    assert!(
        !shown.stdout.contains(SECRET) && !shown.stdout.contains("a value"),
        "{shown:?}"
    );
    assert_eq!(shown.json()[0]["headers"], json!(["x-token"]));
    let missing = run_words(&words, "");
    assert_eq!(missing.code, Some(2), "{missing:?}");
    assert!(
        missing
            .stderr
            .starts_with("error: standard input has no line for "),
        "{missing:?}"
    );
    // A user in a URL is refused, and the URL is not repeated.
    let refused = stack.run("webhooks add https://kim:passw0rd@crm.example.com/");
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(!refused.stderr.contains("passw0rd"), "{refused:?}");
}
