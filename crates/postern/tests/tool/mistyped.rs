//! What is said to whoever mistypes.

use crate::running::{run, run_words};

const KINDS: &str = "one of: bounced complained failed rejected unsubscribed";
const DAY: &str = "a day in UTC: 2026-01-02, or today, yesterday, 7d";
const ONE: &str = "give one address, such as kim@mail.test, in any spelling";

const MEANT: &str =
    "did you mean `bounced`?  one of: bounced complained failed rejected unsubscribed";

/// What is typed, what is wrong with it, and what to type. Each of these once said "0 events", and
/// ended with 0.
const LINES: &[(&str, &str, &str)] = &[
    ("problems bounces", "`bounces` is no kind of problem", MEANT),
    (
        "problems bounces/2026-01-03",
        "`bounces` is no kind of problem",
        MEANT,
    ),
    (
        "problems Bounced/2026-1-3",
        "`Bounced` is no kind of problem",
        MEANT,
    ),
    ("problems bounced/2026-13-40", "`2026-13-40` is no day", DAY),
    ("problems bounced 2026-13-40", "`2026-13-40` is no day", DAY),
    (
        "problems delivered/2026-01-03",
        "`delivered` is no kind of problem",
        KINDS,
    ),
    (
        "problems tody",
        "`tody` is no kind of problem",
        "did you mean `today`?",
    ),
    (
        "problems --class Hard",
        "`Hard` is no class of a bounce",
        "did you mean `hard`?  one of: hard soft block undetermined",
    ),
    (
        "problems failed --class hard --port 1",
        "`failed` has no class: only bounces have one",
        "postern problems bounced --class hard --port 1",
    ),
    (
        "events kim@",
        "\"kim@\": there is no mail address in it",
        ONE,
    ),
    (
        "events a@b.test,c@d.test",
        "\"a@b.test,c@d.test\": there are several mail addresses in it: give one",
        ONE,
    ),
    (
        "events k@m.test --channel mail",
        "`mail` is no channel",
        "did you mean `email`?  one of: email sms push in_app whatsapp slack webhook",
    ),
    (
        "events k@m.test --from 2026-02-01 --to 2026-01-01",
        "--from 2026-02-01T00:00:00Z is not before --to 2026-01-01T00:00:00Z",
        "exchange them",
    ),
    (
        "events k@m.test --next 7",
        "`7` is not where a list ended",
        "the `next` of the last line of an earlier list",
    ),
    (
        "message resend#",
        "`resend#` is no message id",
        "the id that the provider's send API returned, or <provider>#<id>",
    ),
    (
        "may-mail kim",
        "\"kim\": there is no mail address in it",
        ONE,
    ),
    (
        "may-mail k@m.test --scope 7",
        "`7` is no scope",
        "a kind and the provider's id, such as group:1234; the kind is one of: list group topic stream",
    ),
    (
        "may-mail k@m.test --ignore unsubscribe",
        "`unsubscribe` is no reason why not to mail",
        "did you mean `unsubscribed`?  one of: bounced complained unsubscribed manual",
    ),
];

#[test]
fn whoever_mistypes_is_told_what_to_type_and_nothing_is_asked() {
    for (line, what, hint) in LINES {
        let done = run(line);
        assert_eq!((done.code, done.stdout.as_str()), (Some(2), ""), "{line}");
        assert_eq!(
            done.stderr,
            format!("error: {what}\nhint: {hint}\n"),
            "{line}"
        );
    }
    for word in ["events", "message", "may-mail"] {
        for nobody in ["", " "] {
            let done = run_words(&[word, nobody], "");
            assert_eq!((done.code, done.stdout.as_str()), (Some(2), ""), "{word}");
            assert!(done.stderr.contains("\nhint: "), "{word}: {done:?}");
        }
    }
    let done = run_words(
        &["may-mail", "--file", "-", "--column", "emial"],
        "name,email\n",
    );
    assert_eq!(done.code, Some(2));
    let said = "error: `emial` is no column of -\nhint: --column, did you mean `email`?  one of: name email\n";
    assert_eq!(done.stderr, said);
    let done = run("may-mail --file /nowhere/crm.csv --json");
    assert_eq!(done.code, Some(2));
    assert_eq!(done.error()["code"], "file_unreadable");
}
