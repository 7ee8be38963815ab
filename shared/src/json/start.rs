//! Finds where the text of a body begins and ends.

/// Returns the bytes without a leading byte order mark, which a reader may ignore (RFC 8259, 8.1).
#[must_use]
pub fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

/// Returns the body without what [`repair`](super::repair) would remove from its start (white space, control
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
