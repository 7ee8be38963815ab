//! A headless Chromium, driven through its debugging pipe: `DevTools` messages, each with a NUL
//! behind it.
//!
//! The browser reads from file 3 and writes to file 4. A shell hands it the two, so no file
//! descriptor is passed on by hand, and no socket is open.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::{sleep, spawn};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// The program. Debian's package has the same name; the gate installs it.
const PROGRAM: &str = "chromium-headless-shell";

/// Root may not use the sandbox, and is who runs a container's tests.
const START: &str = r#"
[ "$(id -u)" = 0 ] && set -- --no-sandbox "$@"
exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null 2>/dev/null
"#;

/// How long anything may take. A machine that compiles beside it is slow.
const PATIENCE: Duration = Duration::from_mins(1);

/// A browser with one page.
pub struct Browser {
    child: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    session: Option<String>,
    last: u64,
    profile: PathBuf,
    /// Every event that the browser has told, oldest first.
    pub events: Vec<Value>,
}

impl Browser {
    /// Starts the browser, with a profile in a folder of its own under `folder`.
    ///
    /// # Panics
    /// It is not installed, or does not start.
    #[must_use]
    pub fn start(folder: &Path) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let profile = folder.join(format!("browser-{}-{number}", std::process::id()));
        let mut child = Command::new("bash")
            .args(["-c", START, PROGRAM])
            .args(["--remote-debugging-pipe", "--disable-gpu"])
            .args(["--disable-dev-shm-usage", "--js-flags=--expose-gc"])
            .arg(format!("--user-data-dir={}", profile.display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("bash");
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let mut browser = Self {
            input: input.expect("a pipe"),
            messages: heard(output.expect("a pipe")),
            child,
            session: None,
            last: 0,
            profile,
            events: Vec::new(),
        };
        browser.attach();
        browser
    }

    fn attach(&mut self) {
        let target = self.call("Target.createTarget", &json!({"url": "about:blank"}));
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let session = self.call("Target.attachToTarget", &attach);
        self.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Network", "Log", "Runtime", "Performance"] {
            self.call(&format!("{domain}.enable"), &json!({}));
        }
        self.size(1280, 800);
        self.scheme("light");
    }

    /// Calls a method of the protocol, and returns its result.
    ///
    /// # Panics
    /// The browser refuses, or does not answer.
    pub fn call(&mut self, method: &str, parameters: &Value) -> Value {
        self.last += 1;
        let mut message = json!({"id": self.last, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        let written = self
            .input
            .write_all(&bytes)
            .and_then(|()| self.input.flush());
        assert!(written.is_ok(), "{}", self.gone());
        loop {
            let answer = self.messages.recv_timeout(PATIENCE);
            let answer = match answer {
                Ok(answer) => answer,
                Err(RecvTimeoutError::Timeout) => panic!("the browser does not answer {method}"),
                Err(RecvTimeoutError::Disconnected) => panic!("{}", self.gone()),
            };
            if answer["id"] == self.last {
                assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
                return answer["result"].clone();
            }
            self.events.push(answer);
        }
    }

    /// Says why there is no browser.
    fn gone(&mut self) -> String {
        let missing = self
            .child
            .wait()
            .is_ok_and(|status| status.code() == Some(127));
        if missing {
            return format!(
                "{PROGRAM} is not installed: the page is tested in a real browser (on Debian: \
                 apt-get install {PROGRAM})"
            );
        }
        format!("{PROGRAM} ended")
    }

    /// Opens an address anew, and waits until it is loaded.
    pub fn open(&mut self, url: &str) {
        self.call("Page.navigate", &json!({"url": "about:blank"}));
        self.call("Page.navigate", &json!({"url": url}));
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'");
    }

    /// Returns the value of an expression, or of its promise.
    ///
    /// # Panics
    /// It throws.
    pub fn eval(&mut self, expression: &str) -> Value {
        let parameters = json!({"expression": expression, "returnByValue": true,
            "awaitPromise": true, "userGesture": true, "allowUnsafeEvalBlockedByCSP": false});
        let answer = self.call("Runtime.evaluate", &parameters);
        let thrown = &answer["exceptionDetails"];
        assert!(thrown.is_null(), "{expression}: {thrown}");
        answer["result"]["value"].clone()
    }

    /// Waits until an expression is true, and returns its value.
    ///
    /// # Panics
    /// It never is.
    pub fn until(&mut self, expression: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let value = self.eval(expression);
            if !matches!(value, Value::Null | Value::Bool(false)) && value != 0 && value != "" {
                return value;
            }
            if Instant::now() > deadline {
                let shown = self.eval("document.body.innerText");
                let wrong = [
                    self.told("Runtime.exceptionThrown"),
                    self.told("Log.entryAdded"),
                ];
                panic!(
                    "never: {expression}\n{wrong:#?}\n{}",
                    shown.as_str().unwrap_or_default()
                );
            }
            sleep(Duration::from_millis(20));
        }
    }

    /// Returns the text of the first element that a selector finds, once there is one.
    pub fn text(&mut self, selector: &str) -> String {
        let found = format!("document.querySelector({})", json!(selector));
        self.until(&format!("{found} !== null"));
        let text = self.eval(&format!("{found}.textContent"));
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Returns how many elements a selector finds.
    pub fn count(&mut self, selector: &str) -> u64 {
        let count = self.eval(&format!(
            "document.querySelectorAll({}).length",
            json!(selector)
        ));
        count.as_u64().expect("a number")
    }

    /// Clicks on the first element that a selector finds, once it can be seen, with the
    /// mouse.
    ///
    /// # Panics
    /// Something else is in front of it.
    pub fn click(&mut self, selector: &str) {
        self.click_on(&format!("document.querySelector({})", json!(selector)));
    }

    /// Clicks on the element that an expression finds, once it can be seen, with the mouse. It is
    /// found and placed in one go: the page may draw it anew at any time.
    ///
    /// # Panics
    /// Something else is in front of it.
    pub fn click_on(&mut self, found: &str) {
        let place = self.until(&format!(
            "(() => {{ const e = {found}; if (!e?.checkVisibility()) return null; \
             e.scrollIntoView({{block: 'center'}}); const r = e.getBoundingClientRect(); \
             const [x, y] = [r.x + r.width / 2, r.y + r.height / 2]; \
             const top = document.elementFromPoint(x, y); \
             return [x, y, e.contains(top) ? null : top?.outerHTML ?? 'nothing']; }})()"
        ));
        assert!(place[2].is_null(), "{found} is behind {}", place[2]);
        for kind in ["mousePressed", "mouseReleased"] {
            let click = json!({"type": kind, "x": place[0], "y": place[1], "button": "left",
                "clickCount": 1});
            self.call("Input.dispatchMouseEvent", &click);
        }
    }

    /// Presses a key: a letter, or the name of one that writes nothing.
    pub fn press(&mut self, key: &str) {
        let text = match key {
            "Enter" => "\r",
            key if key.chars().count() == 1 => key,
            _ => "",
        };
        let code = match key {
            "Enter" => 13,
            "Escape" => 27,
            "Tab" => 9,
            _ => 0,
        };
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" { text } else { "" };
            let event = json!({"type": kind, "key": key, "text": text,
                "windowsVirtualKeyCode": code});
            self.call("Input.dispatchKeyEvent", &event);
        }
    }

    /// Types a text where the focus is.
    pub fn write(&mut self, text: &str) {
        self.call("Input.insertText", &json!({"text": text}));
    }

    /// Makes the window so large, in CSS pixels.
    pub fn size(&mut self, width: u32, height: u32) {
        let metrics =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", &metrics);
    }

    /// Prefers `light` or `dark`.
    pub fn scheme(&mut self, scheme: &str) {
        let feature = json!({"name": "prefers-color-scheme", "value": scheme});
        self.call(
            "Emulation.setEmulatedMedia",
            &json!({"features": [feature]}),
        );
    }

    /// Returns a picture of the window, or of the part that `clip` has (`x`, `y`, `width` and
    /// `height`), as PNG.
    ///
    /// # Panics
    /// The browser makes none.
    pub fn picture(&mut self, clip: Option<&Value>) -> Vec<u8> {
        let mut parameters = json!({"format": "png"});
        if let Some(clip) = clip {
            parameters["clip"] = clip.clone();
            parameters["clip"]["scale"] = json!(1);
        }
        let picture = self.call("Page.captureScreenshot", &parameters);
        let data = picture["data"].as_str().expect("a picture");
        STANDARD.decode(data).expect("base64")
    }

    /// Returns what every event of this name said.
    #[must_use]
    pub fn told(&self, method: &str) -> Vec<&Value> {
        let told = self.events.iter().filter(|event| event["method"] == method);
        told.map(|event| &event["params"]).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

/// Reads what the browser says, until it ends.
fn heard(output: ChildStdout) -> Receiver<Value> {
    let (sender, receiver) = channel();
    spawn(move || {
        let messages = BufReader::new(output).split(0);
        for message in messages.map_while(Result::ok) {
            let message = serde_json::from_slice(&message).unwrap_or_default();
            if sender.send(message).is_err() {
                return;
            }
        }
    });
    receiver
}
