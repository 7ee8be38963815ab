//! What is printed as JSON fits its schema in `docs/schemas`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use operator::send::Poster;
use serde_json::{Value, json};

use crate::running::{Up, run, run_words};
use crate::schema::check;

/// Every sample of every provider, on a stack, as each command prints what became of it.
#[test]
fn whatever_is_printed_as_json_fits_its_schema() {
    let stack = Up::start(&["--parameter", "SignatureWindow=0"]);
    let poster = Poster::to(&stack.url(), BTreeMap::new());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for provider in registry::SENDERS {
        for sample in operator::samples::of(provider.name()) {
            let sent = runtime.block_on(poster.send(*provider, sample.body.to_vec()));
            assert_eq!(sent.expect("an answer").status, 200, "{}", sample.name);
        }
    }
    let events = settled(&stack);
    assert!(events.len() > 500, "{} events", events.len());
    let mut fields = BTreeSet::new();
    for event in &events {
        assert_eq!(check("event.json", event), Ok(()), "{event}");
        fields.extend(event.as_object().expect("an object").keys());
    }
    assert!(fields.len() > 30, "{fields:?}");
    let addresses: BTreeSet<&str> = events
        .iter()
        .filter_map(|e| e["address"].as_str())
        .collect();
    let list: Vec<&str> = addresses.iter().copied().collect();
    let words = [
        "may-mail",
        "--file",
        "-",
        "--json",
        "--port",
        &stack.ports[0].to_string(),
    ];
    let answers = run_words(&words, &list.join("\n"));
    assert_eq!(answers.code, Some(1), "{}", answers.stderr);
    let mut no = 0;
    for answer in answers.json() {
        assert_eq!(check("may-mail.json", &answer), Ok(()), "{answer}");
        no += usize::from(answer["may_mail"] == json!(false));
    }
    assert!(no > 10, "{no} must not be mailed");
    let problems = stack.run("problems 2026-01-02 --json").json();
    let (more, problems) = problems.split_last().expect("problems");
    assert_eq!((check("more.json", more), problems.len()), (Ok(()), 50));
    let csv = stack.run("problems 2026-01-02 --csv").stdout;
    assert!(csv.lines().count() > 51, "a spreadsheet has all of them");
    for problem in problems {
        assert_eq!(check("problem.json", problem), Ok(()), "{problem}");
    }
    let ids: BTreeSet<&str> = events
        .iter()
        .filter_map(|e| e["message_id"].as_str())
        .collect();
    for id in ids
        .iter()
        .filter(|id| !id.contains(char::is_whitespace))
        .take(20)
    {
        let port = stack.ports[0].to_string();
        let done = run_words(&["message", "--json", "--port", &port, "--", id], "");
        for message in done.json() {
            assert_eq!(check("message.json", &message), Ok(()), "{message}");
        }
    }
    let refused = run("problems bounces --json").error();
    assert_eq!(check("error.json", &json!({"error": refused})), Ok(()));
}

/// Every event, once the queue has been empty for a second.
fn settled(stack: &Up) -> Vec<Value> {
    let mut before = 0;
    loop {
        std::thread::sleep(Duration::from_secs(1));
        let events = stack.run("events --limit 100000 --raw --json").json();
        if events.len() == before && before > 0 {
            return events;
        }
        before = events.len();
    }
}

/// What is done to a stack, on one that has something of everything.
#[test]
fn what_is_done_to_a_stack_fits_its_schema() {
    let stack = Up::start(&[]);
    let poster = Poster::to(&stack.url(), BTreeMap::new());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let provider = registry::sender("mailpanda").expect("a provider");
    let unsubscribed = json!({"type": "unsubscribe", "email_id": "m", "recipient": "kim@mail.test",
        "timestamp": "2026-01-02T03:04:05Z"});
    for body in [unsubscribed.to_string(), "no JSON".to_owned()] {
        let sent = runtime.block_on(poster.send(provider, body.into_bytes()));
        assert_eq!(sent.expect("an answer").status, 200);
    }
    assert_eq!(settled(&stack).len(), 1);
    for (line, name) in [
        ("key kim@mail.test", "address.json"),
        ("redrive --port PORT", "redrive-plan.json"),
        ("renormalize --port PORT", "renormalized.json"),
        ("erase kim@mail.test --port PORT", "erase-plan.json"),
        ("erase kim@mail.test --go --port PORT", "erased.json"),
    ] {
        let line = line.replace("PORT", &stack.ports[0].to_string());
        let done = run(&format!("{line} --json"));
        assert_eq!(done.code, Some(0), "{line}: {done:?}");
        let said = done.json();
        assert_eq!(said.len(), 1, "{line}");
        assert_eq!(check(name, &said[0]), Ok(()), "{line}");
    }
}
