//! Spells a mailbox in one way.
//!
//! The local part is in NFC (RFC 6532, 3.1) and in lower case, without needless quotes. RFC 5321
//! lets a server tell `Kim` from `kim`. No server that anyone mails does, and a person who
//! complained under one must not be mailed under the other.
//!
//! Lower case is Unicode's (`to_lowercase`) and not full case folding: `STRASSE` and `straße` stay
//! two.
//!
//! The domain has A-labels (UTS 46, not transitional), lower case, and no dot at the end.

use icu_normalizer::ComposingNormalizerBorrowed;
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

/// The characters that UTS 46 reads as the dot between labels.
const DOTS: [char; 4] = ['.', '\u{3002}', '\u{ff0e}', '\u{ff61}'];

/// Returns `local@domain` in canonical form. Returns `None` if a part is missing or cannot be one.
pub(super) fn mailbox(local: &str, domain: &str) -> Option<String> {
    if let Some(plain) = plain(local, domain) {
        return Some(plain);
    }
    let local = local_part(local)?;
    let domain = domain_part(domain)?;
    Some(format!("{local}@{domain}"))
}

/// Returns the canonical form of a mailbox in plain ASCII, as nearly all are, without the tables of
/// Unicode: these would give the same. Returns `None` for any other mailbox.
fn plain(local: &str, domain: &str) -> Option<String> {
    let is_local = !local.is_empty() && local.is_ascii() && local.chars().all(is_plain);
    let is_of_domain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.');
    // A label of IDNA may stand for another one.
    let is_idna = |label: &str| label.get(2..4) == Some("--");
    let is_domain = domain.bytes().all(is_of_domain)
        && domain.bytes().any(|b| b.is_ascii_alphanumeric())
        && !domain.ends_with('.')
        && !domain.split('.').any(is_idna);
    if !is_local || !is_domain {
        return None;
    }
    let mut mailbox = format!("{local}@{domain}");
    mailbox.make_ascii_lowercase();
    Some(mailbox)
}

fn local_part(local: &str) -> Option<String> {
    let visible: String = local.chars().filter(|c| !is_invisible(*c)).collect();
    let local = nfc(&nfc(&visible).to_lowercase());
    if local.is_empty() {
        return None;
    }
    if local.chars().all(is_plain) {
        return Some(local);
    }
    let mut quoted = String::from("\"");
    for c in local.chars() {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    Some(quoted)
}

/// Checks whether a character needs no quotes: RFC 5322 `atext`, RFC 6532's letters, and a dot
/// anywhere.
///
/// The dot is accepted anywhere because there are mailboxes with two in a row (Docomo's, from
/// before 2009), which are written with quotes or without.
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || "!#$%&'*+-/=?^_`{|}~.".contains(c)
        || (!c.is_ascii() && !c.is_whitespace() && !c.is_control())
}

fn domain_part(domain: &str) -> Option<String> {
    let domain = domain.trim();
    if domain.starts_with('[') {
        let literal = domain.strip_suffix(']')?;
        let is_literal = literal
            .bytes()
            .skip(1)
            .all(|b| b.is_ascii_alphanumeric() || b".:-".contains(&b));
        return (is_literal && literal.len() > 1).then(|| domain.to_ascii_lowercase());
    }
    let labels: Vec<String> = domain.split(DOTS).map(label).collect();
    let domain = labels.join(".");
    let domain = domain.trim_end_matches('.');
    let is_domain = domain
        .chars()
        .all(|c| !c.is_ascii() || c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_'));
    let has_one = domain.chars().any(char::is_alphanumeric);
    (is_domain && has_one).then(|| domain.to_owned())
}

/// Returns the A-label. If IDNA refuses the label, it is kept in NFC and lower case: an address
/// that a server accepted is an address.
fn label(text: &str) -> String {
    let with_joiners: String = text
        .chars()
        .filter(|c| is_joiner(*c) || !is_invisible(*c))
        .collect();
    // A joiner belongs to the name if the script needs it, which IDNA checks. Anywhere else it was
    // added by accident or on purpose.
    let ascii = a_label(&with_joiners).or_else(|| {
        let visible: String = text.chars().filter(|c| !is_invisible(*c)).collect();
        a_label(&visible).or(Some(nfc(&nfc(&visible).to_lowercase())))
    });
    ascii.unwrap_or_default()
}

fn a_label(text: &str) -> Option<String> {
    // An underscore occurs in real host names, and the length is not checked: what is not a domain
    // is not one in any spelling.
    let ascii = Uts46::new().to_ascii(
        text.as_bytes(),
        AsciiDenyList::EMPTY,
        Hyphens::Allow,
        DnsLength::Ignore,
    );
    ascii.ok().map(std::borrow::Cow::into_owned)
}

fn nfc(text: &str) -> String {
    let normalizer = ComposingNormalizerBorrowed::new_nfc();
    normalizer.normalize(text).into_owned()
}

/// Checks for the zero-width non-joiner and joiner.
pub(super) fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Checks for invisible characters that are pasted along with an address: zero width, marks of
/// direction, soft hyphen, byte order mark.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{206f}'
            | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_plain_is_spelled_as_everything_else_is() {
        for (local, domain, is_plain) in [
            ("Kim", "Mail.TEST", true),
            ("kim+news.x_1-2", "a-b.mail.test", true),
            ("o'hara", "mail..test", true),
            ("a..b", ".mail.test", true),
            ("kim", "mail.test.", false),
            ("kim", "xn--bcher-kva.test", false),
            ("kim", "XN--BCHER-KVA.test", false),
            ("kim", "ab--c.test", false),
            ("kim", "a_b.test", false),
            ("kim", "[192.0.2.1]", false),
            ("kim", "...", false),
            ("kim", "", false),
            ("", "mail.test", false),
            ("k m", "mail.test", false),
            ("jos\u{e9}", "mail.test", false),
        ] {
            let plain = plain(local, domain);
            assert_eq!(plain.is_some(), is_plain, "{local}@{domain}");
            let slow = || Some(format!("{}@{}", local_part(local)?, domain_part(domain)?));
            if is_plain {
                assert_eq!(plain, slow(), "{local}@{domain}");
            }
        }
    }
}
