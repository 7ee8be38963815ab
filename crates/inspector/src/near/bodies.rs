//! What happens to a body on its way.

use std::iter;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use shared::json::without_mark;
use shared::provider::Strength;

use super::case::Case;
use super::layout::{Layout, Spelling, rewritten};
use super::slip::{Slip, Undone};
use super::sorted::sorted;

/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// A change of a body: its name, what to say, and the body that was signed.
type Change = (&'static str, &'static str, fn(&[u8]) -> Option<Vec<u8>>);

/// The changes, the likeliest first.
#[rustfmt::skip]
const CHANGES: &[Change] = &[
    ("body_line_end", "It would match with a line break at the end of the body: something on the way takes it away.", |body| Some([body, b"\n"].concat())),
    ("body_line_end", "It would match with a line break (CR LF) at the end of the body: something on the way takes it away.", |body| Some([body, b"\r\n"].concat())),
    ("body_line_end", "It would match without the line break at the end of the body: something on the way adds it.", |body| Some(without_end(body).to_vec())),
    ("body_line_breaks", "It would match with CR LF for each line break of the body: something on the way changes them.", |body| Some(with_crlf(body))),
    ("body_line_breaks", "It would match with LF for each line break of the body: something on the way changes them.", |body| Some(with_lf(body))),
    ("body_mark", "It would match without the byte order mark before the body: something on the way adds it.", |body| Some(without_mark(body).to_vec())),
    ("body_mark", "It would match with a byte order mark before the body: something on the way takes it away.", |body| Some([MARK, body].concat())),
    ("body_line_end", "It would match without the white space around the body: something on the way adds it.", |body| Some(body.trim_ascii().to_vec())),
    ("body_encoded", "It would match with the body decoded from base64: something on the way encodes it.", |body| STANDARD.decode(body.trim_ascii()).ok()),
    ("body_encoded", "It would match with the body in base64, as it is signed: something on the way decodes it.", |body| Some(STANDARD.encode(body).into_bytes())),
    ("body_encoded", "It would match with the text inside the body: something on the way puts it in quotation marks as one JSON string.", |body| serde_json::from_slice::<String>(body).ok().map(String::into_bytes)),
    ("body_charset", "It would match with the body as it was before something on the way read it as Latin-1.", of_latin1),
    ("body_charset", "It would match with the body in UTF-8: something on the way writes it in Latin-1.", |body| Some(body.iter().map(|byte| char::from(*byte)).collect::<String>().into_bytes())),
];

/// The ways in which libraries write JSON, the likeliest first.
const LAYOUTS: [Layout; 6] = [
    Layout::Compact,
    Layout::Spaced,
    Layout::Indented(2),
    Layout::Indented(4),
    Layout::Lines,
    Layout::Tabs,
];
/// The ways in which libraries write strings: as it is; JavaScript, Go and Rust; Python and Ruby;
/// PHP; PHP without escapes of Unicode.
const SPELLINGS: [Option<Spelling>; 5] = [
    None,
    Some(Spelling {
        slashes: false,
        ascii: false,
    }),
    Some(Spelling {
        slashes: false,
        ascii: true,
    }),
    Some(Spelling {
        slashes: true,
        ascii: true,
    }),
    Some(Spelling {
        slashes: true,
        ascii: false,
    }),
];
/// The ways in which sorted JSON is written, by JavaScript, Go and Rust, and by Python.
const SORTED: [(Layout, Option<Spelling>); 5] = [
    (Layout::Compact, SPELLINGS[0]),
    (Layout::Compact, SPELLINGS[2]),
    (Layout::Spaced, SPELLINGS[2]),
    (Layout::Spaced, SPELLINGS[1]),
    (Layout::Indented(2), SPELLINGS[1]),
];
/// What may stand behind the JSON.
const ENDS: [&str; 3] = ["", "\n", "\r\n"];

/// Returns the slips in what happens to a body.
pub(super) fn slips<'a>(case: &'a Case<'a>) -> impl Iterator<Item = Slip> + 'a {
    let body = case.refused.body;
    let changes = CHANGES.iter().filter_map(move |(code, text, change)| {
        let changed = change(body).filter(|changed| changed != body)?;
        Some(Slip::new(code, *text, Undone::Body(changed)))
    });
    let covered = match case.strength() {
        Strength::Signed => body,
        _ => &[],
    };
    let written = of_json(covered).chain(of_sorted_json(covered));
    forms(case).chain(changes).chain(written)
}

/// The JSON was read and written anew.
fn of_json(body: &[u8]) -> impl Iterator<Item = Slip> + '_ {
    let text = std::str::from_utf8(without_mark(body)).unwrap_or_default();
    let is_json = text.trim_ascii_start().starts_with(['{', '[']);
    let layouts = LAYOUTS.iter().filter(move |_| is_json);
    let ways =
        layouts.flat_map(|layout| SPELLINGS.iter().map(move |spelling| (*layout, *spelling)));
    ways.flat_map(move |(layout, spelling)| {
        let written = rewritten(text, layout, spelling);
        let has_one_end = matches!(layout, Layout::Tabs | Layout::Lines);
        let ends = ENDS.iter().take(if has_one_end { 1 } else { ENDS.len() });
        ends.filter_map(move |end| {
            let changed = [written.as_deref()?, end].concat().into_bytes();
            let says = "It would match with the JSON as it was written at first: something on the way reads it and writes it anew. Pass the body on byte for byte.";
            let is_other = changed != body;
            is_other.then(|| Slip::new("body_rewritten", says, Undone::Body(changed)))
        })
    })
}

/// The members of the JSON were in the order of their names.
fn of_sorted_json(body: &[u8]) -> impl Iterator<Item = Slip> + '_ {
    let text = std::str::from_utf8(without_mark(body)).unwrap_or_default();
    let is_json = text.trim_ascii_start().starts_with(['{', '[']);
    let sorted = iter::once_with(move || sorted(text)).filter(move |_| is_json);
    sorted.flatten().flat_map(move |sorted| {
        let ways = SORTED.into_iter().filter_map(move |(layout, spelling)| {
            rewritten(&sorted, layout, spelling)
        });
        ways.filter(move |changed| changed.as_bytes() != body).map(|changed| {
            let says = "It would match with the names of the JSON sorted, as it is signed: send it as it is signed, byte for byte.";
            Slip::new("body_sorted", says, Undone::Body(changed.into_bytes()))
        })
    })
}

/// A form that something on the way has taken apart.
fn forms<'a>(case: &'a Case<'a>) -> impl Iterator<Item = Slip> + 'a {
    let is_form = case.provider().signs_url();
    let wrap = move |value: &[u8]| {
        case.provider()
            .sign_within("", value, Timestamp::UNIX_EPOCH)
    };
    let body = case.refused.body;
    let empty = wrap(b"");
    let name = empty.strip_suffix(b"=").unwrap_or_default().to_vec();
    let whole = iter::once_with(move || {
        let says = "It would match with the JSON inside a form: something on the way takes it out.";
        Some((says, wrap(body)))
    });
    let bare = iter::once_with(move || {
        let value = body.strip_prefix(empty.as_slice())?;
        let value = percent_encode(value, NON_ALPHANUMERIC).to_string();
        let says = "It would match with the form encoded: something on the way decodes it.";
        Some((says, [empty.as_slice(), value.as_bytes()].concat()))
    });
    let alone = iter::once_with(move || {
        let mut pairs = body.split(|byte| *byte == b'&');
        let pair = pairs.find(|pair| pair.split(|byte| *byte == b'=').next() == Some(&name))?;
        let says = "It would match with the form's one field: something on the way adds others.";
        Some((says, pair.to_vec()))
    });
    let all = whole.chain(bare).chain(alone).filter(move |_| is_form);
    all.flatten()
        .map(|(says, body)| Slip::new("body_form", says, Undone::Body(body)))
}

fn without_end(body: &[u8]) -> &[u8] {
    let bare = body.strip_suffix(b"\n").unwrap_or(body);
    bare.strip_suffix(b"\r").unwrap_or(bare)
}

fn with_lf(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        match line.strip_suffix(b"\r\n") {
            Some(line) => {
                out.extend_from_slice(line);
                out.push(b'\n');
            }
            None => out.extend_from_slice(line),
        }
    }
    out
}

fn with_crlf(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    for byte in with_lf(body) {
        if byte == b'\n' {
            out.push(b'\r');
        }
        out.push(byte);
    }
    out
}

/// Returns the bytes that these characters are in Latin-1.
fn of_latin1(body: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(body).ok()?;
    let bytes = text.chars().map(|c| u8::try_from(u32::from(c)).ok());
    bytes.collect()
}
