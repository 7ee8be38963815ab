//! What a refusal says of the address: one verdict from whatever a provider hands over.
//!
//! There are three layers of evidence. The receiving server's own words and codes come first where
//! they clear the address: a code never condemns against words about a rate, a sender, a blocklist,
//! a resolver or a full mailbox, and no "hard" of the provider's does. Then the provider's class
//! and category, the enhanced status code (RFC 3463, carried in replies by RFC 2034), the SMTP
//! reply code (RFC 5321) and the words. `x.0.0`, `x.3.0`, `x.5.0` and a bare 550, 552 or 554 say
//! nothing. A `Hard` verdict suppresses the address, so doubt never ends in `Hard`: a refusal for
//! reputation, content or policy is `Block`, an unexplained 550 is `Undetermined`, and nothing
//! temporary is `Hard`.
//!
//! `code` finds the codes in a text, `reading` its words, `rules` says what the codes mean,
//! `phrases` and `tongues` what the words mean. Pure, no panic on any text, and linear: no more
//! than the first 2 KiB are read.

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

/// What is known of a refusal. Leave out what the provider does not say: `None` is filled from the
/// other evidence, `Some(Category::Unknown)` is not. No `Debug`: the text mostly names the
/// recipient.
#[derive(Clone, Copy, Default)]
pub struct Evidence<'a> {
    /// The provider's own class. A `Hard` stands unless the server or the provider's category says
    /// something else.
    pub class: Option<Class>,
    /// The provider's own category.
    pub category: Option<Category>,
    /// From a field of its own, not from text.
    pub enhanced_code: Option<EnhancedCode>,
    /// From a field of its own. What cannot be an SMTP refusal or success (Mailgun's 605, a 0)
    /// counts as not given.
    pub smtp_code: Option<u16>,
    /// The receiving server's answer, or whatever the provider says in its place.
    pub text: Option<&'a str>,
    /// The text is a sentence of the provider's own: it is told as the reason, and is no evidence.
    pub is_providers_sentence: bool,
}

/// What the evidence comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What the refusal says of the address.
    pub class: Class,
    /// Why it was refused.
    pub category: Category,
    /// SMTP reply code (RFC 5321, 4.2): from its field, else from the text.
    pub smtp_code: Option<u16>,
    /// Enhanced status code (RFC 3463): from its field, else from the text; from the text, too,
    /// where the field's says nothing.
    pub enhanced_code: Option<EnhancedCode>,
}

/// Weighs the evidence. `Hard` stands only where nothing clears the address.
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
        // The server's own code clears against the field: providers translate codes, not always
        // well.
        (condemned @ Some((_, Class::Hard)), Some(said)) => find(Some(said))
            .filter(|(_, class)| class.clears())
            .or(condemned),
        (found, _) => found,
    };
    let (found, found_class) = match found {
        // Temporary, whatever the rest says.
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
