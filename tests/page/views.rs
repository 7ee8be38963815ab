//! The other views: people, messages, dead letters, what is sent on; and the search.

use serde_json::json;
use tests::browser::Browser;
use tests::page::Paged;
use tests::sink::Sink;

use crate::{browse, go, press_button, read, row_with, rows, send_event, send_poison, until_step};

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(browser), ignore = "no browser: .ci/browser installs one")]
async fn a_dead_letter_is_explained_and_goes_back_by_a_button() {
    let paged = Paged::new().await;
    let mut browser = browse(&paged);
    send_poison(&paged).await;
    let id = row_with(&mut browser, "dead");
    read(&mut browser, &id);
    until_step(&mut browser, "put aside");
    let words = operator::explain::explain("body_not_json", Some("mailpanda")).expect("words");
    let cure = browser.text("#detail .cure");
    assert_eq!(cure, words.cure);
    let letter = |browser: &mut Browser| {
        let dead = crate::ask(browser, "dead");
        dead["dead"][0]["id"].as_str().map(str::to_owned)
    };
    let first = letter(&mut browser);
    assert!(first.is_some());
    browser.until("document.querySelector('#count-dead').textContent === '1'");

    browser.click("nav [data-view=d]");
    assert_eq!(browser.text("#view .group .who"), "mailpanda");
    assert_eq!(browser.text("#view .group .code"), "body_not_json");
    let cause = browser.text("#view .group .cause");
    assert_eq!(cause, words.cause);
    browser.click("#view .letter summary");
    assert_eq!(browser.text("#view .letter pre"), "not json");
    browser.click("#redrive-all");
    let back = "document.querySelector('#said').textContent === \
        '1 letter came back: body_not_json.'";
    browser.until(back);
    // Nothing has been fixed, so it comes back, as another message.
    paged.running.stack.settled().await.expect("an empty queue");
    assert_ne!(letter(&mut browser), first, "it was not tried again");
    browser.until("document.querySelector('#count-dead').textContent === '1'");
    assert_eq!(browser.text("#view .letter .chip"), "came back");
    // What it says is of the second time, not still of the first.
    browser.eval("document.querySelector('#said').replaceChildren()");
    press_button(&mut browser, "#view .letter", "Redrive");
    browser.until(back);
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(browser), ignore = "no browser: .ci/browser installs one")]
async fn a_search_finds_a_webhook_and_a_person() {
    let paged = Paged::new().await;
    let mut browser = browse(&paged);
    for (kind, id, recipient) in [
        ("open", "m-1", "kim@mail.test"),
        ("unsubscribe", "m-2", "lee@mail.test"),
        ("click", "m-3", "lee@mail.test"),
    ] {
        send_event(&paged, kind, id, recipient).await;
    }
    paged.running.stored().await;
    browser.until("document.querySelectorAll('#rows li').length === 3");
    browser.press("/");
    browser.write("lee@mail.test");
    browser.until("document.querySelectorAll('#rows li').length === 2");
    // What comes now and is not looked for, is not shown.
    send_event(&paged, "open", "m-4", "sam@mail.test").await;
    send_event(&paged, "open", "m-5", "lee@mail.test").await;
    browser.until("document.querySelectorAll('#rows li').length === 3");
    let shown = browser.text("#rows");
    assert!(
        !shown.contains("sam@") && !shown.contains("kim@"),
        "{shown}"
    );

    browser.press("Enter");
    browser.until("location.hash === '#p/lee%40mail.test'");
    assert_eq!(browser.text("#view .verdict h2"), "lee@mail.test");
    assert_eq!(browser.text("#view .verdict .badge"), "no");
    let reason = browser.text("#view .reason");
    assert!(reason.starts_with("unsubscribed since"), "{reason}");
    paged.running.stored().await;
    go(&mut browser, "p/lee@mail.test");
    browser.until("document.querySelectorAll('#view .timeline li').length === 3");
    let plan = browser.text("#view .command code");
    let port = paged.running.stack.api.port();
    assert_eq!(plan, format!("postern erase lee@mail.test --port {port}"));

    browser.click("#view .timeline details summary");
    press_button(&mut browser, "#view .timeline", "message");
    browser.until("location.hash.startsWith('#m/mailpanda/m-')");
    browser.until("document.querySelector('#view h2')?.textContent.startsWith('Message m-')");

    go(&mut browser, "p/kim%20SMITH@mail.test");
    let trouble = browser.text("#view .trouble");
    assert!(!trouble.is_empty());
    // A name that is no address is neither mailed nor not mailed.
    go(&mut browser, "p/kim");
    browser.until(
        "document.querySelector('#view .trouble')?.textContent === \
         '\"kim\": there is no mail address in it'",
    );
    assert_eq!(browser.count("#view .verdict"), 0);
    // Filters of the list.
    browser.click("nav [data-view=w]");
    press_button(&mut browser, "#found", "clear");
    browser.until("document.querySelectorAll('#rows li').length === 5");
    browser.click("[data-show=dead]");
    browser.until("document.querySelectorAll('#rows li').length === 0");
    assert_eq!(browser.text("#empty p"), "None that fits.");
    press_button(&mut browser, "#empty", "show all");
    browser.until("document.querySelectorAll('#rows li').length === 5");
    assert_eq!(rows(&mut browser).len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(browser), ignore = "no browser: .ci/browser installs one")]
async fn what_is_sent_on_is_beside_its_webhook_and_in_the_list() {
    let paged = Paged::new().await;
    let sink = Sink::new().await;
    let endpoint = json!({"url": sink.url, "events": "*"}).to_string();
    let added = paged
        .running
        .api("POST", "/api/webhooks/manage", endpoint.as_bytes())
        .await;
    assert!(added.status.is_success(), "{}", added.body);
    let mut browser = browse(&paged);
    send_event(&paged, "unsubscribe", "m-1", "kim@mail.test").await;
    let id = row_with(&mut browser, "200");
    read(&mut browser, &id);
    until_step(&mut browser, "told");
    paged.running.told().await;
    let first = browser.text("[data-part=told] tbody .badge");
    assert_eq!(first, "204");

    browser.click("nav [data-view=o]");
    browser.until("document.querySelectorAll('#deliveries tbody tr').length === 2");
    let shown = browser.text("#view");
    for word in [
        "127.0.0.1",
        "email.unsubscribed",
        "suppression",
        "kim@mail.test",
    ] {
        assert!(shown.contains(word), "{word} is not in {shown}");
    }
    press_button(&mut browser, "#deliveries", &id);
    browser.until(&format!("location.hash === '#{id}'"));
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(browser), ignore = "no browser: .ci/browser installs one")]
async fn a_search_finds_a_status_and_an_address_that_is_none_is_the_list() {
    let paged = Paged::new().await;
    let mut browser = browse(&paged);
    send_event(&paged, "open", "m-1", "kim@mail.test").await;
    paged.running.post("/webhooks/mailgun", &[], b"{}").await;
    let refused = row_with(&mut browser, "401");
    browser.until("document.querySelectorAll('#rows li').length === 2");
    browser.press("/");
    browser.write("401");
    browser.until("document.querySelectorAll('#rows li').length === 1");
    assert_eq!(rows(&mut browser), [refused.as_str()]);
    for hash in ["pm", "do", "pmdo", "x"] {
        go(&mut browser, "d");
        browser.until("document.querySelector('nav [aria-current]').dataset.view === 'd'");
        go(&mut browser, hash);
        browser.until("document.querySelector('nav [aria-current]').dataset.view === 'w'");
        let shown =
            browser.eval("['#webhooks', '#view'].map((of) => document.querySelector(of).hidden)");
        assert_eq!(shown, json!([false, true]), "{hash}");
    }
}
