//! What can be read and reached: contrast, names, and a phone's width.

use serde_json::{Value, json};
use tests::browser::Browser;
use tests::page::Paged;

use crate::{browse, go, read, row_with, send_event, send_poison, send_sample};

/// Returns each text whose contrast with what is behind it is less than 4.5 (WCAG 1.4.3).
const PALE: &str = "(() => { \
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true }); \
    const rgba = (colour) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; \
      canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; }; \
    const light = ([r, g, b]) => { const [x, y, z] = [r, g, b].map((c) => c / 255) \
      .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4); \
      return 0.2126 * x + 0.7152 * y + 0.0722 * z; }; \
    const behind = (e) => { for (; e; e = e.parentElement) { \
      const colour = rgba(getComputedStyle(e).backgroundColor); if (colour[3] === 255) return colour; } \
      return [255, 255, 255, 255]; }; \
    const pale = []; let seen = 0; \
    for (const e of document.querySelectorAll('body *')) { \
      const hasText = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()) || e.matches('input, select'); \
      if (!hasText || !e.checkVisibility()) continue; \
      seen++; \
      const [a, b] = [light(rgba(getComputedStyle(e).color)), light(behind(e))]; \
      const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05); \
      if (contrast < 4.5) pale.push(`${e.tagName}.${e.className} ${contrast.toFixed(2)} ${e.textContent.slice(0, 40)}`); \
    } \
    return { pale, seen }; })()";

/// Returns each control that has no name for somebody who does not see it.
const NAMELESS: &str = "[...document.querySelectorAll('button, input, select, a, summary')] \
    .filter((e) => e.checkVisibility()) \
    .filter((e) => !(e.ariaLabel ?? '').trim() && !e.textContent.trim() && !(e.labels?.[0]?.textContent ?? '').trim()) \
    .map((e) => e.outerHTML)";

/// A stack on which everything is to be seen: stored, refused, dead, lost and sent on.
pub async fn furnished() -> Paged {
    let paged = Paged::new().await;
    let sink = tests::sink::Sink::new().await;
    let endpoint = json!({"url": sink.url, "events": "*"}).to_string();
    let added = paged
        .running
        .api("POST", "/api/webhooks/manage", endpoint.as_bytes())
        .await;
    assert!(added.status.is_success(), "{}", added.body);
    send_event(&paged, "unsubscribe", "m-1", "kim@mail.test").await;
    send_sample(&paged, "resend/email_bounced").await;
    send_poison(&paged).await;
    paged.running.post("/webhooks/mailgun", &[], b"{}").await;
    paged.running.post("/webhooks/sendgrd", &[], b"{}").await;
    paged.running.stored().await;
    paged.running.told().await;
    paged
}

/// Every view, one after the other.
fn each_view(browser: &mut Browser, mut look: impl FnMut(&mut Browser, &str)) {
    for verdict in ["200", "401", "404", "dead"] {
        go(browser, "w");
        let id = row_with(browser, verdict);
        read(browser, &id);
        browser.eval(
            "document.querySelectorAll('#detail details').forEach((part) => { part.open = true; })",
        );
        look(browser, verdict);
    }
    for (hash, ready) in [
        ("w", "#rows li"),
        ("p/kim@mail.test", "#view .timeline"),
        ("d", "#view .group"),
        ("o", "#deliveries"),
    ] {
        go(browser, hash);
        browser.until(&format!("document.querySelector('{ready}') !== null"));
        look(browser, hash);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(browser), ignore = "no browser: .ci/browser installs one")]
async fn every_text_can_be_read_in_both_themes_and_every_control_has_a_name() {
    let paged = furnished().await;
    let mut browser = browse(&paged);
    let mut seen = 0;
    for scheme in ["light", "dark"] {
        browser.scheme(scheme);
        each_view(&mut browser, |browser, view| {
            let found = browser.eval(PALE);
            assert_eq!(found["pale"], json!([]), "{scheme}, {view}");
            seen += found["seen"].as_u64().expect("a number");
            assert_eq!(browser.eval(NAMELESS), json!([]), "{view}");
        });
    }
    assert!(seen > 500, "only {seen} texts");
    // The switch goes before what the system prefers.
    let back = "getComputedStyle(document.body).backgroundColor";
    let dark = browser.eval(back);
    browser.click("#theme");
    assert_eq!(
        browser.eval("document.documentElement.dataset.theme"),
        "light"
    );
    assert_ne!(browser.eval(back), dark);
    browser.click("#theme");
    assert_eq!(browser.eval(back), dark);
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(browser), ignore = "no browser: .ci/browser installs one")]
async fn a_phone_shows_all_of_it_without_scrolling_sideways() {
    let paged = furnished().await;
    let mut browser = browse(&paged);
    browser.size(360, 740);
    browser.open(&paged.url());
    crate::is_live(&mut browser);
    each_view(&mut browser, |browser, view| {
        let wide = browser.eval(
            "[document.documentElement, ...document.querySelectorAll('#list, #detail, #view')] \
             .filter((e) => e.checkVisibility() && e.scrollWidth > e.clientWidth) \
             .map((e) => `${e.id} ${e.scrollWidth}`)",
        );
        assert_eq!(wide, json!([]), "{view}");
    });
    // No tab is cut off, and no name is broken into pieces.
    let cut = browser.eval(
        "[...document.querySelectorAll('nav a')].filter((e) => { const r = e.getBoundingClientRect(); \
         return r.left < 0 || r.right > innerWidth; }).map((e) => e.textContent)",
    );
    assert_eq!(cut, json!([]));
    let broken = browser.eval(
        "[...document.querySelectorAll('#view .rows :is(th, .value)')] \
         .filter((e) => /^[\\w.@:]+$/.test(e.textContent)).filter((e) => { \
         const range = document.createRange(); range.selectNodeContents(e); \
         return new Set([...range.getClientRects()].map((r) => r.top)).size !== 1; }) \
         .map((e) => e.textContent)",
    );
    assert_eq!(broken, json!([]));
    assert!(browser.count("#view .rows .value") >= 4);
    // A webhook takes the place of the list, and leads back.
    go(&mut browser, "w");
    let id = row_with(&mut browser, "401");
    browser.click(&format!("[data-id={id}] button"));
    browser.text("#detail .why");
    assert_eq!(shown(&mut browser), json!([false, true]));
    browser.click(".back");
    browser.until("document.querySelector('#list').checkVisibility()");
    assert_eq!(shown(&mut browser), json!([true, false]));
    browser.click("#sender summary");
    browser.until("document.querySelector('#send-twice').checkVisibility()");
}

fn shown(browser: &mut Browser) -> Value {
    browser
        .eval("['#list', '#detail'].map((pane) => document.querySelector(pane).checkVisibility())")
}

/// Written by hand, without a build: so it stays what one person reads in an hour.
#[test]
fn the_page_stays_small() {
    let folder = stack::build::root().join("crates/inspector/page");
    let files = std::fs::read_dir(folder).expect("a folder");
    let texts = files.map(|file| {
        let path = file.expect("a file").path();
        let text = std::fs::read_to_string(&path).expect("text");
        (path.extension().is_some_and(|end| end == "js"), text)
    });
    let texts: Vec<(bool, String)> = texts.collect();
    let bytes: usize = texts.iter().map(|(_, text)| text.len()).sum();
    assert!(bytes <= 60 * 1024, "{bytes} bytes");
    let scripts = texts.iter().filter(|(is_script, _)| *is_script);
    let lines: usize = scripts.map(|(_, text)| text.lines().count()).sum();
    assert!(lines <= 1_500, "{lines} lines");
}
