//! Reads signatures from text, and writes them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::rejection::Rejection;

/// Reads a signature of exactly `N` bytes in hex, in either case.
///
/// # Errors
/// Returns [`Rejection::SignatureUnreadable`] for any other text.
pub fn from_hex<const N: usize>(text: &str) -> Result<[u8; N], Rejection> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| Rejection::SignatureUnreadable)?;
    Ok(bytes)
}

/// Reads a signature of exactly `N` bytes in standard padded base64 (RFC 4648 section 4).
///
/// # Errors
/// Returns [`Rejection::SignatureUnreadable`] for any other text.
pub fn from_base64<const N: usize>(text: &str) -> Result<[u8; N], Rejection> {
    // The length is checked first, so that a megabyte of header is not decoded to be thrown away.
    if text.len() != N.div_ceil(3) * 4 {
        return Err(Rejection::SignatureUnreadable);
    }
    let bytes = STANDARD
        .decode(text)
        .map_err(|_| Rejection::SignatureUnreadable)?;
    <[u8; N]>::try_from(bytes).map_err(|_| Rejection::SignatureUnreadable)
}

/// Writes standard padded base64 (RFC 4648 section 4).
pub(super) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}
