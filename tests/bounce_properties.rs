//! What holds for every refusal, whoever wrote it.

use std::ops::RangeInclusive;

use proptest::prelude::*;
use shared::bounce::{Category, Class, EnhancedCode, Evidence, Verdict, judge};
use tests::CATEGORIES;
use tests::laws::judged_fairly;

fn read(text: &str) -> Verdict {
    judge(&Evidence {
        text: Some(text),
        ..Evidence::default()
    })
}

fn codes(text: &str) -> (Option<u16>, Option<EnhancedCode>) {
    let verdict = read(text);
    (verdict.smtp_code, verdict.enhanced_code)
}

/// Anything, and the stuff that answers are made of in any order.
fn text() -> impl Strategy<Value = String> {
    #[rustfmt::skip]
    let pieces = prop::sample::select(vec![
        "550", "450", "421", "554", "552", "5.1.1", "4.2.2", "5.7.1", "4.94.2", "2.10.1", "5.1.1.10", "192.0.2.1", "smtp;", "said:",
        " ", "-", ".", ":", "(", "[", "#", "/", "@", "\r\n", "\n", "user unknown", "spam", "relay", "blocked using", "mailbox full",
        "greylist", "Exim", "version", "host", "ü", "用", "\u{0}", "5", "1", "does not exist", "virus", "dkim", "code", "status=",
    ]);
    prop_oneof![
        any::<String>(),
        prop::collection::vec(pieces, 0..24).prop_map(|pieces| pieces.concat())
    ]
}

fn class() -> impl Strategy<Value = Class> {
    prop::sample::select(vec![
        Class::Hard,
        Class::Soft,
        Class::Block,
        Class::Undetermined,
    ])
}

fn category() -> impl Strategy<Value = Category> {
    prop::sample::select(CATEGORIES)
}

fn smtp_code() -> impl Strategy<Value = u16> {
    prop_oneof![200u16..300, 400u16..600]
}

fn enhanced_code() -> impl Strategy<Value = EnhancedCode> {
    code_of(0..=999, 0..=999)
}

/// The codes that the rules know.
fn known_code() -> impl Strategy<Value = EnhancedCode> {
    code_of(0..=7, 0..=29).prop_filter("a refusal", |code| code.class() != 2)
}

fn code_of(
    subject: RangeInclusive<u16>,
    detail: RangeInclusive<u16>,
) -> impl Strategy<Value = EnhancedCode> {
    (prop::sample::select(vec![2, 4, 5]), subject, detail)
        .prop_filter_map("a code", |(class, subject, detail)| {
            EnhancedCode::new(class, subject, detail)
        })
}

fn clears(category: Category) -> bool {
    matches!(category.class(), Class::Soft | Class::Block)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_has_a_verdict(text in text(), times in 1usize..20) {
        read(&text);
        read(&text.repeat(times));
    }

    #[test]
    fn an_ip_address_is_no_code(ip in any::<[u8; 4]>(), after in "( |:|\\]|\\)| said no| \\w{0,9})") {
        let [a, b, c, d] = ip;
        for (a, b, c) in [(a, b, c), (4, 2, 2), (5, b % 8, c)] {
            for before in ["", "host ", "[", "(", "#", "status=", "code ", "said: ", "smtp;"] {
                let text = format!("{before}{a}.{b}.{c}.{d}{after}");
                prop_assert_eq!(codes(&text), (None, None), "{}", text);
            }
        }
    }

    #[test]
    fn an_ip_address_in_front_hides_no_code(ip in any::<[u8; 4]>(), code in known_code()) {
        let [a, b, c, d] = ip;
        let reply = u16::from(code.class()) * 100 + 50;
        let text = format!("host mx.mail.test[{a}.{b}.{c}.{d}] said: {reply} {code} no");
        prop_assert_eq!(codes(&text), (Some(reply), Some(code)));
    }

    #[test]
    fn a_code_behind_its_reply_code_is_found(code in enhanced_code(), gap in "( |-| \\[| #| \\(#)", rest in "( no| \\(no\\)|\\.|\\]|)") {
        let reply = u16::from(code.class()) * 100 + 50;
        prop_assert_eq!(codes(&format!("{reply}{gap}{code}{rest}")), (Some(reply), Some(code)));
    }

    #[test]
    fn a_code_reads_back_as_it_is_written(code in enhanced_code()) {
        prop_assert_eq!(EnhancedCode::parse(&code.to_string()), Some(code));
    }

    #[test]
    fn parse_takes_nothing_that_it_would_not_write(text in "[0-9.]{0,12}|\\PC{0,8}") {
        if let Some(code) = EnhancedCode::parse(&text) {
            prop_assert_eq!(code.to_string(), text);
        }
    }

    #[test]
    fn the_laws_hold_for_any_evidence(
        class in prop::option::of(class()),
        category in prop::option::of(category()),
        enhanced_code in prop::option::of(enhanced_code()),
        smtp_code in prop::option::of(smtp_code()),
        text in prop::option::of(text()),
        sentence in any::<bool>(),
    ) {
        let evidence = Evidence { class, category, enhanced_code, smtp_code, text: text.as_deref(), is_providers_sentence: sentence };
        judged_fairly(&evidence);
    }

    #[test]
    fn what_clears_the_address_is_never_hard(
        class in prop::option::of(class()),
        category in prop::option::of(category()),
        code in prop::option::of(known_code()),
        smtp_code in prop::option::of(smtp_code()),
        text in text(),
    ) {
        let verdict = judge(&Evidence { class, category, enhanced_code: code, smtp_code, text: Some(&text), is_providers_sentence: false });
        prop_assert!(verdict.class != Class::Hard || !clears(verdict.category), "{:?}", verdict);
    }

    #[test]
    fn a_policy_or_content_code_is_never_hard(subject in 6u16..8, detail in 0u16..=999, category in prop::option::of(category()), text in text()) {
        // A provider that says "no such mailbox" is no code, and neither are a server's words that
        // are never said about a mailbox that exists: "user ... does not exist" beside 5.7.1.
        let category = category.filter(|category| category.class() != Class::Hard);
        let is_denied = subject == 7 && text.contains("does not exist");
        let enhanced_code = EnhancedCode::new(5, subject, detail);
        let verdict = judge(&Evidence { category, enhanced_code, text: Some(&text), ..Evidence::default() });
        prop_assert!(verdict.class != Class::Hard || is_denied, "{:?}", verdict);
    }

    #[test]
    fn a_temporary_refusal_is_never_hard(code in 400u16..500, detail in 0u16..=999, subject in 0u16..10, text in text()) {
        let by_reply = judge(&Evidence { smtp_code: Some(code), text: Some(&text), ..Evidence::default() });
        let by_code = judge(&Evidence { enhanced_code: EnhancedCode::new(4, subject, detail), text: Some(&text), ..Evidence::default() });
        prop_assert_ne!(by_reply.class, Class::Hard);
        prop_assert_ne!(by_code.class, Class::Hard);
    }

    #[test]
    fn lines_after_the_first_change_no_code(code in known_code(), gap in "[ -]", words in "no[ a-z]{0,40}", junk in prop::collection::vec(text(), 0..4), long in 0usize..2200) {
        let reply = u16::from(code.class()) * 100 + 50;
        for first in [format!("{reply}{gap}{code} {words}"), format!("{reply} {words}"), format!("{code} {words}"), format!("{reply} {code}{}", " x".repeat(long / 2))] {
            let alone = codes(&first);
            prop_assert_eq!(codes(&format!("{first}\r\n{}", junk.join("\r\n"))), alone);
            prop_assert_eq!(codes(&format!("{first}\n{}", junk.join("\n").repeat(50))), alone);
        }
    }

    #[test]
    fn the_same_text_in_capitals_is_the_same_refusal(text in text()) {
        prop_assert_eq!(read(&text.to_ascii_uppercase()), read(&text.to_ascii_lowercase()));
    }
}

#[test]
fn every_category_has_its_own_word() {
    let words: std::collections::HashSet<_> = CATEGORIES
        .iter()
        .map(|category| category.as_str())
        .collect();
    assert_eq!(words.len(), 34);
    assert!(
        words
            .iter()
            .all(|word| word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
    );
}
