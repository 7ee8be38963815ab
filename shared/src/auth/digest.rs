//! SHA-256: fingerprints for keys, and for what was seen first.

use sha2::{Digest as _, Sha256};

/// Returns the SHA-256 (FIPS 180-4) of these bytes, in hex. All 256 bits are kept, because a
/// stranger may have made the bytes.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The length of a [`fingerprint`], in hexadecimal digits.
pub const FINGERPRINT_DIGITS: usize = 32;

/// Returns a fingerprint of the parts: the first 128 bits of a SHA-256, in hex. This is enough that
/// two events of one table never have the same, and short in every key.
///
/// The parts are length-prefixed, so that no two lists of parts share an input. `None` differs from
/// empty text.
#[must_use]
pub fn fingerprint(parts: &[Option<&str>]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        match part {
            None => hash.update([0]),
            Some(text) => {
                hash.update([1]);
                hash.update((text.len() as u64).to_be_bytes());
                hash.update(text.as_bytes());
            }
        }
    }
    let digest = hash.finalize();
    let mut digits = hex::encode(digest);
    digits.truncate(FINGERPRINT_DIGITS);
    digits
}
