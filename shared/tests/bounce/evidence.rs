//! How the evidence of a refusal is weighed: fields, texts, and what clears an address.

use shared::bounce::{Category, Class, EnhancedCode, Evidence, judge};

use Category::*;
use Class::*;

fn code(text: &str) -> Option<EnhancedCode> {
    EnhancedCode::parse(text)
}

#[test]
fn stronger_evidence_wins_and_weaker_fills_the_gaps() {
    let text = Some("550 5.1.1 user unknown");
    let none = Evidence::default();
    #[rustfmt::skip]
    let cases = [
        // the provider's class, the text's category
        (Evidence { class: Some(Soft), text, ..none }, Soft, InvalidRecipient, Some(550), "5.1.1"),
        (Evidence { class: Some(Hard), text: Some("550 5.7.1 no"), ..none }, Block, Policy, Some(550), "5.7.1"), // not against the server
        // the provider's category, the text's class, but no Hard against either
        (Evidence { category: Some(Reputation), text, ..none }, Block, Reputation, Some(550), "5.1.1"),
        (Evidence { category: Some(MailboxFull), text, ..none }, Soft, MailboxFull, Some(550), "5.1.1"),
        (Evidence { category: Some(InvalidRecipient), text: Some("550 5.7.1 no"), ..none }, Block, Policy, Some(550), "5.7.1"),
        (Evidence { category: Some(InvalidRecipient), text: Some("450 4.2.0 no"), ..none }, Soft, InvalidRecipient, Some(450), "4.2.0"),
        (Evidence { category: Some(InvalidRecipient), text: Some("550 no"), ..none }, Hard, InvalidRecipient, Some(550), ""),
        (Evidence { category: Some(SuppressedBounce), text, ..none }, Hard, SuppressedBounce, Some(550), "5.1.1"),
        (Evidence { category: Some(SuppressedBounce), ..none }, Undetermined, SuppressedBounce, None, ""),
        (Evidence { category: Some(Generic), text, ..none }, Hard, Generic, Some(550), "5.1.1"),
        // the provider's hard, against the server and where it says nothing
        (Evidence { class: Some(Hard), text: Some("552 5.2.2 over quota"), ..none }, Soft, MailboxFull, Some(552), "5.2.2"),
        (Evidence { class: Some(Hard), text: Some("550 5.5.0 mailbox unavailable"), ..none }, Hard, InvalidRecipient, Some(550), "5.5.0"),
        (Evidence { class: Some(Hard), text: Some("550 5.0.0 refused"), ..none }, Hard, Generic, Some(550), "5.0.0"),
        (Evidence { class: Some(Hard), text: Some("552 refused"), ..none }, Hard, Generic, Some(552), ""),
        (Evidence { class: Some(Hard), category: Some(Reputation), ..none }, Block, Reputation, None, ""),
        (Evidence { class: Some(Block), text, ..none }, Block, InvalidRecipient, Some(550), "5.1.1"),
        (Evidence { category: Some(InvalidRecipient), text: Some("550 5.1.1 over quota"), ..none }, Soft, MailboxFull, Some(550), "5.1.1"),
        // a sentence of the provider's own
        (Evidence { class: Some(Hard), text: Some("bad for your reputation as a sender"), is_providers_sentence: true, ..none }, Hard, Unknown, None, ""),
        (Evidence { text, is_providers_sentence: true, ..none }, Undetermined, Unknown, None, ""),
        // a code that says nothing hides none; another code of the server clears
        (Evidence { enhanced_code: code("5.0.0"), text: Some("550 #5.1.0 Address rejected."), ..none }, Hard, InvalidRecipient, Some(550), "5.1.0"),
        (Evidence { enhanced_code: code("5.0.0"), text: Some("550 5.7.1 cannot determine"), ..none }, Block, Policy, Some(550), "5.7.1"),
        (Evidence { enhanced_code: code("5.5.0"), text: Some("550 5.5.0 no"), ..none }, Undetermined, Generic, Some(550), "5.5.0"),
        (Evidence { enhanced_code: code("5.1.1"), text: Some("550 5.7.1 no"), ..none }, Block, Policy, Some(550), "5.1.1"),
        (Evidence { enhanced_code: code("5.1.1"), smtp_code: Some(450), ..none }, Soft, InvalidRecipient, Some(450), "5.1.1"),
        // codes from their own fields, against the text
        (Evidence { enhanced_code: code("5.2.2"), text, ..none }, Soft, MailboxFull, Some(550), "5.2.2"),
        (Evidence { smtp_code: Some(450), text, ..none }, Soft, InvalidRecipient, Some(450), ""),
        (Evidence { smtp_code: Some(550), text: Some("5.1.1 no"), ..none }, Hard, InvalidRecipient, Some(550), "5.1.1"),
        (Evidence { smtp_code: Some(550), text: Some("450 no"), ..none }, Undetermined, Generic, Some(550), ""),
        (Evidence { smtp_code: Some(605), text, ..none }, Hard, InvalidRecipient, Some(550), "5.1.1"), // Mailgun's own: no SMTP code
        (Evidence { smtp_code: Some(0), ..none }, Undetermined, Unknown, None, ""),
        (Evidence { enhanced_code: code("2.0.0"), ..none }, Undetermined, Generic, None, "2.0.0"),
        (Evidence { enhanced_code: code("4.0.0"), ..none }, Soft, Generic, None, "4.0.0"),
    ];
    for (evidence, class, category, smtp, enhanced) in cases {
        let verdict = judge(&evidence);
        assert_eq!(
            (
                verdict.class,
                verdict.category,
                verdict.smtp_code,
                verdict.enhanced_code
            ),
            (class, category, smtp, code(enhanced)),
            "{:?} {:?} {:?}",
            evidence.category,
            evidence.smtp_code,
            evidence.text
        );
    }
}

#[test]
fn an_enhanced_code_is_what_rfc_3463_says() {
    for good in ["2.0.0", "4.2.2", "5.1.10", "5.999.999"] {
        assert_eq!(
            code(good).map(|code| code.to_string()).as_deref(),
            Some(good)
        );
    }
    #[rustfmt::skip]
    let bad = ["", "5", "5.1", "5.1.", "3.1.1", "1.1.1", "5.1.1.1", "5.01.1", "5.1.00", "05.1.1", "5.1000.1", "5.1.1 ", " 5.1.1", "5.1.x", "5,1,1", "五.1.1"];
    for bad in bad {
        assert_eq!(code(bad), None, "{bad}");
    }
}

#[test]
fn every_row_of_the_table_holds_without_words() {
    #[rustfmt::skip]
    let rows = [
        ("5.1.0 5.1.1 5.1.4 5.1.6", Hard, InvalidRecipient),
        ("5.1.2 5.1.10 5.4.4 5.4.310", Hard, InvalidDomain),
        ("5.1.3", Hard, InvalidAddress),
        ("5.1.7 5.1.8", Block, InvalidSender),
        ("5.2.0", Soft, Generic), // "mailbox_error"
        ("5.2.1", Hard, InactiveMailbox),
        ("4.2.2 5.2.2", Soft, MailboxFull),
        ("4.2.3 5.2.3 4.3.4 5.3.4", Soft, TooLarge),
        ("5.2.4 4.2.4", Soft, System), // "list_expansion"
        ("4.3.1 5.3.1", Soft, System), // "system_full"
        ("4.3.0 4.3.2 5.3.3 5.3.5 5.3.99 4.4.5 5.4.5", Soft, System),
        ("4.4.1 4.4.2 5.4.1 5.4.2", Soft, NoAnswer),
        ("4.4.0 4.4.3 4.4.4 4.4.6 4.4.8 5.4.3 5.4.6 5.4.8", Soft, Routing),
        ("4.4.7 5.4.7", Soft, Expired),
        ("4.4.312 5.4.312", Soft, Dns), // Exchange Online, as the next
        ("5.1.90 5.2.121 5.2.122", Soft, RateLimited),
        ("5.4.300 5.4.316 5.4.317 5.4.318", Soft, NoAnswer),
        ("4.5.3 5.5.3", Soft, TooManyRecipients),
        ("4.5.0 5.5.1 5.5.2 5.5.4 4.5.99", Soft, Protocol),
        ("4.6.0 5.6.0 5.6.1 5.6.9", Block, Content),
        ("5.7.0 5.7.1 5.7.2 5.7.8 5.7.10 5.7.19 5.7.29 5.7.606", Block, Policy),
        ("5.7.9 5.7.20 5.7.21 5.7.22 5.7.23 5.7.24 5.7.25 5.7.26 5.7.27 5.7.28", Block, AuthFailure),
        ("4.7.0 4.7.1 4.7.500", Soft, RateLimited),
        ("4.7.9 4.7.20 4.7.26", Soft, AuthFailure),
        ("4.1.1", Soft, InvalidRecipient),
        ("4.1.2 4.1.10", Soft, InvalidDomain),
        ("4.1.3", Soft, InvalidAddress),
        ("4.1.7 4.1.8", Soft, InvalidSender),
        ("4.2.1", Soft, InactiveMailbox),
        ("4.0.0 4.1.5 4.2.0 4.8.1 4.999.999", Soft, Generic),
        ("5.0.0 5.3.0 5.5.0 5.1.5 5.1.9 5.2.5 5.4.0 5.4.14 5.8.1 5.999.999 2.1.5", Undetermined, Generic),
    ];
    for (codes, class, category) in rows {
        for text in codes.split(' ') {
            let verdict = judge(&Evidence {
                enhanced_code: code(text),
                ..Evidence::default()
            });
            assert_eq!(
                (verdict.class, verdict.category),
                (class, category),
                "{text}"
            );
        }
    }
}

#[test]
fn a_text_is_read_to_2_kib() {
    let text = format!("{}\n550 5.1.1 user unknown", "x ".repeat(1024));
    let verdict = judge(&Evidence {
        text: Some(&text),
        ..Evidence::default()
    });
    assert_eq!((verdict.category, verdict.smtp_code), (Unknown, None));
}

#[test]
fn a_code_cut_by_the_limit_is_not_read() {
    // The IP address crosses the limit of 2 KiB: its first half must not pass for a code.
    for padding in 2030..2050 {
        let text = format!("{} (5.1.1.10)", "x".repeat(padding));
        let verdict = judge(&Evidence {
            text: Some(&text),
            ..Evidence::default()
        });
        assert_eq!(verdict.enhanced_code, None, "{padding}");
    }
}

/// What a provider says of a message that it did not send: of the recipient only where it says so.
#[test]
fn a_provider_that_did_not_send_speaks_of_the_recipient_only_where_it_says_so() {
    use shared::bounce::listed;
    for words in [
        "Missing unsubscribe link",
        "Bulk mail needs an unsubscribe link",
        "List-Unsubscribe header missing",
        "Message has no unsubscribe group",
        "Failed to render unsubscribe URL",
        "Message dropped: sender domain bounce.shop.test not verified",
        "No bounces recorded, daily sending limit reached",
        "Invalid From address: the bounce domain is not configured",
    ] {
        assert_eq!(listed(words), None, "{words}");
    }
    for (words, category) in [
        ("Unsubscribed Address", SuppressedUnsubscribe),
        ("The recipient has unsubscribed", SuppressedUnsubscribe),
        ("Bounced Address", SuppressedBounce),
        (
            "Not delivering to previously bounced address",
            SuppressedBounce,
        ),
        ("Spam Reporting Address", SuppressedComplaint),
        (
            "Not delivering to a user who marked your messages as spam",
            SuppressedComplaint,
        ),
        (
            "Recipient marked a previous message as spam",
            SuppressedComplaint,
        ),
        ("soft bounced three times", SuppressedManual),
        ("The address is on the suppression list", SuppressedManual),
    ] {
        assert_eq!(listed(words), Some(category), "{words}");
    }
}

/// Not the address's fault in other languages, either: beside the provider's "hard" they clear it.
#[test]
fn what_clears_an_address_clears_it_in_any_language() {
    for text in [
        "550 La boîte de réception est saturée", // French
        "550 5.5.0 Message non accepté pour des raisons de politique", // French
        "550 A caixa postal está cheia",         // Portuguese
        "550 IP em lista negra",                 // Portuguese
        "550 Su IP está en una lista negra",     // Spanish
        "550 Mensaje rechazado por contenido",   // Spanish
        "550 troppi messaggi",                   // Italian
        "550 Zu viele Nachrichten von Ihrer IP", // German
        "550 Skrzynka odbiorcy jest pełna",      // Polish
        "550 メールボックスがいっぱいです",      // Japanese
        "550 信箱容量不足",                      // Chinese
        "550 메일함 용량이 초과되었습니다",      // Korean
    ] {
        let verdict = judge(&Evidence {
            class: Some(Hard),
            text: Some(text),
            ..Evidence::default()
        });
        assert!(matches!(verdict.class, Soft | Block), "{text}: {verdict:?}");
    }
}
