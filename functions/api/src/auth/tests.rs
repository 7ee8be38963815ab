//! What lets in, in each mode.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::retry::RetryConfig;
use aws_sdk_secretsmanager::config::timeout::TimeoutConfig;
use aws_sdk_secretsmanager::config::{Credentials, Region};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::*;

const NOW: Timestamp = Timestamp::constant(1_767_323_045, 0);
const ARN: &str = "arn:aws:sts::123456789012:assumed-role/Ops/kim";

fn event(value: &Value) -> Event {
    serde_json::from_str(&value.to_string()).unwrap()
}

fn signed() -> Value {
    json!({ "iam": { "accountId": "123456789012", "userArn": ARN } })
}

fn client(endpoint: &str) -> Client {
    let timeouts = TimeoutConfig::builder().build();
    let config = aws_sdk_secretsmanager::config::Builder::from(&runtime::aws::config(timeouts))
        .endpoint_url(endpoint)
        .region(Region::from_static("us-east-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "local"))
        .retry_config(RetryConfig::disabled())
        .build();
    Client::from_conf(config)
}

async fn keyring(endpoint: &str) -> Keyring {
    Keyring::open(client(endpoint), "stack/outlets/keys".to_owned(), NOW).await
}

/// A secret that nobody answers for.
async fn silent() -> Auth {
    Auth::Key(keyring("http://127.0.0.1:9").await)
}

/// The two versions of a secret, and how often they were asked for.
#[derive(Default)]
struct Vault {
    current: String,
    previous: Option<String>,
    asked: usize,
}

/// A service that has these versions: its address, and what to change.
fn vault(current: &str) -> (String, Arc<Mutex<Vault>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let vault = Arc::new(Mutex::new(Vault {
        current: current.to_owned(),
        ..Vault::default()
    }));
    let answering = Arc::clone(&vault);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            answer(stream.unwrap(), &answering);
        }
    });
    (endpoint, vault)
}

fn answer(stream: TcpStream, vault: &Mutex<Vault>) {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim().to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let is_current = String::from_utf8(body).unwrap().contains("AWSCURRENT");
    let mut vault = vault.lock().unwrap();
    vault.asked += usize::from(is_current);
    let secret = if is_current {
        Some(vault.current.clone())
    } else {
        vault.previous.clone()
    };
    let (status, body) = match secret {
        Some(secret) => ("200 OK", json!({ "SecretString": secret })),
        None => (
            "400 Bad Request",
            json!({ "__type": "ResourceNotFoundException" }),
        ),
    };
    let body = body.to_string();
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n", body.len());
    let rest = format!("connection: close\r\n\r\n{body}");
    let _ = reader.into_inner().write_all((head + &rest).as_bytes());
}

const ONE: &str = "one-of-the-keys-0123456789abcdef";
const TWO: &str = "two-of-the-keys-0123456789abcdef";

fn secret(label: &str, key: &str) -> String {
    json!({ label: key }).to_string()
}

#[tokio::test]
async fn a_key_of_a_new_version_counts_within_a_minute_and_the_one_before_beside_it() {
    let (endpoint, vault) = vault(&secret("read:crm", ONE));
    let auth = Auth::Key(keyring(&endpoint).await);
    let after = |seconds| NOW + SignedDuration::from_secs(seconds);
    let who = async |key: &str, seconds: i64| {
        let bearer = format!("Bearer {key}");
        let request = event(&json!({ "headers": { "authorization": bearer } }));
        let caller = auth.caller(&request, after(seconds)).await;
        caller
            .map(|caller| (caller.name, caller.may_change))
            .map_err(|refusal| refusal.code())
    };
    let (crm, ops) = (
        ("read:crm".to_owned(), false),
        ("admin:ops".to_owned(), true),
    );
    assert_eq!(who(ONE, 1).await, Ok(crm.clone()));
    {
        let mut vault = vault.lock().unwrap();
        vault.previous = Some(std::mem::replace(
            &mut vault.current,
            secret("admin:ops", TWO),
        ));
    }
    // A stranger must not make a request to Secrets Manager of each of theirs.
    for _ in 0..3 {
        assert_eq!(who(TWO, 59).await, Err("unproven"));
    }
    assert_eq!(vault.lock().unwrap().asked, 1);
    assert_eq!(who(TWO, 61).await, Ok(ops.clone()));
    assert_eq!(who(ONE, 62).await, Ok(crm.clone()));
    // What cannot be used does not take the keys away.
    vault.lock().unwrap().current = "no object".to_owned();
    assert_eq!(who(TWO, 400).await, Ok(ops));
    assert_eq!(who(ONE, 800).await, Ok(crm));
    assert_eq!(vault.lock().unwrap().asked, 4);
}

#[tokio::test]
async fn with_iam_the_gateways_proof_is_needed_and_nothing_else_is_one() {
    let request = event(&json!({ "requestContext": { "authorizer": signed() } }));
    let caller = Auth::Iam.caller(&request, NOW).await.unwrap();
    assert_eq!((caller.name.as_str(), caller.may_change), ("kim", true));
    for bad in [
        json!({}),
        json!({ "headers": { "authorization": "Bearer one-of-the-keys-0123456789abcdef" } }),
        json!({ "headers": { "authorization": "AWS4-HMAC-SHA256 Credential=a" } }),
        json!({ "headers": { "x-amz-security-token": "x" }, "requestContext": { "authorizer": {} } }),
        json!({ "body": signed().to_string() }),
        json!({ "authorizer": signed() }),
    ] {
        let refused = Auth::Iam.caller(&event(&bad), NOW).await.unwrap_err();
        assert_eq!(refused, Refusal::Unproven, "{bad}");
    }
}

#[tokio::test]
async fn with_keys_the_gateways_proof_is_none() {
    let auth = silent().await;
    for bad in [
        json!({ "requestContext": { "authorizer": signed() } }),
        json!({ "headers": { "authorization": "Basic eDp5" } }),
        json!({ "headers": { "authorization": "Bearer a, Bearer b" } }),
    ] {
        let refused = auth.caller(&event(&bad), NOW).await.unwrap_err();
        assert_eq!(refused, Refusal::Unproven, "{bad}");
    }
}

#[tokio::test]
async fn without_any_key_nobody_is_let_in() {
    let auth = silent().await;
    let bearer = "Bearer one-of-the-keys-0123456789abcdef";
    let request = event(&json!({ "headers": { "authorization": bearer } }));
    let refused = auth.caller(&request, NOW).await.unwrap_err();
    assert_eq!(refused, Refusal::Unavailable);
}

#[tokio::test]
async fn without_a_mode_nobody_is_let_in() {
    let request = event(&json!({ "requestContext": { "authorizer": signed() } }));
    let refused = Auth::Unset.caller(&request, NOW).await.unwrap_err();
    assert_eq!((refused.status(), refused.code()), (503, "auth_unset"));
}

#[test]
fn a_caller_is_named_by_the_last_part_of_an_arn() {
    for (arn, name) in [
        (ARN, "kim"),
        ("arn:aws:iam::123456789012:user/team/ops", "ops"),
        ("arn:aws:iam::123456789012:root", "root"),
        ("arn:aws:iam::1:user/a\"b\n{c}", "abc"),
        ("arn:", ""),
    ] {
        assert_eq!(name_of(arn), name, "{arn}");
    }
    assert_eq!(
        name_of(&format!("arn:aws:iam::1:user/{}", "x".repeat(99))).len(),
        64
    );
}
