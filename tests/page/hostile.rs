//! Whatever a webhook brings, the page shows it and does nothing else.

use operator::print::now;
use operator::samples;
use registry::{SENDERS, sender};
use serde_json::{Value, json};
use tests::browser::Browser;
use tests::page::Paged;

use crate::{browse, row_with};

/// What somebody might try, as the value of a field.
const TRIED: [&str; 9] = [
    "<script>document.title='owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    "<a href=\"javascript:document.title='owned'\">x</a><iframe srcdoc='<b>'></iframe>",
    "javascript:document.title='owned'",
    "http://foreign.example/picture.png",
    "\u{202e}moc.live\u{2066}\u{200b}\u{feff}\u{0}\u{1b}[31m\u{1b}]0;owned\u{7}\u{85}\u{2028}",
    "</textarea></style></template><style>@import 'http://foreign.example/x.css'</style>",
    "{{constructor.constructor('document.title=1')()}}${document.title=1}",
    "__proto__",
];

/// Every body that is tried, unsigned or not.
fn bodies() -> Vec<Vec<u8>> {
    let event = |text: &str| {
        let event = json!({"type": "click", "email_id": text, "recipient": text, "url": text,
            "timestamp": "2026-01-02T03:04:05Z", text: text});
        event.to_string().into_bytes()
    };
    let mut bodies: Vec<Vec<u8>> = TRIED.iter().map(|text| event(text)).collect();
    bodies.extend(TRIED.iter().map(|text| text.as_bytes().to_vec()));
    bodies.push(b"\xff\xfe<script>\0\x80\xc3\x28 not UTF-8".to_vec());
    bodies.push(
        br#"{"type":"click","recipient":"\ud800\udc00\udfff\ud800","email_id":"\u0000"}"#.to_vec(),
    );
    bodies.push(
        ["[".repeat(10_000), "]".repeat(10_000)]
            .concat()
            .into_bytes(),
    );
    bodies.push("{\"a\":".repeat(10_000).into_bytes());
    bodies.push(event(&"<b>long</b>\u{202e}".repeat(70_000)));
    bodies.push(format!("[\"{}\"]", "\\u0000\u{200b}".repeat(500_000)).into_bytes());
    bodies.push(Vec::new());
    bodies
}

/// Says whether anything has happened that must not.
const WATCH: &str = "(() => { window.violations = []; \
    addEventListener('securitypolicyviolation', (e) => \
    violations.push(`${e.effectiveDirective} ${e.blockedURI}`)); })()";

/// Opens every webhook that is listed, with every part of it, and each way to see the body.
const OPEN_ALL: &str = "(async () => { \
    const wait = (ms) => new Promise((done) => setTimeout(done, ms)); \
    const ids = [...document.querySelectorAll('#rows li')].map((li) => li.dataset.id); \
    for (const id of ids) { \
      location.hash = id; \
      for (let tries = 0; document.querySelector('#detail .facts a')?.textContent !== id; tries++) { \
        if (tries > 3000) throw new Error(id + ' is not shown'); \
        await wait(5); \
      } \
      for (const part of document.querySelectorAll('#detail details')) part.open = true; \
      for (const how of ['pretty', 'hex', 'verbatim']) document.querySelector(`[data-mode=${how}]`).click(); \
    } \
    return ids.length; })()";

fn unharmed(browser: &mut Browser, url: &str, what: &str) {
    assert_eq!(browser.eval("document.title"), "Postern", "{what}");
    let strange = browser.eval(
        "[...document.querySelectorAll('script:not([src^=\"/_postern/\"]), img, iframe, object, embed, \
         style, base, link:not([href=\"/_postern/app.css\"]), a:not([href^=\"#\"]), [onerror], [srcdoc]')] \
         .map((e) => e.tagName)",
    );
    assert_eq!(strange, json!([]), "{what}");
    assert_eq!(browser.eval("violations"), json!([]), "{what}");
    let blocked = browser.told("Log.entryAdded").into_iter();
    let blocked: Vec<_> = blocked
        .filter(|told| told["entry"]["source"] == "security")
        .collect();
    assert_eq!(blocked, Vec::<&Value>::new(), "{what}");
    let requests = browser.told("Network.requestWillBeSent");
    let foreign = requests
        .iter()
        .filter_map(|told| told["request"]["url"].as_str());
    let foreign: Vec<&str> = foreign
        .filter(|asked| !asked.starts_with(url) && *asked != "about:blank")
        .collect();
    assert_eq!(foreign, Vec::<&str>::new(), "{what}");
    assert!(
        browser.told("Page.javascriptDialogOpening").is_empty(),
        "{what}"
    );
    assert!(
        browser.told("Runtime.exceptionThrown").is_empty(),
        "{what}: {:?}",
        browser.told("Runtime.exceptionThrown")
    );
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(browser), ignore = "no browser: .ci/browser installs one")]
async fn what_somebody_tries_is_shown_and_does_nothing() {
    let paged = Paged::new().await;
    let mut browser = browse(&paged);
    browser.eval(WATCH);
    let provider = sender("mailpanda").expect("a provider");
    for body in bodies() {
        let signed = paged
            .running
            .sender
            .signed(provider, &body)
            .expect("signed");
        let headers = [&signed.headers[..], &[("x-odd", TRIED[1].to_owned())]].concat();
        paged
            .running
            .post("/webhooks/mailpanda", &headers, &signed.body)
            .await;
        paged.running.post("/webhooks/resend", &[], &body).await;
    }
    for path in [
        "/%3Cscript%3Ealert(1)%3C/script%3E",
        "/webhooks/mailpanda/%E2%80%AE",
        "/javascript:alert(1)",
    ] {
        paged.running.post(path, &[], b"{}").await;
    }
    paged.running.stored().await;
    browser.open(&paged.url());
    browser.eval(WATCH);
    let count = 2 * bodies().len() + 3;
    browser.until(&format!(
        "document.querySelectorAll('#rows li').length === {count}"
    ));
    assert_eq!(browser.eval(OPEN_ALL), count);
    unharmed(&mut browser, &paged.url(), "what is tried");
    for view in ["d", "p/%3Cscript%3E", "o", "m/mailpanda/%3Cimg%20src=x%3E"] {
        crate::go(&mut browser, view);
        browser.until("document.querySelector('#view .page') !== null");
    }
    unharmed(&mut browser, &paged.url(), "the other views");
}

#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(browser), ignore = "no browser: .ci/browser installs one")]
async fn what_cannot_be_seen_is_shown_as_its_code_point() {
    let paged = Paged::new().await;
    let mut browser = browse(&paged);
    let body = b"\xe2\x80\xaeabc\0\x1b[31m\xe2\x80\x8b";
    paged.running.post("/webhooks/resend", &[], body).await;
    let id = row_with(&mut browser, "401");
    crate::read(&mut browser, &id);
    browser.click("[data-mode=verbatim]");
    let marks = browser
        .eval("[...document.querySelectorAll('#detail pre .hid')].map((e) => e.textContent)");
    assert_eq!(marks, json!(["U+202E", "U+0000", "U+001B", "U+200B"]));
    assert_eq!(
        browser.text("#detail pre"),
        "U+202EabcU+0000U+001B[31mU+200B"
    );
    let isolated =
        browser.eval("getComputedStyle(document.querySelector('#detail pre')).unicodeBidi");
    assert_eq!(isolated, "isolate");
}

/// A body of 5 MB is cut, and whole when somebody asks for it.
#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(browser), ignore = "no browser: .ci/browser installs one")]
async fn a_large_body_is_cut_and_shown_whole_when_asked_for() {
    let paged = Paged::new().await;
    let mut browser = browse(&paged);
    let body = format!("[\"{}\"]", "<b>".repeat(5_000_000 / 3));
    let reply = paged
        .running
        .post("/webhooks/resend", &[], body.as_bytes())
        .await;
    assert_eq!(reply.status, 401);
    let id = row_with(&mut browser, "401");
    crate::read(&mut browser, &id);
    browser.click("[data-mode=verbatim]");
    let length = "document.querySelector('#detail pre').textContent.length";
    assert_eq!(browser.eval(length), 64 * 1024);
    crate::press_button(&mut browser, "#detail", "show all");
    browser.until(&format!("{length} === {}", body.len()));
    browser.click("[data-mode=pretty]");
    browser.until(&format!("{length} > {}", body.len()));
    assert_eq!(browser.count("#detail pre b"), 0);
}

/// Text becomes a program nowhere.
#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(browser), ignore = "no browser: .ci/browser installs one")]
async fn markup_cannot_be_set() {
    let paged = Paged::new().await;
    let mut browser = browse(&paged);
    let tried = [
        "document.body.innerHTML = '<b>x</b>'",
        "document.body.insertAdjacentHTML('beforeend', '<b>x</b>')",
        "document.write('<b>x</b>')",
        "document.createElement('script').text = 'document.title = 1'",
        "trustedTypes.createPolicy('own', { createHTML: (text) => text })",
        "new Function('return 1')",
        "setTimeout('document.title = 1')",
    ];
    for code in tried {
        let refused = format!(
            "(() => {{ try {{ {code}; return 'done'; }} catch (error) {{ return error.name; }} }})()"
        );
        assert!(
            ["TypeError", "EvalError"].contains(&browser.eval(&refused).as_str().expect("a name")),
            "{code}"
        );
    }
    let foreign = "fetch('http://127.0.0.2:9/').then(() => 'done', (error) => error.name)";
    assert_eq!(browser.eval(foreign), "TypeError");
    assert_eq!(browser.eval("document.title"), "Postern");
}

/// Every sample of every provider, a provider at a time.
#[tokio::test(flavor = "multi_thread")]
#[cfg_attr(not(browser), ignore = "no browser: .ci/browser installs one")]
async fn every_sample_is_shown_and_does_nothing() {
    let paged = Paged::new().await;
    let mut browser = browse(&paged);
    for sender in SENDERS {
        let of: Vec<_> = samples::of(sender.name()).collect();
        let key = samples::key(sender.name()).expect("a key");
        for sample in &of {
            let signed = sender.signed(key, sample.body, now());
            let path = format!("/webhooks/{}", sender.name());
            paged
                .running
                .post(&path, &signed.headers, &signed.body)
                .await;
        }
        browser.open(&format!("{}#w", paged.url()));
        browser.eval(WATCH);
        browser.until(&format!(
            "document.querySelector('#provider option[value={}]') !== null",
            sender.name()
        ));
        browser.eval(&format!(
            "(() => {{ const p = document.querySelector('#provider'); p.value = '{}'; \
             p.dispatchEvent(new Event('change')); }})()",
            sender.name()
        ));
        browser.until(&format!(
            "(() => {{ const all = [...document.querySelectorAll('#rows .who')]; \
             return all.length === {} && all.every((e) => e.textContent === '{}') \
             && document.querySelector('#older').hidden === {}; }})()",
            of.len().min(100),
            sender.name(),
            of.len() <= 100
        ));
        while browser.eval("document.querySelector('#older').hidden") == false {
            let before = browser.count("#rows li");
            browser.eval("document.querySelector('#older').click()");
            browser.until(&format!(
                "document.querySelectorAll('#rows li').length > {before}"
            ));
        }
        assert_eq!(browser.eval(OPEN_ALL), of.len(), "{}", sender.name());
        unharmed(&mut browser, &paged.url(), sender.name());
        browser.events.clear();
    }
}
