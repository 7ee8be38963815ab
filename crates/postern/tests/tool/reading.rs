//! `events`, `message`, `may-mail`, `problems`: what they print.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use operator::send::Poster;
use serde_json::{Value, json};

use crate::running::{Done, Up, finished, run_words, tool};

/// A stack with the history of three people.
fn history() -> Up {
    let stack = Up::start(&["--parameter", "SignatureWindow=0"]);
    let of = |event: &str, email: &str, time: i64| {
        json!({"event": event, "email": email, "timestamp": time, "sg_message_id": "abc.def.filter0001-7",
            "type": "bounce",
            "reason": "550 5.1.1 user unknown", "status": "5.1.1"})
    };
    let events = json!([
        of("processed", "kim@mail.test", 1_767_323_045),
        of("delivered", "kim@mail.test", 1_767_323_047),
        of("processed", "lee@mail.test", 1_767_323_045),
        of("bounce", "lee@mail.test", 1_767_323_050),
        of("spamreport", "sam@mail.test", 1_767_323_055),
    ]);
    post(&stack, &events);
    let deadline = Instant::now() + Duration::from_secs(20);
    while stack.run("events --json").json().len() < 5 {
        assert!(Instant::now() < deadline, "it is not stored");
        std::thread::sleep(Duration::from_millis(50));
    }
    stack
}

fn post(stack: &Up, events: &Value) {
    let provider = registry::sender("sendgrid").expect("a provider");
    let poster = Poster::to(&stack.url(), BTreeMap::new());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let reply = runtime.block_on(poster.send(provider, events.to_string().into_bytes()));
    assert_eq!(reply.expect("an answer").status, 200);
}

/// Checks what was printed.
fn printed(done: &Done, code: i32, stdout: &str, stderr: &str) {
    assert_eq!(done.code, Some(code), "{done:?}");
    assert_eq!(done.stdout, stdout);
    assert_eq!(done.stderr, stderr);
}

#[test]
fn a_history_is_read_by_person_by_message_and_by_day() {
    let stack = history();
    a_person(&stack);
    a_message(&stack);
    whom_to_mail(&stack);
    a_list(&stack);
    the_problems(&stack);
    at_a_terminal(&stack);
}

fn a_person(stack: &Up) {
    let lee = "2026-01-02T03:04:10.000Z\tbounced hard\tsendgrid\tabc.def\tinvalid_recipient 550 5.1.1 user unknown\n";
    let queued = "2026-01-02T03:04:05.000Z\tqueued\tsendgrid\tabc.def\t\n";
    let may = "May mail: no, bounced since 2026-01-02 03:04:10";
    printed(
        &stack.run("events LEE@mail.test."),
        0,
        &format!("{lee}{queued}"),
        &format!("2 of 2 events, UTC. {may}\n"),
    );
    printed(
        &stack.run("events lee@mail.test --kind bounced"),
        0,
        lee,
        &format!("1 of 2 events, UTC. {may}\n"),
    );
    printed(
        &stack.run("events lee@mail.test --limit 1"),
        0,
        lee,
        &format!("1 of 2 events, UTC; all of them: --limit 2. {may}\n"),
    );
    let nobody = "nothing is stored under email#lee@mail.tst (7 channels): is it spelled so?\n";
    printed(&stack.run("events lee@mail.tst"), 0, "", nobody);
    printed(&stack.run("events lee@mail.tst --json"), 0, "", nobody);
    printed(&stack.run("events lee@mail.tst -q"), 0, "", "");

    let first = stack.run("events lee@mail.test --limit 1 --json").json();
    let [event, more] = first.as_slice() else {
        panic!("{first:?}");
    };
    assert_eq!(
        (&event["kind"], &more["more"]),
        (&json!("bounced"), &json!(true))
    );
    assert!(event.get("raw").is_none());
    let next = more["next"].as_str().expect("an end");
    let rest = stack
        .run(&format!("events lee@mail.test --raw --json --next {next}"))
        .json();
    assert_eq!((rest.len(), &rest[0]["kind"]), (1, &json!("queued")));
    let raw = rest[0]["raw"].as_str().expect("a text");
    assert!(
        raw.contains("\"sg_message_id\":\"abc.def.filter0001-7\""),
        "{raw}"
    );
}

fn a_message(stack: &Up) {
    let whole = "kim@mail.test\tqueued 2026-01-02T03:04:05.000Z -> delivered 2026-01-02T03:04:07.000Z\n\
        lee@mail.test\tqueued 2026-01-02T03:04:05.000Z -> bounced hard 2026-01-02T03:04:10.000Z (550 5.1.1 user unknown)\n\
        sam@mail.test\tcomplained 2026-01-02T03:04:15.000Z\n";
    let note = "5 events of sendgrid#abc.def, from 2026-01-02, UTC\n";
    for id in ["abc.def", "sendgrid#abc.def", "<abc.def>"] {
        let done = stack.run(&format!("message {id}"));
        let mut lines: Vec<&str> = done.stdout.split_inclusive('\n').collect();
        lines.sort_unstable();
        assert_eq!(
            (lines.concat().as_str(), done.stderr.as_str()),
            (whole, note),
            "{id}"
        );
    }
    let json = stack.run("message abc.def --json").json();
    assert_eq!(
        (json.len(), &json[0]["message"]),
        (1, &json!("sendgrid#abc.def"))
    );
    let nothing =
        "nothing is stored of a message A1 of resend: is it the id that the send API returned?\n";
    printed(&stack.run("message resend#A1"), 0, "", nothing);
    let empty = "{\"message\":\"resend#A1\",\"recipients\":[]}\n";
    printed(&stack.run("message resend#A1 --json"), 0, empty, nothing);
}

fn whom_to_mail(stack: &Up) {
    let kim = "yes\tkim@mail.test\tlast delivered 2026-01-02T03:04:07.000Z\n";
    let lee = "no\tlee@mail.test\tbounced since 2026-01-02T03:04:10.000Z\tsendgrid\t550 5.1.1 user unknown\n";
    printed(&stack.run("may-mail kim@mail.test"), 0, kim, "");
    printed(
        &stack.run("may-mail Lee@mail.test kim@mail.test"),
        1,
        &format!("{lee}{kim}"),
        "",
    );
    let ignored = lee
        .replace("no\t", "yes\t")
        .replace("000Z\t", "000Z, ignored\t");
    printed(
        &stack.run("may-mail lee@mail.test --ignore bounced"),
        0,
        &ignored,
        "",
    );
    let unknown =
        "yes\tnew@mail.test\tnothing is stored under email#new@mail.test: is it spelled so?\n";
    printed(&stack.run("may-mail new@mail.test"), 0, unknown, "");
    let done = stack.run("may-mail Lee@mail.test --json");
    let wanted = json!([{"address": "lee@mail.test", "asked": "Lee@mail.test", "may_mail": false, "reasons": [{
        "reason": "bounced", "since": "2026-01-02T03:04:10.000Z",
        "event": "2026-01-02T03:04:10.000Z#43c63b442d760078f99d0d65af070203",
        "provider": "sendgrid", "text": "550 5.1.1 user unknown"}]}]);
    assert_eq!((done.code, json!(done.json())), (Some(1), wanted));
}

fn a_list(stack: &Up) {
    let port = stack.ports[0].to_string();
    let ask = |words: &[&str], list: &str| {
        let words = [&["may-mail", "--file", "-", "--port", &port], words].concat();
        run_words(&words, list)
    };
    let list = "name;E-Mail\nKim;Kim <KIM@mail.test>\nLee;lee@mail.test\nMax;max\n;new@mail.test\n";
    let counts = "4 asked: 2 yes, 1 no, 1 is no address (line 4): not in the output\n";
    let yes = "Kim <KIM@mail.test>\nnew@mail.test\n";
    printed(
        &ask(&["--column", "e-mail", "--only", "yes"], list),
        1,
        yes,
        counts,
    );
    printed(
        &ask(&["--column", "e-mail", "--only", "no"], list),
        1,
        "lee@mail.test\n",
        counts,
    );
    let text = "kim@mail.test\nnew@mail.test\n";
    let all = "yes\tkim@mail.test\nyes\tnew@mail.test\n";
    printed(&ask(&[], text), 0, all, "2 asked: 2 yes, 0 no\n");
    printed(
        &ask(&["-q"], "lee@mail.test"),
        1,
        "no\tlee@mail.test\tbounced since 2026-01-02T03:04:10.000Z\tsendgrid\t550 5.1.1 user unknown\n",
        "",
    );
}

fn the_problems(stack: &Up) {
    let sam = "2026-01-02T03:04:15.000Z\tcomplained\tsam@mail.test\tsendgrid\t\n";
    let lee = "2026-01-02T03:04:10.000Z\tbounced hard\tlee@mail.test\tsendgrid\tinvalid_recipient 550 5.1.1 user unknown\n";
    let counts = "complained 1   bounced 1 (hard 1)   rejected 0   failed 0   unsubscribed 0\n";
    printed(
        &stack.run("problems 2026-01-02"),
        0,
        &format!("{sam}{lee}"),
        counts,
    );
    let cut = format!("{counts}the first 1; more: --limit N\n");
    printed(&stack.run("problems 2026-01-02 --limit 1"), 0, sam, &cut);
    let bounces = stack.run("problems bounced/2026-01-02");
    printed(&bounces, 0, lee, "bounced 1 (hard 1)\n");
    let first = stack.run("problems 2026-01-02 --limit 1 --json").json();
    let next = first[1]["next"].as_str().expect("an end");
    let rest = stack
        .run(&format!("problems 2026-01-02 --json --next {next}"))
        .json();
    assert_eq!((rest.len(), &rest[0]["kind"]), (1, &json!("bounced")));
    let csv = stack.run("problems bounced 2026-01-02 --csv");
    let cells = [
        ["occurred_at", "2026-01-02T03:04:10.000Z"],
        ["kind", "bounced"],
        ["bounce_class", "hard"],
        ["bounce_category", "invalid_recipient"],
        ["recipient", "lee@mail.test"],
        ["customer_id", ""],
        ["provider", "sendgrid"],
        ["provider_kind", "bounce"],
        ["reason", "550 5.1.1 user unknown"],
    ];
    let line = |of: usize| cells.map(|cell| format!("\"{}\"", cell[of])).join(",");
    let wanted = format!("{}\n{}\n", line(0), line(1));
    printed(&csv, 0, &wanted, "bounced 1 (hard 1)\n");
}

fn at_a_terminal(stack: &Up) {
    let port = stack.ports[0].to_string();
    let mut command = tool();
    command.args([
        "events",
        "lee@mail.test",
        "--color",
        "never",
        "--port",
        &port,
    ]);
    let done = finished(command.env("POSTERN_FORCE_TTY", "120"), "");
    let lines: Vec<Vec<&str>> = done
        .stdout
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(lines[0], ["time", "what", "provider", "message", "details"]);
    let row = [
        "2026-01-02",
        "03:04:10",
        "bounced",
        "hard",
        "sendgrid",
        "abc.def",
    ];
    assert_eq!(lines[1][..6], row);
}
