//! Says how a secret is shown, without showing it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::incoming::USER;

/// Returns what a value of `Authorization` is, in words that leave the secret out.
pub(super) fn authorization(value: &str) -> String {
    let Some((scheme, shown)) = value.split_once(' ') else {
        return "neither Basic nor Bearer before it".to_owned();
    };
    let shown = shown.trim_start_matches(' ');
    if scheme.eq_ignore_ascii_case("bearer") {
        return format!("Bearer, {}", secret(shown));
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return "neither Basic nor Bearer before it".to_owned();
    }
    let pair = STANDARD.decode(shown).ok();
    let pair = pair.and_then(|pair| String::from_utf8(pair).ok());
    match pair.as_deref().and_then(|pair| pair.split_once(':')) {
        Some((USER, password)) => format!("Basic, user {USER}, password: {}", secret(password)),
        // It is not named: it is the secret itself if both were put in each other's place.
        Some(_) => format!("Basic, another user than {USER}"),
        None => "Basic, and not base64 of user:password".to_owned(),
    }
}

/// Returns what a secret looks like.
pub(super) fn secret(value: &str) -> String {
    let count = value.chars().count();
    let characters = format!("{count} characters");
    if value.trim() == value {
        characters
    } else {
        format!("{characters}, white space at an end")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_described_and_not_shown() {
        let basic = |pair: &str| format!("Basic {}", STANDARD.encode(pair));
        for (value, wanted) in [
            ("Bearer abcd", "Bearer, 4 characters"),
            (
                "bearer  abcd\n",
                "Bearer, 5 characters, white space at an end",
            ),
            ("abcd", "neither Basic nor Bearer before it"),
            ("Token abcd", "neither Basic nor Bearer before it"),
            ("Basic !", "Basic, and not base64 of user:password"),
            (
                &basic("postern:abcd"),
                "Basic, user postern, password: 4 characters",
            ),
            (&basic("kim:abcd"), "Basic, another user than postern"),
            (&basic("abcd"), "Basic, and not base64 of user:password"),
        ] {
            assert_eq!(authorization(value), wanted, "{value}");
        }
    }
}
