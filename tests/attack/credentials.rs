//! Attacks on a shared secret, and what somebody can do who has seen one: nothing of a request is
//! bound to it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use registry::SENDERS;
use serde_json::Value;
use shared::auth::{sign_basic, sign_hmac_sha256_hex};
use shared::delivery::Delivery;
use shared::provider::Strength;
use shared::sender::Sender;
use table::read::text;
use tests::another_key;
use tests::stack::Running;

use crate::attacker::{Attacker, lines_of};
use crate::sample::{bounce, element, key, sample, signed};
use crate::{MARK, codes, nothing_is_logged};

const AUTHORIZATION: &str = "authorization";
const HEADER: &str = "X-Postern-Key";

pub(crate) fn attack(attacker: &mut Attacker<'_>) {
    guess(attacker);
    misplace(attacker);
    smuggle(attacker);
    point(attacker);
}

fn basic(pair: &[u8]) -> String {
    format!("Basic {}", STANDARD.encode(pair))
}

/// No secret, or one that is nearly right.
fn guess(attacker: &mut Attacker<'_>) {
    let (provider, body, key) = (
        attacker.provider,
        attacker.body.clone(),
        key(attacker.provider),
    );
    let mut refused = |name, code, header: &str, value: String| {
        attacker.refused(name, code, &lines_of(&[(header, value)]), &body);
    };
    let mismatch = "credential_mismatch";
    let of_user = |user: &str| basic(format!("{user}:{key}").as_bytes());
    refused("no secret", "credential_missing", "x-nothing", key.clone());
    refused("blank", "credential_missing", AUTHORIZATION, " ".into());
    let other = sign_basic(another_key(provider));
    refused("another secret", mismatch, AUTHORIZATION, other);
    refused("for another user", mismatch, AUTHORIZATION, of_user("root"));
    refused("for nobody", mismatch, AUTHORIZATION, of_user(""));
    refused("in capitals", mismatch, HEADER, key.to_uppercase());
    refused("half of it", mismatch, HEADER, key[..16].to_owned());
    refused("twice as long", mismatch, HEADER, key.repeat(2));
    refused("a prefix more", mismatch, HEADER, format!("{MARK}{key}"));
    let huge = "0".repeat(64 * 1024);
    refused("64 KiB of it", mismatch, HEADER, format!("{key}{huge}"));
    let huge = basic(format!("postern:{key}{huge}").as_bytes());
    refused("64 KiB of Basic", mismatch, AUTHORIZATION, huge);
    let token = format!("Bearer {}", STANDARD.encode(format!("postern:{key}")));
    refused("Basic as Bearer", mismatch, AUTHORIZATION, token);
    let of_basic = sign_basic(&key);
    refused("Basic in our header", mismatch, HEADER, of_basic);

    let odd = [format!("{HEADER}: {key}").as_bytes(), b"\xc3\xa9\xff"].concat();
    attacker.refused("a secret that is not ASCII", mismatch, &[odd], &body);
}

/// The right secret where it is none.
fn misplace(attacker: &mut Attacker<'_>) {
    let (body, key) = (attacker.body.clone(), key(attacker.provider));
    let mut refused = |name, code, header: &str, value: String| {
        attacker.refused(name, code, &lines_of(&[(header, value)]), &body);
    };
    let unreadable = "credential_unreadable";
    refused("no scheme", unreadable, AUTHORIZATION, key.clone());
    let digest = format!("Digest username=\"postern\" response=\"{key}\"");
    refused("another scheme", unreadable, AUTHORIZATION, digest);
    let plain = format!("Basic postern:{key}");
    refused(
        "Basic that is not encoded",
        unreadable,
        AUTHORIZATION,
        plain,
    );
    let padded = format!("{}=", basic(format!("postern:{key}").as_bytes()));
    refused("Basic with more padding", unreadable, AUTHORIZATION, padded);
    let bytes = basic(&[b"postern:\xff", key.as_bytes()].concat());
    refused("Basic that is no text", unreadable, AUTHORIZATION, bytes);
    let alone = basic(key.as_bytes());
    refused("Basic without a user", unreadable, AUTHORIZATION, alone);

    let missing = "credential_missing";
    refused("in a cookie", missing, "cookie", format!("key={key}"));
    refused(
        "for a proxy",
        missing,
        "proxy-authorization",
        sign_basic(&key),
    );
    refused("in another header", missing, "x-api-key", key.clone());
    let signature = sign_hmac_sha256_hex(&key, &[], &body);
    refused("signed with it", missing, "x-signature", signature);
    let quoted = format!(r#"{{"key":"{key}"}}"#);
    attacker.refused("in the body", missing, &lines_of(&[]), quoted.as_bytes());
}

/// The right secret, and not once.
fn smuggle(attacker: &mut Attacker<'_>) {
    let (body, key) = (attacker.body.clone(), key(attacker.provider));
    let right = sign_basic(&key);
    let duplicated = "credential_duplicated";
    for (name, headers) in [
        (
            "two headers",
            vec![
                (AUTHORIZATION, right.clone()),
                (AUTHORIZATION, right.clone()),
            ],
        ),
        (
            "two spellings",
            vec![
                (AUTHORIZATION, MARK.into()),
                ("AUTHORIZATION", right.clone()),
            ],
        ),
        (
            "joined by a comma",
            vec![(AUTHORIZATION, format!("{right}, {right}"))],
        ),
        (
            "our header twice",
            vec![(HEADER, key.clone()), (HEADER, MARK.into())],
        ),
        (
            "our header twice, beside the right Basic",
            vec![
                (AUTHORIZATION, right.clone()),
                (HEADER, key.clone()),
                ("x-postern-key", key.clone()),
            ],
        ),
    ] {
        attacker.refused(name, duplicated, &lines_of(&headers), &body);
    }
}

/// The URL.
fn point(attacker: &mut Attacker<'_>) {
    let (body, key) = (attacker.body.clone(), key(attacker.provider));
    let (missing, mismatch) = ("credential_missing", "credential_mismatch");
    for (name, code, query) in [
        ("another secret in the URL", mismatch, format!("key={MARK}")),
        ("nothing in the URL", mismatch, "key=".to_owned()),
        ("twice in the URL", mismatch, format!("key={key}&key={key}")),
        (
            "encoded twice in the URL",
            mismatch,
            format!("key=%25{:x}{}", key.as_bytes()[0], &key[1..]),
        ),
        ("in capitals in the URL", missing, format!("KEY={key}")),
        ("as an array in the URL", missing, format!("key[]={key}")),
        (
            "under another name in the URL",
            missing,
            format!("token={key}"),
        ),
    ] {
        let target = format!("{}&{query}", attacker.target);
        attacker.refused_at(name, code, &target, &lines_of(&[]), &body);
    }
}

fn by_secret() -> impl Iterator<Item = &'static dyn Sender> {
    let all = SENDERS.iter().copied();
    all.filter(|provider| provider.strength() == Strength::SharedSecret)
}

/// Whoever has seen a secret can send any body. What is stored stays as it was, to the byte.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_event_in_other_words_is_stored_once_and_changes_nothing() {
    let running = Running::new().await;
    let mut wanted = Vec::new();
    for provider in by_secret() {
        let sample = sample(provider);
        let json: Value = serde_json::from_str(&sample.text).expect("JSON");
        let noise = format!(r#""{MARK}":"{MARK}"}}"#);
        let (start, end) = sample.text.rsplit_once('}').expect("an object");
        let path = format!("/webhooks/{}", provider.name());
        for body in [
            sample.text.clone(),
            sample.text.clone(),
            format!("{}\n", sample.text),
            serde_json::to_string_pretty(&json).expect("JSON"),
            format!("{start},{noise}{end}"),
            sample.text.clone(),
        ] {
            let headers = signed(provider, body.as_bytes()).headers;
            let reply = running.post(&path, &headers, body.as_bytes()).await;
            let answer = (reply.status.as_u16(), reply.body.as_str());
            assert_eq!(answer, (200, provider.answers().accepted), "{path}");
            running.stored().await; // one after the other
        }
        let first = element(provider, &sample.text).to_owned();
        wanted.push((provider.name(), first));
    }
    assert!(!wanted.is_empty());
    let stored = running.stored().await;
    let stored = stored
        .iter()
        .map(|item| (text(item, "provider"), text(item, "raw").to_owned()));
    let mut stored: Vec<(&str, String)> = stored.collect();
    stored.sort();
    assert_eq!(stored, wanted, "the first bodies, and nothing else");
    assert_eq!(running.dead().await, Vec::<String>::new());
    nothing_is_logged(&running);
}

/// A stored event that comes with other facts is put aside; if the facts are its identity, it is
/// another event. Either way the first one stays as it was.
#[tokio::test(flavor = "multi_thread")]
async fn other_facts_never_overwrite_an_event() {
    let running = Running::new().await;
    let mut contradictions = Vec::new();
    for provider in by_secret() {
        let (body, answer) = bounce(provider);
        let forged = body.replacen(&answer, &format!("\"550 5.1.1 {MARK}\""), 1);
        let before = (running.stored().await.len(), running.dead().await.len());
        let name = provider.name();
        assert_eq!(running.send(name, body.as_bytes()).await.status, 200);
        let first = running.stored().await;
        assert_eq!(first.len(), before.0 + 1, "{name}");
        assert_eq!(running.send(name, forged.as_bytes()).await.status, 200);
        let stored = running.stored().await;
        let unchanged = first.iter().all(|item| stored.contains(item));
        assert!(unchanged, "{name}: something stored was changed");
        let added = stored.len() - first.len();
        let aside = running.dead().await.len() - before.1;
        assert_eq!(added + aside, 1, "{name}: {added} and {aside}");
        if aside == 1 {
            contradictions.push(forged);
        }
    }
    assert!(!contradictions.is_empty(), "no provider names its events");
    let dead = running.dead().await;
    let mut dead: Vec<String> = dead
        .iter()
        .map(|message| Delivery::decode(message).expect("a delivery"))
        .map(|delivery| String::from_utf8(delivery.body().to_vec()).expect("text"))
        .collect();
    dead.sort();
    contradictions.sort();
    assert_eq!(
        dead, contradictions,
        "as they came, for whoever looks into it"
    );
    let codes = codes(&running);
    assert_eq!(codes, vec!["event_contradicts"; contradictions.len()]);
    nothing_is_logged(&running);
}

/// The same in one webhook: neither word is lost, whichever counts.
#[tokio::test(flavor = "multi_thread")]
async fn two_words_on_one_event_in_one_webhook_are_stored_or_put_aside() {
    let running = Running::new().await;
    let mut is_any_aside = false;
    for provider in by_secret() {
        let (body, answer) = bounce(provider);
        let body = body.trim().trim_start_matches('[').trim_end_matches(']');
        let other = body.replacen(&answer, &format!("\"550 5.1.1 {MARK}\""), 1);
        let both = format!("[{body},{other}]");
        let before = running.stored().await.len() + running.dead().await.len();
        let name = provider.name();
        assert_eq!(running.send(name, both.as_bytes()).await.status, 200);
        let after = running.stored().await.len() + running.dead().await.len();
        assert_eq!(after - before, 2, "{name}");
        is_any_aside |= !running.dead().await.is_empty();
    }
    assert!(is_any_aside, "no provider names its events");
}
