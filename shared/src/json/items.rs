//! Cuts lists and objects along their brackets, in one pass.

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

/// Checks whether bytes are one list or object, to its closing bracket, with nothing behind it.
#[must_use]
pub fn is_whole(bytes: &[u8]) -> bool {
    Items::of(bytes).is_some_and(|mut items| {
        items.by_ref().for_each(drop);
        items.is_whole()
    })
}

/// Returns the value of a key of an object that need not be JSON. If the key is repeated, the last
/// value counts.
#[must_use]
pub fn value_of<'a>(object: &'a [u8], key: &str) -> Option<&'a [u8]> {
    values_of(object, key).last()
}

/// Returns the values of a key of an object that need not be JSON, in their order.
pub fn values_of<'a>(object: &'a [u8], key: &str) -> impl Iterator<Item = &'a [u8]> {
    let pairs = Items::of(object).into_iter().flatten();
    pairs.filter_map(move |pair| {
        let (name, value) = pair.split_at_checked(end_of_string(pair, 1))?;
        let name: String = serde_json::from_slice(name).ok()?;
        let value = value.trim_ascii_start().strip_prefix(b":")?;
        (name == key).then(|| value.trim_ascii_start())
    })
}
