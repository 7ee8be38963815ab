//! Reads JSON as it comes: bytes are cut along their brackets, and repaired if they are not JSON.
//!
//! One odd byte must not cost the events beside it. So the brackets, commas and strings of a body
//! are found first, and nothing else is looked at. Then the text between two commas is read,
//! repaired, or put aside by itself.

/// Returns the bytes without a leading byte order mark, which a reader may ignore (RFC 8259, 8.1).
#[must_use]
pub fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// Returns the body without what [`repair`] would remove from its start (white space, control
/// characters and byte order marks), and without white space at its end.
#[must_use]
pub fn body(mut bytes: &[u8]) -> &[u8] {
    loop {
        let is_nothing = |b: &u8| b.is_ascii_whitespace() || b.is_ascii_control();
        let start = bytes.iter().position(|b| !is_nothing(b));
        bytes = bytes
            .get(start.unwrap_or(bytes.len())..)
            .unwrap_or_default();
        let unmarked = without_mark(bytes);
        if unmarked.len() == bytes.len() {
            return bytes.trim_ascii_end();
        }
        bytes = unmarked;
    }
}

/// The items between the commas of a list or an object, trimmed and otherwise unread. They come in
/// order, lazily, in one pass over the bytes.
///
/// If the brackets do not match, these rules hold:
/// - A closing bracket of a kind that is not open in the item belongs to the item, unless it closes
///   the list itself.
/// - A closing bracket also closes what was opened later. `[{"a":[1}, {}]` is two items.
/// - A bracket that is never closed, or a string without an end, includes all that follows.
#[derive(Clone)]
pub struct Items<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Where the last item begins.
    last: usize,
    closer: u8,
    is_first: bool,
    end: Option<End>,
}

/// How a list ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Closed,
    CutShort,
}

impl<'a> Items<'a> {
    /// Reads a list or an object from its opening bracket on. Returns `None` for anything else.
    #[must_use]
    pub fn of(bytes: &'a [u8]) -> Option<Self> {
        let closer = match bytes.first()? {
            b'[' => b']',
            b'{' => b'}',
            _ => return None,
        };
        Some(Self {
            bytes,
            at: 1,
            last: 1,
            closer,
            is_first: true,
            end: None,
        })
    }

    /// Checks whether the list was read to its closing bracket, with only white space after it.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.end == Some(End::Closed) && rest.trim_ascii().is_empty()
    }

    /// Returns everything from the last item on.
    #[must_use]
    pub fn from_last(&self) -> &'a [u8] {
        self.bytes.get(self.last..).unwrap_or_default().trim_ascii()
    }

    /// Returns everything from the closing bracket on. Returns `None` if the list was not read to
    /// its closing bracket.
    #[must_use]
    pub fn from_end(&self) -> Option<&'a [u8]> {
        let closer = self.at.checked_sub(1)?;
        let rest = self.bytes.get(closer..)?;
        (self.end == Some(End::Closed)).then_some(rest)
    }

    /// Moves past the item that begins here, and returns its end.
    fn skip_item(&mut self) -> usize {
        let mut open = Open::default();
        while let Some(byte) = self.bytes.get(self.at) {
            let here = self.at;
            self.at += 1;
            match byte {
                b'"' => self.at = end_of_string(self.bytes, self.at),
                b'[' | b'{' => open.push(*byte == b'{'),
                b']' | b'}' => {
                    let is_known = open.close(*byte == b'}');
                    if !is_known && *byte == self.closer {
                        self.end = Some(End::Closed);
                        return here;
                    }
                }
                b',' if open.is_empty() => return here,
                _ => {}
            }
        }
        self.end = Some(End::CutShort);
        self.bytes.len()
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.end.is_some() {
            return None;
        }
        let start = self.at;
        self.last = start;
        let end = self.skip_item();
        let item = self.bytes.get(start..end).unwrap_or_default().trim_ascii();
        let is_empty = self.is_first && self.end.is_some() && item.is_empty();
        self.is_first = false;
        (!is_empty).then_some(item)
    }
}

/// The brackets that are open, innermost last. Each needs a byte, so this is never longer than the
/// text.
#[derive(Default)]
struct Open {
    are_objects: Vec<bool>,
    objects: usize,
}

impl Open {
    fn is_empty(&self) -> bool {
        self.are_objects.is_empty()
    }

    fn push(&mut self, is_object: bool) {
        self.are_objects.push(is_object);
        self.objects += usize::from(is_object);
    }

    /// Closes the innermost bracket of this kind, and what is open inside it. The kinds are
    /// counted, so that a bracket that closes nothing costs no search.
    fn close(&mut self, is_object: bool) -> bool {
        let lists = self.are_objects.len() - self.objects;
        let count = if is_object { self.objects } else { lists };
        if count == 0 {
            return false;
        }
        while let Some(innermost) = self.are_objects.pop() {
            self.objects -= usize::from(innermost);
            if innermost == is_object {
                break;
            }
        }
        true
    }
}

/// Returns the place after the quote that ends the string which begins here.
fn end_of_string(bytes: &[u8], mut at: usize) -> usize {
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// Returns the value of a key of an object that need not be JSON. If the key is repeated, the last
/// value counts.
#[must_use]
pub fn value_of<'a>(object: &'a [u8], key: &str) -> Option<&'a [u8]> {
    let pairs = Items::of(object)?.filter_map(|pair| {
        let (name, value) = pair.split_at_checked(end_of_string(pair, 1))?;
        let name: String = serde_json::from_slice(name).ok()?;
        let value = value.trim_ascii_start().strip_prefix(b":")?;
        (name == key).then(|| value.trim_ascii_start())
    });
    pairs.last()
}

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
