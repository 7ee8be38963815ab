//! Decides what a refusal says about the address: one verdict from whatever a provider sends.
//!
//! There are three layers of evidence:
//!
//! 1. The receiving server's own words and codes, if they clear the address. A code never condemns
//!    against words about a rate, a sender, a blocklist, a resolver or a full mailbox, and neither
//!    does a provider's "hard".
//! 2. The provider's class and category.
//! 3. The enhanced status code (RFC 3463, carried in replies by RFC 2034), the SMTP reply code
//!    (RFC 5321) and the words. `x.0.0`, `x.3.0`, `x.5.0` and a bare 550, 552 or 554 say nothing.
//!
//! A `Hard` verdict suppresses the address, so doubt never ends in `Hard`. A refusal for
//! reputation, content or policy is `Block`, an unexplained 550 is `Undetermined`, and nothing
//! temporary is `Hard`.
//!
//! `code` finds the codes in a text, and `reading` its words. `rules` says what the codes mean, and
//! `phrases` and `tongues` what the words mean.
//!
//! The code is pure, does not panic on any text, and is linear: no more than the first 2 KiB are
//! read.

mod code;
mod lists;
mod phrases;
mod reading;
mod rules;
mod tongues;
mod vocabulary;
mod words;

pub use self::code::EnhancedCode;
pub use self::lists::listed;
pub use self::vocabulary::{Category, Class};

/// What is known about a refusal. Leave out what the provider does not say: `None` is filled from
/// the other evidence, `Some(Category::Unknown)` is not.
///
/// It has no `Debug`, because the text mostly names the recipient.
#[derive(Clone, Copy, Default)]
pub struct Evidence<'a> {
    /// The provider's own class. A `Hard` stands unless the server or the provider's category says
    /// something else.
    pub class: Option<Class>,
    /// The provider's own category.
    pub category: Option<Category>,
    /// The enhanced status code, from a field of its own and not from text.
    pub enhanced_code: Option<EnhancedCode>,
    /// The SMTP reply code, from a field of its own. A number that cannot be an SMTP refusal or
    /// success (Mailgun's 605, a 0) counts as not given.
    pub smtp_code: Option<u16>,
    /// The receiving server's answer, or whatever the provider says instead.
    pub text: Option<&'a str>,
    /// Whether the text is a sentence of the provider's own. If so, it is told as the reason, but
    /// it is no evidence.
    pub is_providers_sentence: bool,
}

/// The result of the evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What the refusal says about the address.
    pub class: Class,
    /// Why it was refused.
    pub category: Category,
    /// The SMTP reply code (RFC 5321, 4.2): from its field, or else from the text.
    pub smtp_code: Option<u16>,
    /// The enhanced status code (RFC 3463): from its field, or else from the text. If the field's
    /// code says nothing, the text's code is used.
    pub enhanced_code: Option<EnhancedCode>,
}

/// Weighs the evidence. The verdict is `Hard` only if nothing clears the address.
#[must_use]
pub fn judge(evidence: &Evidence<'_>) -> Verdict {
    let text = evidence.text.filter(|_| !evidence.is_providers_sentence);
    let text = code::head(text.unwrap_or_default());
    let given = evidence
        .smtp_code
        .filter(|code| matches!(code, 200..=299 | 400..=599));
    let read = code::read(text, given);
    let smtp_code = given.or(read.smtp);
    let enhanced_code = match (evidence.enhanced_code, read.enhanced) {
        (Some(field), Some(said)) if field.says_nothing() && field.class() == said.class() => {
            Some(said)
        }
        (field, said) => field.or(said),
    };

    let words = words::Words::new(text);
    let find = |code| rules::find(code, smtp_code, &words);
    let found = match (find(enhanced_code), read.enhanced) {
        // If the server's own code clears the address, it wins over the field's: providers
        // translate codes, not always well.
        (condemned @ Some((_, Class::Hard)), Some(said)) => find(Some(said))
            .filter(|(_, class)| class.clears())
            .or(condemned),
        (found, _) => found,
    };
    let (found, found_class) = match found {
        // A temporary reply code makes it temporary, whatever the rest says.
        Some((category, Class::Hard)) if smtp_code.is_some_and(|code| code / 100 == 4) => {
            (category, Class::Soft)
        }
        Some(found) => found,
        None if enhanced_code.is_none() && smtp_code.is_none() => {
            (Category::Unknown, Class::Undetermined)
        }
        None => (Category::Generic, Class::Undetermined),
    };

    let implied = evidence
        .category
        .map_or(Class::Undetermined, Category::class);
    let class = match evidence.class {
        Some(class) if class != Class::Hard => class,
        _ if found_class.clears() => found_class,
        _ if implied.clears() => implied,
        Some(class) => class,
        None if found_class == Class::Hard => found_class,
        None => implied,
    };
    let category = match evidence.category {
        // The provider condemned, and the server says why it should not have.
        Some(said) if said.class() == Class::Hard && class.clears() => Some(found)
            .filter(|found| found.class().clears())
            .unwrap_or(said),
        Some(said) => said,
        None => found,
    };
    Verdict {
        class,
        category,
        smtp_code,
        enhanced_code,
    }
}
