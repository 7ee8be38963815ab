//! The gateway before the API: which requests reach it.

use operator::print::now;
use serde_json::json;
use stack::gateway::iam;
use tests::stack::Running;

const LIST: &str = "/api/webhooks/manage";

#[tokio::test(flavor = "multi_thread")]
async fn only_signed_requests_reach_the_api() {
    let running = Running::with_outlets().await;
    let signed = running.api("GET", LIST, b"").await;
    assert_eq!(signed.status, 200, "{}", signed.body);
    let unsigned = running.ask("GET", LIST, &[], b"").await;
    assert_eq!(unsigned.status, 403);
    assert_eq!(unsigned.body, r#"{"message":"Forbidden"}"#);
    let bearer = [("authorization", "Bearer local".to_owned())];
    let bearer = running.ask("GET", LIST, &bearer, b"").await;
    assert_eq!(bearer.status, 403);
    // Everybody knows the keys, so what a tunnel brings is not let in with them.
    let url = format!("http://{}{LIST}", running.stack.api);
    let mut tunnelled = iam::headers("GET", &url, b"", now()).expect("a URL");
    tunnelled.push(("x-forwarded-for".to_owned(), "192.0.2.1".to_owned()));
    let tunnelled: Vec<(&str, String)> = tunnelled
        .iter()
        .map(|(name, value)| (name.as_str(), value.clone()))
        .collect();
    let tunnelled = running.ask("GET", LIST, &tunnelled, b"").await;
    assert_eq!(tunnelled.status, 403);
    // What is more specific is taken first, and is a provider's.
    let hook = running.ask("POST", "/api/webhooks", &[], b"{}").await;
    assert_eq!(hook.status, 401, "{}", hook.body);
    let nowhere = running.ask("GET", "/api", &[], b"").await;
    assert_eq!(nowhere.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_keys_the_gateway_lets_all_pass_and_the_api_asks() {
    let key = ("ApiAuth".to_owned(), "key".to_owned());
    let running = Running::telling(|options| options.parameters.push(key)).await;
    let unsigned = running.ask("GET", LIST, &[], b"").await;
    assert_ne!(unsigned.status, 403, "{}", unsigned.body);
    assert_ne!(unsigned.status, 200, "{}", unsigned.body);
    let vault = format!("http://{}", running.stack.secrets_manager);
    let vault = tests::secrets_manager::client(vault);
    let text = json!({"admin:ops": "k".repeat(32)}).to_string();
    let created = vault
        .create_secret()
        .name("local/outlets/keys")
        .secret_string(text);
    let created = created.send().await.expect("a secret");
    assert!(created.version_id.is_some());
}
