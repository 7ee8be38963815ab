//! What an account answers: which key encrypts a new secret, and who may not read one.

use serde_json::json;
use shared::sender::Sender;

use super::{Ask, State, check, set, status};
use crate::account::answers::{config, stack};
use crate::exit::Exit;
use crate::print::now;
use crate::target::Target;

const KMS_KEY: &str = "arn:aws:kms:eu-west-1:123456789012:key/1";
const KEY: &str = "whsec_dGhlIGtleSB0aGF0IHRlc3RzIHNpZ24=";

#[expect(clippy::expect_used, reason = "a test may panic: that is how it fails")]
fn resend() -> &'static dyn Sender {
    registry::sender("resend").expect("a provider")
}

fn refused(code: &str) -> (u16, String) {
    (400, json!({"__type": code, "message": ""}).to_string())
}

/// Nothing is there, and what is created has the stack's key of KMS.
fn empty(asked: &str) -> (u16, String) {
    if asked.starts_with("secretsmanager.CreateSecret") {
        assert!(asked.contains(KMS_KEY), "{asked}");
        return (200, "{}".to_owned());
    }
    refused("ResourceNotFoundException")
}

/// The secret is there, and only its description may be read.
fn closed(asked: &str) -> (u16, String) {
    if asked.starts_with("secretsmanager.DescribeSecret") {
        return (200, r#"{"LastChangedDate":1767323045}"#.to_owned());
    }
    refused("AccessDeniedException")
}

#[tokio::test]
async fn a_new_secret_is_encrypted_with_the_stacks_key() {
    let mut deployed = stack(config(empty));
    let key = ("KmsKeyArn".to_owned(), KMS_KEY.to_owned());
    deployed.parameters.extend([key]);
    let target = Target::deployed(deployed);
    let put = set(&target, resend(), KEY, &Ask::default(), now()).await;
    assert!(put.expect("put").is_first);
}

#[tokio::test]
async fn who_may_not_read_a_key_still_sees_that_there_is_one() {
    let target = Target::deployed(stack(config(closed)));
    let all = status(&target, &[resend()]).await.expect("a status");
    assert_eq!(all[0].state, State::NotReadable);
    let since = all[0].current_since.map(|at| at.to_string());
    assert_eq!(since.as_deref(), Some("2026-01-02T03:04:05Z"));
    let error = check(&target, resend(), KEY)
        .await
        .expect_err("not allowed");
    assert_eq!(error.exit(), Exit::NotAllowed);
}
