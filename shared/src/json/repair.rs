//! Repairs what is almost JSON.

/// How many bytes a repaired text may have in addition to twice the length of what was sent.
const REPAIRED_BYTES: usize = 64 * 1024;

/// Returns the text that was meant by bytes that are almost JSON. Returns `None` if the text would
/// be out of proportion.
///
/// - Bytes that are not UTF-8 become U+FFFD.
/// - In a string, a raw control character is escaped, and so is a backslash that escapes nothing.
/// - `NaN` and `Infinity` become `null`, as other writers of JSON do.
/// - Outside of strings, a control character becomes a space, and a byte order mark nothing.
///
/// The result need not be JSON either. This takes one pass over any bytes.
#[must_use]
pub fn repair(bytes: &[u8]) -> Option<String> {
    let most = 2 * bytes.len() + REPAIRED_BYTES;
    let chunks = bytes.utf8_chunks();
    let mut chars = chunks
        .flat_map(|chunk| {
            let replacement = (!chunk.invalid().is_empty()).then_some('\u{fffd}');
            chunk.valid().chars().chain(replacement)
        })
        .peekable();
    let mut text = String::with_capacity(bytes.len());
    let mut is_string = false;
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                is_string = !is_string;
                text.push(c);
            }
            '\\' if is_string => escape(&mut text, &mut chars),
            '\0'..='\u{1f}' if is_string => text.push_str(&escaped(c)),
            '\0'..='\u{1f}' if !c.is_ascii_whitespace() => text.push(' '),
            '\u{feff}' if !is_string => {}
            'a'..='z' | 'A'..='Z' if !is_string => word(c, &mut text, &mut chars),
            _ => text.push(c),
        }
        if text.len() > most {
            return None;
        }
    }
    Some(text)
}

/// Returns a JSON string with U+FFFD instead of each half of a surrogate pair, which JSON allows
/// but text cannot hold. Returns `None` if it is not a string.
#[must_use]
pub fn whole_pairs(string: &str) -> Option<String> {
    let mut rest = string.strip_prefix('"').map(|_| string)?;
    let mut whole = String::with_capacity(string.len());
    while let Some((before, escape)) = rest.split_once('\\') {
        whole.push_str(before);
        let unit = unit(escape);
        let pair = unit
            .filter(|unit| (0xd800..0xdc00).contains(unit))
            .and_then(|_| {
                let low = escape.get(5..)?.strip_prefix('\\')?;
                self::unit(low).filter(|low| (0xdc00..0xe000).contains(low))
            });
        let (copied, length) = match (unit, pair) {
            (Some(_), Some(_)) => (escape.get(..11), 11),
            (Some(0xd800..0xe000), None) => (Some("ufffd"), 5),
            (Some(_), None) => (escape.get(..5), 5),
            // The escaped character is copied, too, so that an escaped backslash begins no escape.
            (None, _) => (escape.get(..1), 1),
        };
        whole.push('\\');
        whole.push_str(copied?);
        rest = escape.get(length..)?;
    }
    whole.push_str(rest);
    Some(whole)
}

/// Reads the code unit of `uXXXX`.
fn unit(escape: &str) -> Option<u16> {
    let digits = escape.strip_prefix('u')?.get(..4)?;
    let is_hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
    is_hex
        .then(|| u16::from_str_radix(digits, 16).ok())
        .flatten()
}

/// Writes a control character as JSON does.
fn escaped(control: char) -> String {
    format!("\\u{:04x}", u32::from(control))
}

type Chars<'a, I> = &'a mut std::iter::Peekable<I>;

/// Copies an escape, or escapes a backslash that begins none.
fn escape(text: &mut String, chars: Chars<'_, impl Iterator<Item = char>>) {
    if let Some(c) = chars.next_if(|c| "\"\\/bfnrt".contains(*c)) {
        text.extend(['\\', c]);
        return;
    }
    if chars.next_if_eq(&'u').is_none() {
        text.push_str("\\\\");
        return;
    }
    let mut digits = String::with_capacity(4);
    while digits.len() < 4 {
        let Some(digit) = chars.next_if(char::is_ascii_hexdigit) else {
            break;
        };
        digits.push(digit);
    }
    let backslash = if digits.len() == 4 { "\\" } else { "\\\\" };
    text.extend([backslash, "u", &digits]);
}

/// Copies a word outside of strings, or writes `null` for a word that is a number in other
/// languages.
fn word(first: char, text: &mut String, chars: Chars<'_, impl Iterator<Item = char>>) {
    let start = text.len();
    text.push(first);
    while let Some(c) = chars.next_if(char::is_ascii_alphabetic) {
        text.push(c);
    }
    let word = text.get(start..).unwrap_or_default();
    let is_number = ["nan", "infinity", "inf"]
        .iter()
        .any(|name| word.eq_ignore_ascii_case(name));
    if is_number {
        text.truncate(start);
        if text.ends_with(['-', '+']) {
            text.pop();
        }
        text.push_str("null");
    }
}
