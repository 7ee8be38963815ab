//! The operator's own events, against a real table and without processes: lists that are imported,
//! addresses that are added and lifted.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ::suppress::import::{ImportError, Input, Options, Report};
use ::suppress::{Entry, Error, Said, Selection, Speaker, State, list};
use jiff::Timestamp;
use operator::Exit;
use operator::erase::{self, Person, erase};
use operator::print::now;
use operator::renormalize::{Mode, Report as Renormalized, Selection as Which, renormalize};
use serde_json::{Value, json};
use shared::event::Reason;
use shared::time::from_rfc3339;
use table::item::Item;
use table::read::{plain, text};
use tests::table::{Table, message};

/// The longest that the table keeps events, in days.
const DAYS: u32 = 400;

fn at(text: &str) -> Timestamp {
    from_rfc3339(text).expect("a time")
}

/// When the tests' operator is at work, unless they say otherwise.
const NOW: &str = "2026-11-26T12:00:00Z";

fn export(name: &str) -> Input {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("exports");
    Input::File(folder.join(name))
}

fn options(kind: Option<&str>, map: &[&str]) -> Options {
    let map: Vec<String> = map.iter().map(|text| (*text).to_owned()).collect();
    Options::parse(None, kind, &map).expect("options")
}

async fn import(
    table: &Table,
    input: &Input,
    options: &Options,
    go: bool,
) -> Result<Report, Error> {
    let speaker = Speaker {
        events: &table.events,
        retention_days: DAYS,
        by: Some("arn:aws:iam::123456789012:user/ode".to_owned()),
        why: None,
        now: at(NOW),
    };
    speaker.import(input, options, go, |_| {}).await
}

async fn imported(table: &Table, name: &str, go: bool) -> Report {
    let report = import(table, &export(name), &Options::default(), go).await;
    report.unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// What stands, as `address reason since provider (from)`.
async fn standing(table: &Table) -> Vec<String> {
    let mut all: Vec<Entry> = Vec::new();
    let selection = Selection::default();
    let count = list(&table.events, &selection, |entries, _| all.extend(entries)).await;
    assert_eq!(count.expect("a count"), all.len() as u64);
    let mut lines: Vec<String> = all
        .iter()
        .map(|entry| {
            let since = &entry.standing.since;
            format!(
                "{} {} {since} {}",
                entry.address,
                entry.reason,
                entry.said_by()
            )
        })
        .collect();
    lines.sort();
    lines
}

/// Everything in the table, by its keys.
async fn everything(table: &Table) -> BTreeMap<(String, String), Value> {
    let items = table.events.scan().await.expect("items");
    let key = |item: &Item| (text(item, "pk").to_owned(), text(item, "sk").to_owned());
    items.iter().map(|item| (key(item), plain(item))).collect()
}

/// Every file, what it is, what its rows are, and whose addresses do not stand behind it.
#[rustfmt::skip]
const EXPORTS: &[(&str, &str)] = &[
    ("suppression_bounces.csv", "SendGrid bounces (status,reason,email,created), 12 rows: 4 new, 1 known, 3 not hard, 4 unreadable (lines 10, 11, 13, 14)"),
    ("suppression_blocks.csv", "SendGrid blocks (status,reason,email,created), 1 row: 1 not hard"),
    ("suppression_spam_reports.csv", "SendGrid complaints (email,created), 1 row: 1 new"),
    ("suppression_invalid_emails.csv", "SendGrid invalid (reason,email,created), 1 row: 1 new"),
    ("suppression_unsubscribes.csv", "SendGrid unsubscribes (email,created), 1 row: 1 new"),
    ("excel_unsubscribes.csv", "SendGrid unsubscribes (email,created), 2 rows: 2 new"),
    ("asm_groups_3893_suppressions.csv", "SendGrid topic (email,created), 1 row: 1 of one topic only"),
    ("mg.mail.test_complaints.csv", "Mailgun complaints (address,code,error,created_at), 1 row: 1 new"),
    ("mg.mail.test_unsubscribes.csv", "Mailgun unsubscribes (address,tags,created_at), 3 rows: 2 new, 1 of one topic only"),
    ("mailgun_bounces.json", "Mailgun bounces (address,code,created_at,error), 2 rows: 2 new"),
    ("postmark.json", "Postmark suppressions (createdat,emailaddress,origin,suppressionreason), 4 rows: 4 new"),
    ("ses.csv", "Amazon SES suppressions (emailaddress,reason), 2 rows: 2 new"),
    ("ses.jsonl", "Amazon SES suppressions (emailaddress,reason), 3 rows: 2 new, 1 unreadable (line 2)"),
    ("ses_pages.json", "Amazon SES suppressions (emailaddress,lastupdatetime,reason), 2 rows: 2 new"),
    ("resend.json", "Resend suppressions (created_at,email,origin), 2 rows: 2 new"),
    ("customerio_bounces.json", "Customer.io bounces (created,email,reason,status), 2 rows: 2 new"),
    ("customerio_spam_reports.json", "Customer.io complaints (created,email,reason,status), 1 row: 1 new"),
    ("people.csv", "Customer.io people (email,unsubscribed), 3 rows: 1 new, 1 not unsubscribed, 1 unreadable (line 4)"),
    ("ses_first_page.json", "Amazon SES suppressions (emailaddress,lastupdatetime,reason), 3 rows: 1 new, 2 unreadable (rows 2, 3)"),
    ("day_first_unsubscribes.csv", "SendGrid unsubscribes (email,created), 4 rows: 3 new, 1 known"),
    ("spreadsheet_people.csv", "Customer.io people (email,unsubscribed), 4 rows: 1 new, 1 not unsubscribed, 2 unreadable (lines 4, 5)"),
    ("torn_bounces.csv", "SendGrid bounces (status,reason,email,created), 2 rows: 1 new, 1 unreadable (lines 2-3)"),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_export_is_what_it_is_and_a_second_import_changes_nothing() {
    let table = Table::keeping(DAYS).await;
    for (name, plan) in EXPORTS {
        assert_eq!(imported(&table, name, false).await.text(), *plan);
    }
    assert!(everything(&table).await.is_empty(), "a dry run");
    let mut written = 0;
    for (name, plan) in EXPORTS {
        let report = imported(&table, name, true).await;
        let is_whole = report.counts.unreadable == 0 && report.next_page.is_none();
        let exit = if is_whole { Exit::Done } else { Exit::Partly };
        assert_eq!((report.text().as_str(), report.exit()), (*plan, exit));
        assert_eq!(report.counts.not_written, 0);
        // What is known is not written again, but for a row that is later than what is known.
        assert!(report.counts.written >= report.counts.new, "{name}");
        written += report.counts.new;
    }
    let first = everything(&table).await;
    assert_eq!(standing(&table).await.len() as u64, written);
    for (name, _) in EXPORTS {
        let report = imported(&table, name, true).await;
        assert_eq!((report.counts.new, report.counts.written), (0, 0), "{name}");
    }
    assert_eq!(everything(&table).await, first);
    assert_eq!(
        standing(&table).await,
        [
            "\"kim, ode\"@mail.test bounced 2026-01-02T03:04:10.000Z operator (sendgrid)",
            "a1@mail.test unsubscribed 2011-10-13T18:02:00.000Z ",
            "a3@mail.test unsubscribed 2026-11-26T12:00:00.000Z operator (mailgun)",
            "ada@mail.test bounced 2026-11-26T12:00:00.000Z operator (sendgrid)",
            "b1@mail.test bounced 2011-10-21T11:02:55.000Z ",
            "b2@mail.test bounced 2011-10-21T11:02:55.000Z ",
            "c1@mail.test complained 2026-01-02T03:03:20.000Z operator (customerio)",
            "c2@mail.test bounced 2026-01-02T03:03:20.000Z operator (customerio)",
            "c3@mail.test bounced 2026-11-26T12:00:00.000Z operator (customerio)",
            "d2@mail.test unsubscribed 2026-11-26T12:00:00.000Z operator (customerio)",
            "e1@mail.test unsubscribed 2026-11-26T12:00:00.000Z operator (customerio)",
            "kim@mail.test bounced 2026-01-02T03:04:05.000Z operator (sendgrid)",
            "lee@mail.test bounced 2026-01-02T03:04:06.000Z operator (sendgrid)",
            "p1@mail.test unsubscribed 2019-12-17T13:58:33.000Z ",
            "p2@mail.test bounced 2019-12-17T13:58:33.000Z ",
            "p3@mail.test complained 2019-12-17T13:58:33.000Z ",
            "p4@mail.test manual 2019-12-17T13:58:33.000Z ",
            "r1@mail.test manual 2026-01-06T23:47:56.678Z operator (resend)",
            "r2@mail.test bounced 2026-01-07T08:12:03.412Z operator (resend)",
            "s1@mail.test bounced 2026-11-26T12:00:00.000Z operator (ses)",
            "s2@mail.test complained 2026-11-26T12:00:00.000Z operator (ses)",
            "s3@mail.test bounced 2026-11-26T12:00:00.000Z operator (ses)",
            "s4@mail.test complained 2026-11-26T12:00:00.000Z operator (ses)",
            "s5@mail.test bounced 2026-01-02T03:06:11.728Z operator (ses)",
            "s6@mail.test bounced 2020-04-10T21:03:05.077Z ",
            "s7@mail.test bounced 2026-01-02T03:04:05.000Z operator (ses)",
            "sam@mail.test complained 2026-01-02T03:03:20.000Z operator (sendgrid)",
            "t1@mail.test unsubscribed 2026-11-26T12:00:00.000Z operator (sendgrid)",
            "t2@mail.test unsubscribed 2026-11-26T12:00:00.000Z operator (sendgrid)",
            "t3@mail.test unsubscribed 2026-01-02T03:03:20.000Z operator (sendgrid)",
            "uma@mail.test unsubscribed 2026-01-02T03:03:20.000Z operator (sendgrid)",
            "v3@mail.test bounced 2026-01-02T03:04:06.000Z operator (sendgrid)",
            "vic@mail.test unsubscribed 2026-11-26T12:00:00.000Z operator (sendgrid)",
            "x@nowhere.test bounced 2026-01-02T03:03:20.000Z operator (sendgrid)",
            "zoe@mail.test complained 2011-10-21T11:02:55.000Z ",
            "üna@xn--bcher-kva.test unsubscribed 2026-01-02T03:03:20.000Z operator (sendgrid)",
        ]
    );
}

/// Imports a text under a file name.
async fn imported_text(table: &Table, name: &str, text: &str, options: &Options) -> Report {
    let folder = std::env::temp_dir().join(format!("postern-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join(name);
    std::fs::write(&path, text).expect("a file");
    let report = import(table, &Input::File(path.clone()), options, true).await;
    std::fs::remove_file(path).expect("removed");
    report.unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_names_a_next_one_is_not_the_whole_list() {
    let table = Table::keeping(DAYS).await;
    let plan = imported(&table, "ses_first_page.json", false).await;
    assert_eq!(
        (plan.exit(), plan.receipt().incomplete, plan.notes()),
        (
            Exit::Done,
            true,
            vec![
                "INCOMPLETE: the last page names a next one (`NextToken`). This is not the whole \
                 list: ask again with --next-token until there is none: postern suppress import \
                 --help. The pages can be imported one after the other, or together."
                    .to_owned()
            ]
        )
    );
    let ses = |address: &str, rest: &str| {
        format!(
            r#"{{"SuppressedDestinationSummaries":[{{"EmailAddress":"{address}","Reason":"BOUNCE"}}]{rest}}}"#
        )
    };
    let resend = |more: bool| {
        format!(r#"{{"has_more":{more},"data":[{{"email":"x4@mail.test","origin":"bounce"}}]}}"#)
    };
    let mailgun = |items: &str| {
        format!(r#"{{"items":[{items}],"paging":{{"next":"https://api.mailgun.test/next"}}}}"#)
    };
    let item = r#"{"address":"x5@mail.test","code":"550","error":""}"#;
    let (first, last) = (
        ses("x1@mail.test", r#","NextToken":"a""#),
        ses("x2@mail.test", ""),
    );
    for (name, text, mark) in [
        ("cut.json", first.clone(), Some("NextToken")),
        ("whole.json", format!("{first}\n{last}"), None),
        ("turned.json", format!("{last}\n{first}"), Some("NextToken")),
        (
            "null.json",
            ses("x3@mail.test", r#","NextToken":null"#),
            None,
        ),
        ("more.json", resend(true), Some("has_more")),
        ("no_more.json", resend(false), None),
        ("bounces.json", mailgun(item), Some("paging.next")),
        (
            "all_bounces.json",
            format!("{}\n{}", mailgun(item), mailgun("")),
            None,
        ),
    ] {
        let report = imported_text(&table, name, &text, &Options::default()).await;
        let exit = if mark.is_some() {
            Exit::Partly
        } else {
            Exit::Done
        };
        assert_eq!((report.next_page, report.exit()), (mark, exit), "{name}");
        assert_eq!(report.receipt().incomplete, mark.is_some(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_whose_time_is_not_known_undoes_no_lift() {
    let table = Table::keeping(DAYS).await;
    let list = "email,created\nkim@mail.test,1767323000\nlee@mail.test,1767323000\n";
    imported_text(
        &table,
        "unsubscribes.csv",
        list,
        &options(Some("unsubscribes"), &[]),
    )
    .await;
    let speaker = speaker(&table, "has asked for mail", "2026-02-01T00:00:00Z");
    let plan = speaker.plan_lift("kim@mail.test", false).await;
    speaker.lift(plan.expect("a plan")).await.expect("lifted");
    let stands = "lee@mail.test unsubscribed 2026-01-02T03:03:20.000Z operator (sendgrid)";
    assert_eq!(standing(&table).await, [stands]);
    for (time, unknown, undated) in [("01/03/2026", 2, 0), ("2100-01-02", 2, 0), ("", 0, 1)] {
        let list = format!("email,created\nkim@mail.test,{time}\n");
        let list = match time {
            "" => list,
            time => format!("{list}lee@mail.test,{time}\n"),
        };
        let report = imported_text(
            &table,
            "unsubscribes.csv",
            &list,
            &options(Some("unsubscribes"), &[]),
        )
        .await;
        let counts = &report.counts;
        assert_eq!(
            (counts.lifted_later, counts.time_unknown, counts.undated),
            (1, unknown, undated),
            "{time}"
        );
        assert_eq!((counts.new, counts.written), (0, 0), "{time}");
        assert_eq!(standing(&table).await, [stands], "{time}");
    }
    let list = "email,created\nmax@mail.test,01/03/2026\n";
    let max = imported_text(
        &table,
        "unsubscribes.csv",
        list,
        &options(Some("unsubscribes"), &[]),
    )
    .await;
    assert_eq!(
        (max.text().as_str(), max.notes(), max.exit()),
        (
            "SendGrid unsubscribes (email,created), 1 row: 1 new",
            vec![
                "Time not understood: 1 row (line 2). They count from now where nothing is known \
                 of the address and the reason, and else not at all."
                    .to_owned()
            ],
            Exit::Done
        )
    );
    let receipt = max.receipt();
    let places = receipt.unknown_times.iter();
    let places: Vec<_> = places.map(|place| (place.row, place.line)).collect();
    assert_eq!(places, [(1, 2)]);
    assert_eq!(standing(&table).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_row_does_not_say_clearly_is_unreadable() {
    let table = Table::keeping(DAYS).await;
    let rows = [
        r#""a1@mail.test""#,
        r#""a2 b2@mail.test""#,
        r#""n\u0000ul@mail.test""#,
        r#"["a4@mail.test"]"#,
        r#"{"email":"a5@mail.test"}"#,
        r#""a6@mail.test","emailaddress":"b6@mail.test""#,
    ];
    let row = |address: &&str| {
        format!(r#"{{"EmailAddress":{address},"SuppressionReason":"HardBounce"}}"#)
    };
    let rows: Vec<String> = rows.iter().map(row).collect();
    let text = format!(r#"{{"Suppressions":[{}]}}"#, rows.join(","));
    let report = imported_text(&table, "postmark.json", &text, &Options::default()).await;
    assert_eq!(
        report.text(),
        "Postmark suppressions (emailaddress,suppressionreason), 6 rows: 1 new, 5 unreadable \
         (rows 2, 3, 4, 5, 6)"
    );
    let bad = report.receipt().bad_lines.into_iter();
    let bad: Vec<_> = bad.map(|bad| (bad.row, bad.line, bad.code)).collect();
    assert_eq!(
        bad,
        [
            (2, 1, "more_than_address"),
            (3, 1, "control_character"),
            (4, 1, "row_unreadable"),
            (5, 1, "row_unreadable"),
            (6, 1, "row_unreadable"),
        ]
    );
    assert_eq!(report.exit(), Exit::Partly);
    let folder = std::env::temp_dir();
    let path = folder.join(format!("postern-twice-{}.csv", std::process::id()));
    std::fs::write(
        &path,
        "email,created,Email\na@mail.test,1767323000,b@mail.test\n",
    )
    .expect("a file");
    let twice = import(
        &table,
        &Input::File(path.clone()),
        &options(Some("unsubscribes"), &[]),
        true,
    )
    .await;
    std::fs::remove_file(path).expect("removed");
    let twice = twice.expect_err("two columns");
    assert_eq!(
        (twice.code(), twice.to_string().as_str(), twice.exit()),
        (
            "import_column_twice",
            "the column `email` is there twice",
            Exit::Line
        )
    );
    assert_eq!(standing(&table).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_import_writes_is_an_event_like_any_other() {
    let table = Table::keeping(DAYS).await;
    imported(&table, "resend.json", true).await;
    let items = table
        .events
        .partition("email#r2@mail.test".to_owned())
        .await;
    let items = items.expect("items");
    let event = items.iter().find(|item| item.contains_key("kind"));
    let event = plain(event.expect("an event"));
    let raw = r#"{"act":"import","address":"r2@mail.test","reason":"bounced","at":"2026-01-07T08:12:03.412Z","by":"arn:aws:iam::123456789012:user/ode","from":"resend","row":{"word":"bounce"}}"#;
    let id = event["id"].as_str().expect("an id").to_owned();
    assert_eq!(
        event,
        json!({
            "pk": "email#r2@mail.test", "sk": format!("2026-01-07T08:12:03.412Z#{id}"), "id": id,
            "schema": 2, "provider": "operator", "channel": "email", "kind": "suppression_added",
            "provider_kind": "import", "suppression_reason": "bounced",
            "occurred_at_source": "event", "expires_at": 1_767_773_523 + i64::from(DAYS) * 86_400,
            "metadata": {"by": "arn:aws:iam::123456789012:user/ode", "from": "resend"}, "raw": raw,
        })
    );
    // It is rebuilt from its words, and erased with the person.
    let same = renormalize(
        &table.events,
        &Which::default(),
        Mode::DryRun,
        |_| {},
        |_| {},
    )
    .await;
    let Renormalized {
        read, same, left, ..
    } = same.expect("a report");
    assert_eq!((read, same, left), (2, 2, BTreeMap::new()));
    let person = Person::recipient("r2@mail.test").expect("a person");
    let plan = erase::plan(&table.events, &person, false)
        .await
        .expect("a plan");
    let receipt = erase(&table.events, &person, plan, now()).await;
    assert_eq!((receipt.suppressions, receipt.not_deleted), (1, 0));
    let left = table
        .events
        .partition("email#r2@mail.test".to_owned())
        .await;
    assert_eq!(left.expect("items"), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_recognized_says_what_to_do_and_what_came_before_an_error_counts() {
    let table = Table::keeping(DAYS).await;
    let crm = import(&table, &export("crm.csv"), &Options::default(), true).await;
    let error = crm.expect_err("unknown columns");
    assert_eq!(
        (error.code(), error.to_string().as_str(), error.exit()),
        (
            "import_columns_unknown",
            "these columns are of no format that is known: name, e-mail, added",
            Exit::Line
        )
    );
    let mapped = options(Some("unsubscribes"), &["email=E-Mail", "created=added"]);
    let crm = import(&table, &export("crm.csv"), &mapped, true).await;
    assert_eq!(
        crm.expect("a report").text(),
        "A list of unsubscribes (e-mail,added), 1 row: 1 new"
    );
    assert_eq!(
        standing(&table).await,
        ["k1@mail.test unsubscribed 2026-01-02T03:04:05.000Z operator"]
    );
    let wrong = options(Some("unsubscribes"), &["email=mail"]);
    let crm = import(&table, &export("crm.csv"), &wrong, true).await;
    assert_eq!(
        crm.expect_err("no such column").to_string(),
        "there is no column `mail`: there are name, e-mail, added"
    );
    let cut = imported(&table, "cut_short.json", true).await;
    assert!(matches!(
        cut.stopped,
        Some(ImportError::Json { line: 2, .. })
    ));
    assert_eq!((cut.counts.written, cut.exit()), (1, Exit::Partly));
    let nothing = import(&table, &export("none.csv"), &Options::default(), true).await;
    assert_eq!(nothing.expect_err("no file").code(), "import_unreadable");
}

/// A webhook of `SendGrid`'s about Kim.
fn webhook(event: &str, seconds: i64) -> String {
    let body = json!([{"event": event, "type": "bounce", "email": "kim@mail.test", "status": "5.1.1",
        "reason": "550 5.1.1 user unknown", "timestamp": 1_767_323_045 + seconds, "sg_event_id": event}]);
    message("sendgrid", &body)
}

fn speaker<'a>(table: &'a Table, why: &str, now: &str) -> Speaker<'a> {
    Speaker {
        events: &table.events,
        retention_days: DAYS,
        by: None,
        why: Some(why.to_owned()),
        now: at(now),
    }
}

fn checked(said: &Said) -> (&str, State, Vec<&str>, Vec<&str>) {
    let before = said.before.keys().copied().collect();
    (
        &said.address,
        said.state,
        before,
        said.after.keys().copied().collect(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_does_not_undo_what_was_lifted_since_and_does_not_hide_what_came_later() {
    let table = Table::keeping(DAYS).await;
    imported(&table, "suppression_bounces.csv", true).await;
    let then = speaker(&table, "a new mailbox", "2026-01-02T03:04:30Z");
    let lift = then
        .plan_lift("Kim <KIM@mail.test>", false)
        .await
        .expect("a plan");
    assert_eq!(
        checked(&lift.planned()),
        ("kim@mail.test", State::Planned, vec!["bounced"], vec![])
    );
    assert_eq!(standing(&table).await.len(), 4, "a plan changes nothing");
    let lifted = then.lift(lift).await.expect("lifted");
    assert_eq!(
        checked(&lifted),
        ("kim@mail.test", State::Done, vec!["bounced"], vec![])
    );
    let again = imported(&table, "suppression_bounces.csv", true).await;
    assert_eq!((again.counts.lifted_later, again.counts.written), (1, 0));
    assert_eq!(again.counts.known, 4); // Kim's second row, too
    assert_eq!(standing(&table).await.len(), 3);
    // A bounce after the lift stands; another lift that is older than it does not reach it.
    assert_eq!(table.process(&[webhook("bounce", 50)]).await, [""; 0]);
    let kim = |lines: Vec<String>| lines.into_iter().find(|line| line.starts_with("kim@"));
    let line = "kim@mail.test bounced 2026-01-02T03:04:55.000Z sendgrid";
    assert_eq!(kim(standing(&table).await).as_deref(), Some(line));
    let lift = then
        .plan_lift("kim@mail.test", false)
        .await
        .expect("a plan");
    let late = then.lift(lift).await.expect("said");
    assert_eq!(
        checked(&late),
        (
            "kim@mail.test",
            State::NotWritten,
            vec!["bounced"],
            vec!["bounced"]
        )
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complaint_is_lifted_only_if_that_is_said() {
    let table = Table::keeping(DAYS).await;
    assert_eq!(
        table
            .process(&[webhook("spamreport", 0), webhook("bounce", 9)])
            .await,
        [""; 0]
    );
    let speaker = speaker(&table, "asked by telephone", NOW);
    let refused = speaker
        .plan_lift("kim@mail.test", false)
        .await
        .err()
        .expect("refused");
    assert_eq!(
        (refused.code(), refused.to_string().as_str(), refused.exit()),
        (
            "complaint_not_lifted",
            "kim@mail.test complained on 2026-01-02 03:04:05: nothing was lifted",
            Exit::No
        )
    );
    let lift = speaker
        .plan_lift("kim@mail.test", true)
        .await
        .expect("a plan");
    let lifted = speaker.lift(lift).await.expect("lifted");
    let both = vec!["bounced", "complained"];
    assert_eq!(
        checked(&lifted),
        ("kim@mail.test", State::Done, both, vec![])
    );
    assert_eq!(lifted.before["complained"].origin(), Some("sendgrid"));
    let nobody = speaker
        .plan_lift("kim@mail.test", false)
        .await
        .expect("a plan");
    assert_eq!(
        checked(&nobody.planned()),
        ("kim@mail.test", State::Already, vec![], vec![])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_added_once_and_none_of_them_if_one_is_no_address() {
    let table = Table::keeping(DAYS).await;
    let speaker = speaker(&table, "asked by telephone", NOW);
    let both = ["lee@mail.test", "Kim <KIM@mail.test.>"].map(str::to_owned);
    let added = speaker.add(&both).await.expect("added");
    let kim = ("kim@mail.test", State::Done, vec![], vec!["manual"]);
    assert_eq!(added.iter().map(checked).next_back(), Some(kim));
    let before = everything(&table).await;
    let again = speaker
        .add(&["kim@mail.test".to_owned()])
        .await
        .expect("said");
    let manual = vec!["manual"];
    assert_eq!(
        again.iter().map(checked).next(),
        Some(("kim@mail.test", State::Already, manual.clone(), manual))
    );
    let wrong = ["eve@mail.test".to_owned(), "eve@".to_owned()];
    let wrong = speaker.add(&wrong).await.expect_err("no address");
    assert_eq!(
        (wrong.code(), wrong.to_string().as_str()),
        ("no_address", "\"eve@\": there is no mail address in it")
    );
    assert_eq!(everything(&table).await, before);
    let mut reasons = Vec::new();
    let selection = Selection {
        reason: Some(Reason::Bounced),
        provider: None,
    };
    let count = list(&table.events, &selection, |entries, _| {
        reasons.extend(entries);
    })
    .await;
    assert_eq!((count.expect("a count"), reasons.len()), (0, 0));
    let selection = Selection {
        reason: Some(Reason::Manual),
        provider: Some("operator".to_owned()),
    };
    let count = list(&table.events, &selection, |entries, _| {
        reasons.extend(entries);
    })
    .await;
    assert_eq!((count.expect("a count"), reasons.len()), (2, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_is_read_and_written_in_batches() {
    let table = Table::keeping(DAYS).await;
    let path =
        std::env::temp_dir().join(format!("postern-unsubscribes-{}.csv", std::process::id()));
    let rows = (0..1_200).map(|n| format!("p{}@mail.test,{}\n", n % 1_000, 1_767_323_045 + n));
    let text: String = std::iter::once("email,created\n".to_owned())
        .chain(rows)
        .collect();
    std::fs::write(&path, text).expect("a file");
    let mut told = Vec::new();
    let speaker = Speaker {
        events: &table.events,
        retention_days: DAYS,
        by: None,
        why: None,
        now: at(NOW),
    };
    let (file, tell) = (Input::File(path.clone()), |bytes| told.push(bytes));
    let report = speaker.import(&file, &Options::default(), true, tell).await;
    let counts = report.expect("a report").counts;
    assert_eq!(told.last().copied(), file.bytes());
    std::fs::remove_file(path).expect("removed");
    assert_eq!((counts.rows, counts.new, counts.known), (1_200, 1_000, 200));
    assert_eq!(counts.not_written, 0);
    let standing = standing(&table).await;
    assert_eq!(standing.len(), 1_000);
    // The later row of the two counts.
    let first = "p0@mail.test unsubscribed 2026-01-02T03:20:45.000Z operator (sendgrid)";
    assert_eq!(standing.first().map(String::as_str), Some(first));
}
