//! Hides the secrets that the receivers have, wherever they stand: somebody who looks for where a
//! key belongs may have sent it anywhere. A screen may be shared, so nobody is shown one.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::percent_decode;
use serde_json::Value;
use tokio::time::Instant;

/// What stands for a value that is hidden.
pub(crate) const HIDDEN: &str = "(hidden)";

/// The shortest text that counts as a secret, in bytes. A shorter one stands in too much.
const SHORTEST: usize = 8;
/// How often a text is decoded in which a secret may be percent-encoded.
const DECODED: usize = 2;
/// The most secrets that are known. A stack has a few for each provider.
const MOST: usize = 1_024;
/// What the name of a header or a parameter has in it that carries a secret.
const WORDS: [&str; 6] = ["key", "token", "secret", "auth", "passw", "credential"];

/// How many beginnings are told apart before a form is looked up.
const PLACES: usize = 1 << 16;

type Head = [u8; SHORTEST];

/// The secrets that are hidden.
#[derive(Default)]
pub(crate) struct Veil {
    /// The forms in which a secret is sent, in lower case, by how they begin.
    forms: HashMap<Head, Vec<Vec<u8>>>,
    /// Which of the beginnings of a form there may be, by `place`.
    starts: Vec<bool>,
    /// How long the longest form is.
    longest: usize,
}

/// The secrets that were ever read, and what hides them.
#[derive(Default)]
pub(crate) struct Known {
    secrets: BTreeSet<String>,
    pub(crate) veil: Arc<Veil>,
    /// When they were read last.
    pub(crate) read: Option<Instant>,
}

impl Known {
    /// Adds the secrets that the receivers have now. One that they had before stays hidden.
    pub(crate) fn add(&mut self, texts: impl Iterator<Item = String>) {
        let before = self.secrets.len();
        for secret in texts.flat_map(|text| secrets(&text)) {
            if self.secrets.len() < MOST {
                self.secrets.insert(secret);
            }
        }
        if self.secrets.len() != before {
            self.veil = Arc::new(Veil::of(&self.secrets));
        }
    }
}

/// Returns the secrets in the text of a version: its keys, and what stands within a key.
fn secrets(text: &str) -> Vec<String> {
    let keys = shared::secrets::read(text);
    let mut all: Vec<String> = match keys {
        Ok(keys) => keys.into_iter().map(|(_, key)| key).collect(),
        Err(_) => vec![text.to_owned()],
    };
    for key in all.clone() {
        // The key that is written before the URL that it signs, and the one in that URL.
        if let Some((key, url)) = key.split_once("@http") {
            all.push(key.to_owned());
            let own = url.split_once("key=").map(|(_, key)| key);
            all.extend(own.and_then(|key| key.split('&').next()).map(str::to_owned));
        }
        all.extend(key.strip_prefix("whsec_").map(str::to_owned));
        let pair = key.split_once(':').filter(|_| !key.contains("://"));
        all.extend(pair.map(|(_, password)| password.to_owned()));
    }
    let all = all.into_iter().map(|secret| secret.trim().to_owned());
    all.filter(|secret| secret.len() >= SHORTEST).collect()
}

impl Veil {
    pub(crate) fn of(secrets: &BTreeSet<String>) -> Self {
        let mut veil = Self {
            starts: vec![false; PLACES],
            ..Self::default()
        };
        for form in secrets.iter().flat_map(|secret| forms(secret)) {
            let form = form.to_ascii_lowercase();
            let Some(head) = form.first_chunk::<SHORTEST>() else {
                continue;
            };
            veil.longest = veil.longest.max(form.len());
            if let Some(start) = veil.starts.get_mut(place(*head)) {
                *start = true;
            }
            let same = veil.forms.entry(*head).or_default();
            same.push(form);
            // Of two that begin alike, the longer one is hidden.
            same.sort_by_key(|form| std::cmp::Reverse(form.len()));
            same.dedup();
        }
        veil
    }

    /// Returns how many bytes after a cut may belong to a secret before it.
    pub(crate) fn longest(&self) -> usize {
        self.longest
    }

    /// Returns the bytes without the secrets in them. Returns `None` if there are none.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        if self.forms.is_empty() || bytes.len() < SHORTEST {
            return None;
        }
        let hidden = self.replaced(bytes);
        let mut decoded = hidden.as_deref().unwrap_or(bytes).to_vec();
        for _ in 0..DECODED {
            if !decoded.contains(&b'%') {
                break;
            }
            decoded = percent_decode(&decoded).collect();
            if self.replaced(&decoded).is_some() {
                return Some(HIDDEN.into());
            }
        }
        hidden
    }

    fn replaced(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let lower = bytes.to_ascii_lowercase();
        let mut hidden = Vec::new();
        let (mut kept, mut at) = (0, 0);
        while let Some(rest) = lower.get(at..)
            && let Some(head) = rest.first_chunk::<SHORTEST>()
        {
            let may_be = self.starts.get(place(*head)).is_some_and(|start| *start);
            let forms = may_be.then(|| self.forms.get(head)).flatten();
            let mut forms = forms.into_iter().flatten().map(Vec::as_slice);
            let Some(found) = forms.find(|form| rest.starts_with(form)) else {
                at += 1;
                continue;
            };
            hidden.extend_from_slice(bytes.get(kept..at).unwrap_or_default());
            hidden.extend_from_slice(HIDDEN.as_bytes());
            at += found.len();
            kept = at;
        }
        if kept == 0 {
            return None;
        }
        hidden.extend_from_slice(bytes.get(kept..).unwrap_or_default());
        Some(hidden)
    }

    /// Returns the text without the secrets in it. Returns `None` if there are none.
    pub(crate) fn text(&self, text: &str) -> Option<String> {
        let hidden = self.bytes(text.as_bytes())?;
        Some(String::from_utf8_lossy(&hidden).into_owned())
    }

    /// Hides the secrets in every text of an answer.
    pub(crate) fn over(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(hidden) = self.text(text) {
                    *text = hidden;
                }
            }
            Value::Array(all) => all.iter_mut().for_each(|value| self.over(value)),
            Value::Object(all) => all.values_mut().for_each(|value| self.over(value)),
            _ => {}
        }
    }
}

/// Returns where it is noted that a form begins like this. Most of a text begins like none.
fn place(head: Head) -> usize {
    let [a, b, c, d, ..] = head;
    let mixed = u32::from_le_bytes([a, b, c, d]).wrapping_mul(0x9E37_79B1);
    usize::try_from(mixed >> 16).unwrap_or_default()
}

/// Returns how a secret may be written: as it is, within JSON, in hex and in Base64, there after
/// no, one or two other bytes.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    let quoted = Value::from(secret).to_string();
    let quoted = quoted.trim_matches('"');
    let mut forms = vec![
        secret.as_bytes().to_vec(),
        quoted.as_bytes().to_vec(),
        quoted.replace('/', "\\/").into_bytes(),
        hex::encode(secret).into_bytes(),
    ];
    for (before, skipped) in [(0, 0), (1, 2), (2, 3)] {
        let bytes = [&vec![0; before], secret.as_bytes()].concat();
        // The last character depends on what comes after it, unless the bytes are full threes.
        let cut = usize::from(!bytes.len().is_multiple_of(3));
        for text in [
            STANDARD_NO_PAD.encode(&bytes),
            URL_SAFE_NO_PAD.encode(&bytes),
        ] {
            let whole = text.get(skipped..text.len() - cut).unwrap_or_default();
            forms.push(whole.as_bytes().to_vec());
        }
    }
    forms
}

/// Checks whether the name of a header or a parameter speaks of a secret.
pub(crate) fn speaks(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    WORDS.iter().any(|word| name.contains(word))
}

/// Checks whether a secret is given a name in a text, as in `…?key=`.
pub(crate) fn assigns(text: &str) -> bool {
    let decoded = percent_decode(text.as_bytes()).collect::<Vec<u8>>();
    let decoded: Vec<u8> = percent_decode(&decoded).collect();
    let decoded = String::from_utf8_lossy(&decoded);
    let mut pieces: Vec<&str> = decoded.split('=').collect();
    pieces.pop();
    pieces.into_iter().any(|piece| {
        let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let name = piece.rsplit(|c| !is_of_name(c)).next();
        name.is_some_and(speaks)
    })
}

/// Returns a path as it is shown: without what is given the name of a secret.
pub(crate) fn path(path: &str) -> String {
    let segments = path.split('/').map(|segment| {
        let is_secret = assigns(segment);
        if is_secret { HIDDEN } else { segment }
    });
    segments.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SECRET: &str = "a/Secret+of-two.parties";

    fn veil() -> Veil {
        Veil::of(&secrets(SECRET).into_iter().collect())
    }

    #[test]
    fn a_secret_is_hidden_however_it_is_written() {
        let veil = veil();
        let encoded: Vec<String> = SECRET.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let encoded = encoded.concat();
        let twice = encoded.replace('%', "%25");
        let hex = hex::encode(SECRET);
        for text in [SECRET, &SECRET.to_uppercase(), &hex, &encoded, &twice] {
            let hidden = veil.text(text);
            assert_eq!(hidden.as_deref(), Some(HIDDEN), "{text}");
        }
        assert_eq!(
            veil.text(&format!("Bearer {SECRET}, and {SECRET}!")),
            Some("Bearer (hidden), and (hidden)!".to_owned())
        );
        for before in ["", "a", "ab", "postern:"] {
            for after in ["", ":", "::"] {
                let text = STANDARD_NO_PAD.encode(format!("{before}{SECRET}{after}"));
                let hidden = veil.text(&text).expect(&text);
                assert!(
                    hidden.contains(HIDDEN) && hidden.len() < HIDDEN.len() + 15,
                    "{hidden}"
                );
            }
        }
        let json = r#"{"key":"a\/Secret+of-two.parties"}"#;
        assert_eq!(veil.text(json), Some(r#"{"key":"(hidden)"}"#.to_owned()));
        assert_eq!(veil.text("a/Secret+of-two.partie"), None);
        let mut value = json!({"a": [SECRET, 1], "b": {"c": "plain"}});
        veil.over(&mut value);
        assert_eq!(value, json!({"a": [HIDDEN, 1], "b": {"c": "plain"}}));
    }

    #[test]
    fn the_secrets_within_a_secret_are_secrets_too() {
        let text = "0123456789abcdef@https://hooks.example.test/webhooks/mandrill?key=fedcba98765";
        let all = secrets(text);
        for secret in ["0123456789abcdef", "fedcba98765"] {
            assert!(all.iter().any(|known| known == secret), "{secret}");
        }
        assert!(secrets("whsec_MfKQ9r8GKYqr").contains(&"MfKQ9r8GKYqr".to_owned()));
        assert_eq!(secrets("short"), [""; 0]);
        let mut known = Known::default();
        known.add(["the-first-secret".to_owned()].into_iter());
        known.add(["the-second-secret".to_owned()].into_iter());
        for secret in ["the-first-secret", "the-second-secret"] {
            assert_eq!(known.veil.text(secret).as_deref(), Some(HIDDEN), "{secret}");
        }
    }

    #[test]
    fn what_is_named_like_a_secret_is_found() {
        for text in [
            "a=1?key=x",
            "%3Fkey=x",
            "postmark&X-Token=x",
            "%253fsecret%253dx",
        ] {
            assert!(assigns(text), "{text}");
        }
        for text in ["key", "monkeys are here", "a=key", "?x=1"] {
            assert!(!assigns(text), "{text}");
        }
        assert_eq!(path("/webhooks/postmark&key=x"), "/webhooks/(hidden)");
        assert_eq!(path("/webhooks/resend"), "/webhooks/resend");
    }
}
