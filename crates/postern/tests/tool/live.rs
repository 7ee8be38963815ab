//! What comes in is shown as it comes, and what is sent says what became of it.

use serde_json::Value;

use crate::going::Going;
use crate::running::{ANY_PORTS, Up, free_ports, run};
use crate::schema::check;

#[test]
fn what_is_sent_says_what_became_of_it_and_listen_tells_the_same() {
    let up = Up::start(&[]);
    let port = up.ports[0];
    let mut listen = Going::start(&format!("listen --since 1h --port {port}"));
    let sent = up.run("send resend/bounced --recipient you@example.test");
    assert_eq!(sent.code, Some(0), "{sent:?}");
    let (start, end) = sent.stdout.split_once(" in ").expect("a time");
    assert_eq!(start, "200 resend/email_bounced stored");
    let became = "bounced hard you@example.test -> suppresses";
    assert!(end.ends_with(&format!(" ms: {became}\n")), "{sent:?}");
    let line = listen.line();
    assert_eq!(line.get(8..), Some(&*format!("  200  resend     {became}")));

    let refused = up.run("send sendgrid/click --break key");
    assert_eq!(refused.code, Some(1), "{refused:?}");
    let said = "signature_mismatch  signed with another key, or changed on the way";
    assert_eq!(refused.stdout, format!("401 sendgrid/click {said}\n"));
    let line = listen.line();
    assert_eq!(line.get(8..), Some(&*format!("  401  sendgrid   {said}")));

    let dead = up.run("send resend/body_not_json");
    assert_eq!(dead.code, Some(0), "{dead:?}");
    let redrive = format!("postern redrive --port {port}");
    let said = format!("body_not_json  vouched for, but the body is no JSON: {redrive}");
    assert_eq!(
        dead.stdout,
        format!("200 resend/body_not_json put aside: {said}\n")
    );
    let line = listen.line();
    assert_eq!(line.get(8..), Some(&*format!("  dead resend     {said}")));
    assert_eq!(listen.stopped_by("-INT"), Some(0));
}

#[test]
fn machines_read_the_same_as_json() {
    let up = Up::start(&["--json"]);
    let sent = up.run("send sendgrid/bounce resend/body_not_json --json");
    assert_eq!(sent.code, Some(0), "{sent:?}");
    let [bounce, dead] = &sent.json()[..] else {
        panic!("{sent:?}");
    };
    for sent in [bounce, dead] {
        assert_eq!(check("sent.json", sent), Ok(()), "{sent}");
    }
    assert_eq!(bounce["sample"], "sendgrid/bounce");
    assert_eq!(bounce["status"], 200);
    assert_eq!(bounce["code"], Value::Null);
    assert_eq!(bounce["events"][0]["kind"], "bounced");
    assert_eq!(bounce["events"][0]["class"], "hard");
    assert_eq!(bounce["suppression"], "suppressed");
    assert_eq!(dead["code"], "body_not_json");
    let port = up.ports[0];
    let mut listen = Going::start(&format!(
        "listen --json --only dead --since 1h --port {port}"
    ));
    let entry: Value = serde_json::from_str(&listen.line()).expect("JSON");
    assert_eq!(entry["provider"], "resend");
    assert_eq!(check("webhook.json", &entry), Ok(()), "{entry}");
    assert_eq!(entry["dead"], true);
    assert_eq!(entry["events"], serde_json::json!([]));
    // Every sort of entry there is: stored, refused, a ping, and a request that is no webhook.
    up.run("send insider/click --break none");
    up.run("send insider/batch_empty");
    let url = format!("{}/webhooks/insidr", up.url());
    let lost = up.run(&format!("send insider/click --to {url}"));
    assert_eq!(lost.code, Some(1), "{lost:?}");
    let mut listen = Going::start(&format!("listen --json --since 1h --port {port}"));
    let mut statuses = Vec::new();
    for _ in 0..5 {
        let entry: Value = serde_json::from_str(&listen.line()).expect("JSON");
        assert_eq!(check("webhook.json", &entry), Ok(()), "{entry}");
        statuses.push(entry["status"].clone());
    }
    statuses.sort_by_key(Value::to_string);
    assert_eq!(statuses, [200, 200, 200, 401, 404]);
}

#[test]
fn a_demo_that_ends_prints_its_counts_for_machines() {
    let ports = ANY_PORTS.join(" ");
    let done = run(&format!("demo --exit --json {ports}"));
    assert_eq!(done.code, Some(0), "{done:?}");
    let [counts] = &done.json()[..] else {
        panic!("{done:?}");
    };
    assert_eq!(check("demo.json", counts), Ok(()), "{counts}");
    let samples = operator::samples::all().len();
    assert_eq!(counts["accepted"], samples);
    assert!(counts["dead"].as_u64().expect("a number") > 0, "{counts}");
    assert!(counts["told"].as_u64().expect("a number") > 8, "{counts}");
}

#[test]
fn a_key_that_was_put_on_the_running_stack_signs_what_is_sent() {
    let folder = std::env::temp_dir().join(format!("postern-send-keys-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let keys = folder.join("keys.json");
    std::fs::write(&keys, r#"{"insider":"a-key-of-my-own-1"}"#).expect("written");
    let up = Up::start(&["--keys", keys.to_str().expect("a path")]);
    let sent = up.run("send insider/click sendgrid/click");
    assert_eq!(sent.code, Some(0), "{sent:?}");
    let other = folder.join("key.txt");
    std::fs::write(&other, "a-key-of-others-2\n").expect("written");
    let other = other.to_str().expect("a path");
    let refused = up.run(&format!("send insider/click --key {other}"));
    assert_eq!(refused.code, Some(1), "{refused:?}");
    let url = up.url();
    let to = format!("send insider/click --key {other} --to {url}/webhooks/insider");
    assert_eq!(run(&to).stdout, "401 insider/click refused\n");
    std::fs::remove_dir_all(&folder).expect("removed");
}

#[test]
fn the_demo_is_one_screen_and_one_signal_ends_it() {
    let [port, sqs, dynamodb] = free_ports();
    let ports = format!("--port {port} --sqs-port {sqs} --dynamodb-port {dynamodb}");
    let mut demo = Going::start(&format!("demo {ports}"));
    let mut screen = Vec::new();
    loop {
        let line = demo.line();
        assert!(line.chars().count() <= 80, "{line}");
        let is_last = line.starts_with("Ctrl-C");
        screen.push(line);
        if is_last {
            break;
        }
    }
    // The signal comes in the very moment in which the last line is read.
    assert_eq!(demo.stopped_by("-INT"), Some(0));
    assert!(screen.len() <= 24, "{screen:?}");
    assert!(
        screen
            .iter()
            .any(|line| line.contains(" events, each stored once; "))
    );
    let starts = |start: &str| screen.iter().any(|line| line.starts_with(start));
    for start in [
        "  kim       queued -> delivered -> opened (a machine) -> opened -> clicked",
        "  lee       queued -> bounced hard 550 5.1.1",
        "  sam       delivered -> complained",
        "  a forger  another key: 401  a byte changed: 401  sent twice: 200, stored once",
        &format!("  {} accepted, ", operator::samples::all().len()),
        "  not to be mailed again: ",
        &format!("ready http://127.0.0.1:{port}/"),
        &format!("  postern send resend/bounced --recipient you@example.test --port {port}"),
    ] {
        assert!(starts(start), "{start}: {screen:?}");
    }
}
