//! What is counted is what was stored; what says nothing is acknowledged and not counted; what
//! would be one hot key is in 16.

use std::collections::{BTreeMap, BTreeSet};

use operator::problems::{Problems, found};
use registry::SENDERS;
use serde_json::{Value, json};
use shared::admit::is_handshake;
use shared::auth::sha256_hex;
use shared::event::Channel;
use shared::provider::Strength;
use table::item::Item;
use table::read::text;
use table::shard::{SHARDS, nobody_key, shard_of};
use tests::received_at;
use tests::stack::Running;

/// The functions' lines.
fn lines(running: &Running) -> Vec<Value> {
    let lines = running.lines.lock().expect("lines");
    let lines = lines.iter().map(|line| serde_json::from_str(line));
    lines.filter_map(Result::ok).collect()
}

/// What the consumer's lines of this provider come to: `stored` and `put_aside` and `waiting` by
/// their lines, `events` and `elements`, and each kind.
fn counted(running: &Running, provider: &str) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    let mut add = |name: &str, count: i64| *sums.entry(name.to_owned()).or_default() += count;
    for line in lines(running) {
        let outcome = line["outcome"].as_str().unwrap_or_default();
        let is_ours = ["stored", "put_aside", "waiting"].contains(&outcome);
        if !is_ours || line["provider"] != provider {
            continue;
        }
        add(outcome, 1);
        // The stored line has the events of every message of the batch.
        if outcome == "stored" {
            add("events", line["events"].as_i64().expect("a count"));
        }
        add("elements", line["elements"].as_i64().unwrap_or_default());
        for (kind, count) in line["kinds"].as_object().into_iter().flatten() {
            add(kind, count.as_i64().expect("a count"));
        }
    }
    sums.retain(|_, count| *count != 0);
    sums
}

fn sums(of: &[(&str, i64)]) -> BTreeMap<String, i64> {
    of.iter()
        .map(|(name, count)| ((*name).to_owned(), *count))
        .collect()
}

/// How many receivers' lines have this outcome.
fn outcomes(running: &Running, outcome: &str) -> Vec<Value> {
    let lines = lines(running).into_iter();
    lines
        .filter(|line| line["outcome"] == outcome && line["request_id"].is_string())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_ping_is_acknowledged_and_is_neither_an_event_nor_a_dead_letter() {
    let running = Running::new().await;
    let pings: [&[u8]; 8] = [
        b"",
        b" \r\n",
        b"[]",
        b" [ \n]\r\n",
        b"null",
        b"\xef\xbb\xbf",
        b"\xef\xbb\xbf[]",
        b"\t null ",
    ];
    let (mut sent, mut shaken) = (0, 0);
    for provider in SENDERS {
        for ping in pings {
            let signed = provider.signed(tests::key(*provider), ping, received_at());
            let event = tests::gateway_event(&signed.headers, &signed.body);
            let is_handshake = is_handshake(*provider, &tests::request(event), received_at());
            let reply = running.send(provider.name(), ping).await;
            let answer = (reply.status.as_u16(), reply.body.as_str());
            // There is no place in it for a signature that is within the body.
            if provider.strength() == Strength::Token {
                assert_eq!(answer, (401, ""), "{}: {ping:?}", provider.name());
            } else {
                assert_eq!(
                    answer,
                    (200, provider.answers().accepted),
                    "{}: {ping:?}",
                    provider.name()
                );
                // A provider that sends this as its handshake need not have a key yet.
                let count = if is_handshake { &mut shaken } else { &mut sent };
                *count += 1;
            }
            // It is no way in.
            let path = format!("/webhooks/{}", provider.name());
            let unsigned = running.post(&path, &[], ping).await;
            assert_eq!(unsigned.status, 401, "{}: {ping:?}", provider.name());
        }
    }
    let told = running
        .logged(sent, |running| outcomes(running, "ping"))
        .await;
    assert_eq!(told.len(), sent);
    for line in told {
        let fields: Vec<&String> = line.as_object().expect("fields").keys().collect();
        let wanted = [
            "body_bytes",
            "level",
            "outcome",
            "provider",
            "request_id",
            "timestamp",
        ];
        assert_eq!(fields, wanted, "and no message");
    }
    assert_eq!(shaken, 1, "Mandrill's empty batch");
    let shook = running.logged(shaken, |running| outcomes(running, "handshake"));
    assert_eq!(shook.await.len(), shaken);
    assert_eq!(outcomes(&running, "accepted").len(), 0);
    assert_eq!(running.dead().await, Vec::<String>::new());
    assert_eq!(running.events.scan().await.expect("items").len(), 0);
}

/// What has an element, or is no JSON, is as it was.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_ping_is_stored_or_put_aside() {
    let running = Running::new().await;
    for (body, dead) in [
        ("{}", false),
        ("[{}]", false),
        ("[[]]", true),
        ("[null]", true),
        ("\"\"", true),
        ("0", true),
        ("[", true),
        ("nul", true),
    ] {
        let before = (running.stored().await.len(), running.dead().await.len());
        assert_eq!(
            running.send("insider", body.as_bytes()).await.status,
            200,
            "{body}"
        );
        let after = (running.stored().await.len(), running.dead().await.len());
        // `{}` and `[{}]` are one event without a fact, stored once.
        let wanted = (1, before.1 + usize::from(dead));
        assert_eq!(after, wanted, "{body}");
    }
    assert_eq!(outcomes(&running, "ping").len(), 0);
}

fn click(recipient: &str) -> Value {
    json!({"event": "click", "iid": "i-1", "email": recipient, "timestamp": 1_767_323_045, "url": "https://shop.test/"})
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_stored_is_not_counted() {
    let running = Running::new().await;
    let send = async |body: Value| running.send("insider", body.to_string().as_bytes()).await;
    // Nothing of it reaches the table, until the table answers again.
    let fault = "table:error=1".parse().expect("a fault");
    running.stack.faults.set(vec![fault]);
    let both = json!([click("kim@mail.test"), click("lou@mail.test")]);
    assert_eq!(send(both).await.status, 200);
    let waiting = |running: &Running| {
        let lines = lines(running).into_iter();
        lines
            .filter(|line| line["outcome"] == "waiting")
            .collect::<Vec<_>>()
    };
    let told = running.logged_within(40, 1, waiting).await;
    assert_eq!(told.len(), 1);
    assert_eq!(counted(&running, "insider"), sums(&[("waiting", 1)]));
    assert_eq!(told[0]["codes"], json!(["table_write_failed"]));
    assert_eq!(
        (&told[0]["receives"], &told[0]["hidden_s"]),
        (&json!(1), &json!(60))
    );
    running.stack.faults.clear();
    assert_eq!(running.stored().await.len(), 2);
    assert_eq!(running.dead().await, Vec::<String>::new());
    let wanted = [("waiting", 1), ("stored", 1), ("events", 2), ("clicked", 2)];
    assert_eq!(counted(&running, "insider"), sums(&wanted));

    // One element is stored, the other is put aside.
    assert_eq!(send(json!([click("kim@mail.test"), 7])).await.status, 200);
    assert_eq!(running.stored().await.len(), 2);
    assert_eq!(running.dead().await.len(), 1);
    let wanted = [
        ("waiting", 1),
        ("stored", 2),
        ("events", 3),
        ("clicked", 3),
        ("put_aside", 1),
        ("elements", 1),
    ];
    assert_eq!(counted(&running, "insider"), sums(&wanted));

    // A repetition is stored, too: the same item again.
    assert_eq!(send(click("kim@mail.test")).await.status, 200);
    assert_eq!(running.stored().await.len(), 2);
    let counted = counted(&running, "insider");
    assert_eq!(
        (counted["stored"], counted["events"], counted["clicked"]),
        (3, 4, 4)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_used_token_brings_is_not_counted() {
    let running = Running::new().await;
    let provider = registry::sender("mailgun").expect("a provider");
    let event = json!({"event-data": {"id": "e1", "timestamp": 1_767_323_045.25, "event": "complained", "recipient": "kim@mail.test"}});
    let signed = running
        .sender
        .signed(provider, event.to_string().as_bytes());
    let signed = signed.expect("signed").body;
    let forged = tests::replaced(&signed, "complained", "unsubscribed");
    for body in [&signed, &forged] {
        assert_eq!(
            running.post("/webhooks/mailgun", &[], body).await.status,
            200
        );
        running.stored().await;
    }
    let wanted = [
        ("stored", 1),
        ("events", 1),
        ("complained", 1),
        ("put_aside", 1),
    ];
    assert_eq!(counted(&running, "mailgun"), sums(&wanted));
}

/// The shard as anybody else would compute it, from the id that the sort key ends with: an index
/// does not have all attributes.
fn first_digit(item: &Item) -> char {
    let id = text(item, "sk").split_once('#').map(|(_, id)| id);
    let digits = sha256_hex(id.expect("an id").as_bytes());
    digits.chars().next().expect("a digit")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_days_problems_are_in_16_keys_and_are_read_in_the_order_of_their_time() {
    let running = Running::with(|options| {
        let window_off = ("SignatureWindow".to_owned(), "0".to_owned());
        options.parameters.push(window_off);
    })
    .await;
    let bounce = |n: i64| {
        // Neither in the order of time nor of ids.
        let second = (n * 37) % 200;
        json!({"event": "bounce", "email": format!("p{n}@mail.test"), "timestamp": 1_767_323_000 + second,
            "sg_message_id": format!("m{n}.x"), "reason": "550 5.1.1 no such user", "status": "5.1.1", "type": "bounce"})
    };
    let bounces: Vec<Value> = (0..200).map(bounce).collect();
    assert_eq!(
        running
            .send("sendgrid", json!(bounces).to_string().as_bytes())
            .await
            .status,
        200
    );
    // Another day, another kind.
    let mut others = vec![bounce(1000), bounce(1001)];
    others[0]["timestamp"] = json!(1_767_323_000 - 86_400);
    others[1]["event"] = json!("spamreport");
    assert_eq!(
        running
            .send("sendgrid", json!(others).to_string().as_bytes())
            .await
            .status,
        200
    );
    running.stored().await;

    let find = async |problem: &str| {
        let problems = Problems::read(&[problem], None, received_at()).expect("problems");
        let found = found(&running.events, &problems, 1_000, |_| ()).await;
        found.expect("events").first(1_000)
    };
    let found = find("bounced/2026-01-02").await;
    assert_eq!(found.len(), 200);
    let times: Vec<&str> = found.iter().map(|item| text(item, "sk")).collect();
    assert!(times.iter().rev().is_sorted(), "the newest first");
    assert_eq!(times.iter().collect::<BTreeSet<_>>().len(), 200);
    let mut used = BTreeSet::new();
    for item in &found {
        let key = format!("bounced#2026-01-02#{}", first_digit(item));
        assert_eq!(text(item, "problem"), key);
        used.insert(key);
    }
    assert_eq!(used.len(), 16);
    for (problem, count) in [
        ("bounced/2026-01-01", 1),
        ("complained/2026-01-02", 1),
        ("bounced/2026-01-03", 0),
    ] {
        assert_eq!(find(problem).await.len(), count, "{problem}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_names_nobody_is_in_16_partitions_that_no_person_has() {
    let running = Running::new().await;
    let events: Vec<Value> = (0..200)
        .map(|n| json!({"event": "click", "iid": format!("i{n}"), "timestamp": 1_767_323_045}))
        .collect();
    assert_eq!(
        running
            .send("insider", json!(events).to_string().as_bytes())
            .await
            .status,
        200
    );
    // Whoever calls themselves so.
    let named = json!([click("unknown"), click("unknown#email#7"), click("email#7")]);
    assert_eq!(
        running
            .send("insider", named.to_string().as_bytes())
            .await
            .status,
        200
    );
    let items = running.stored().await;
    let of_nobody: Vec<&Item> = items
        .iter()
        .filter(|item| !text(item, "raw").contains("\"email\""))
        .collect();
    assert_eq!(of_nobody.len(), 200);
    let mut used = BTreeSet::new();
    for item in of_nobody {
        assert_eq!(
            text(item, "pk"),
            nobody_key(Channel::Email, first_digit(item))
        );
        used.insert(text(item, "pk"));
    }
    assert_eq!(used.len(), 16);
    for item in items
        .iter()
        .filter(|item| text(item, "raw").contains("\"email\""))
    {
        // An address that is none is kept beside the key, not in it.
        let is_apart = !used.contains(text(item, "pk")) || !text(item, "recipient").is_empty();
        assert!(is_apart, "{}", text(item, "pk"));
    }
}

#[test]
fn a_shard_is_the_first_digit_of_sha256_and_each_has_its_share() {
    // printf %s ID | sha256sum | cut -c1
    assert_eq!(shard_of("01JZX0000000000000000000EV"), '3');
    assert_eq!(shard_of(""), 'e');
    assert_eq!(shard_of("abc"), 'b');
    let mut shares = BTreeMap::new();
    for n in 0..16_000 {
        *shares.entry(shard_of(&format!("event-{n}"))).or_insert(0) += 1;
    }
    assert_eq!(shares.keys().copied().collect::<Vec<_>>(), SHARDS);
    assert!(
        shares.values().all(|share| (850..1150).contains(share)),
        "{shares:?}"
    );
}
