//! The operations that read what is stored.

use serde_json::json;

use crate::asker::{Asker, KIM, NOBODY, Named};

pub(crate) async fn reading(asker: &mut Asker<'_>) {
    may_mail(asker).await;
    timelines(asker).await;
    messages(asker).await;
}

async fn may_mail(asker: &mut Asker<'_>) {
    let none: Named<'_> = &[];
    let may = asker.good("mayMail", KIM, none, None).await;
    assert_eq!(
        (&may["may_mail"], may["reasons"].as_array().map(Vec::len)),
        (&json!(false), Some(1))
    );
    let all: Named<'_> = &[
        ("channel", "email"),
        ("ignore", "bounced,unsubscribed"),
        ("scope", "group:10"),
    ];
    let may = asker.good("mayMail", KIM, all, None).await;
    assert_eq!(
        (&may["may_mail"], may["ignored"].as_array().map(Vec::len)),
        (&json!(true), Some(1))
    );
    asker
        .bad(("mayMail", NOBODY, none), None, (400, "address_unreadable"))
        .await;
    let check = json!({ "addresses": ["kim@mail.test", "kim", "KIM@mail.test"], "ignore": ["unsubscribed"], "scope": "group:10", "channel": "email" });
    let checked = asker
        .good("checkRecipients", none, none, Some(&check))
        .await;
    assert_eq!(
        checked["recipients"].as_array().map(Vec::len),
        Some(3),
        "{checked}"
    );
    let crowd = json!({ "addresses": vec!["kim@mail.test"; 101] });
    for body in [json!({}), json!({ "addresses": [1] }), crowd] {
        let (status, answer) = asker.ask("checkRecipients", none, none, Some(&body)).await;
        assert_eq!(status, 400, "{answer}");
    }
}

async fn timelines(asker: &mut Asker<'_>) {
    let none: Named<'_> = &[];
    let query: Named<'_> = &[
        ("channel", "email"),
        ("kind", "bounced,suppression_added"),
        ("from", "2026-01-01"),
        ("limit", "1"),
        ("raw", "1"),
    ];
    let list = asker.good("listEvents", KIM, query, None).await;
    assert_eq!(list["events"].as_array().map(Vec::len), Some(1), "{list}");
    let next = list["next"].as_str().expect("more").to_owned();
    let rest: Named<'_> = &[("cursor", &next)];
    asker.good("listEvents", KIM, rest, None).await;
    for query in [
        ("cursor", "?"),
        ("limit", "0"),
        ("limit", "201"),
        ("kind", "read"),
        ("channel", "fax"),
        ("from", "soon"),
    ] {
        let (status, answer) = asker.ask("listEvents", KIM, &[query], None).await;
        assert_eq!(status, 400, "{query:?} {answer}");
    }
    let customer: Named<'_> = &[("customer", "u-9")];
    let list = asker.good("listCustomerEvents", customer, none, None).await;
    assert_eq!(list, json!({ "events": [] }));
    let (status, _) = asker
        .ask("listCustomerEvents", customer, &[("limit", "x")], None)
        .await;
    assert_eq!(status, 400);
}

async fn messages(asker: &mut Asker<'_>) {
    let none: Named<'_> = &[];
    let message: Named<'_> = &[("provider", "mailpanda"), ("message", "M/1")];
    let shown = asker
        .good("showMessage", message, &[("raw", "1")], None)
        .await;
    assert_eq!(
        shown["recipients"].as_array().map(Vec::len),
        Some(1),
        "{shown}"
    );
    let (status, _) = asker
        .ask(
            "showMessage",
            &[("provider", "acme"), ("message", "M/1")],
            none,
            None,
        )
        .await;
    assert_eq!(status, 400);

    let day: Named<'_> = &[("kind", "bounced"), ("day", "2026-01-02")];
    let query: Named<'_> = &[
        ("provider", "mailpanda"),
        ("class", "hard"),
        ("limit", "10"),
    ];
    let list = asker.good("listProblems", day, query, None).await;
    assert_eq!(list["events"].as_array().map(Vec::len), Some(1), "{list}");
    for (path, query) in [
        ([("kind", "opened"), ("day", "today")], None),
        ([("kind", "bounced"), ("day", "soon")], None),
        (
            [("kind", "bounced"), ("day", "today")],
            Some(("class", "harder")),
        ),
        (
            [("kind", "bounced"), ("day", "today")],
            Some(("cursor", "?")),
        ),
    ] {
        let query: Vec<(&str, &str)> = query.into_iter().collect();
        let (status, answer) = asker.ask("listProblems", &path, &query, None).await;
        assert_eq!(status, 400, "{path:?} {query:?} {answer}");
    }
}
