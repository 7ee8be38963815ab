//! From the empty page to a stored webhook.

use operator::samples;
use serde_json::{Value, json};
use table::item::Item;
use table::read::plain;
use tests::page::Paged;

use crate::{browse, press_button, row_with, rows, until_step};

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(browser), ignore = "no browser: .ci/browser installs one")]
async fn an_empty_page_says_what_to_do_and_its_button_brings_a_webhook() {
    let paged = Paged::new().await;
    let mut browser = browse(&paged);
    assert_eq!(browser.text("#empty h2"), "No webhook yet");
    let url = format!("http://{}/webhooks/PROVIDER", paged.running.stack.api);
    assert_eq!(browser.text("#empty code"), url);
    assert_eq!(browser.count("#rows li"), 0);
    let providers: std::collections::BTreeSet<&str> = samples::all()
        .iter()
        .map(|sample| sample.provider)
        .collect();
    browser.until("document.querySelectorAll('#empty [data-sample]').length > 0");
    let buttons = browser.count("#empty [data-sample]");
    assert_eq!(buttons, providers.len() as u64);

    browser.click("#empty [data-sample=sendgrid]");
    let id = row_with(&mut browser, "200");
    assert_eq!(rows(&mut browser), [id.as_str()]);
    until_step(&mut browser, "stored");
    assert_eq!(browser.text("#detail h2"), "sendgrid");
    let steps = browser.eval("[...document.querySelectorAll('.way b')].map((b) => b.textContent)");
    let steps: Vec<String> = serde_json::from_value(steps).expect("steps");
    assert_eq!(steps[..3], ["arrived", "queued", "answered"]);
    assert_eq!(browser.count("#empty:not([hidden])"), 0);

    let items = paged.running.stored().await;
    let fields = shown_fields(&mut browser);
    let key = browser.text("[data-part=events] .key");
    fields_are_the_items(&fields, &key, &items);
    // The same item, as it is in the table now.
    browser.click("[data-part=items] > summary");
    browser.text("[data-part=items] .item");
    let pk = plain(&items[0])["pk"].clone();
    let shown = browser.text("[data-part=items]");
    assert!(shown.contains(pk.as_str().expect("a key")), "{shown}");
}

/// Returns the fields of the first event, as they are shown.
fn shown_fields(browser: &mut tests::browser::Browser) -> Vec<(String, String)> {
    browser.text("[data-part=events] .event .fields");
    let fields = browser.eval(
        "[...document.querySelector('[data-part=events] .event .fields').rows] \
         .map((row) => [row.cells[0].textContent, row.cells[1].textContent])",
    );
    serde_json::from_value(fields).expect("fields")
}

/// Each field that is an attribute of the item with this key has the attribute's value.
fn fields_are_the_items(fields: &[(String, String)], key: &str, items: &[Item]) {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let items: Vec<Value> = items.iter().map(plain).collect();
    let item = items
        .iter()
        .find(|item| key == format!("{} / {}", text(&item["pk"]), text(&item["sk"])));
    let item = item.expect("the item of the event");
    let recipient = fields.iter().find(|(name, _)| name == "recipient");
    let (_, recipient) = recipient.expect("a recipient");
    assert_eq!(item["pk"], json!(format!("email#{recipient}")));
    let compared = fields.iter().filter(|(name, _)| !item[name].is_null());
    let compared: Vec<_> = compared.collect();
    for (name, value) in &compared {
        assert_eq!(*value, text(&item[name]), "{name}");
    }
    assert!(compared.len() >= 6, "{fields:?} of {item}");
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(browser), ignore = "no browser: .ci/browser installs one")]
async fn what_is_sent_twice_or_again_is_stored_once_and_a_forged_one_is_not() {
    let paged = Paged::new().await;
    let mut browser = browse(&paged);
    browser.until("document.querySelector('#send-sample').options.length > 10");
    browser.eval(
        "(() => { const p = document.querySelector('#send-provider'); p.value = 'resend'; \
         p.dispatchEvent(new Event('change')); })()",
    );
    browser.click("#send-twice");
    browser.until("document.querySelectorAll('#rows li').length === 2");
    until_step(&mut browser, "stored");
    let stored = paged.running.stored().await.len();
    assert_eq!(stored, 1, "the same event");

    it_is_known_since_the_first(&mut browser);
    press_button(&mut browser, "#detail", "Send unchanged");
    browser.until("document.querySelectorAll('#rows li').length === 3");
    assert_eq!(paged.running.stored().await.len(), 1, "the replay");
    press_button(&mut browser, "#detail", "Send again");
    browser.until("document.querySelectorAll('#rows li').length === 4");
    let again = paged.running.stored().await.len();
    assert_eq!(again, 2, "dated now, so it is another event");

    browser.click("#send-forged");
    row_with(&mut browser, "401");
    browser.text("#detail .why.bad");
    assert_eq!(paged.running.stored().await.len(), 2);

    press_button(&mut browser, "#detail", "curl");
    let line = browser.text("#detail .curl code");
    assert!(line.starts_with("curl "), "{line}");
    assert!(line.contains("/webhooks/resend"), "{line}");
    // Its button stays within the line, and within itself.
    let outside = browser.eval(
        "(() => { const button = document.querySelector('#detail .curl button'); \
         const [a, b] = [button, button.parentElement].map((e) => e.getBoundingClientRect()); \
         return [a.right - b.right > 0, button.scrollWidth > button.clientWidth]; })()",
    );
    assert_eq!(outside, json!([false, false]));
}

/// Of two that are the same, the second says so, and the first does not.
fn it_is_known_since_the_first(browser: &mut tests::browser::Browser) {
    let ids = rows(browser);
    crate::read(browser, &ids[1]);
    until_step(browser, "stored");
    assert_eq!(browser.count("[data-part=events] > .nothing"), 0);
    crate::read(browser, &ids[0]);
    until_step(browser, "stored");
    let wanted = format!(
        "Known already: 1 event came with {} and is stored once.",
        ids[1]
    );
    assert_eq!(browser.text("[data-part=events] > .nothing"), wanted);
    let stored = browser.eval(
        "[...document.querySelectorAll('.way li')].find((li) => li.textContent.startsWith('stored')) \
         .querySelector('.say').textContent",
    );
    assert_eq!(stored, "1 event, 1 known already");
}
