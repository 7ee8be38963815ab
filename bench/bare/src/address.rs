//! The recipient's key, for plain addresses.

use crate::outcome::Outcome;

/// Returns an address in lower case. Of anything but one plain address nothing is known here.
pub(crate) fn canonical(text: &str) -> Outcome<String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"@.+-_".contains(&byte);
    let is_one = text.bytes().filter(|byte| *byte == b'@').count() == 1;
    if is_one && text.bytes().all(is_plain) {
        return Ok(text.to_ascii_lowercase());
    }
    Err("no plain address".into())
}
