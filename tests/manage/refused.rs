//! Every code that a request is refused with. Nothing of a request is in any of the answers.

use serde_json::{Value, json};
use tests::stack::Running;

use crate::{add, ask_raw};

/// Stands in every request, and in no answer.
const MARK: &str = "zq7";

#[tokio::test]
async fn what_is_refused_is_refused_by_name_and_not_repeated() {
    let running = Running::with_outlets().await;
    let (id, _) = add(&running, "https://crm.example.com/", "*").await;
    let one = format!("/{id}");
    for (body, code) in bodies()
        .into_iter()
        .chain(urls_and_events())
        .chain(fields())
    {
        refused(&running, ("POST", ""), &body, (400, code)).await;
    }
    let large = format!("\"{}\"", MARK.repeat(22_000));
    refused(&running, ("POST", ""), &large, (413, "body_too_large")).await;
    for (body, code) in PATCHES {
        refused(&running, ("PATCH", &one), body, (400, code)).await;
    }
    for (path, body, code) in OTHERS {
        let path = format!("{one}{path}");
        refused(&running, ("POST", &path), body, (400, code)).await;
    }
    let retry = format!(r#"{{"id":"evt_{MARK}"}}"#);
    let path = format!("{one}/retry");
    refused(&running, ("POST", &path), &retry, (404, "not_found")).await;
    for path in ["/0", "/zq7", "/1/zq7", "/1/replay", "/"] {
        refused(&running, ("GET", path), "", (404, "not_found")).await;
    }
    for (method, path) in [("PUT", ""), ("DELETE", ""), ("POST", &one), ("PUT", &one)] {
        refused(&running, (method, path), "", (405, "method_not_allowed")).await;
    }
    for line in running.lines.lock().expect("lines").iter() {
        assert!(!line.contains(MARK), "{line}");
    }
}

type Case = (String, &'static str);

/// A new endpoint that could be added, but for one field.
fn with(field: &str, value: Value) -> String {
    let mut body = json!({ "url": "https://crm.example.com/", "events": "*" });
    body[field] = value;
    body.to_string()
}

fn bodies() -> Vec<Case> {
    let twice = r#"{"url":"https://a.example.com/","url":"x","events":"*"}"#;
    vec![
        (String::new(), "body_not_json"),
        (format!("[{MARK}"), "body_not_json"),
        (format!("[\"{MARK}\"]"), "body_not_json"),
        (format!("url={MARK}&events=open"), "body_not_json"),
        (with(MARK, json!(1)), "field_unknown"),
        (with("held", json!("drop")), "field_unknown"),
        (twice.to_owned(), "url_repeated"),
        (r#"{"events":"*"}"#.to_owned(), "url_missing"),
        (
            r#"{"url":"https://a.example.com/"}"#.to_owned(),
            "events_missing",
        ),
    ]
}

fn urls_and_events() -> Vec<Case> {
    let url = |url: String| with("url", json!(url));
    let long = format!("http://crm.example.com/{}", MARK.repeat(700));
    vec![
        (with("url", json!(7)), "url_unreadable"),
        (url(MARK.to_owned()), "url_unreadable"),
        (url(long), "url_long"),
        (url(format!("ftp://{MARK}.example.com/")), "url_scheme"),
        (url(format!("https://{MARK}@a.example.com/")), "url_user"),
        (
            url(format!("https://a.example.com/#{MARK}")),
            "url_fragment",
        ),
        (url(format!("https://10.0.0.1/{MARK}")), "url_address"),
        (url(format!("https://{MARK}.internal/")), "url_host"),
        (with("events", json!(["open"])), "events_unreadable"),
        (with("events", json!(" , ")), "events_empty"),
        (
            with("events", json!(format!("open,{MARK}"))),
            "events_unknown",
        ),
        (with("events", json!("delivered:hard")), "events_narrowed"),
        (with("events", json!("open,".repeat(300))), "events_long"),
    ]
}

fn fields() -> Vec<Case> {
    let many: Vec<String> = (0..33).map(|number| format!("{MARK}{number}")).collect();
    let headers = |headers: Value| with("headers", headers);
    let two_lines = json!({ "x-a": format!("{MARK}\r\nx-b: 1") });
    vec![
        (with("secret", json!(7)), "secret_unreadable"),
        (with("secret", json!("fifteen-chars-x")), "secret_length"),
        (
            with("secret", json!(format!("{MARK} and white space"))),
            "secret_characters",
        ),
        (with("providers", json!("resend")), "providers_unreadable"),
        (
            with("providers", json!([format!("{MARK}-")])),
            "providers_unfit",
        ),
        (with("providers", json!(many)), "providers_unfit"),
        (with("sources", json!([1])), "sources_unreadable"),
        (
            with("sources", json!([format!("{MARK}!")])),
            "sources_unfit",
        ),
        (headers(json!([MARK])), "headers_unreadable"),
        (headers(json!({ "x": 1 })), "headers_unreadable"),
        (headers(json!({ "Host": MARK })), "headers_unfit"),
        (headers(two_lines), "headers_unfit"),
        (
            headers(json!({ "x-a": MARK, "X-A": MARK })),
            "headers_repeated",
        ),
        (with("active", json!("true")), "active_unreadable"),
    ]
}

const PATCHES: [(&str, &str); 7] = [
    ("{}", "body_empty"),
    (r#"{"secret":"0123456789abcdef"}"#, "field_unknown"),
    (r#"{"id":4}"#, "field_unknown"),
    (r#"{"active":null}"#, "active_unreadable"),
    (r#"{"held":"keep","active":true}"#, "held_unreadable"),
    (r#"{"held":"drop"}"#, "held_unfit"),
    (r#"{"held":"drop","active":false}"#, "held_unfit"),
];

const OTHERS: [(&str, &str, &str); 10] = [
    ("/rotate", r#"{"keep_hours":169}"#, "keep_hours_unfit"),
    ("/rotate", r#"{"keep_hours":"1"}"#, "keep_hours_unreadable"),
    ("/rotate", r#"{"secret":"short"}"#, "secret_length"),
    ("/retry", "{}", "id_missing"),
    ("/retry", "", "body_not_json"),
    ("/retry", r#"{"id":"zq7 zq7"}"#, "id_unfit"),
    ("/retry", r#"{"id":7}"#, "id_unreadable"),
    ("/retry", r#"{"all":false}"#, "all_unfit"),
    ("/retry", r#"{"all":1}"#, "all_unreadable"),
    ("/test", r#"{"zq7":1}"#, "field_unknown"),
];

async fn refused(running: &Running, to: (&str, &str), body: &str, wanted: (u16, &str)) {
    let (method, path) = to;
    let answer = ask_raw(running, method, path, body.as_bytes()).await;
    let start = body.get(..body.len().min(80)).unwrap_or_default();
    assert_eq!(answer.refused(), wanted, "{method} {path} {start}");
    assert!(!answer.text.contains(MARK), "{}", answer.text);
}
