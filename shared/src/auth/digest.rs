//! SHA-256: fingerprints for keys, and for what was seen first.

use sha2::{Digest as _, Sha256};

/// SHA-256 (FIPS 180-4) of these bytes, in hex: all 256 bits, for what a stranger may have made.
#[must_use]
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// The length of a [`fingerprint`], in hexadecimal digits.
pub const FINGERPRINT_DIGITS: usize = 32;

/// SHA-256 over length-prefixed parts, so that no two lists of parts share an input; `None` differs
/// from empty text. The first 128 bits in hex: enough that two events of one table never meet, and
/// short in every key.
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
