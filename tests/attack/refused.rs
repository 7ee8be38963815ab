//! What must not get in: each attack has its answer and its code, says nothing back, and leaves no
//! trace.

use jiff::SignedDuration;
use operator::print::now;
use registry::SENDERS;
use shared::provider::Strength;
use shared::sender::{Sender, Signed};
use table::read::text;
use tests::signs_a_form;
use tests::stack::Running;

use crate::attacker::{Attack, Attacker, lines_of};
use crate::sample::{sample, signed, signed_at};
use crate::wire::{Answer, request, send};
use crate::{MARK, codes, credentials, forms, headers, nothing_is_logged, tokens};

/// The answer of the gateway itself, to what no function sees.
const TOO_LARGE: &str = r#"{"message":"Request Entity Too Large"}"#;
const NOT_FOUND: &str = r#"{"message":"Not Found"}"#;

fn attacks(provider: &dyn Sender) -> Vec<Attack> {
    let name = provider.name();
    let mut attacker = Attacker {
        provider,
        target: format!("/webhooks/{name}?{MARK}={MARK}"),
        body: sample(provider).with(&format!("\"{MARK}\"")).into_bytes(),
        attacks: Vec::new(),
    };
    match provider.strength() {
        Strength::Signed if signs_a_form(provider) => forms::attack(&mut attacker),
        Strength::Signed => headers::attack(&mut attacker),
        Strength::Token => tokens::attack(&mut attacker),
        Strength::SharedSecret => credentials::attack(&mut attacker),
        Strength::Transport => panic!("{name} has no receiver"),
    }
    outdate(&mut attacker);
    misdirect(&mut attacker);
    overwhelm(&mut attacker);
    attacker.attacks
}

/// Truly signed, at another time, where a time is signed.
fn outdate(attacker: &mut Attacker<'_>) {
    let (provider, body) = (attacker.provider, attacker.body.clone());
    let signs_a_time = signed_at(provider, &body, now() - SignedDuration::from_mins(1))
        != signed_at(provider, &body, now());
    let long_ago = now() - SignedDuration::from_hours(24 * 9);
    let far_ahead = now() + SignedDuration::from_hours(1);
    for (name, code, at) in [
        ("replayed late", "timestamp_stale", long_ago),
        ("signed ahead of time", "timestamp_ahead", far_ahead),
    ] {
        if signs_a_time {
            let signed = signed_at(provider, &body, at);
            attacker.refused(name, code, &lines_of(&signed.headers), &signed.body);
        }
    }
}

/// The right signature in a request that is none, or goes elsewhere.
fn misdirect(attacker: &mut Attacker<'_>) {
    let Signed { headers, body } = attacker.signed();
    let lines = lines_of(&headers);
    // The last line has the signature, if one has.
    let with_last = |change: &dyn Fn(&[u8]) -> Vec<u8>| {
        let mut lines = lines.clone();
        let last = lines.pop().expect("a line");
        lines.push(change(&last));
        lines
    };
    let post = |attacker: &Attacker<'_>, lines: &[Vec<u8>]| {
        request("POST", &attacker.target, lines, &body)
    };
    let folded = with_last(&|line| {
        let (start, end) = line.split_at(line.len() - 8);
        [start, b"\r\n ", end].concat()
    });
    let folded = post(attacker, &folded);
    attacker.stopped("folded", 400, "", folded);
    let nul = with_last(&|line| [line, b"\0"].concat());
    let nul = post(attacker, &nul);
    attacker.stopped("a NUL in a header", 400, "", nul);
    let no_name = post(attacker, &[b": nobody".to_vec()]);
    attacker.stopped("a header without a name", 400, "", no_name);
    let get = request("GET", &attacker.target, &lines, &body);
    attacker.stopped("another method", 404, NOT_FOUND, get);
    let path = attacker.target.split('?').next().expect("a path");
    let beside = format!("{path}/../{}", attacker.provider.name());
    let beside = request("POST", &beside, &lines, &body);
    attacker.stopped("another path", 404, NOT_FOUND, beside);
}

/// Too much for the gateway: truly signed.
fn overwhelm(attacker: &mut Attacker<'_>) {
    let of = |attacker: &Attacker<'_>, content_type: &str, length: usize| {
        let body = format!(r#"{{"note":"{}"}}"#, MARK.repeat(length / MARK.len() + 1));
        let Signed { headers, body } = signed(attacker.provider, body.as_bytes());
        let mut headers = lines_of(&headers);
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
    let known = [
        "apigw-requestid",
        "content-type",
        "content-length",
        "date",
        "connection",
    ];
    for line in head.lines().skip(1) {
        let name = line.split(':').next().unwrap_or_default();
        assert!(known.contains(&name), "{context}: {line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_attack_has_its_answer_and_leaves_no_trace() {
    let running = Running::new().await;
    let mut wanted = Vec::new();
    for provider in SENDERS {
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
    for provider in SENDERS {
        let text = sample(*provider).text;
        let Signed { headers, body } = signed(*provider, text.as_bytes());
        let headers = lines_of(&headers);
        for other in SENDERS
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
    for provider in SENDERS {
        let text = sample(*provider).text;
        let a_minute_ago = now() - SignedDuration::from_mins(1);
        let Signed { headers, body } = signed_at(*provider, text.as_bytes(), a_minute_ago);
        let headers = lines_of(&headers);
        let target = format!("/webhooks/{}", provider.name());
        for _ in 0..3 {
            let answer = send(
                running.stack.api,
                &request("POST", &target, &headers, &body),
            )
            .await;
            assert_eq!(
                (answer.status, answer.body.as_str()),
                (200, provider.answers().accepted),
                "{target}"
            );
        }
    }
    assert_eq!(running.stored().await.len(), SENDERS.len());
}
