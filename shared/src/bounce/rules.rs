//! Says what the codes mean. These are tables with one line per rule, refined by words.

use super::code::EnhancedCode;
use super::vocabulary::Category::{
    self, Attachment, AuthFailure, Content, Dns, Expired, Generic, Greylisted, InactiveMailbox,
    InvalidAddress, InvalidDomain, InvalidRecipient, InvalidSender, MailboxFull, NoAnswer, Policy,
    Protocol, RateLimited, Relaying, Reputation, Routing, System, TooLarge, TooManyRecipients,
    Virus,
};
use super::vocabulary::Class::{self, Block, Hard, Soft, Undetermined};
use super::words::Words;

type Finding = (Category, Class);

/// The categories that make a temporary policy refusal more than a throttle.
const DEFERRAL_WORDS: &[Category] = &[
    Greylisted,
    RateLimited,
    Relaying,
    AuthFailure,
    Virus,
    Reputation,
];

/// Exchange Online's words for a recipient who is not in its directory ("directory based edge
/// blocking").
const NOT_IN_DIRECTORY: [&str; 2] = [
    "recipient address rejected access denied",
    "recipient addresses rejected access denied",
];

/// Words that are never said about a mailbox that exists, whatever the code. Yandex says 5.7.1 "No
/// such user!", qmail `no mailbox here by that name (#5.7.1)`.
const NO_MAILBOX: &[&str] = &[
    "no such user",
    "no such mailbox",
    "no such recipient",
    "no such account",
    "no such address",
    "no mailbox",
    "no mail-box",
    "recipient address rejected user unknown",
    "user does not exist",
    "user doesn't exist",
    "recipient does not exist",
    "recipient doesn't exist",
    "mailbox does not exist",
    "mailbox doesn't exist",
    "mailbox not found",
    "account does not exist",
    "account doesn't exist",
    "account deleted",
    "invalid-recipient",
    "inactive mailbox",
    "address rejected inactive",
    "not in recipient list",
    "address is marked as invalid",
];

/// The words of Docomo and au about mail that their filters refuse. They say it to the RCPT TO
/// command if a mailbox does not exist.
const FILTERED: [&str; 2] = [
    "unknown user in reply to end of data",
    "user unknown in reply to end of data",
];

/// Finds what a refusal says, from the code that says most.
pub(super) fn find(
    enhanced: Option<EnhancedCode>,
    smtp: Option<u16>,
    words: &Words,
) -> Option<Finding> {
    enhanced
        .and_then(|code| by_enhanced(code, words))
        .or_else(|| smtp.and_then(|code| by_reply(code, words)))
        .or_else(|| by_words(words))
}

/// Reads an enhanced code by RFC 3463 and the IANA registry of its codes. Returns `None` if the
/// code leaves it to the reply code and the words.
#[expect(clippy::match_same_arms, reason = "a table: one line per rule")]
fn by_enhanced(code: EnhancedCode, words: &Words) -> Option<Finding> {
    let or = |among: &[Category], default: Category| words.first_of(among).unwrap_or(default);
    let condemned = |default: Category| words.condemn().unwrap_or(default);

    Some(match (code.class(), code.subject(), code.detail()) {
        // Mailbox, system and protocol trouble is the same for temporary and permanent codes.
        (4 | 5, 1, 90) | (4 | 5, 2, 121 | 122) => (RateLimited, Soft), // Exchange Online
        // Exchange: "submission quota exceeded"
        (4 | 5, 2, 2) => (or(&[RateLimited], MailboxFull), Soft),
        (4 | 5, 2, 3) | (4 | 5, 3, 4) => (TooLarge, Soft),
        (4 | 5, 4, 7) => (Expired, Soft),
        (4 | 5, 4, 312) => (Dns, Soft), // Exchange Online: "DNS query failed"
        (4 | 5, 6, _) => (or(&[Virus, Attachment], Content), Block),

        // Temporary: Soft, whatever the words.
        (4, 5, 3) => (TooManyRecipients, Soft),
        // Servers use 4.2.0, 4.3.0, 4.7.1 ...
        (4, ..) if words.first_of(&[Greylisted]).is_some() => (Greylisted, Soft),
        (4, 1, 0 | 1 | 4 | 6) => (InvalidRecipient, Soft),
        (4, 1, 2 | 10) => (InvalidDomain, Soft),
        (4, 1, 3) => (InvalidAddress, Soft),
        (4, 1, 7 | 8) => (InvalidSender, Soft),
        // Gmail: "receiving mail at a rate that prevents ..."
        (4, 2, 1) => (or(&[RateLimited], InactiveMailbox), Soft),
        (4, 2, 4) | (4, 3, _) | (4, 4, 5) => (System, Soft),
        (4, 4, 1 | 2) => (NoAnswer, Soft),
        (4, 4, 3 | 4 | 6 | 8) => (Routing, Soft),
        (4, 4, _) => (words.first().unwrap_or(Routing), Soft),
        (4, 5, _) => (Protocol, Soft),
        (4, 7, 9 | 20..=28) => (or(&[RateLimited], AuthFailure), Soft), // Gmail: 4.7.28 is a rate
        // An unexplained deferral mostly is a throttle.
        (4, 7, _) => (or(DEFERRAL_WORDS, RateLimited), Soft),
        (4, ..) => (words.first().unwrap_or(Generic), Soft),

        // Permanent: the address.
        // This is the "other address status", which is not always the recipient's.
        (5, 1, 0) => bad(condemned(InvalidRecipient), words),
        (5, 1, 1 | 4 | 6) => bad(InvalidRecipient, words),
        // Exchange Online: 5.4.310
        (5, 1, 2) | (5, 4, 4 | 310) => bad(condemned(InvalidDomain), words),
        (5, 1, 3) => bad(condemned(InvalidAddress), words),
        (5, 1, 7 | 8) => (InvalidSender, Block),
        // RFC 7505 null MX; Exchange: RecipientNotFound
        (5, 1, 10) => bad(condemned(InvalidDomain), words),
        // Permanent: the mailbox. Docomo says 5.2.0 "Unknown user" of mail that its filters refuse:
        // no doubt ends in Hard.
        (5, 2, 0) => match words.clear() {
            None if deny_mailbox(words) => (InvalidRecipient, Hard),
            None if words.condemn().is_some() => (InvalidRecipient, Undetermined),
            cleared => natural(cleared.or(words.may_clear())).unwrap_or((Generic, Soft)),
        },
        (5, 2, 1) => bad(InactiveMailbox, words),
        (5, 2, 4) | (5, 4, 5) => (System, Soft),
        // Permanent: the way there.
        (5, 4, 1) if are_not_in_directory(words) => bad(InvalidRecipient, words),
        (5, 4, 1 | 2) => by_words(words).unwrap_or((NoAnswer, Soft)),
        (5, 4, 3 | 6 | 8) => (Routing, Soft),
        (5, 4, 300 | 316..=318) => (or(&[Expired], NoAnswer), Soft), // Exchange Online
        // chkuser: rcpthosts
        (5, 5, 3) => natural(words.first_of(&[Relaying])).unwrap_or((TooManyRecipients, Soft)),
        // "Other or undefined", of the mail system and of the protocol: says nothing.
        (5, 3 | 5, 0) => return None,
        (5, 3, _) => sure(words).unwrap_or((System, Soft)),
        (5, 5, _) => sure(words).unwrap_or((Protocol, Soft)),
        // Permanent: policy. Here "user unknown" may be unknown to the policy.
        (5, 7, 9 | 20..=28) => (AuthFailure, Block),
        (5, 7, _) => match words.clear().or(words.may_clear()) {
            None if deny_mailbox(words) => (words.condemn().unwrap_or(InvalidRecipient), Hard),
            None if matches!(words.condemn(), Some(InvalidRecipient | InactiveMailbox)) => {
                (InvalidRecipient, Undetermined)
            }
            cleared => natural(cleared).unwrap_or((Policy, Block)),
        },
        _ => return None,
    })
}

/// Reads a reply code by RFC 5321, 4.2.3, for servers without enhanced codes. The words decide: a
/// bare 550, 552 or 554 says nothing.
fn by_reply(code: u16, words: &Words) -> Option<Finding> {
    Some(match code {
        400..=499 => (words.first().unwrap_or(Generic), Soft),
        556 => bad(condemned_domain(words), words), // RFC 7504: the domain accepts no mail
        // These are about who logs in, and that is the sender.
        530 | 534 | 535 | 538 => {
            natural(words.clear().or(words.may_clear())).unwrap_or((Policy, Block))
        }
        500..=504 | 555 => by_words(words).unwrap_or((Protocol, Soft)),
        505..=599 => by_words(words)?,
        _ => return None,
    })
}

fn condemned_domain(words: &Words) -> Category {
    words.condemn().unwrap_or(InvalidDomain)
}

/// Reads the words beside a code that says nothing, or without any code.
fn by_words(words: &Words) -> Option<Finding> {
    if FILTERED.iter().any(|phrase| words.say(phrase)) {
        return Some((Policy, Block));
    }
    let temporary = words.are_temporary().then_some((System, Soft));
    sure(words)
        .or(temporary)
        .or_else(|| natural(words.may_condemn()))
}

/// Reads the words that need no code to be believed.
fn sure(words: &Words) -> Option<Finding> {
    natural(words.clear())
        .or_else(|| words.condemn().map(|category| condemn(category, words)))
        .or_else(|| natural(words.may_clear()))
}

fn are_not_in_directory(words: &Words) -> bool {
    NOT_IN_DIRECTORY.iter().any(|phrase| words.say(phrase))
}

/// Checks whether the words say that there is no mailbox, and nothing else.
fn deny_mailbox(words: &Words) -> bool {
    let is_doubtful = words.may_clear().is_some() || words.are_temporary();
    !is_doubtful && NO_MAILBOX.iter().any(|phrase| words.say(phrase))
}

/// Returns the finding for a code that condemns, unless the words clear the address.
fn bad(category: Category, words: &Words) -> Finding {
    let condemned = words
        .condemn()
        .map(|said| (category, condemn(said, words).1));
    let condemned = condemned.or(are_not_in_directory(words).then_some((category, Hard)));
    let temporary = words.are_temporary().then_some((category, Soft));
    let condemned_after_all = words.may_condemn().map(|_| (category, Hard));
    natural(words.clear())
        .or(condemned)
        .or(temporary)
        .or(condemned_after_all)
        .or_else(|| natural(words.may_clear()))
        .unwrap_or((category, category.class()))
}

/// Returns the finding for a category that condemns. A mailbox that is disabled for now is not
/// lost.
fn condemn(category: Category, words: &Words) -> Finding {
    if category == InactiveMailbox && words.are_temporary() {
        (category, Soft)
    } else {
        (category, category.class())
    }
}

fn natural(category: Option<Category>) -> Option<Finding> {
    category.map(|category| (category, category.class()))
}
