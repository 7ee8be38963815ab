//! A picture of each state, kept in `docs/page`.
//!
//! `BLESS=1` takes them anew. Without it the states are drawn all the same, and the pictures that
//! are kept must be of the same size.

use std::fs;

use std::time::Duration;

use operator::print::now;
use registry::sender;
use serde_json::{Value, json};
use stack::build::root;
use tests::browser::Browser;
use tests::page::Paged;
use tests::sink::Sink;

use crate::picture::{pixels, with_palette};
use crate::{browse, go, read, until_step};

/// The key that Mailgun signs with in the pictures: an invented one.
const MAILGUN: &str = "4f1c0b7e92a84d63a5d0c8e7f6b19a32";
/// The most bytes that a picture may take.
const MOST_BYTES: usize = 150_000;

/// Takes a picture of the window, or of a part of it.
fn take(browser: &mut Browser, name: &str, clip: Option<&Value>) {
    let path = root().join(format!("docs/page/{name}.png"));
    let taken = browser.picture(clip);
    if tests::is_blessing() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, with_palette(&taken)).expect("written");
    }
    let (width, height, drawn) = pixels(&taken);
    let colours: std::collections::BTreeSet<_> = drawn.into_iter().collect();
    assert!(colours.len() > 30, "{name}: only {} colours", colours.len());
    let kept = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(kept.len() < MOST_BYTES, "{name}: {} bytes", kept.len());
    let size = [&kept[16..20], &kept[20..24]]
        .map(|side| u32::from_be_bytes(side.try_into().expect("a number")));
    if clip.is_none() {
        assert_eq!(size.map(|side| side as usize), [width, height], "{name}");
    }
}

/// Sends a sample through the page.
fn send(browser: &mut Browser, sample: &str, recipient: &str) {
    let asked = json!({"sample": sample, "recipient": recipient}).to_string();
    let sent = browser.eval(&format!(
        "fetch('/_postern/send', {{ method: 'POST', body: {}, \
         headers: {{ 'content-type': 'application/json', 'x-postern': '1' }} }}).then((a) => a.json())",
        json!(asked)
    ));
    assert_eq!(sent["sent"][0]["status"], 200, "{sample}: {sent}");
}

/// Sends what makes a morning: who was mailed, what happened, and what went wrong.
async fn story(paged: &Paged, browser: &mut Browser) {
    for (sample, recipient) in [
        ("resend/email_delivered", "lee@harbour.test"),
        ("customerio/email_clicked", "lee@harbour.test"),
        ("postmark/open", "zoe@tidewater.test"),
        ("brevo/delivered", "sam@mail.test"),
        ("mailgun/clicked", "kim@mail.test"),
        ("mailersend/delivered", "odile@tidewater.test"),
    ] {
        send(browser, sample, recipient);
    }
    // The stack holds a whole line of a settings file as the key.
    let mailgun = sender("mailgun").expect("a provider");
    let body = operator::samples::find("mailgun/failed_permanent_no_such_user");
    let body = body.expect("a sample").body;
    let signed = mailgun.signed(MAILGUN, body, now());
    paged
        .running
        .post("/webhooks/mailgun", &signed.headers, &signed.body)
        .await;
    paged.running.post("/webhooks/sendgrd", &[], b"[]").await;
    for _ in 0..2 {
        let poison = paged
            .running
            .send("mailpanda", b"type=bounce&email=kim@mail.test")
            .await;
        assert_eq!(poison.status, 200);
    }
    let old = sender("resend").expect("a provider");
    let key = operator::samples::key("resend").expect("a key").trim();
    let sample = operator::samples::find("resend/email_delivered").expect("a sample");
    let signed = old.signed(key, sample.body, now() - Duration::from_mins(7));
    paged
        .running
        .post("/webhooks/resend", &signed.headers, &signed.body)
        .await;
    send(browser, "sendgrid/bounce", "kim@mail.test");
    paged.running.stored().await;
    paged.running.told().await;
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(browser), ignore = "no browser: .ci/browser installs one")]
async fn an_empty_page() {
    let paged = Paged::new().await;
    let mut browser = browse(&paged);
    browser.until("document.querySelectorAll('#empty [data-sample]').length > 0");
    take(&mut browser, "empty", None);
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(browser), ignore = "no browser: .ci/browser installs one")]
async fn each_state_is_drawn() {
    let held = format!("MAILGUN_SIGNING_KEY={MAILGUN}");
    let paged = Paged::with(|options| {
        options.secrets.insert("mailgun".to_owned(), held);
    })
    .await;
    let (well, ill) = (Sink::new().await, Sink::answering(503).await);
    for (url, events) in [(&well.url, "*"), (&ill.url, "email.bounced")] {
        let endpoint = json!({"url": url, "events": events}).to_string();
        let added = paged
            .running
            .api("POST", "/api/webhooks/manage", endpoint.as_bytes())
            .await;
        assert!(added.status.is_success(), "{}", added.body);
    }
    let mut browser = browse(&paged);
    story(&paged, &mut browser).await;

    let stored = row_with_text(&mut browser, "sendgrid", "200");
    read(&mut browser, &stored);
    until_step(&mut browser, "told");
    take(&mut browser, "stored", None);
    take_the_way(&mut browser);
    browser.scheme("dark");
    take(&mut browser, "dark", None);
    browser.scheme("light");

    let near = row_with_text(&mut browser, "mailgun", "401");
    read(&mut browser, &near);
    browser.text("#detail .near");
    take(&mut browser, "refused", None);

    for (name, hash, ready) in [
        ("dead", "d", "#view .group"),
        ("people", "p/kim@mail.test", "#view .timeline"),
        ("outbound", "o", "#deliveries"),
    ] {
        go(&mut browser, hash);
        browser.until(&format!("document.querySelector('{ready}') !== null"));
        take(&mut browser, name, None);
    }

    browser.size(360, 740);
    go(&mut browser, "w");
    browser.open(&format!("{}#{near}", paged.url()));
    browser.text("#detail .near");
    take(&mut browser, "phone", None);
}

fn row_with_text(browser: &mut Browser, provider: &str, verdict: &str) -> String {
    let found = format!(
        "[...document.querySelectorAll('#rows li')].find((li) => \
         li.querySelector('.who').textContent === '{provider}' && \
         li.querySelector('.badge').textContent === '{verdict}')?.dataset.id"
    );
    let id = browser.until(&found);
    id.as_str().expect("an id").to_owned()
}

/// Takes the way that a webhook took, alone.
fn take_the_way(browser: &mut Browser) {
    browser.size(1280, 800);
    let place = browser.eval(
        "(() => { document.querySelector('#detail').scrollTop = 0; \
         const [a, b] = ['#detail .head', '#detail .way'].map((s) => document.querySelector(s).getBoundingClientRect()); \
         return { x: a.x - 12, y: a.y - 8, width: a.width + 24, height: b.bottom - a.y + 16 }; })()",
    );
    take(browser, "way", Some(&place));
}
