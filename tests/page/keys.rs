//! The page with the keyboard alone.

use tests::page::Paged;

use crate::{browse, rows, send_event};

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(browser), ignore = "no browser: .ci/browser installs one")]
async fn everything_is_reached_by_keys() {
    let paged = Paged::new().await;
    let mut browser = browse(&paged);
    for number in 1..=3 {
        send_event(&paged, "open", &format!("m{number}"), "kim@mail.test").await;
    }
    browser.until("document.querySelectorAll('#rows li').length === 3");
    let ids = rows(&mut browser);
    let chosen = "document.querySelector('#rows [aria-current]')?.parentElement.dataset.id ?? null";
    for (key, wanted) in [("j", 0), ("j", 1), ("j", 2), ("j", 2), ("k", 1)] {
        browser.press(key);
        assert_eq!(browser.eval(chosen), ids[wanted].as_str(), "{key}");
    }
    let focused = "document.activeElement.closest('li')?.dataset.id ?? null";
    assert_eq!(browser.eval(focused), ids[1].as_str());
    let outline = browser.eval("getComputedStyle(document.activeElement).outlineStyle");
    assert_eq!(outline, "solid", "the focus is seen");
    browser.press("Enter");
    browser.until("document.activeElement.id === 'detail'");
    browser.text("#detail h2");
    browser.press("Escape");
    browser.until(&format!("{focused} === '{}'", ids[1]));

    browser.press("r");
    browser.until("document.querySelectorAll('#rows li').length === 4");
    browser.until("document.querySelector('#send-sample').value !== ''");
    browser.press("s");
    browser.until("document.querySelectorAll('#rows li').length === 5");

    for (key, view) in [("p", "p"), ("d", "d"), ("o", "o"), ("w", "w")] {
        browser.eval("document.activeElement.blur()");
        browser.press("g");
        browser.press(key);
        let shown =
            format!("document.querySelector('nav [aria-current]')?.dataset.view === '{view}'");
        browser.until(&shown);
    }
    // A choice takes no letters.
    browser.eval("document.querySelector('#send-provider').focus()");
    browser.press("j");
    browser.until("document.activeElement.closest('#rows') !== null");
    browser.text("#detail h2");
    browser.eval("document.querySelector('#send-break').focus()");
    browser.press("r");
    browser.until("document.querySelectorAll('#rows li').length === 6");
    browser.eval("document.querySelector('#send-sample').focus()");
    browser.press("s");
    browser.until("document.querySelectorAll('#rows li').length === 7");
    browser.press("?");
    browser.until("document.querySelector('#keys').open");
    browser.press("Escape");
    browser.until("!document.querySelector('#keys').open");
    browser.press("/");
    browser.until("document.activeElement.id === 'search'");
    browser.write("jkr");
    assert_eq!(
        browser.eval("document.querySelector('#search').value"),
        "jkr"
    );
    browser.press("Escape");
    browser.until("document.activeElement.id !== 'search'");
}

/// The Tab key leads to every control, and each shows that it has the focus.
#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(browser), ignore = "no browser: .ci/browser installs one")]
async fn the_tab_key_reaches_every_control() {
    let paged = Paged::new().await;
    let mut browser = browse(&paged);
    send_event(&paged, "open", "m1", "kim@mail.test").await;
    let id = crate::row_with(&mut browser, "200");
    crate::read(&mut browser, &id);
    crate::until_step(&mut browser, "stored");
    let wanted = browser.eval(
        "[...document.querySelectorAll('a, button, input, select, summary, pre')] \
         .filter((e) => e.checkVisibility()).length",
    );
    browser.eval("window.reached = new Set(); window.unseen = []");
    for _ in 0..80 {
        browser.press("Tab");
        browser.eval(
            "(() => { const e = document.activeElement; if (e === document.body) return; reached.add(e); \
             if (e.id !== 'detail' && getComputedStyle(e).outlineStyle === 'none') unseen.push(e.outerHTML); })()",
        );
    }
    assert_eq!(browser.eval("unseen"), serde_json::json!([]));
    let missed = browser.eval(
        "[...document.querySelectorAll('a, button, input, select, summary, pre')] \
         .filter((e) => e.checkVisibility() && !reached.has(e)).map((e) => e.outerHTML)",
    );
    assert_eq!(missed, serde_json::json!([]), "of {wanted}");
}
