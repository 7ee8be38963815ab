//! What goes wrong with a key: it is another one, or changed on its way to the signer.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use operator::samples;
use percent_encoding::percent_decode_str;
use registry::SENDERS;
use shared::parts::{Form, Role};
use shared::provider::Strength;
use shared::secrets::Secrets;
use shared::sender::Sender;

use super::case::Case;
use super::held::{Key, Versions};
use super::slip::{Slip, Undone};

/// The most keys of each provider that are tried.
const MOST_KEYS: usize = 4;
/// The keys that the documents of providers have. Everybody can sign with them.
const PUBLISHED: &[(&str, &str)] = &[("mailersend", "test_Am3L1GuOIc4blLUuHqAPxxwkZaJyEk8G")];

/// Says of a request that was let in whether that is by the version of the secret before.
pub(super) fn of_before<'a>(case: &'a Case<'a>) -> impl Iterator<Item = Slip> + 'a {
    let current = case.own.current_secrets(case.provider());
    let is_new = current.is_some_and(|secrets| {
        let request = case.refused.incoming();
        case.provider().verify(&request, &secrets).is_ok()
    });
    let before = case.secrets.clone().filter(|_| !is_new);
    before.into_iter().map(|secrets| {
        let text = format!(
            "Let in by the version of the secret before the current one: put the new key at {}, too.",
            case.provider().signing_key().provider
        );
        Slip::new("previous_key", text, Undone::Secrets(secrets))
    })
}

/// A webhook of another provider, at this one's URL.
pub(super) fn of_other_route<'a>(case: &'a Case<'a>) -> impl Iterator<Item = Slip> + 'a {
    others(case).filter_map(|other| {
        let parts = other.parts(&case.refused.incoming());
        let mut signatures = parts.iter().filter(|part| part.role == Role::Signature);
        // Where a secret is shown, every route takes the same ones: that tells nothing.
        if !signatures.any(|part| part.value.as_ref().is_some_and(|value| !value.is_empty())) {
            return None;
        }
        let secrets = case.held.get(other.name())?.secrets(other)?;
        let name = other.name();
        let text = format!(
            "It is a webhook of {name}, and matches there: its URL ends in /webhooks/{name}."
        );
        Some(Slip::new(
            "other_provider",
            text,
            Undone::Receiver(other, secrets),
        ))
    })
}

/// Another key that is known here.
pub(super) fn of_others<'a>(case: &'a Case<'a>) -> impl Iterator<Item = Slip> + 'a {
    let set = case.set();
    let sample = samples::key(case.name()).map(str::trim);
    let sample = sample.and_then(|key| case.provider().receiver_key(key));
    let sample = sample.map(|key| {
        let text = "It is signed with the invented key of the samples: the receiver has another.";
        ("sample_key", text.to_owned(), key)
    });
    let published = PUBLISHED.iter().filter(|(name, _)| *name == case.name());
    let published = published.map(|(_, key)| {
        let text = "It is signed with a key that the provider's documents have: anybody can.";
        ("published_key", text.to_owned(), (*key).to_owned())
    });
    let url_keys = case.keys.iter().filter(|key| key.is_url_key());
    let url_keys = url_keys.map(|key| {
        let text = "It is signed with the key for the URL (?key=), and not with the signing key.";
        ("url_key", text.to_owned(), key.text.clone())
    });
    let others = others(case).flat_map(|other| {
        let keys = case.held.get(other.name()).map(Versions::keys);
        let keys = keys.into_iter().flatten().take(MOST_KEYS);
        keys.map(|key| ("other_providers_key", text_of(other, &key, case), key.text))
    });
    let known = sample
        .into_iter()
        .chain(published)
        .chain(url_keys)
        .chain(others);
    known.filter_map(move |(code, text, key)| {
        let secrets = Secrets::verbatim(&key)?;
        let slip = Slip::new(code, text, Undone::Secrets(secrets));
        Some(if code == "other_providers_key" {
            slip.by(&set)
        } else {
            slip
        })
    })
}

fn text_of(other: &dyn Sender, key: &Key, case: &Case<'_>) -> String {
    let name = other.name();
    let does = match case.strength() {
        Strength::SharedSecret => "It shows",
        _ => "It is signed with",
    };
    let of_before = if key.is_before {
        ", of the version before"
    } else {
        ""
    };
    match key.label.as_deref() {
        _ if key.is_url_key() => format!("{does} the URL key of {name}{of_before}."),
        Some(label) => format!("{does} the key of label `{label}` of {name}{of_before}."),
        None => format!("{does} the key of {name}{of_before}."),
    }
}

fn others<'a>(case: &'a Case<'a>) -> impl Iterator<Item = &'static dyn Sender> + 'a {
    let others = SENDERS.iter().copied();
    others.filter(|other| other.name() != case.name())
}

/// The receiver's own key, as somebody may have changed it.
pub(super) fn changed<'a>(case: &'a Case<'a>) -> impl Iterator<Item = Slip> + 'a {
    let keys = case.signing_keys().take(MOST_KEYS);
    keys.flat_map(move |key| {
        let of_form: &[Change] = if is_decoded(case) { DECODED } else { TEXTS };
        let changes = CHANGES.iter().chain(of_form);
        changes.filter_map(move |(code, by_receiver, text, change)| {
            let other = changed_by(*change, key, case)?;
            let secrets = Secrets::verbatim(&other)?;
            let slip = Slip::new(code, *text, Undone::Secrets(secrets));
            Some(if *by_receiver {
                slip.by(case.set())
            } else {
                slip
            })
        })
    })
}

/// Returns a key after a change. The URL that may stand behind it stays.
fn changed_by(
    change: impl Fn(&str) -> Option<String>,
    key: &Key,
    case: &Case<'_>,
) -> Option<String> {
    let text = key.text.as_str();
    let split = text.split_once('@').filter(|_| case.provider().signs_url());
    let changed = match split {
        Some((key, url)) => format!("{}@{url}", change(key)?),
        None => change(text)?,
    };
    (changed != text).then_some(changed)
}

/// The characters that keys are of, the likeliest first.
const LETTERS: &str = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_=";
/// How many of them are the digits of hex.
const HEX: usize = 16;

/// The receiver's own key, if its last character was lost when it was put.
pub(super) fn completed<'a>(case: &'a Case<'a>) -> impl Iterator<Item = Slip> + 'a {
    let text_keys = case.signing_keys().filter(|_| !is_decoded(case));
    text_keys.take(1).flat_map(move |key| {
        let is_hex = key.text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let letters = LETTERS
            .chars()
            .take(if is_hex { HEX } else { LETTERS.len() });
        letters.filter_map(move |letter| {
            let whole = changed_by(|key| Some(format!("{key}{letter}")), key, case)?;
            let secrets = Secrets::verbatim(&whole)?;
            let text =
                "It would match with one character more behind your key: it is cut, put it whole.";
            Some(Slip::new("key_cut", text, Undone::Secrets(secrets)).by(case.set()))
        })
    })
}

/// A change of a key: its name, whether it is the receiver's secret that must be put again, what
/// to say, and the key that the signer has.
type Change = (&'static str, bool, &'static str, fn(&str) -> Option<String>);

/// The changes, the likeliest first.
#[rustfmt::skip]
const CHANGES: &[Change] = &[
    ("key_line_break", false, "It would match with a line break behind your key: the sender's has one, take it away there.", |key| Some(format!("{key}\n"))),
    ("key_line_break", false, "It would match with a line break (CR LF) behind your key: the sender's has one, take it away there.", |key| Some(format!("{key}\r\n"))),
    ("key_space", false, "It would match with a blank behind your key: the sender's has one, take it away there.", |key| Some(format!("{key} "))),
    ("key_space", false, "It would match with a blank before your key: the sender's has one, take it away there.", |key| Some(format!(" {key}"))),
    ("key_quoted", false, "It would match with your key in quotation marks: the sender has them, take them away there.", |key| Some(format!("\"{key}\""))),
    ("key_quoted", false, "It would match with your key in quotation marks: the sender has them, take them away there.", |key| Some(format!("'{key}'"))),
    ("key_prefix", true, "It would match with whsec_ before your key: put it whole.", |key| Some(format!("whsec_{key}"))),
    ("key_prefix", true, "It would match without whsec_ before your key.", |key| key.strip_prefix("whsec_").map(str::to_owned)),
    ("key_name", true, "It would match without what stands before the = in your key.", |key| key.split_once('=').map(|(_, key)| key.to_owned())),
    ("key_case", true, "It would match with your key in lower case.", |key| Some(key.to_lowercase())),
    ("key_case", true, "It would match with your key in upper case.", |key| Some(key.to_uppercase())),
    ("key_cut", false, "It would match without the last character of your key: the sender's is cut, put it whole there.", |key| Some(without_last(key).to_owned())),
    ("key_cut", false, "It would match without the first character of your key: the sender's is cut, put it whole there.", |key| Some(key.chars().skip(1).collect())),
    ("key_percent", true, "It would match with your key without the %XX of a URL.", |key| Some(percent_decode_str(key).decode_utf8().ok()?.into_owned())),
];

/// Those of a key that is text, and is not decoded.
#[rustfmt::skip]
const TEXTS: &[Change] = &[
    ("key_decoded", false, "It would match with your key decoded from base64: the sender decodes it.", |key| String::from_utf8(STANDARD.decode(key).ok()?).ok()),
    ("key_decoded", false, "It would match with your key decoded from base64, without whsec_: the sender decodes it.", |key| String::from_utf8(STANDARD.decode(key.strip_prefix("whsec_")?).ok()?).ok()),
    ("key_encoded", false, "It would match with your key in base64: the sender encodes it.", |key| Some(STANDARD.encode(key))),
    ("key_decoded", false, "It would match with your key decoded from hex: the sender decodes it.", |key| String::from_utf8(hex::decode(key).ok()?).ok()),
    ("key_encoded", false, "It would match with your key in hex: the sender encodes it.", |key| Some(hex::encode(key))),
];

/// Those of a key that is base64, and is decoded.
#[rustfmt::skip]
const DECODED: &[Change] = &[
    ("key_not_decoded", false, "It would match with the characters of your key: the sender does not decode it from base64.", |key| Some(STANDARD.encode(key))),
    ("key_not_decoded", false, "It would match with the characters of your key behind whsec_: the sender does not decode them from base64.", |key| Some(STANDARD.encode(key.strip_prefix("whsec_")?))),
    ("key_line_break", false, "It would match with the characters of your key and a line break: the sender does not decode it from base64, and has a line break behind it.", |key| Some(STANDARD.encode(format!("{key}\n")))),
    ("key_line_break", false, "It would match with the characters of your key and a line break (CR LF): the sender does not decode it from base64, and has a line break behind it.", |key| Some(STANDARD.encode(format!("{key}\r\n")))),
    ("key_line_break", false, "It would match with the characters of your key behind whsec_ and a line break: the sender does not decode them from base64, and has a line break behind them.", |key| Some(STANDARD.encode(format!("{}\n", key.strip_prefix("whsec_")?)))),
    ("key_cut", false, "It would match with the bytes of your key without the last one: the sender's is cut, put it whole there.", |key| cut_bytes(key, 1)),
    ("key_cut", false, "It would match with the bytes of your key without the last ones: the sender's is cut, put it whole there.", |key| cut_bytes(key, 2)),
    ("key_cut", false, "It would match with the bytes of your key without the last ones: the sender's is cut, put it whole there.", |key| cut_bytes(key, 3)),
];

fn without_last(text: &str) -> &str {
    let last = text.char_indices().next_back();
    last.and_then(|(at, _)| text.get(..at)).unwrap_or_default()
}

/// Returns a key in base64 without its last bytes: what is left of one whose text is cut.
fn cut_bytes(key: &str, count: usize) -> Option<String> {
    let bytes = STANDARD
        .decode(key.strip_prefix("whsec_").unwrap_or(key))
        .ok()?;
    let left = bytes.get(..bytes.len().checked_sub(count)?)?;
    (!left.is_empty()).then(|| format!("whsec_{}", STANDARD.encode(left)))
}

/// Checks whether the provider's keys are base64, and are decoded before they sign.
fn is_decoded(case: &Case<'_>) -> bool {
    let fields = case.provider().scheme().fields;
    let forms = fields.iter().map(|field| field.form);
    forms
        .into_iter()
        .any(|form| matches!(form, Form::StandardWebhooks))
}
