//! Draws a key where the user is to choose one.

/// How many random bytes a key has.
const BYTES: usize = 32;

/// Returns a new key in hexadecimal digits, from the system's random numbers. Returns `None` if the
/// system has none.
#[must_use]
pub fn made() -> Option<String> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).ok()?;
    Some(hex::encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::made;

    #[test]
    fn a_key_is_64_digits_and_never_the_same() {
        let keys = [made().expect("a key"), made().expect("a key")];
        assert_ne!(keys[0], keys[1]);
        for key in keys {
            assert_eq!(key.len(), 64);
            assert!(key.bytes().all(|b| b.is_ascii_hexdigit()));
        }
    }
}
