//! Every path, and what looks like one.

use super::*;

/// The name of what is asked for. The type itself prints no address.
fn shown(route: Route<'_>) -> String {
    match route {
        Route::Nowhere => "nowhere".to_owned(),
        Route::Method(allowed) => format!("allow {allowed}"),
        Route::To(ask) => match ask {
            Ask::List => "list".to_owned(),
            Ask::Create => "create".to_owned(),
            Ask::Show(id) => format!("show {id}"),
            Ask::Change(id) => format!("change {id}"),
            Ask::Remove(id) => format!("remove {id}"),
            Ask::Test(id) => format!("test {id}"),
            Ask::Rotate(id) => format!("rotate {id}"),
            Ask::Retry(id) => format!("retry {id}"),
            Ask::Undelivered(id) => format!("undelivered {id}"),
            Ask::MayMail(address) => format!("may mail {address}"),
            Ask::Check => "check".to_owned(),
            Ask::Events(address) => format!("events {address}"),
            Ask::Suppress(address) => format!("suppress {address}"),
            Ask::Lift(address) => format!("lift {address}"),
            Ask::CustomerEvents(id) => format!("customer {id}"),
            Ask::Message(provider, id) => format!("message {provider} {id}"),
            Ask::Problems(kind, day) => format!("problems {kind} {day}"),
        },
    }
}

#[test]
fn every_route_leads_to_what_it_asks_for() {
    for (method, path, ask) in [
        ("GET", "/api/webhooks/manage", "list"),
        ("POST", "/api/webhooks/manage", "create"),
        ("GET", "/api/webhooks/manage/3", "show 3"),
        ("PATCH", "/api/webhooks/manage/3", "change 3"),
        (
            "DELETE",
            "/api/webhooks/manage/9999999999",
            "remove 9999999999",
        ),
        ("POST", "/api/webhooks/manage/3/test", "test 3"),
        ("POST", "/api/webhooks/manage/3/rotate", "rotate 3"),
        ("POST", "/api/webhooks/manage/3/retry", "retry 3"),
        ("GET", "/api/webhooks/manage/3/undelivered", "undelivered 3"),
        ("GET", "/api/webhooks/manage/0/undelivered", "undelivered 0"),
        ("POST", "/api/webhooks/manage/0/retry", "retry 0"),
        (
            "GET",
            "/api/recipients/kim@mail.test",
            "may mail kim@mail.test",
        ),
        ("POST", "/api/recipients/check", "check"),
        (
            "GET",
            "/api/recipients/kim@mail.test/events",
            "events kim@mail.test",
        ),
        (
            "PUT",
            "/api/recipients/kim@mail.test/suppression",
            "suppress kim@mail.test",
        ),
        (
            "DELETE",
            "/api/recipients/kim@mail.test/suppression",
            "lift kim@mail.test",
        ),
        ("GET", "/api/customers/u-9/events", "customer u-9"),
        ("GET", "/api/messages/resend/A1", "message resend A1"),
        (
            "GET",
            "/api/problems/bounced/today",
            "problems bounced today",
        ),
    ] {
        let to = route(path, method);
        assert_eq!(shown(to), ask, "{method} {path}");
        let Route::To(ask) = to else {
            unreachable!("it is shown as one");
        };
        let is_reading = method == "GET" || path.ends_with("/check");
        assert_eq!(ask.is_reading(), is_reading, "{method} {path}");
    }
}

/// The gateway has decoded the path, so anything may be in it.
#[test]
fn an_address_is_taken_to_the_letter() {
    for (rest, ask) in [
        ("a+b@mail.test", "may mail a+b@mail.test"),
        ("a%2Bb@mail.test", "may mail a%2Bb@mail.test"),
        ("a/b@mail.test", "may mail a/b@mail.test"),
        ("a/b@mail.test/events", "events a/b@mail.test"),
        ("/a@mail.test/events", "events /a@mail.test"),
        ("events", "may mail events"),
        ("events/events", "events events"),
        ("check/events", "events check"),
        ("kim@mail.test/events/", "may mail kim@mail.test/events/"),
        ("kim@mail.test/Events", "may mail kim@mail.test/Events"),
        (
            "Kim Ode <kim@mail.test>/events",
            "events Kim Ode <kim@mail.test>",
        ),
        ("../webhooks/manage", "may mail ../webhooks/manage"),
        ("kim@mail.test?raw=1", "may mail kim@mail.test?raw=1"),
        ("\u{0}", "may mail \u{0}"),
    ] {
        let path = format!("/api/recipients/{rest}");
        assert_eq!(shown(route(&path, "GET")), ask, "{rest}");
    }
    for (rest, ask) in [
        ("messages/sendgrid/a/b#c", "message sendgrid a/b#c"),
        ("messages/ses/<a@b>/events", "message ses <a@b>/events"),
        ("customers/a/b/events", "customer a/b"),
        (
            "problems/bounced/2026-01-02/x",
            "problems bounced 2026-01-02/x",
        ),
    ] {
        let path = format!("/api/{rest}");
        assert_eq!(shown(route(&path, "GET")), ask, "{rest}");
    }
}

#[test]
fn a_path_that_is_not_exactly_one_of_them_leads_nowhere() {
    for path in [
        "",
        "/",
        "/api",
        "/api/",
        "/api/webhooks",
        "/api/webhooks/manage/",
        "/api/webhooks/managed",
        "/api/webhooks/manage/0",
        "/api/webhooks/manage/0/test",
        "/api/webhooks/manage/00/retry",
        "/api/webhooks/manage/03",
        "/api/webhooks/manage/+3",
        "/api/webhooks/manage/-3",
        "/api/webhooks/manage/next",
        "/api/webhooks/manage/3/",
        "/api/webhooks/manage/3/replay",
        "/api/webhooks/manage/3/test/",
        "/api/webhooks/manage/3%2Ftest",
        "/api/webhooks/manage/12345678901",
        "/api/webhooks/manage//3",
        "/API/webhooks/manage",
        "/prod/api/webhooks/manage",
        "//api/webhooks/manage",
        "/api/recipients",
        "/api/recipients/",
        "/api/recipients//events",
        "/api/recipients//suppression",
        "/api/recipient/kim@mail.test",
        "/api/Recipients/kim@mail.test",
        "/api/customers/u-9",
        "/api/customers//events",
        "/api/messages",
        "/api/messages/resend",
        "/api/messages/resend/",
        "/api/messages//A1",
        "/api/problems/bounced",
        "/api/problems//today",
        "/api/problems/bounced/",
    ] {
        for method in ["GET", "POST", "PUT"] {
            assert_eq!(shown(route(path, method)), "nowhere", "{path}");
        }
    }
}

#[test]
fn another_method_is_told_which_there_are() {
    for (path, allowed) in [
        ("/api/webhooks/manage", "GET, POST"),
        ("/api/webhooks/manage/3", "GET, PATCH, DELETE"),
        ("/api/webhooks/manage/3/test", "POST"),
        ("/api/webhooks/manage/3/rotate", "POST"),
        ("/api/webhooks/manage/3/retry", "POST"),
        ("/api/webhooks/manage/3/undelivered", "GET"),
        ("/api/recipients/kim@mail.test", "GET"),
        ("/api/recipients/kim@mail.test/events", "GET"),
        ("/api/recipients/kim@mail.test/suppression", "PUT, DELETE"),
        ("/api/recipients/check", "POST"),
        ("/api/customers/u-9/events", "GET"),
        ("/api/messages/resend/A1", "GET"),
        ("/api/problems/bounced/today", "GET"),
    ] {
        for method in ["HEAD", "OPTIONS", "get", "TRACE", ""] {
            let allow = format!("allow {allowed}");
            assert_eq!(shown(route(path, method)), allow, "{path} {method}");
        }
    }
}
