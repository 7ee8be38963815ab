//! Reads a bearer key (RFC 6750, section 2.1).

/// The scheme, whose case does not count (RFC 9110, section 11.1).
const SCHEME: &str = "bearer";

/// Returns the key in the value of a header `Authorization`. The gateway joins repeated headers
/// with a comma, which no key has.
pub(crate) fn bearer(value: &str) -> Option<&str> {
    let (scheme, key) = value.split_once(' ')?;
    (scheme.eq_ignore_ascii_case(SCHEME) && is_token(key)).then_some(key)
}

/// Checks for the characters of a bearer key.
pub(crate) fn is_token(text: &str) -> bool {
    let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    !text.is_empty() && text.bytes().all(is_fit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_stands_alone_after_its_scheme() {
        assert_eq!(bearer("Bearer a-._~+/=9"), Some("a-._~+/=9"));
        assert_eq!(bearer("bEARER abc"), Some("abc"));
        for bad in [
            "",
            "Bearer",
            "Bearer ",
            "Bearer  abc",
            " Bearer abc",
            "Bearer abc ",
            "Bearer abc,Bearer abc",
            "Bearer abc, Basic eDp5",
            "Basic eDp5",
            "abc",
            "Bearer\tabc",
            "Bearer ä",
            "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=c",
        ] {
            assert_eq!(bearer(bad), None, "{bad:?}");
        }
    }
}
