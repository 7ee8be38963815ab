//! What must not get in: each attack has its answer and its code, says nothing back, and leaves no trace.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use consumer::PROVIDERS;
use jiff::SignedDuration;
use local::events::text;
use local::terminal::now;
use shared::provider::Provider;
use tests::stack::Running;

use crate::sample::{Headers, sample, signed, signed_at};
use crate::wire::{Answer, request, send};
use crate::{MARK, codes, nothing_is_logged};

/// The answer of the gateway itself, to what no function sees.
const TOO_LARGE: &str = r#"{"message":"Request Entity Too Large"}"#;
const NOT_FOUND: &str = r#"{"message":"Not Found"}"#;

struct Attack {
    name: &'static str,
    request: Vec<u8>,
    status: u16,
    /// The body of the answer: ours are empty.
    answer: &'static str,
    /// The receiver's code; `None` where no function runs.
    code: Option<&'static str>,
}

/// Makes the attacks on one provider.
struct Attacker<'a> {
    provider: &'a dyn Provider,
    target: String,
    body: Vec<u8>,
    attacks: Vec<Attack>,
}

impl Attacker<'_> {
    /// A refusal of ours: this body, with these header lines.
    fn refused(
        &mut self,
        name: &'static str,
        code: &'static str,
        headers: &[Vec<u8>],
        body: &[u8],
    ) {
        let request = request("POST", &self.target, headers, body);
        self.attacks.push(Attack {
            name,
            request,
            status: 401,
            answer: "",
            code: Some(code),
        });
    }

    /// An answer from in front of the function.
    fn stopped(&mut self, name: &'static str, status: u16, answer: &'static str, request: Vec<u8>) {
        self.attacks.push(Attack {
            name,
            request,
            status,
            answer,
            code: None,
        });
    }

    /// The true headers of the body.
    fn signed(&self) -> Headers {
        signed(self.provider, &self.body)
    }

    /// The true headers with the signature, which is the last, made into these lines.
    fn with_signature(&self, lines: impl Fn(&str, &str) -> Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        let mut headers = self.signed();
        let (name, value) = headers.pop().expect("a signature");
        let mut all = lines_of(&headers);
        all.extend(lines(name, &value));
        all
    }
}

/// Header lines, with what an attacker adds to them.
fn lines_of(headers: &[(&str, String)]) -> Vec<Vec<u8>> {
    let lines = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}").into_bytes());
    let json = [
        b"content-type: application/json".to_vec(),
        format!("x-{MARK}: {MARK}").into_bytes(),
    ];
    json.into_iter().chain(lines).collect()
}

fn attacks(provider: &dyn Provider) -> Vec<Attack> {
    let name = provider.name();
    let mut attacker = Attacker {
        provider,
        target: format!("/webhooks/{name}?{MARK}={MARK}"),
        body: sample(provider).with(&format!("\"{MARK}\"")).into_bytes(),
        attacks: Vec::new(),
    };
    forge(&mut attacker);
    smuggle(&mut attacker);
    overwhelm(&mut attacker);
    attacker.attacks
}

/// Another body, or no signature of this one.
fn forge(attacker: &mut Attacker<'_>) {
    let (provider, body) = (attacker.provider, attacker.body.clone());
    let headers = lines_of(&attacker.signed());
    let mismatch = "signature_mismatch";
    let of_another = lines_of(&signed(provider, b"{}"));
    attacker.refused("forged", mismatch, &of_another, &body);
    attacker.refused("truncated", mismatch, &headers, &body[..body.len() - 1]);
    attacker.refused("emptied", mismatch, &headers, b"");
    let longer = [&body[..], b"\n"].concat();
    attacker.refused("extended", mismatch, &headers, &longer);
    let json: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
    let again = serde_json::to_string_pretty(&json).expect("JSON");
    assert_ne!(again.as_bytes(), body);
    attacker.refused("serialized again", mismatch, &headers, again.as_bytes());
    let base64 = STANDARD.encode(&body).into_bytes();
    attacker.refused("base64 of the body", mismatch, &headers, &base64);
    let text = String::from_utf8(body.clone()).expect("text");
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    attacker.refused("UTF-16", mismatch, &headers, &utf16);
    attacker.refused(
        "with a byte order mark",
        mismatch,
        &headers,
        &[b"\xef\xbb\xbf", &body[..]].concat(),
    );

    let mut unsigned = attacker.signed();
    unsigned.pop();
    let unsigned = lines_of(&unsigned);
    attacker.refused("unsigned", "signature_missing", &unsigned, &body);
    if attacker.signed().len() > 1 {
        let long_ago = now() - SignedDuration::from_hours(24 * 9);
        let stale = lines_of(&signed_at(provider, &body, long_ago));
        attacker.refused("replayed late", "timestamp_stale", &stale, &body);
        let far_ahead = now() + SignedDuration::from_hours(1);
        let ahead = lines_of(&signed_at(provider, &body, far_ahead));
        attacker.refused("signed ahead of time", "timestamp_ahead", &ahead, &body);
    }
}

/// The right signature, and not as one header.
fn smuggle(attacker: &mut Attacker<'_>) {
    let body = attacker.body.clone();
    let line = |name: &str, value: &str| format!("{name}: {value}").into_bytes();
    let duplicated = "signature_duplicated";
    let twice = attacker.with_signature(|name, value| vec![line(name, value), line(name, value)]);
    attacker.refused("two headers", duplicated, &twice, &body);
    let decoy = attacker
        .with_signature(|name, value| vec![line(name, MARK), line(&name.to_uppercase(), value)]);
    attacker.refused("two spellings", duplicated, &decoy, &body);
    let joined =
        attacker.with_signature(|name, value| vec![line(name, &format!("{value}, {value}"))]);
    attacker.refused("joined by a comma", duplicated, &joined, &body);

    let unreadable = "signature_unreadable";
    let oversized = attacker
        .with_signature(|name, value| vec![line(name, &value.repeat(64 * 1024 / value.len() + 1))]);
    attacker.refused("64 KiB of signature", unreadable, &oversized, &body);
    let odd = attacker
        .with_signature(|name, value| vec![[&line(name, value)[..], b"\xc3\xa9\xff"].concat()]);
    attacker.refused("a signature that is not ASCII", unreadable, &odd, &body);
    let marked = attacker.with_signature(|name, _| vec![line(name, MARK)]);
    attacker.refused("no signature at all", unreadable, &marked, &body);

    let folded = attacker.with_signature(|name, value| {
        vec![line(name, &format!("{}\r\n {}", &value[..8], &value[8..]))]
    });
    let folded = request("POST", &attacker.target, &folded, &body);
    attacker.stopped("folded", 400, "", folded);
    let nul = attacker.with_signature(|name, value| vec![line(name, &format!("{value}\0"))]);
    let nul = request("POST", &attacker.target, &nul, &body);
    attacker.stopped("a NUL in a header", 400, "", nul);
    let no_name = request("POST", &attacker.target, &[b": nobody".to_vec()], &body);
    attacker.stopped("a header without a name", 400, "", no_name);
    let get = request(
        "GET",
        &attacker.target,
        &lines_of(&attacker.signed()),
        &body,
    );
    attacker.stopped("another method", 404, NOT_FOUND, get);
    let beside = format!(
        "{}/../{}",
        attacker.target.split('?').next().expect("a path"),
        attacker.provider.name()
    );
    let beside = request("POST", &beside, &lines_of(&attacker.signed()), &body);
    attacker.stopped("another path", 404, NOT_FOUND, beside);
}

/// Too much for the gateway: truly signed.
fn overwhelm(attacker: &mut Attacker<'_>) {
    let of = |attacker: &Attacker<'_>, content_type: &str, length: usize| {
        let body = MARK.repeat(length / MARK.len() + 1).into_bytes();
        let mut headers = lines_of(&signed(attacker.provider, &body));
        headers[0] = format!("content-type: {content_type}").into_bytes();
        request("POST", &attacker.target, &headers, &body)
    };
    let beyond_the_gateway = of(attacker, "application/json", 10 * 1024 * 1024);
    attacker.stopped("above 10 MB", 413, TOO_LARGE, beyond_the_gateway);
    let beyond_lambda = of(attacker, "application/octet-stream", 5 * 1024 * 1024);
    attacker.stopped("above 6 MB in base64", 413, TOO_LARGE, beyond_lambda);
}

fn says_nothing(answer: &Answer, context: &str) {
    let head = answer.head.to_lowercase();
    assert!(!head.contains(MARK), "{context}: {}", answer.head);
    assert!(!answer.body.contains(MARK), "{context}: {}", answer.body);
    let known = ["content-type", "content-length", "date", "connection"];
    for line in head.lines().skip(1) {
        let name = line.split(':').next().unwrap_or_default();
        assert!(known.contains(&name), "{context}: {line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_attack_has_its_answer_and_leaves_no_trace() {
    let running = Running::new().await;
    let mut wanted = Vec::new();
    for provider in PROVIDERS {
        let sample = sample(*provider);
        let neighbour = running.send(provider.name(), sample.text.as_bytes()).await;
        assert_eq!(neighbour.status, 200);
        wanted.push((provider.name(), sample.message));
        for attack in attacks(*provider) {
            let context = format!("{}: {}", provider.name(), attack.name);
            let before = codes(&running).len();
            let answer = send(running.stack.api, &attack.request).await;
            assert_eq!(
                (answer.status, answer.body.as_str()),
                (attack.status, attack.answer),
                "{context}"
            );
            says_nothing(&answer, &context);
            let logged = running
                .logged(before + usize::from(attack.code.is_some()), codes)
                .await;
            assert_eq!(
                logged[before..].to_vec(),
                Vec::from_iter(attack.code),
                "{context}"
            );
        }
    }
    let stored = running.stored().await;
    let stored = stored
        .iter()
        .map(|item| (text(item, "provider"), text(item, "message").to_owned()));
    let mut stored: Vec<(&str, String)> = stored.collect();
    stored.sort();
    assert_eq!(stored, wanted, "the neighbours, and nothing else");
    assert_eq!(running.dead().await, Vec::<String>::new());
    nothing_is_logged(&running);
}

/// What is truly signed for one provider is nothing at another's door.
#[tokio::test(flavor = "multi_thread")]
async fn a_signature_opens_no_other_door() {
    let running = Running::new().await;
    for provider in PROVIDERS {
        let body = sample(*provider).text.into_bytes();
        let headers = lines_of(&signed(*provider, &body));
        for other in PROVIDERS
            .iter()
            .filter(|other| other.name() != provider.name())
        {
            let target = format!("/webhooks/{}", other.name());
            let answer = send(
                running.stack.api,
                &request("POST", &target, &headers, &body),
            )
            .await;
            assert_eq!(
                (answer.status, answer.body.as_str()),
                (401, ""),
                "{} at {}",
                provider.name(),
                other.name()
            );
        }
    }
    assert!(running.stored().await.is_empty());
}

/// Inside the window the provider itself sends again, so it is let in; it is the same event.
#[tokio::test(flavor = "multi_thread")]
async fn a_replay_inside_the_window_is_accepted_and_stored_once() {
    let running = Running::new().await;
    for provider in PROVIDERS {
        let body = sample(*provider).text.into_bytes();
        let a_minute_ago = now() - SignedDuration::from_mins(1);
        let headers = lines_of(&signed_at(*provider, &body, a_minute_ago));
        let target = format!("/webhooks/{}", provider.name());
        for _ in 0..3 {
            let answer = send(
                running.stack.api,
                &request("POST", &target, &headers, &body),
            )
            .await;
            assert_eq!(
                (answer.status, answer.body.as_str()),
                (200, provider.reply()),
                "{target}"
            );
        }
    }
    assert_eq!(running.stored().await.len(), PROVIDERS.len());
}
