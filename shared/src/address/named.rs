//! Finds whom a refusal is about: the addresses that its text names as refused.
//!
//! A server's answer also names the sender, a postmaster, a help desk, a mail's id, or the person's
//! new address. A refusal that names nobody as refused is about the event's recipient.
//!
//! So an address counts unless the text around it says that it is something else. An address that
//! reads like a role (`postmaster@`) counts only if it is plainly the one refused.

use super::mailbox::{Mailbox, head};

/// The most addresses that are found.
const MOST_NAMED: usize = 8;
/// How many bytes before and after an address are looked at.
const AROUND_BYTES: usize = 80;

/// The longest local part of an address that is looked at. RFC 5321 has 64, and 255 for the domain.
const LOCAL_BYTES: usize = 128;
const DOMAIN_BYTES: usize = 255;
/// Words right before a sender, or before who was mailed before a forward:
/// `MAIL FROM:<news@shop.test>`, `(expanded from <kim@mail.test>)`.
const SENDER: &[&str] = &[
    "from",
    "sender",
    "sender's",
    "return-path",
    "envelope-from",
    "mailfrom",
    "original",
    "originally",
    "original-recipient",
    "orig_to",
];
/// Words before an `of` that names a sender: `domain of news@shop.test`, `on behalf of`.
const SENDER_OF: &[&str] = &["domain", "behalf", "sender"];
/// Words some way before somebody to turn to, or before the person's new address (reply 551).
const CONTACT: &[&str] = &[
    "contact",
    "contacting",
    "postmaster",
    "administrator",
    "admin",
    "helpdesk",
    "support",
    "assistance",
    "questions",
    "complaints",
    "unblock",
    "delist",
    "please",
    "try",
    "moved",
    "changed",
    "instead",
];
/// Words right before the address that was refused, whatever else is said.
const RECIPIENT: &[&str] = &["recipient", "recipients", "rcpt", "final-recipient"];
/// Words right before the address that was refused.
const USER: &[&str] = &["user", "mailbox", "account"];
/// Words right after the address that was refused: `<kim@mail.test>: Recipient address rejected`,
/// `<kim@mail.test>... User unknown`.
const REFUSED: &[&str] = &[
    "recipient",
    "user",
    "unknown",
    "no such",
    "does not exist",
    "doesn't exist",
    "invalid",
    "address",
    "not found",
    "mailbox",
    "account",
    "is not",
    "was not",
    "could not",
    "inactive",
    "disabled",
];
/// Words right before something that only looks like an address.
const ID: &[&str] = &["message-id", "messageid", "msgid", "msg-id", "id", "queued"];
/// Local parts of addresses that people write to about mail.
const ROLES: &[&str] = &[
    "postmaster",
    "hostmaster",
    "webmaster",
    "abuse",
    "support",
    "help",
    "helpdesk",
    "servicedesk",
    "admin",
    "administrator",
    "contact",
    "security",
    "noc",
    "spam",
    "unblock",
    "delist",
    "removal",
    "mailer-daemon",
    "bounce",
    "bounces",
    "noreply",
    "no-reply",
    "do-not-reply",
    "donotreply",
];
/// Local parts that a mail server made for a sender (SRS, BATV).
const REWRITTEN: &[&str] = &["srs0", "srs1", "prvs=", "btv1=", "msprvs1="];

/// Returns the addresses that a refusal's text names as refused, each once, a few at most.
#[must_use]
pub fn refused(text: &str) -> Vec<Mailbox> {
    let (text, _) = head(text);
    let mut named: Vec<Mailbox> = Vec::new();
    let mut end = 0;
    for (at, _) in text.match_indices('@') {
        if at < end || named.len() == MOST_NAMED {
            continue;
        }
        let mention = Mention::read(text, end, at);
        end = mention.end;
        let Some(mailbox) = mention.mailbox() else {
            continue;
        };
        if mention.is_refused(&mailbox) && !named.contains(&mailbox) {
            named.push(mailbox);
        }
    }
    named
}

/// A text that looks like an address, and the text around it.
struct Mention<'a> {
    local: &'a str,
    domain: &'a str,
    /// The text since the address before this one.
    before: &'a str,
    after: &'a str,
    end: usize,
}

impl<'a> Mention<'a> {
    fn read(text: &'a str, from: usize, at: usize) -> Self {
        let before_at = text.get(from..at).unwrap_or_default();
        let after_at = text.get(at + 1..).unwrap_or_default();
        let local = before_at.trim_end_matches(is_of_local);
        let (before, local) = before_at.split_at(local.len());
        let quotes = |c| matches!(c, '\'' | '`');
        let local = local.trim_start_matches(quotes);
        let rest = after_at.trim_start_matches(is_of_domain);
        let (domain, _) = after_at.split_at(after_at.len() - rest.len());
        // In `to=kim@mail.test`, the key stands before the address.
        let keyed = local.rsplit_once('=').filter(|(key, _)| is_key(key));
        let (before, local) = match keyed {
            Some((_, value)) => {
                let equals = before_at.len().saturating_sub(value.len() + 1);
                (before_at.get(..equals).unwrap_or(before), value)
            }
            None => (before, local),
        };
        Self {
            local,
            domain: domain.trim_end_matches(['.', '-']),
            before,
            after: rest,
            end: at + 1 + domain.len(),
        }
    }

    /// Returns the mailbox. Returns `None` if it cannot be an address on the internet.
    fn mailbox(&self) -> Option<Mailbox> {
        let (_, top) = self.domain.rsplit_once('.')?;
        let is_top = top.len() > 1 && !top.bytes().all(|b| b.is_ascii_digit());
        let is_short = self.local.len() <= LOCAL_BYTES && self.domain.len() <= DOMAIN_BYTES;
        (is_top && is_short).then(|| Mailbox::of(self.local, self.domain))?
    }

    fn is_refused(&self, mailbox: &Mailbox) -> bool {
        let words = words_before(self.before);
        let has = |count: usize, known: &[&str]| {
            let near = words.iter().rev().take(count);
            near.into_iter().any(|word| known.contains(&word.as_str()))
        };
        let is_of = words.last().is_some_and(|word| word == "of");
        let after = first(self.after);
        let (local, _) = mailbox.parts();
        let is_rewritten = REWRITTEN.iter().any(|start| local.starts_with(start));
        let is_sender =
            after.starts_with("sender") || has(2, SENDER) || (is_of && has(2, SENDER_OF));
        if is_rewritten || is_sender || self.is_in_url() {
            return false;
        }
        if has(2, RECIPIENT) {
            return true;
        }
        if has(6, CONTACT) {
            return false;
        }
        if has(2, USER) || REFUSED.iter().any(|words| after.starts_with(words)) {
            return true;
        }
        !has(2, ID) && !is_role(local) && !is_id(local)
    }

    fn is_in_url(&self) -> bool {
        let start = self.before.trim_end_matches(|c: char| !c.is_whitespace());
        let word = self.before.get(start.len()..).unwrap_or_default();
        word.contains("://") || self.local.contains("//") || self.local.starts_with("www.")
    }
}

fn is_of_local(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c) || is_letter(c)
}

fn is_of_domain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_') || is_letter(c)
}

fn is_letter(c: char) -> bool {
    !c.is_ascii() && c.is_alphanumeric()
}

fn is_key(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let is_sender = SENDER.contains(&key.as_str());
    is_sender
        || matches!(
            key.as_str(),
            "to" | "rcpt" | "recipient" | "email" | "address" | "addr"
        )
}

fn is_role(local: &str) -> bool {
    let name = local.split(['+', '=']).next().unwrap_or_default();
    let is_verp = ["bounce", "bounces"].iter().any(|role| {
        let rest = local.strip_prefix(role);
        rest.is_some_and(|rest| rest.starts_with(['-', '+', '.', '_']))
    });
    is_verp || ROLES.contains(&name)
}

/// Checks for a mail's id: it is longer than a name, and full of digits.
fn is_id(local: &str) -> bool {
    local.len() >= 24 && local.bytes().filter(u8::is_ascii_digit).count() >= 8
}

/// Returns the last words of the sentence before an address, in lower case, without punctuation.
fn words_before(text: &str) -> Vec<String> {
    let start = text.ceil_char_boundary(text.len().saturating_sub(AROUND_BYTES));
    let text = text.get(start..).unwrap_or_default();
    let text = text.trim_end_matches(|c: char| !c.is_alphanumeric());
    let sentence = [". ", "; ", "! "]
        .iter()
        .filter_map(|end| text.rfind(end))
        .max();
    let text = text.get(sentence.unwrap_or_default()..).unwrap_or_default();
    let is_between = |c: char| c.is_whitespace() || ":;,=<>()[]\"".contains(c);
    let words = text.split(is_between).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

/// Returns the text after an address, in lower case, from its first letter.
fn first(text: &str) -> String {
    let end = text.floor_char_boundary(AROUND_BYTES);
    let text = text.get(..end).unwrap_or_default();
    let text = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    text.to_lowercase()
}
