//! What the codes mean: tables, one line per rule, refined by words.

use super::Category::{
    self, Attachment, AuthFailure, Content, Expired, Generic, Greylisted, InactiveMailbox,
    InvalidAddress, InvalidDomain, InvalidRecipient, InvalidSender, MailboxFull, NoAnswer, Policy,
    Protocol, RateLimited, Relaying, Reputation, Routing, System, TooLarge, TooManyRecipients,
    Virus,
};
use super::Class::{self, Block, Hard, Soft, Undetermined};
use super::EnhancedCode;
use super::words::Words;

type Finding = (Category, Class);

/// What makes a policy refusal more than `Policy`.
const POLICY_WORDS: &[Category] = &[
    Greylisted,
    Relaying,
    AuthFailure,
    Virus,
    Attachment,
    Reputation,
    Content,
];
/// The same while the server may change its mind.
const DEFERRAL_WORDS: &[Category] = &[
    Greylisted,
    RateLimited,
    Relaying,
    AuthFailure,
    Virus,
    Reputation,
];
/// A 552 is about size (RFC 5321), unless the words say that it is not.
const STORAGE_WORDS: &[Category] = &[
    Greylisted,
    RateLimited,
    AuthFailure,
    Virus,
    Attachment,
    Reputation,
    Content,
    TooManyRecipients,
    TooLarge,
];

/// Whose address, and is it about an address at all: "553 5.1.0 sender rejected", "550 5.1.0 blocked".
const ADDRESS_WORDS: &[Category] = &[InvalidSender, InvalidRecipient, Reputation];

/// RFC 3463 and the IANA registry of its codes. `None` where the code leaves it to the reply code and the words.
#[expect(clippy::match_same_arms, reason = "a table: one line per rule")]
pub(super) fn by_enhanced(code: EnhancedCode, words: &Words) -> Option<Finding> {
    let or = |among: &[Category], default: Category| words.first_of(among).unwrap_or(default);
    let natural = |category: Category| (category, category.class());

    Some(match (code.class(), code.subject(), code.detail()) {
        // Mailbox, system and protocol trouble: the same for temporary and permanent.
        (4 | 5, 2, 2) => (MailboxFull, Soft),
        (4 | 5, 2, 3) | (4 | 5, 3, 4) => (TooLarge, Soft),
        (4 | 5, 4, 7) => (Expired, Soft),
        (4 | 5, 5, 3) => (TooManyRecipients, Soft),
        (4 | 5, 6, _) => (or(&[Virus, Attachment], Content), Block),

        // Temporary: Soft, whatever the words.
        (4, ..) if words.mean(Greylisted) => (Greylisted, Soft), // servers use 4.2.0, 4.3.0, 4.7.1 ...
        (4, 1, 0 | 1 | 4 | 6) => (InvalidRecipient, Soft),
        (4, 1, 2 | 10) => (InvalidDomain, Soft),
        (4, 1, 3) => (InvalidAddress, Soft),
        (4, 1, 7 | 8) => (InvalidSender, Soft),
        (4, 2, 1) => (or(&[RateLimited], InactiveMailbox), Soft), // Gmail: "receiving mail at a rate that prevents ..."
        (4, 2, 4) | (4, 3, _) | (4, 4, 5) => (System, Soft),
        (4, 4, 1 | 2) => (NoAnswer, Soft),
        (4, 4, 3 | 4 | 6 | 8) => (Routing, Soft),
        (4, 4, _) => (words.first().unwrap_or(Routing), Soft),
        (4, 5, _) => (Protocol, Soft),
        (4, 7, 9 | 20..=28) => (or(&[RateLimited], AuthFailure), Soft), // Gmail: 4.7.28 is a rate
        (4, 7, _) => (or(DEFERRAL_WORDS, RateLimited), Soft), // a throttle is what an unexplained deferral mostly is
        (4, ..) => (words.first().unwrap_or(Generic), Soft),

        // Permanent: the address.
        (5, 1, 0) => natural(or(ADDRESS_WORDS, InvalidRecipient)), // "other address status": not always the recipient's
        (5, 1, 1 | 4 | 6) => (InvalidRecipient, Hard),
        (5, 1, 2) | (5, 4, 4 | 310) => (InvalidDomain, Hard), // Exchange Online: 5.4.310
        (5, 1, 3) => (InvalidAddress, Hard),
        (5, 1, 7 | 8) => (InvalidSender, Block),
        (5, 1, 10) => natural(or(&[InvalidRecipient], InvalidDomain)), // RFC 7505 null MX; Exchange: RecipientNotFound
        // Permanent: the mailbox.
        (5, 2, 0) => (Generic, Soft),
        (5, 2, 1) => natural(or(&[RateLimited], InactiveMailbox)), // Gmail has its rate refusal here, too
        (5, 2, 4) | (5, 3, _) | (5, 4, 5) => (System, Soft),
        // Permanent: the way there. Exchange Online says 5.4.1 for a recipient who is not in its directory (DBEB).
        (5, 4, 1) if words.say("recipient address rejected: access denied") => {
            (InvalidRecipient, Hard)
        }
        (5, 4, 1 | 2) => (NoAnswer, Soft),
        (5, 4, 3 | 6 | 8) => (Routing, Soft),
        (5, 5, 0) if words.mean(InvalidRecipient) => (InvalidRecipient, Hard), // "other protocol status"
        (5, 5, _) => (Protocol, Soft),
        // Permanent: policy. Never Hard: here "user unknown" means unknown to the policy.
        (5, 7, 9 | 20..=28) => (AuthFailure, Block),
        (5, 7, _) => natural(or(POLICY_WORDS, Policy)),
        _ => return None,
    })
}

/// RFC 5321, 4.2.3, for servers without enhanced codes: mostly the words decide.
pub(super) fn by_reply(code: u16, words: &Words) -> Option<Finding> {
    let category = match code {
        400..=499 => return Some((words.first().unwrap_or(Generic), Soft)),
        552 => words.first_of(STORAGE_WORDS).unwrap_or(MailboxFull),
        556 => InvalidDomain, // RFC 7504: the domain accepts no mail
        554 | 530 | 534 | 535 | 538 => words.first().unwrap_or(Policy),
        500..=504 | 555 => words.first().unwrap_or(Protocol),
        505..=599 => match words.first() {
            Some(category) => category,
            None => return Some((Generic, Undetermined)),
        },
        _ => return None,
    };
    Some((category, category.class()))
}
