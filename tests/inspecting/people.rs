//! People, messages, and what others were told.

use serde_json::{Value, json};
use tests::page::Paged;
use tests::sink::Sink;

use super::{get, in_state, post};

async fn bounce(paged: &Paged, recipient: &str) -> String {
    let asked = json!({"sample": "resend/email_bounced", "recipient": recipient});
    let (_, sent) = post(paged, "send", &asked).await;
    let name = sent["sent"][0]["webhook"].as_str().expect("a name");
    in_state(paged, name, "stored").await;
    name.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_found_in_any_spelling() {
    let paged = Paged::new().await;
    let name = bounce(&paged, "kim@mail.test").await;
    for spelling in ["kim@mail.test", "KIM@Mail.Test", "%20Kim%40mail.test"] {
        let person = get(&paged, &format!("people/{spelling}")).await;
        assert_eq!(person["address"], "kim@mail.test");
        assert_eq!(person["may_mail"], false);
        assert_eq!(person["reasons"][0]["reason"], "bounced");
        let event = &person["events"][0];
        assert_eq!(event["kind"], "bounced");
        assert_eq!(event["webhook"], *name);
        assert_eq!(event["provider"], "resend");
        assert_eq!(
            person["erase"]["items"], 3,
            "event, suppression, first sight"
        );
        let command = person["erase"]["command"].as_str().expect("a command");
        assert!(command.starts_with("postern erase "), "{command}");
        let message = event["message_id"].as_str().expect("a message");
        let found = get(&paged, &format!("messages/resend/{message}")).await;
        let recipient = &found["recipients"][0];
        assert_eq!(recipient["address"], "kim@mail.test");
        assert_eq!(recipient["events"][0]["webhook"], *name);
    }
    let nobody = get(&paged, "people/lee@mail.test").await;
    assert_eq!(nobody["may_mail"], true);
    assert_eq!(nobody["events"], json!([]));
    for (path, code) in [
        ("people/kim@", "no_address"),
        ("people/a@x.test,b@x.test", "several_addresses"),
        ("people/kim@mail.test?channel=letter", "channel_unknown"),
        ("messages/nobody/m1", "provider_unknown"),
    ] {
        let path = format!("/_postern/{path}");
        let reply = paged.running.ask("GET", &path, &[], b"").await;
        assert_eq!(reply.status.as_u16(), 400, "{path}: {}", reply.body);
        let answer: Value = serde_json::from_str(&reply.body).expect("JSON");
        assert_eq!(answer["error"]["code"], code, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_were_told_is_shown_beside_the_webhook() {
    let (paged, sink) = (Paged::new().await, Sink::new().await);
    let body = json!({"url": sink.url, "events": "bounced"}).to_string();
    let made = paged
        .running
        .api("POST", "/api/webhooks/manage", body.as_bytes());
    assert!(made.await.status.is_success());
    let name = bounce(&paged, "kim@mail.test").await;
    paged.running.told().await;
    sink.told_within(20, 1).await;
    let count = |running: &tests::stack::Running| {
        let lines = running.lines.lock().expect("lines");
        let lines = lines.iter().filter(|line| line.contains("\"delivered\""));
        lines.cloned().collect::<Vec<String>>()
    };
    paged.running.logged(1, count).await;
    let outbound = get(&paged, "outbound").await;
    let [sent] = &outbound["outbound"].as_array().expect("rows")[..] else {
        panic!("{outbound}");
    };
    assert_eq!(sent["outcome"], "delivered");
    assert_eq!(sent["status"], 204);
    assert_eq!(sent["type"], "email.bounced");
    assert_eq!(sent["webhook"], *name);
    assert_eq!(sent["recipient"], "kim@mail.test");
    let endpoint = &outbound["endpoints"][0];
    assert_eq!(endpoint["state"], "ok");
    assert_eq!(endpoint["events"], "bounced");
    let host = sink.url.strip_prefix("http://").expect("a URL");
    let host = host.split('/').next();
    assert_eq!(endpoint["url_host"].as_str(), host, "and no path of it");
    let webhook = get(&paged, &format!("webhooks/{name}")).await;
    assert_eq!(webhook["told"], json!([sent]));
    let way = webhook["way"].as_array().expect("a way").iter();
    assert_eq!(way.filter(|step| step["step"] == "told").count(), 1);
    assert_eq!(
        get(&paged, "outbound?q=kim@mail").await["outbound"],
        json!([sent])
    );
    assert_eq!(
        get(&paged, "outbound?q=lee@mail").await["outbound"],
        json!([])
    );
}
