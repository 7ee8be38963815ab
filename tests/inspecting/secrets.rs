//! No secret that two parties share is shown, and nothing of our own API is remembered.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use operator::samples;
use tests::page::Paged;

use super::{get, listed, sample, with_code};

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_secret_is_shown_in_no_answer() {
    let paged = Paged::new().await;
    let (shown, in_url) = (
        "a-secret-in-a-header-0123456789",
        "a-secret-in-the-url-0123456789",
    );
    let basic = STANDARD.encode(format!("postern:{shown}"));
    for (path, headers) in [
        (format!("/webhooks/brevo?key={in_url}&x=1"), vec![]),
        (format!("/webhooks/brevoo?key={in_url}"), vec![]),
        (
            "/webhooks/brevo".to_owned(),
            vec![("authorization", format!("Basic {basic}"))],
        ),
        (
            "/webhooks/postmark".to_owned(),
            vec![("authorization", format!("Bearer {shown}"))],
        ),
        (
            "/webhooks/sparkpost".to_owned(),
            vec![("x-postern-key", shown.to_owned())],
        ),
        (
            "/webhooks/nobody".to_owned(),
            vec![("authorization", format!("Bearer {shown}"))],
        ),
    ] {
        paged.running.post(&path, &headers, b"{}").await;
        let name = listed(&paged, "?limit=1").await.remove(0);
        let webhook = if path.contains("brevoo") || path.contains("nobody") {
            get(&paged, &format!("webhooks/{name}")).await
        } else {
            with_code(&paged, &name).await
        };
        let text = webhook.to_string();
        for secret in [shown, in_url, &basic] {
            assert!(!text.contains(secret), "{path}: {text}");
        }
        assert!(text.contains("(hidden)"), "{path}: {text}");
        let list = get(&paged, "webhooks").await.to_string();
        assert!(!list.contains(in_url), "{path}");
        for secret in [shown, in_url] {
            assert!(listed(&paged, &format!("?q={secret}")).await.is_empty());
        }
    }
    let webhook = get(&paged, "webhooks/w1").await;
    assert_eq!(webhook["path"], "/webhooks/brevo");
    assert_eq!(webhook["query"][1]["value"], "1", "what is no key is shown");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_key_of_the_stack_is_in_the_answer_about_a_forgery() {
    let paged = Paged::new().await;
    for sent in [
        "sendgrid/bounce",
        "mailpanda/click",
        "resend/email_bounced",
        "brevo/hard_bounce",
        "insider/batch",
    ] {
        let name = sample(&paged, sent, Some("key")).await;
        let text = with_code(&paged, &name).await.to_string();
        let (provider, _) = sent.split_once('/').expect("a name");
        let key = samples::key(provider).expect("a key");
        assert!(!text.contains(key), "{sent}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_api_is_not_remembered() {
    let paged = Paged::new().await;
    let reply = paged.running.api("GET", "/api/webhooks/manage", b"").await;
    assert_eq!(reply.status.as_u16(), 200);
    for path in ["/api/webhooks/manage", "/api/nothing", "/api"] {
        let key = [("authorization", "Bearer a-key-of-the-api".to_owned())];
        paged.running.ask("GET", path, &key, b"").await;
    }
    assert_eq!(listed(&paged, "").await, [""; 0]);
    // The one path under it that a provider posts to is.
    paged.running.post("/api/webhooks", &[], b"{}").await;
    let webhook = with_code(&paged, &listed(&paged, "").await.remove(0)).await;
    assert_eq!(webhook["provider"], "mailpanda");
    assert_eq!(webhook["path"], "/api/webhooks");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_a_receiver_has_is_shown_nowhere_and_found_by_no_search() {
    let paged = Paged::new().await;
    let secret = samples::key("postmark").expect("a key").lines().next();
    let secret = secret.expect("a line").trim();
    let password = secret.rsplit(':').next().expect("a password");
    let encoded: Vec<String> = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let encoded = encoded.concat();
    let base64 = STANDARD.encode(format!("a:{secret}"));
    let odd = |name, value: &str| {
        (
            "/webhooks/postmark".to_owned(),
            Some((name, value.to_owned())),
            "{}".to_owned(),
        )
    };
    let path = |path: String| (path, None, "{}".to_owned());
    let body = |body: String| ("/webhooks/postmark".to_owned(), None, body);
    for (path, header, body) in [
        odd("token", secret),
        odd("x-key", secret),
        odd("authentication", secret),
        odd("x-anything", &base64),
        odd("referer", &format!("https://a.test/?key={secret}")),
        path(format!("/webhooks/postmark?token={encoded}")),
        path(format!("/webhooks/postmark?a=1?key={encoded}")),
        path(format!("/webhooks/postmark?{encoded}")),
        path(format!("/webhooks/resend?x={encoded}")),
        path(format!("/webhooks/postmark&key={encoded}")),
        path(format!("/webhooks/postmark%3Fkey={encoded}")),
        path(format!("/webhooks/postmark/{encoded}")),
        body(serde_json::json!({"key": secret}).to_string()),
        body(format!("key={encoded}")),
    ] {
        let headers: Vec<(&str, String)> = header.clone().into_iter().collect();
        paged.running.post(&path, &headers, body.as_bytes()).await;
        let said = format!("{path} {header:?} {body}");
        let list = get(&paged, "webhooks?limit=1").await;
        let name = list["webhooks"][0]["id"]
            .as_str()
            .expect("an id")
            .to_owned();
        let webhook = get(&paged, &format!("webhooks/{name}")).await.to_string();
        let download = format!("/_postern/webhooks/{name}/body");
        let file = paged.running.ask("GET", &download, &[], b"").await.body;
        assert!(webhook.contains("(hidden)"), "{said}: {webhook}");
        for text in [list.to_string(), webhook, file] {
            for secret in [secret, password, encoded.as_str(), base64.as_str()] {
                assert!(!text.contains(secret), "{said}: {text}");
            }
        }
    }
    for words in [secret, password, &password[..6], &encoded] {
        let words = words.replace('%', "%25");
        let found = listed(&paged, &format!("?q={words}")).await;
        assert!(found.is_empty(), "{words}: {found:?}");
    }
    paged.running.post("/webhooks/postmark", &[], b"{}").await;
    let name = listed(&paged, "?limit=1").await.remove(0);
    let curl = get(&paged, &format!("webhooks/{name}/curl"))
        .await
        .to_string();
    assert!(
        curl.contains("(hidden)") && !curl.contains(password),
        "{curl}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_hidden_by_what_it_is_called() {
    let paged = Paged::new().await;
    let wrong = "not-the-secret-of-this-stack";
    for (path, header) in [
        ("/webhooks/brevo", Some("token")),
        ("/webhooks/sparkpost", Some("x-secret")),
        (
            "/webhooks/mailjet?%20key=not-the-secret-of-this-stack",
            None,
        ),
        ("/webhooks/mailjet??key=not-the-secret-of-this-stack", None),
        ("/webhooks/brevo&key=not-the-secret-of-this-stack", None),
        ("/webhooks/brevo%3Fkey=not-the-secret-of-this-stack", None),
    ] {
        let headers = header.map(|name| (name, wrong.to_owned()));
        let headers: Vec<(&str, String)> = headers.into_iter().collect();
        paged.running.post(path, &headers, b"{}").await;
        let list = get(&paged, "webhooks?limit=1").await;
        let name = list["webhooks"][0]["id"].as_str().expect("an id");
        let webhook = get(&paged, &format!("webhooks/{name}")).await;
        for text in [list.to_string(), webhook.to_string()] {
            assert!(!text.contains(wrong), "{path}: {text}");
        }
    }
    assert_eq!(listed(&paged, &format!("?q={wrong}")).await, [""; 0]);
}
