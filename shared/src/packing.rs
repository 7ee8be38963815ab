//! Unpacks bodies that come compressed.
//!
//! `Content-Encoding` is a header, and no provider signs its headers: whoever repeats a request can
//! write another one, or none. So it is ignored.
//!
//! A gzip or zlib stream says itself what it is, and no JSON begins like one. So what is made of
//! the bytes that a proof covers depends on nothing else.

use std::io::Read;

use crate::delivery::MAX_BODY;
use crate::rejection::Rejection;

/// Returns the body that is in a gzip stream (RFC 1952) or a zlib stream (RFC 1950, HTTP's
/// `deflate`). Returns `None` if there is no whole stream.
///
/// # Errors
/// Returns [`Rejection::TooLarge`] if it has more than [`MAX_BODY`]. No more than that is ever
/// unpacked.
pub(crate) fn unpacked(body: &[u8]) -> Result<Option<Vec<u8>>, Rejection> {
    match body {
        [0x1f, 0x8b, 8, ..] => bounded(flate2::read::MultiGzDecoder::new(body)),
        // The method and the window are the first byte. Both bytes together are a multiple of 31.
        [0x78, flags, ..] if (0x7800 | u16::from(*flags)) % 31 == 0 => {
            bounded(flate2::read::ZlibDecoder::new(body))
        }
        _ => Ok(None),
    }
}

fn bounded(stream: impl Read) -> Result<Option<Vec<u8>>, Rejection> {
    let mut bytes = Vec::new();
    // One byte more than allowed tells "too large" from "exactly full" without unpacking a bomb.
    let read = stream.take(MAX_BODY as u64 + 1).read_to_end(&mut bytes);
    match read {
        _ if bytes.len() > MAX_BODY => Err(Rejection::TooLarge),
        Ok(_) => Ok(Some(bytes)),
        Err(_) => Ok(None),
    }
}
