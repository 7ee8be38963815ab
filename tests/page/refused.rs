//! A refused webhook: why, in the operator's words, and what would match.

use std::collections::BTreeSet;

use operator::explain::explain;
use operator::print::now;
use registry::{SENDERS, sender};
use serde_json::json;
use shared::provider::Strength;
use tests::browser::Browser;
use tests::page::Paged;
use tests::{another_key, tampered, with_two_signatures};

use crate::{browse, read, rows};

/// One thing that is wrong with a request.
struct Wrong {
    provider: &'static str,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

/// Returns for each provider: without a signature, with another key, changed, with two signatures,
/// and signed long ago.
fn wrongs() -> Vec<Wrong> {
    let mut all = Vec::new();
    for sender in SENDERS {
        let provider = sender.name();
        let body = operator::samples::of(provider)
            .next()
            .expect("a sample")
            .body;
        let own = operator::samples::key(provider).expect("a key");
        let mut requests = vec![
            sender.signed(another_key(*sender), body, now()),
            sender.signed(own, body, tests::received_at()),
        ];
        if sender.strength() == Strength::Signed {
            let good = sender.signed(own, body, now());
            requests.extend([tampered(*sender, &good), with_two_signatures(&good)]);
        }
        all.push(Wrong {
            provider,
            headers: Vec::new(),
            body: body.to_vec(),
        });
        all.extend(requests.into_iter().map(|signed| Wrong {
            provider,
            headers: signed.headers,
            body: signed.body,
        }));
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(browser), ignore = "no browser: .ci/browser installs one")]
async fn each_refusal_is_explained_in_the_words_of_the_operator() {
    let paged = Paged::new().await;
    let mut browser = browse(&paged);
    for wrong in wrongs() {
        let path = format!("/webhooks/{}", wrong.provider);
        paged.running.post(&path, &wrong.headers, &wrong.body).await;
    }
    crate::row_with(&mut browser, "401");
    browser.click("[data-show=refused]");
    browser.until("document.querySelector('[data-show=refused]').ariaPressed === 'true'");
    let list = crate::ask(&mut browser, "webhooks?show=refused&limit=500");
    let list = list["webhooks"].as_array().expect("rows").clone();
    browser.until(&format!(
        "document.querySelectorAll('#rows li').length === {}",
        list.len().min(100)
    ));
    let mut codes = BTreeSet::new();
    for row in &list {
        let (code, provider) = (
            row["code"].as_str().expect("a code"),
            row["provider"].as_str(),
        );
        read(&mut browser, row["id"].as_str().expect("an id"));
        explained(&mut browser, code, provider);
        codes.insert(code.to_owned());
    }
    for code in [
        "signature_missing",
        "signature_mismatch",
        "signature_duplicated",
        "credential_missing",
        "credential_mismatch",
        "timestamp_stale",
    ] {
        assert!(codes.contains(code), "{code} is not among {codes:?}");
    }
}

/// The page says what `operator::explain` says, to the letter.
fn explained(browser: &mut Browser, code: &str, provider: Option<&str>) {
    let words = explain(code, provider).expect("an explanation");
    let context = format!("{code} of {provider:?}");
    assert_eq!(browser.text("#detail .cause"), words.cause, "{context}");
    assert_eq!(browser.text("#detail .cure"), words.cure, "{context}");
    let page = format!("{code} {}", words.page);
    assert_eq!(browser.text("#detail .where"), page, "{context}");
}

/// A key that no document has.
const OWN: &str = "4f1c0b7e92a84d63a5d0c8e7f6b19a32";

/// Somebody has put the whole line of a settings file as the key.
#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(browser), ignore = "no browser: .ci/browser installs one")]
async fn what_would_match_is_named_with_the_command_that_mends_it() {
    let paged = Paged::with(|options| {
        let line = format!("MAILGUN_SIGNING_KEY={OWN}");
        options.secrets.insert("mailgun".to_owned(), line);
    })
    .await;
    let mut browser = browse(&paged);
    refuse(&paged, OWN).await;
    let id = crate::row_with(&mut browser, "401");
    assert_eq!(rows(&mut browser), [id.as_str()]);
    read(&mut browser, &id);
    it_leads(&mut browser);
    let wanted = "It would match without what stands before the = in your key.";
    assert_eq!(browser.text("#detail .near p"), wanted);
    let command = browser.text("#detail .near code");
    let port = paged.running.stack.api.port();
    assert_eq!(command, format!("postern secret set mailgun --port {port}"));
    let shown = browser.eval("document.body.innerText");
    assert!(
        !shown.as_str().expect("a text").contains(OWN),
        "the key is shown"
    );
}

/// What would match is known, and the provider's usual cause is not: it stands below, and small.
fn it_leads(browser: &mut Browser) {
    let first = browser.eval("document.querySelector('#detail .why').firstElementChild.className");
    assert_eq!(first, "near");
    let below = browser.text("#detail .near + .else");
    let words = explain("signature_mismatch", Some("mailgun")).expect("words");
    let wanted = format!("Otherwise: {}{}", words.cause, words.cure);
    assert_eq!(below, wanted);
    let sizes = browser.eval(
        "['.near p', '.cause', '.cure'].map((of) => document.querySelector('#detail ' + of)) \
         .map((e) => [getComputedStyle(e).fontSize, getComputedStyle(e).fontWeight])",
    );
    let small = json!(["12px", "400"]);
    assert_eq!(sizes, json!([["14px", "600"], small, small]));
}

/// Nobody sees it: the sender's key has a line break behind it.
#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(browser), ignore = "no browser: .ci/browser installs one")]
async fn a_line_break_behind_a_key_is_named() {
    let held = ("mailgun".to_owned(), OWN.to_owned());
    let paged = Paged::with(|options| options.secrets.extend([held])).await;
    let mut browser = browse(&paged);
    refuse(&paged, &format!("{OWN}\n")).await;
    let id = crate::row_with(&mut browser, "401");
    read(&mut browser, &id);
    let near = browser.text("#detail .near p");
    let wanted = "It would match with a line break behind your key";
    assert!(near.starts_with(wanted), "{near}");
    assert_eq!(browser.count("#detail .near code"), 0, "no command helps");
}

/// Posts a webhook of Mailgun that is signed with this key, and refused.
async fn refuse(paged: &Paged, key: &str) {
    let provider = sender("mailgun").expect("a provider");
    let sample = operator::samples::of("mailgun").next().expect("a sample");
    let signed = provider.signed(key, sample.body, now());
    let path = "/webhooks/mailgun";
    let posting = paged.running.post(path, &signed.headers, &signed.body);
    assert_eq!(posting.await.status, 401);
}
