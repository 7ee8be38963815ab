//! Says how a text is encoded, and how it should be.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

use super::scheme::Form;

/// What may stand before a signature: the name of its hash.
const PREFIXES: [&str; 3] = ["sha256=", "sha1=", "sha512="];
/// What stands before an entry of Standard Webhooks.
const VERSION: &str = "v1,";
/// The most entries of a list that are described.
const MOST_ENTRIES: usize = 4;
/// The longest text that is decoded. No signature has as many bytes.
const LONGEST: usize = 1_024;

/// Returns what a signature is, in words.
pub(super) fn words(form: Form, text: &str) -> Vec<String> {
    if text.len() > LONGEST {
        return vec![format!("{} bytes: too long for a signature", text.len())];
    }
    match form {
        Form::Hex(bytes) => vec![prefixed(text, |text| hex(text, bytes))],
        Form::Base64(bytes) => vec![prefixed(text, |text| base64(text, bytes))],
        Form::HexOrBase64(bytes) => vec![prefixed(text, |text| {
            let is_base64 = decoded(text).is_some_and(|found| found == bytes);
            if is_base64 {
                base64(text, bytes)
            } else {
                hex(text, bytes)
            }
        })],
        Form::Der => vec![der(text)],
        Form::StandardWebhooks => list(text),
        Form::Text => vec![format!("{} characters", text.chars().count())],
        Form::Seconds | Form::Authorization => Vec::new(),
    }
}

fn prefixed(text: &str, describe: impl Fn(&str) -> String) -> String {
    let found = PREFIXES
        .iter()
        .find_map(|prefix| Some((prefix, text.strip_prefix(prefix)?)));
    match found {
        Some((prefix, rest)) => format!("{prefix} and {}", describe(rest)),
        None => describe(text),
    }
}

fn hex(text: &str, bytes: usize) -> String {
    let (found, wanted) = (text.len(), bytes * 2);
    if is_hex(text) {
        let others = format!("hex, {found} digits, not {wanted}");
        let right = format!("hex, {found} digits");
        return if found == wanted { right } else { others };
    }
    match decoded(text) {
        Some(bytes) => format!("not hex: base64 of {bytes} bytes?"),
        None => "not hex".to_owned(),
    }
}

fn base64(text: &str, bytes: usize) -> String {
    match decoded(text) {
        Some(found) if found == bytes => format!("base64 of {bytes} bytes"),
        _ if is_hex(text) => format!("not base64: hex, {} digits?", text.len()),
        Some(found) => format!("base64 of {found} bytes, not {bytes}"),
        None if is_like_base64(text) => {
            "base64 without its padding, or of the URL alphabet".to_owned()
        }
        None => "not base64".to_owned(),
    }
}

/// A signature of ECDSA is a sequence (0x30) of two numbers.
fn der(text: &str) -> String {
    match STANDARD.decode(text) {
        Ok(bytes) if bytes.starts_with(&[0x30]) => {
            format!("base64 of an ECDSA signature, {} bytes", bytes.len())
        }
        Ok(bytes) => format!("base64 of {} bytes, not of a signature in DER", bytes.len()),
        Err(_) if is_hex(text) => format!("not base64: hex, {} digits?", text.len()),
        Err(_) => "not base64".to_owned(),
    }
}

fn list(text: &str) -> Vec<String> {
    let entries = text.split(' ').filter(|entry| !entry.is_empty());
    let described = entries.take(MOST_ENTRIES).map(|entry| {
        let version = entry.split_once(',');
        match (entry.strip_prefix(VERSION), version) {
            (Some(signature), _) => format!("v1, {}", base64(signature, 32)),
            (None, Some(_)) => "another version than v1: not looked at".to_owned(),
            (None, None) => format!("no v1, before it; {}", base64(entry, 32)),
        }
    });
    described.collect()
}

fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Returns how many bytes a text of standard base64 stands for.
fn decoded(text: &str) -> Option<usize> {
    let bytes = STANDARD.decode(text).ok()?;
    (!bytes.is_empty()).then_some(bytes.len())
}

fn is_like_base64(text: &str) -> bool {
    let engines = [STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD];
    let has_mark = |mark: char| alphabet::URL_SAFE.as_str().contains(mark) || mark == '=';
    text.chars().all(has_mark) || engines.iter().any(|engine| engine.decode(text).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(form: Form, text: &str) -> String {
        words(form, text).join("; ")
    }

    #[test]
    fn an_encoding_is_named_and_another_one_is_guessed() {
        let (hex, base64) = ("0a".repeat(32), STANDARD.encode([10; 32]));
        let unpadded = base64.trim_end_matches('=');
        for (form, text, wanted) in [
            (Form::Hex(32), hex.as_str(), "hex, 64 digits"),
            (Form::Hex(32), "0a0b", "hex, 4 digits, not 64"),
            (Form::Hex(32), &base64, "not hex: base64 of 32 bytes?"),
            (Form::Hex(32), "zz!", "not hex"),
            (Form::Base64(32), &base64, "base64 of 32 bytes"),
            (Form::Base64(32), &hex, "not base64: hex, 64 digits?"),
            (
                Form::Base64(32),
                "AAAAAAA_",
                "base64 without its padding, or of the URL alphabet",
            ),
            (
                Form::Base64(32),
                unpadded,
                "base64 without its padding, or of the URL alphabet",
            ),
            (Form::Base64(32), "zzzz", "base64 of 3 bytes, not 32"),
            (Form::Base64(32), "!!", "not base64"),
            (Form::HexOrBase64(32), &base64, "base64 of 32 bytes"),
            (Form::HexOrBase64(32), &hex, "hex, 64 digits"),
            (
                Form::Der,
                &base64,
                "base64 of 32 bytes, not of a signature in DER",
            ),
            (Form::Der, "MAA=", "base64 of an ECDSA signature, 2 bytes"),
            (
                Form::StandardWebhooks,
                &base64,
                "no v1, before it; base64 of 32 bytes",
            ),
            (Form::StandardWebhooks, "", ""),
        ] {
            assert_eq!(said(form, text), wanted, "{text}");
        }
        let prefixed = format!("sha256={hex}");
        assert_eq!(said(Form::Hex(32), &prefixed), "sha256= and hex, 64 digits");
        let two = format!("v1a,AAAA v1,{base64}");
        assert_eq!(
            said(Form::StandardWebhooks, &two),
            "another version than v1: not looked at; v1, base64 of 32 bytes"
        );
        let long = "a".repeat(2_000);
        assert_eq!(
            said(Form::Hex(32), &long),
            "2000 bytes: too long for a signature"
        );
    }
}
