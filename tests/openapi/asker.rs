//! Asks the real function, and checks that each answer is one that the document says.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Value, json};
use tests::stack::Running;

use crate::document::Document;

/// Asks, checks the answers, and remembers their statuses.
pub(crate) struct Asker<'a> {
    pub(crate) running: &'a Running,
    pub(crate) document: &'a Document,
    pub(crate) seen: BTreeMap<String, BTreeSet<u16>>,
}

/// A text as a part of a path or a query.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// What fills the braces of a path, and the query.
pub(crate) type Named<'a> = &'a [(&'a str, &'a str)];

impl Asker<'_> {
    /// Asks, and returns the status and the body of the answer, which the document says.
    pub(crate) async fn ask(
        &mut self,
        id: &str,
        path: Named<'_>,
        query: Named<'_>,
        body: Option<&Value>,
    ) -> (u16, Value) {
        let operation = self.document.operation(id);
        let said = self.document.check_query(&operation, query);
        said.unwrap_or_else(|why| panic!("{why}"));
        let mut url = operation.path.to_owned();
        for (name, value) in path {
            url = url.replace(&format!("{{{name}}}"), &encoded(value));
        }
        assert!(!url.contains('{'), "{url}");
        for (place, (name, value)) in query.iter().enumerate() {
            let before = if place == 0 { '?' } else { '&' };
            let _ = write!(url, "{before}{name}={}", encoded(value));
        }
        let text = body.map(Value::to_string).unwrap_or_default();
        let reply = self
            .running
            .api(&operation.method, &url, text.as_bytes())
            .await;
        let status = reply.status.as_u16();
        let answer: Value = serde_json::from_str(&reply.body).expect("JSON");
        let fits = self.document.check(&operation, status, &answer);
        fits.unwrap_or_else(|why| panic!("{why}: {answer}"));
        let code = &answer["error"]["code"];
        let codes = &self.document.0["components"]["schemas"]["Code"]["enum"];
        let codes = codes.as_array().expect("codes");
        assert!(code.is_null() || codes.contains(code), "{id}: {code}");
        let fits = body.map(|body| self.document.check_request(&operation, body));
        if let Some(Err(why)) = fits {
            assert!(status >= 400, "{why}, and it was accepted");
        }
        self.seen.entry(id.to_owned()).or_default().insert(status);
        (status, answer)
    }

    /// Asks for what must go well.
    pub(crate) async fn good(
        &mut self,
        id: &str,
        path: Named<'_>,
        query: Named<'_>,
        body: Option<&Value>,
    ) -> Value {
        let (status, answer) = self.ask(id, path, query, body).await;
        assert!(status < 300, "{id}: {status} {answer}");
        answer
    }

    /// Asks for what must be refused with this status and code.
    pub(crate) async fn bad(
        &mut self,
        (id, path, query): (&str, Named<'_>, Named<'_>),
        body: Option<&Value>,
        wanted: (u16, &str),
    ) {
        let (status, answer) = self.ask(id, path, query, body).await;
        let code = answer["error"]["code"].as_str().unwrap_or_default();
        assert_eq!((status, code), wanted, "{id} {query:?} {body:?}");
    }
}

/// Somebody whose address needs care in a path.
pub(crate) const KIM: Named<'static> = &[("address", "Kim.O'Neil+a/b@mail.test")];
/// A name that is no address.
pub(crate) const NOBODY: Named<'static> = &[("address", "kim")];

/// Stores a hard bounce, of an address and of a message.
pub(crate) async fn store(running: &Running) {
    let body = json!({
        "type": "email.bounce", "email_id": "M/1", "recipient": "Kim.O'Neil+a/b@mail.test",
        "timestamp": "2026-01-02T03:04:05Z", "bounce_type": "hard", "reason": "550 5.1.1 no such user",
    });
    let reply = running.send("mailpanda", body.to_string().as_bytes()).await;
    assert_eq!(reply.status, 200);
    running.stack.settled().await.expect("stored");
}
