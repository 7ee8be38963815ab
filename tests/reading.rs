//! What a user reads of the table: a person's timeline, a message, may-mail, the problems of a day.
//! Each against a real table, without processes.

use std::collections::BTreeSet;
use std::time::Duration;

use operator::asked;
use operator::events::{Of, Selection, details, happened, who};
use operator::may_mail::{Answer, Counts, Question, crowd, last_delivered, rows};
use operator::message::{Message, MessageId, find as find_message};
use operator::problems::{Problems, end, found};
use operator::recipient::Recipient;
use operator::services::Services;
use serde_json::{Value, json};
use shared::event::{Channel, Reason};
use table::announced::Announced;
use table::item::Item;
use table::keys::Key;
use table::read::Reader;
use table::timeline::Span;
use tests::received_at;
use tests::table::{Table, message};
use tokio::net::TcpListener;
use tokio::time::Instant;

/// 2026-01-02T03:04:05Z.
const AT: i64 = 1_767_323_045;

/// A table with the history of three people and of a message that two of them got.
async fn history() -> Table {
    let table = Table::new().await;
    let of = |event: &str, email: &str, after: i64| {
        json!({"event": event, "email": email, "timestamp": AT + after,
            "sg_message_id": "abc.def.filter0001-7"})
    };
    let mut bounce = of("bounce", "lee@mail.test", 5);
    bounce["type"] = json!("bounce");
    bounce["reason"] = json!("550 5.1.1 user unknown");
    bounce["status"] = json!("5.1.1");
    let mut group = of("group_unsubscribe", "sam@mail.test", 9);
    group["asm_group_id"] = json!(10);
    let events = json!([
        of("processed", "KIM@mail.test", 0),
        of("processed", "lee@mail.test", 0),
        of("delivered", "KIM@mail.test", 2),
        of("spamreport", "KIM@mail.test", 90),
        bounce,
        of("delivered", "sam@mail.test", 3),
        group,
    ]);
    let click = json!({"kind": "click", "recipient": "kim@mail.test", "message_id": "m-2",
        "url": "https://shop.test/a", "timestamp": "2026-01-03T00:00:00Z"});
    let customer = json!({"event_id": "c1", "object_type": "email", "metric": "drafted",
        "timestamp": AT, "data": {"identifiers": {"id": "u-9"}}});
    let messages = [
        message("sendgrid", &events),
        message("inboxroad", &click),
        message("customerio", &customer),
    ];
    assert_eq!(table.process(&messages).await, [""; 0]);
    table
}

fn of(address: &str) -> Of {
    Of::Recipient(Recipient::parse(address).expect("a recipient"))
}

/// What happened, the newest first, and how many events were read for it.
async fn timeline(
    table: &Table,
    of: &Of,
    selection: &Selection,
    most: usize,
) -> (Vec<String>, usize, usize) {
    let found = table
        .events
        .timeline(of, selection, most, |_| ())
        .await
        .expect("events");
    let (count, read) = (found.newest.count, found.read);
    (words(&found.newest.kept()), count, read)
}

fn words(items: &[Item]) -> Vec<String> {
    let events = items
        .iter()
        .map(|item| Announced::of(item).expect("an event"));
    events.map(|event| happened(&event)).collect()
}

fn question() -> Question {
    Question {
        channel: Channel::Email,
        scope: None,
        ignore: Vec::new(),
    }
}

fn json_of(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).expect("JSON")
}

#[tokio::test]
async fn a_timeline_has_the_newest_events_of_one_person_and_goes_on_where_it_ended() {
    let table = history().await;
    let all = Selection::default();
    let kim = of(" Kim <KIM@mail.test> ");
    let wanted = ["clicked", "complained", "delivered", "queued"]
        .map(str::to_owned)
        .to_vec();
    assert_eq!(
        timeline(&table, &kim, &all, 50).await,
        (wanted.clone(), 4, 4)
    );
    assert_eq!(
        timeline(&table, &kim, &all, 3).await,
        (wanted[..3].to_vec(), 4, 4)
    );
    // where that ended
    let newest = table
        .events
        .timeline(&kim, &all, 3, |_| ())
        .await
        .expect("events")
        .newest
        .kept();
    let sk = newest[2]["sk"].as_s().expect("a key");
    let before = Some(asked::next(&asked::end(sk)).expect("a key"));
    let rest = Selection {
        span: Span {
            before,
            ..Span::default()
        },
        ..all.clone()
    };
    assert_eq!(
        timeline(&table, &kim, &rest, 3).await,
        (wanted[3..].to_vec(), 1, 1)
    );
    // by kind, provider, channel and time
    let at = |seconds| Some(jiff::Timestamp::from_second(AT + seconds).expect("a time"));
    for (selection, kinds, read) in [
        (
            Selection {
                kinds: vec!["delivered", "queued"],
                ..all.clone()
            },
            &wanted[2..],
            4,
        ),
        (
            Selection {
                providers: vec!["inboxroad"],
                ..all.clone()
            },
            &wanted[..1],
            4,
        ),
        (
            Selection {
                channel: Some(Channel::Sms),
                ..all.clone()
            },
            &[],
            0,
        ),
        (
            Selection {
                span: Span {
                    from: at(2),
                    to: at(90),
                    before: None,
                },
                ..all.clone()
            },
            &wanted[2..3],
            1,
        ),
        (
            Selection {
                span: Span {
                    from: at(2),
                    to: at(91),
                    before: None,
                },
                ..all.clone()
            },
            &wanted[1..3],
            2,
        ),
    ] {
        let (found, count, of) = timeline(&table, &kim, &selection, 50).await;
        assert_eq!(
            (found.as_slice(), count, of),
            (kinds, kinds.len(), read),
            "{selection:?}"
        );
    }
    let customer = timeline(&table, &Of::Customer("u-9".to_owned()), &all, 50).await;
    assert_eq!(customer, (vec!["queued".to_owned()], 1, 1));
    assert_eq!(
        timeline(&table, &of("kim@mail.tst"), &all, 50).await,
        (vec![], 0, 0)
    );
}

#[tokio::test]
async fn the_whole_table_is_selected_from_and_neither_suppressions_nor_first_sights_are_events() {
    let table = history().await;
    let all = Selection::default();
    let mut read = 0;
    let found = table
        .events
        .selected(&all, 2, |items| read = items)
        .await
        .expect("events");
    assert_eq!((found.newest.count, found.read), (9, 9));
    assert!(read > 9, "{read} items");
    assert_eq!(words(&found.newest.kept()), ["clicked", "complained"]);
    let queued = Selection {
        kinds: vec!["queued"],
        channel: Some(Channel::Email),
        ..all
    };
    let found = table
        .events
        .selected(&queued, 50, |_| ())
        .await
        .expect("events");
    let items = found.newest.kept();
    let people: Vec<String> = items
        .iter()
        .map(|item| who(&Announced::of(item).expect("an event")).to_owned())
        .collect();
    let people: BTreeSet<&str> = people.iter().map(String::as_str).collect();
    assert_eq!(
        people,
        BTreeSet::from(["lee@mail.test", "kim@mail.test", "u-9"])
    );
}

#[tokio::test]
async fn what_has_expired_is_left_out_before_the_table_deletes_it() {
    let table = Table::keeping(400).await;
    let open =
        json!({"type": "open", "email_id": "m", "recipient": "kim@mail.test", "timestamp": AT});
    assert_eq!(table.process(&[message("mailpanda", &open)]).await, [""; 0]);
    let at = |days: i64| Selection {
        now: jiff::Timestamp::from_second(AT + days * 86_400).expect("a time"),
        ..Selection::default()
    };
    let kim = of("kim@mail.test");
    assert_eq!(timeline(&table, &kim, &at(399), 9).await.2, 1);
    assert_eq!(timeline(&table, &kim, &at(400), 9).await.2, 0);
    let id = MessageId::parse("mailpanda#m").expect("an id");
    for (now, count) in [(at(399), 1), (at(400), 0)] {
        assert_eq!(
            find_message(&id, &table.events, now.now)
                .await
                .expect("messages")
                .len(),
            count
        );
    }
}

async fn messages(table: &Table, id: &str) -> Vec<Message> {
    let id = MessageId::parse(id).expect("an id");
    find_message(&id, &table.events, received_at())
        .await
        .expect("messages")
}

#[tokio::test]
async fn a_message_is_told_for_each_recipient_by_whatever_name_it_has() {
    let table = history().await;
    for id in [
        "sendgrid#abc.def",
        "abc.def",
        " <abc.def> ",
        "abc.def.filter0001-7",
    ] {
        let found = messages(&table, id).await;
        let [message] = found.as_slice() else {
            panic!("{id}: {} messages", found.len());
        };
        assert_eq!(message.message, "sendgrid#abc.def", "{id}");
        let steps = message
            .recipients
            .iter()
            .map(|one| (one.name(), one.steps(true)));
        let mut steps: Vec<(&str, String)> = steps.collect();
        steps.sort();
        let wanted = [
            (
                "kim@mail.test",
                "queued 03:04:05 -> +2.0 s delivered -> +1 min complained",
            ),
            (
                "lee@mail.test",
                "queued 03:04:05 -> +5.0 s bounced hard (550 5.1.1 user unknown)",
            ),
            ("sam@mail.test", "delivered 03:04:08 -> +6.0 s unsubscribed"),
        ];
        assert_eq!(
            steps,
            wanted.map(|(who, steps)| (who, steps.to_owned())),
            "{id}"
        );
        assert_eq!(message.day(), "2026-01-02");
    }
    let lee = &messages(&table, "abc.def").await[0];
    let lee = lee
        .recipients
        .iter()
        .find(|one| one.name() == "lee@mail.test");
    assert_eq!(
        lee.expect("lee").steps(false),
        "queued 2026-01-02T03:04:05.000Z -> bounced hard 2026-01-02T03:04:10.000Z (550 5.1.1 user unknown)"
    );
    assert!(messages(&table, "mailgun#abc.def").await.is_empty());
    assert!(messages(&table, "abc").await.is_empty());
    let nothing = Message::nothing(MessageId::parse("resend#A1").expect("an id").text());
    assert_eq!(
        json_of(&nothing),
        json!({"message": "resend#A1", "recipients": []})
    );
}

#[tokio::test]
async fn may_mail_says_no_with_its_reasons_and_yes_of_whoever_has_none() {
    let table = history().await;
    let ask = async |question: Question, address: &str| {
        json_of(
            &question
                .one(&table.events, &of(address))
                .await
                .expect("an answer"),
        )
    };
    let complained = json!({"address": "kim@mail.test", "may_mail": false, "reasons": [{
        "reason": "complained", "since": "2026-01-02T03:05:00.678Z",
        "event": "2026-01-02T03:05:35.000Z#spamreport-KIM@mail.test", "provider": "sendgrid",
    }]});
    let complained_at = ask(question(), "Kim <kim@MAIL.test>").await;
    assert_eq!(
        complained_at["reasons"][0]["reason"],
        complained["reasons"][0]["reason"]
    );
    assert_eq!(complained_at["reasons"][0]["provider"], "sendgrid");
    assert_eq!(complained_at["may_mail"], false);
    let lee = ask(question(), "lee@mail.test").await;
    assert_eq!(
        lee,
        json!({"address": "lee@mail.test", "may_mail": false, "reasons": [{
            "reason": "bounced", "since": "2026-01-02T03:04:10.000Z",
            "event": "2026-01-02T03:04:10.000Z#43c63b442d760078f99d0d65af070203", "provider": "sendgrid",
            "text": "550 5.1.1 user unknown",
        }]})
    );
    // one that does not count
    let ignore = vec![Reason::Bounced];
    let ignored = ask(
        Question {
            ignore,
            ..question()
        },
        "lee@mail.test",
    )
    .await;
    assert_eq!(
        (&ignored["may_mail"], &ignored["reasons"]),
        (&json!(true), &json!([]))
    );
    assert_eq!(ignored["ignored"], lee["reasons"]);
    // of a group, whatever provider's it is
    let sam = ask(question(), "sam@mail.test").await;
    assert_eq!(
        sam,
        json!({"address": "sam@mail.test", "may_mail": true, "reasons": []})
    );
    let scope = |text: &str| Some(asked::scope(text).expect("a scope"));
    let sam = ask(
        Question {
            scope: scope("group:10"),
            ..question()
        },
        "sam@mail.test",
    )
    .await;
    assert_eq!(sam["may_mail"], false);
    assert_eq!(sam["reasons"][0]["scope"], "group#sendgrid#10");
    let other = ask(
        Question {
            scope: scope("group:11"),
            ..question()
        },
        "sam@mail.test",
    )
    .await;
    assert_eq!(other["may_mail"], true);
    // in another channel an address is another one
    let channel = Channel::Sms;
    let sms = ask(
        Question {
            channel,
            ..question()
        },
        "kim@mail.test",
    )
    .await;
    assert_eq!(sms["may_mail"], true);

    let last = async |address: &str| {
        let last = last_delivered(&table.events, &of(address), Channel::Email).await;
        last.expect("an answer")
    };
    let delivered = Some("2026-01-02T03:04:08.000Z".to_owned());
    assert_eq!(last("sam@mail.test").await, (delivered, true));
    assert_eq!(last("lee@mail.test").await, (None, true));
    assert_eq!(last("lou@mail.test").await, (None, false));
}

#[tokio::test]
async fn a_list_is_answered_in_its_order_and_what_is_no_address_is_counted() {
    let table = history().await;
    // More than are asked for at once, some of them twice, each in its own spelling.
    let mut list = String::from("name,email\n");
    for n in 0..250 {
        let row = match n {
            7 => "x,no address\n".to_owned(),
            8 => "x,\n".to_owned(),
            9 | 209 => "Lee,LEE@mail.test\n".to_owned(),
            n => format!("p,p{n}@mail.test\n"),
        };
        list.push_str(&row);
    }
    let text = Box::new(std::io::Cursor::new(list.into_bytes()));
    let rows = rows("crm.csv", text, Some("email")).expect("rows");
    let mut told: Vec<(u64, Option<Answer>)> = Vec::new();
    let question = question();
    let counts = crowd(&table.events, &question, rows, |row, answer| {
        told.push((row.line, answer.cloned()));
    });
    let counts = counts.await.expect("answers");
    let wanted = Counts {
        asked: 250,
        yes: 246,
        no: 2,
        not_known: 0,
        no_address: 2,
        lines: vec![9, 10],
    };
    assert_eq!(counts, wanted);
    assert!(told.iter().map(|(line, _)| *line).eq(2..252));
    let lee = told[209].1.as_ref().expect("an answer");
    assert_eq!(
        (lee.may_mail, lee.address.as_str(), lee.asked.as_deref()),
        (Some(false), "lee@mail.test", Some("LEE@mail.test"))
    );
    let sentence = "no, bounced since 2026-01-02 03:04:10";
    assert_eq!(lee.sentence(), sentence);
}

/// A table that answers one key of each request, and never this one.
async fn stingy(never: &'static str) -> Reader {
    let answer = async move |body: String| {
        let asked: Value = serde_json::from_str(&body).expect("JSON");
        let keys = asked["RequestItems"]["t"]["Keys"].as_array().expect("keys");
        let is_told = |key: &&Value| key["pk"]["S"] != never;
        let told = keys.iter().find(is_told);
        let left: Vec<&Value> = keys.iter().filter(|key| Some(*key) != told).collect();
        let mut answer = json!({"Responses": {"t": told.into_iter().collect::<Vec<_>>()}});
        if !left.is_empty() {
            answer["UnprocessedKeys"] = json!({"t": {"Keys": left}});
        }
        answer.to_string()
    };
    let router = axum::Router::new().fallback(answer);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    let services = Services::local(&format!("http://{address}"));
    Reader::new(services.dynamodb(), "t".to_owned())
}

#[tokio::test]
async fn what_the_table_leaves_out_is_asked_for_again_and_in_the_end_not_known() {
    let keys = |names: &[&str]| -> BTreeSet<Key> {
        let key = |name: &&str| ((*name).to_owned(), "suppression".to_owned());
        names.iter().map(key).collect()
    };
    let reader = stingy("lost").await;
    let within = |seconds| Instant::now() + Duration::from_secs(seconds);
    let found = reader.items(&keys(&["a", "b", "c"]), &[], within(20)).await;
    let found = found.expect("an answer");
    assert!(found.items.into_keys().eq(keys(&["a", "b", "c"])));
    assert_eq!(found.unread, keys(&[]));
    let found = reader
        .items(&keys(&["a", "lost", "z"]), &[], within(1))
        .await;
    let found = found.expect("an answer");
    assert!(found.items.into_keys().eq(keys(&["a", "z"])));
    assert_eq!(found.unread, keys(&["lost"]));
}

#[tokio::test]
async fn without_a_table_nobody_may_be_mailed() {
    let table = history().await;
    let client = table.events.client();
    let table_name = table.events.table();
    let unprotected = client.update_table().table_name(table_name);
    let unprotected = unprotected.deletion_protection_enabled(false).send().await;
    unprotected.expect("unprotected");
    let gone = client.delete_table().table_name(table_name).send().await;
    gone.expect("deleted");
    let answer = question().one(&table.events, &of("kim@mail.test")).await;
    let error = answer.err().expect("no answer");
    assert_eq!((error.code(), error.exit().code()), ("service_failed", 3));
    let text: &[u8] = b"kim@mail.test\n";
    let rows = rows("-", Box::new(text), None).expect("rows");
    let question = question();
    let counts = crowd(&table.events, &question, rows, |_, _| panic!("an answer"));
    assert_eq!(
        counts.await.expect_err("no answer").code(),
        "service_failed"
    );
}

#[tokio::test]
async fn the_problems_of_a_day_are_counted_and_complaints_come_first() {
    let table = history().await;
    let read = |words: &[&str]| Problems::read(words, None, received_at()).expect("problems");
    let find = async |problems: &Problems, most| {
        let found = found(&table.events, problems, most, |_| ())
            .await
            .expect("problems");
        let (text, count) = (found.text(), found.count());
        (text, count, found.first(most))
    };
    let (text, count, items) = find(&read(&["today"]), 50).await;
    let summary = "complained 1   bounced 1 (hard 1)   rejected 0   failed 0   unsubscribed 1";
    assert_eq!((text.as_str(), count), (summary, 3));
    assert_eq!(
        words(&items),
        ["complained", "bounced hard", "unsubscribed"]
    );
    let bounce = Announced::of(&items[1]).expect("an event");
    assert_eq!(
        json_of(&bounce),
        json!({
            "id": "43c63b442d760078f99d0d65af070203", "occurred_at": "2026-01-02T03:04:10.000Z",
            "provider": "sendgrid", "channel": "email", "kind": "bounced",
            "provider_kind": "bounce", "recipient": "lee@mail.test", "address": "lee@mail.test",
            "bounce_class": "hard", "bounce_category": "invalid_recipient",
            "reason": "550 5.1.1 user unknown",
        })
    );
    assert_eq!(details(&bounce), "invalid_recipient 550 5.1.1 user unknown");
    // a list goes on where it ended, and all are counted all the same
    let (_, _, first) = find(&read(&["today"]), 1).await;
    assert_eq!(words(&first), ["complained"]);
    let after = Some(end(&first[0]));
    let (text, count, rest) = find(
        &Problems {
            after,
            ..read(&["today"])
        },
        50,
    )
    .await;
    assert_eq!((text.as_str(), count), (summary, 3));
    assert_eq!(words(&rest), ["bounced hard", "unsubscribed"]);
    for (problems, count) in [
        (read(&["yesterday"]), 0),
        (read(&["7d"]), 3),
        (read(&["bounced"]), 1),
        (
            Problems {
                provider: Some("mailgun"),
                ..read(&[])
            },
            0,
        ),
        (
            Problems {
                class: Some("soft"),
                ..read(&["bounced"])
            },
            0,
        ),
        (
            Problems {
                class: Some("hard"),
                ..read(&["bounced"])
            },
            1,
        ),
    ] {
        assert_eq!(find(&problems, 50).await.1, count, "{problems:?}");
    }
}

/// A spreadsheet would compute what begins like a formula.
#[tokio::test]
async fn a_spreadsheet_has_no_formula_in_it() {
    let table = Table::new().await;
    let bounce = json!([{"event": "bounce", "email": "=cmd@mail.test", "timestamp": AT,
        "type": "bounce", "reason": "-2+3, \"no\""}]);
    assert_eq!(
        table.process(&[message("sendgrid", &bounce)]).await,
        [""; 0]
    );
    let problems = Problems::read(&["bounced"], None, received_at()).expect("problems");
    let found = found(&table.events, &problems, 9, |_| ())
        .await
        .expect("problems");
    let events: Vec<Announced> = found.first(9).iter().filter_map(Announced::of).collect();
    let csv = operator::problems::csv(&events);
    let lines: Vec<&str> = csv.lines().collect();
    let quoted = |cells: &[&str]| {
        let cells = cells.iter().map(|cell| format!("\"{cell}\""));
        cells.collect::<Vec<_>>().join(",")
    };
    let header = quoted(&[
        "occurred_at",
        "kind",
        "bounce_class",
        "bounce_category",
        "recipient",
        "customer_id",
        "provider",
        "provider_kind",
        "reason",
    ]);
    let row = quoted(&[
        "2026-01-02T03:04:05.000Z",
        "bounced",
        "hard",
        "unknown",
        "'=cmd@mail.test",
        "",
        "sendgrid",
        "bounce",
        r#"'-2+3, ""no"""#,
    ]);
    assert_eq!(lines, [header, row]);
}
