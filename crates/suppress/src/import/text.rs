//! Opens an export: whatever its encoding is, what is read here is UTF-8.
//!
//! Spreadsheets save UTF-16 with a byte order mark, or UTF-8 with one. Anything else is taken for
//! UTF-8; bytes that are none stay as they are, and spoil only their own cell.

use std::io::{self, BufRead, BufReader, Read};

use super::error::ImportError;

/// How many bytes are read at once.
const BUFFER: usize = 64 * 1024;

/// A reader that may move to another thread.
pub(super) type Bytes = Box<dyn Read + Send>;

/// What a file starts with if it is something else than text.
const NOT_TEXT: &[(&[u8], &str)] = &[
    (b"PK\x03\x04", "a spreadsheet or a zip archive"),
    (b"\xd0\xcf\x11\xe0", "a spreadsheet"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"%PDF", "a PDF"),
];

/// Returns the text in UTF-8, without a byte order mark.
pub(super) fn utf8(bytes: Bytes) -> Result<BufReader<Bytes>, ImportError> {
    let mut bytes = BufReader::with_capacity(BUFFER, bytes);
    let start = bytes.fill_buf().map_err(ImportError::Read)?;
    let is = |mark: &[u8]| start.starts_with(mark);
    if let Some((_, what)) = NOT_TEXT.iter().find(|(mark, _)| is(mark)) {
        return Err(ImportError::NotText(what));
    }
    let is_wide = |nul: usize| {
        let start = start.get(..8).unwrap_or_default().chunks_exact(2);
        start.len() == 4 && start.clone().all(|pair| pair.get(nul) == Some(&0))
    };
    let (mark, order): (usize, Option<Order>) = if is(b"\xef\xbb\xbf") {
        (3, None)
    } else if is(b"\xff\xfe") {
        (2, Some(u16::from_le_bytes))
    } else if is(b"\xfe\xff") {
        (2, Some(u16::from_be_bytes))
    } else if is_wide(1) {
        (0, Some(u16::from_le_bytes))
    } else if is_wide(0) {
        (0, Some(u16::from_be_bytes))
    } else {
        (0, None)
    };
    bytes.consume(mark);
    let text: Bytes = match order {
        Some(order) => Box::new(Utf16::new(bytes, order)),
        None => Box::new(bytes),
    };
    Ok(BufReader::with_capacity(BUFFER, text))
}

/// Makes a unit of UTF-16 of its two bytes, in the order in which they stand.
type Order = fn([u8; 2]) -> u16;

/// Reads UTF-16 as UTF-8. Half a surrogate pair becomes U+FFFD.
struct Utf16<R> {
    bytes: R,
    order: Order,
    /// The first half of a pair whose second half is not read yet.
    half: Option<u16>,
    /// UTF-8 that was not asked for yet.
    text: Vec<u8>,
    place: usize,
}

impl<R: BufRead> Utf16<R> {
    fn new(bytes: R, order: Order) -> Self {
        Self {
            bytes,
            order,
            half: None,
            text: Vec::new(),
            place: 0,
        }
    }

    /// Decodes one buffer. Leaves the text empty at the end.
    fn fill(&mut self) -> io::Result<()> {
        self.text.clear();
        self.place = 0;
        let mut units: Vec<u16> = self.half.take().into_iter().collect();
        loop {
            let mut pair = [0; 2];
            match read_pair(&mut self.bytes, &mut pair)? {
                2 => units.push((self.order)(pair)),
                0 => break,
                _ => units.push(0xfffd), // an odd byte at the end
            }
            if units.len() >= BUFFER / 2 {
                break;
            }
        }
        // A full buffer may end in the middle of a pair.
        if units.len() >= BUFFER / 2
            && let Some(last) = units.pop_if(|last| (0xd800..0xdc00).contains(last))
        {
            self.half = Some(last);
        }
        let mut utf8 = [0; 4];
        for c in char::decode_utf16(units) {
            let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
            self.text
                .extend_from_slice(c.encode_utf8(&mut utf8).as_bytes());
        }
        Ok(())
    }
}

/// Reads up to two bytes.
fn read_pair(bytes: &mut impl Read, pair: &mut [u8; 2]) -> io::Result<usize> {
    let mut count = 0;
    while let Some(rest) = pair.get_mut(count..).filter(|rest| !rest.is_empty()) {
        match bytes.read(rest)? {
            0 => break,
            read => count += read,
        }
    }
    Ok(count)
}

impl<R: BufRead> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.place == self.text.len() {
            self.fill()?;
        }
        let left = self.text.get(self.place..).unwrap_or_default();
        let count = left.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), left.get(..count)) {
            to.copy_from_slice(from);
        }
        self.place += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: Vec<u8>) -> Result<String, &'static str> {
        let mut text = String::new();
        let mut reader = utf8(Box::new(io::Cursor::new(bytes))).map_err(|error| error.code())?;
        reader.read_to_string(&mut text).expect("UTF-8");
        Ok(text)
    }

    fn utf16(text: &str, order: fn(u16) -> [u8; 2], mark: bool) -> Vec<u8> {
        let mark = mark.then_some(0xfeff);
        mark.into_iter()
            .chain(text.encode_utf16())
            .flat_map(order)
            .collect()
    }

    #[test]
    fn what_spreadsheets_save_is_read_as_utf8() {
        let text = "email\tcreated\r\nkim@bücher.test\t1790083507\r\n\u{1f600}";
        assert_eq!(read(text.into()).as_deref(), Ok(text));
        assert_eq!(read(format!("\u{feff}{text}").into()).as_deref(), Ok(text));
        for order in [u16::to_le_bytes, u16::to_be_bytes] {
            for mark in [true, false] {
                assert_eq!(read(utf16(text, order, mark)).as_deref(), Ok(text));
            }
        }
        assert_eq!(read(Vec::new()).as_deref(), Ok(""));
    }

    #[test]
    fn a_long_text_is_not_cut_in_the_middle_of_a_pair() {
        let text = format!("x{}", "\u{1f600}".repeat(BUFFER));
        assert_eq!(read(utf16(&text, u16::to_le_bytes, true)), Ok(text));
    }

    #[test]
    fn half_a_pair_and_half_a_unit_spoil_only_themselves() {
        let mut bytes = utf16("ab", u16::to_le_bytes, true);
        bytes.extend([0x00, 0xd8, b'c', 0, b'd']);
        assert_eq!(read(bytes).as_deref(), Ok("ab\u{fffd}c\u{fffd}"));
    }

    #[test]
    fn what_is_no_text_is_refused_by_what_it_is() {
        for bytes in [&b"PK\x03\x04xl"[..], b"\x1f\x8b\x08", b"%PDF-1.7"] {
            assert_eq!(read(bytes.to_vec()), Err("import_not_text"));
        }
    }
}
