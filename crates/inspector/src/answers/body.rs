//! A body as it is shown: its first part, as text if it is text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::veil::Veil;

/// The most bytes that are shown. The whole is a file to keep.
const SHOWN: usize = 64 * 1024;

/// Returns what is shown of a body, without the secrets in it.
pub(crate) fn shown(body: &[u8], veil: &Veil) -> Value {
    let is_cut = body.len() > SHOWN;
    // A secret may be within the cut.
    let part = body.get(..SHOWN + veil.longest()).unwrap_or(body);
    let hidden = veil.bytes(part);
    let part = hidden.as_deref().unwrap_or(part);
    let part = part.get(..SHOWN).unwrap_or(part);
    let text = match std::str::from_utf8(part) {
        Ok(text) => Some(text),
        // The cut may be within a character.
        Err(error) if is_cut && error.error_len().is_none() => {
            let whole = part.get(..error.valid_up_to());
            whole.and_then(|whole| std::str::from_utf8(whole).ok())
        }
        Err(_) => None,
    };
    json!({
        "bytes": body.len(),
        "text": text,
        "base64": text.is_none().then(|| STANDARD.encode(part)),
        "cut": is_cut,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_text_and_other_bytes_are_base64_and_what_is_long_is_cut() {
        let veil = Veil::default();
        let wanted = json!({"bytes": 2, "text": "ok", "base64": null, "cut": false});
        assert_eq!(shown(b"ok", &veil), wanted);
        let wanted = json!({"bytes": 2, "text": null, "base64": "/wA=", "cut": false});
        assert_eq!(shown(b"\xff\0", &veil), wanted);
        let long = [vec![b'a'; SHOWN - 1], "é".into()].concat();
        let cut = shown(&long, &veil);
        assert_eq!(
            (&cut["bytes"], &cut["cut"]),
            (&json!(SHOWN + 1), &json!(true))
        );
        assert_eq!(cut["text"].as_str().map(str::len), Some(SHOWN - 1));
    }

    #[test]
    fn a_secret_within_the_cut_is_hidden() {
        let veil = Veil::of(&["the-secret-of-two".to_owned()].into());
        let body = [vec![b'a'; SHOWN - 4], "the-secret-of-two".into()].concat();
        let text = shown(&body, &veil)["text"].as_str().map(str::to_owned);
        assert_eq!(text, Some("a".repeat(SHOWN - 4) + "(hid"));
    }
}
