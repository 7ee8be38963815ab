//! One mailbox, one key: however it is written.

use proptest::prelude::*;
use proptest::sample::select;
use shared::address::{AddressError, MOST, Mailbox, mailboxes};
use shared::event::{Address, Channel, Event};
use shared::recipients::Recipients;
use table::item::item;
use table::keys::{customer_key, partition_key, recipient_key};
use table::read::plain;

use crate::cases;
use crate::event::bare;

fn found(text: &str) -> Vec<String> {
    let found = mailboxes(text).mailboxes;
    found
        .iter()
        .map(|mailbox| mailbox.key().to_owned())
        .collect()
}

#[test]
#[rustfmt::skip]
fn a_mailbox_has_one_spelling() {
    let spellings: &[(&str, &[&str])] = &[
        ("kim@mail.test", &[
            "kim@mail.test", " Kim@MAIL.test\r\n", "kim@mail.test.", "kim@mail.test..", "kim@mail。test", "kim@mail.test。",
            "<kim@mail.test>", "Kim <kim@mail.test>", "<kim@mail.test> Kim", "Kim<kim@mail.test>", "<<kim@mail.test>>",
            "\"Ode, Kim\" <kim@mail.test>", "\"Ode \\\"K\\\", Kim\" <kim@mail.test>", "Ode, Kim <kim@mail.test>",
            "\"lee@mail.test\" <kim@mail.test>", "lee@mail.test <kim@mail.test>", "'kim@mail.test' <kim@mail.test>",
            "=?utf-8?Q?Ode=2C_Kim_=3Clee=40mail.test=3E?= <kim@mail.test>", "“Kim” <kim@mail.test>", "‘kim@mail.test’", "«kim@mail.test»", "‹kim@mail.test›", "« Kim » <kim@mail.test>",
            "kim@mail.test (a comment, with lee@mail.test)", "(a (nested) comment) kim@mail.test", "kim@mail.test (", "(kim@mail.test",
            "Kim (kim@mail.test)", "\"kim@mail.test\"", "\"kim@mail.test", "'kim@mail.test'", "[kim@mail.test]",
            "Kim <kim@mail.test", "Kim <kim@mail.test <", "kim@mail.test>", "kim@mail.test <>", "kim@mail.test,", ", ;kim@mail.test",
            "mailto:kim@mail.test", "MAILTO:kim@mail.test?subject=a@b.test&cc=lee@mail.test", "<mailto:kim@mail.test>",
            "Kim <mailto:kim@mail.test?x>", "Kim [mailto:kim@mail.test]", "SMTP:kim@mail.test", "team: Kim <kim@mail.test>;",
            "<@relay.test,@b.test:kim@mail.test>", "kim @ mail.test", "kim\t@mail.test", "\"kim\"@mail.test", "\"Kim\" @ Mail.test",
            "Ode \"kim\"@mail.test", "\"\\kim\"@mail.test", "Ode <\"kim\"@mail.test>", "kim＠mail.test", "ＫＩＭ <kim@ＭＡＩＬ.test>",
            "\u{feff}kim@mail.test", "k\u{200b}im@ma\u{200d}il.te\u{2060}st", "\u{202a}kim@mail.test\u{202c}", "ki\u{ad}m@mail.test",
            "kim@mail.test\u{a0}", "kim@mail.test, KIM@mail.test., <kim@mail.test>", "<kim@mail.test><>",
        ]),
        ("renée@xn--bcher-kva.test", &[
            "renée@bücher.test", "RENE\u{301}E@BU\u{308}CHER.TEST", "rene\u{301}e@xn--bcher-kva.test", "\"renée\"@XN--BCHER-KVA.test.",
        ]),
        ("kim@xn--strae-oqa.test", &["kim@straße.test", "kim@xn--strae-oqa.test"]),
        // A zero-width non-joiner that belongs to the name, as in Persian, is part of the domain.
        ("kim@xn--mgba3gch31f060k.test", &["kim@نامه\u{200c}ای.test", "kim@xn--mgba3gch31f060k.test"]),
        ("kim@my_host.mail.test", &["kim@my_host.mail.test", "KIM@My_Host.mail.test"]),
        ("kim@[192.0.2.1]", &["kim@[192.0.2.1]", "<kim@[192.0.2.1]>", "Kim <kim@[192.0.2.1]"]),
        ("kim@[ipv6:2001:db8::1]", &["kim@[IPv6:2001:DB8::1]"]),
        ("\"kim ode\"@mail.test", &["\"Kim Ode\"@mail.test", "<\"kim\\ ode\"@mail.test>", "K <\"kim ode\"@mail.test>"]),
        ("\"kim@ode\"@mail.test", &["\"kim@ode\"@mail.test"]),
        ("\"a\\\"b\\\\\"@mail.test", &["\"a\\\"b\\\\\"@mail.test"]),
        // There are such mailboxes, and senders leave the quotes away.
        ("kim..ode.@mail.test", &["kim..ode.@mail.test", "\"kim..ode.\"@mail.test"]),
        ("o'ode@mail.test", &["o'ode@mail.test", "Kim O'Ode <O'Ode@mail.test>"]),
        ("kim+tag@mail.test", &["Kim+Tag@mail.test"]),
        ("用户@xn--fsqu00a.test", &["用户@例子.test", "用户@xn--fsqu00a.test"]),
        ("kim@localhost", &["kim@LOCALHOST"]),
    ];
    for (canonical, texts) in spellings {
        for text in *texts {
            assert_eq!(found(text), [*canonical], "{text:?}");
        }
    }
}

#[test]
fn text_without_an_address_has_none() {
    for text in [
        "",
        " ",
        "kim",
        "<>",
        "Kim <>",
        "undisclosed-recipients:;",
        "@",
        "kim@",
        "@mail.test",
        "Kim <@mail.test>",
        "kim@@mail.test",
        "kim@lee@mail.test",
        "\"\"@mail.test",
        "kim@.",
        "kim@mail.test/path",
        "kim@a!b",
        "{{customer.email}}",
        "+15550100",
        "\u{200b}@\u{200b}",
    ] {
        assert_eq!(found(text), [""; 0], "{text:?}");
        assert_eq!(Mailbox::one(text), Err(AddressError::NoAddress), "{text:?}");
    }
}

#[test]
fn several_are_several() {
    for text in [
        "kim@mail.test, lee@mail.test",
        "kim@mail.test; lee@mail.test",
        "kim@mail.test lee@mail.test",
        "kim@mail.test\nlee@mail.test",
        "<kim@mail.test> <lee@mail.test>",
        "<kim@mail.test><lee@mail.test>",
        "Kim <kim@mail.test>, \"Ode, Lee\" <LEE@mail.test>, kim@MAIL.test",
        "team: kim@mail.test, Lee <lee@mail.test>;",
        "mailto:kim@mail.test,lee@mail.test?subject=x",
        "kim@mail.test: lee@mail.test",
    ] {
        assert_eq!(found(text), ["kim@mail.test", "lee@mail.test"], "{text:?}");
        let error = Mailbox::one(text).map_err(AddressError::code);
        assert_eq!(error, Err("several_addresses"), "{text:?}");
    }
}

#[test]
fn more_than_is_read_is_several_and_half_an_address_is_nobodys() {
    let long = format!("kim@mail.test,{}lee@mail.test", " ".repeat(4_073));
    assert_eq!(found(&long), ["kim@mail.test"]);
    let error = Mailbox::one(&long);
    assert_eq!(error, Err(AddressError::SeveralAddresses));
    let many: Vec<String> = (0..60).map(|n| format!("k{n}@mail.test")).collect();
    let found = mailboxes(&many.join(","));
    assert_eq!((found.mailboxes.len(), found.is_cut), (MOST, true));
}

/// An email event to these.
fn to(texts: &[&str]) -> Event {
    let texts = texts.iter().map(|text| (*text).to_owned());
    bare("{}").to(&Recipients::of(texts))
}

#[test]
fn the_recipient_as_sent_is_kept_wherever_the_key_does_not_say_it() {
    let stored = |text: &str| {
        let item = plain(&item(&to(&[text]), 0));
        (item["pk"].clone(), item["recipient"].clone())
    };
    let key = "email#kim@mail.test";
    assert_eq!(stored("kim@mail.test"), (key.into(), ().into()));
    assert_eq!(stored("Kim <kim@mail.test>").1, "Kim <kim@mail.test>");
    assert_eq!(
        stored("KIM@mail.test"),
        (key.into(), "KIM@mail.test".into())
    );
    let nobody = stored("undisclosed-recipients:;");
    assert_eq!(nobody.1, "undisclosed-recipients:;");
    let pk = nobody.0.as_str().expect("a text");
    assert!(pk.starts_with("unknown#email#"), "{pk}");
}

#[test]
fn several_recipients_are_listed_and_the_event_is_the_firsts() {
    let event = to(&["Kim <Kim@mail.test>, lee@mail.test", "LEE@mail.test."]);
    let item = plain(&item(&event, 0));
    assert_eq!(item["pk"], "email#kim@mail.test");
    assert_eq!(item["recipient"], "Kim <Kim@mail.test>, lee@mail.test");
    assert_eq!(item["recipient_ambiguous"], true);
    let listed = "[\"kim@mail.test\",\"lee@mail.test\"]";
    assert_eq!(item["metadata"]["recipients"], listed);
    let one = to(&["Kim <Kim@mail.test>", "kim@mail.test"]);
    assert!(!one.recipient_is_ambiguous && one.metadata.is_empty());
}

#[test]
fn outside_mail_a_recipient_is_no_address() {
    let sent = "Kim <KIM@mail.test>, Lee";
    let recipients = Recipients::of_channel(Channel::Slack, Some(sent.to_owned()));
    let event = Event {
        channel: Channel::Slack,
        ..bare("{}")
    };
    let event = event.to(&recipients);
    assert_eq!(partition_key(&event), "slack#kim <kim@mail.test>, lee");
    assert!(!event.recipient_is_ambiguous);
    // A word like any other: what names nobody is under no channel's name.
    for word in ["unknown", "Unknown", "unknown#7"] {
        let recipients = Recipients::of_channel(Channel::Slack, Some(word.to_owned()));
        let event = Event {
            channel: Channel::Slack,
            customer_id: Some("7".to_owned()),
            ..bare("{}")
        };
        let key = format!("slack#{}", word.to_lowercase());
        assert_eq!(partition_key(&event.to(&recipients)), key);
    }
}

/// A mailbox, as one would write it down first.
fn mailbox() -> impl Strategy<Value = (String, String)> {
    let local = prop_oneof![
        "[a-z0-9!#$%&*+/=?^_{|}~.-]{1,12}",
        "[a-zé用ñäç]{1,8}",
        "[a-z]{1,4}[ \"\\\\(),:;<>@]{1,3}[a-z]{1,4}",
    ];
    let label = prop_oneof!["[a-z0-9]{1,8}", "[a-z]{1,3}[éüñ用例]{1,3}[a-z]{0,3}"];
    let domain = prop::collection::vec(label, 1..4).prop_map(|labels| labels.join("."));
    (local, domain)
}

/// Some spelling of it: every choice is one that real senders make.
fn spelling((local, domain): (String, String)) -> impl Strategy<Value = String> {
    let flags = prop::collection::vec(any::<bool>(), 12);
    let frame = select(vec![
        ("", ""),
        ("<", ">"),
        ("Kim <", ">"),
        ("\"Ode, \\\"K\\\" x@y.test\" <", ">"),
        (" \t", "\r\n"),
        ("", " (home)"),
        ("team: ", ";"),
        ("Kim <", ""),
    ]);
    (flags, frame).prop_map(move |(flags, (before, after))| {
        let is = |n: usize| flags[n];
        let mut local = local.clone();
        let mut domain = domain.clone();
        if is(0) {
            local = local.to_uppercase();
        }
        if is(1) {
            domain = domain.to_uppercase();
        }
        if is(2) {
            domain = decomposed(&domain);
            local = decomposed(&local);
        }
        if is(3) {
            domain = idna::domain_to_ascii(&domain).expect("a domain");
        }
        if is(4) {
            domain.push('.');
        }
        if is(5) {
            domain = domain.replace('.', "\u{3002}");
        }
        let needs_quotes = local.contains([' ', '"', '\\', '(', ')', ',', ':', ';', '<', '>', '@']);
        if is(6) || needs_quotes {
            local = format!("\"{}\"", local.replace('\\', "\\\\").replace('"', "\\\""));
        }
        if is(7) {
            local.insert(local.len() / 2 * usize::from(local.is_ascii()), '\u{200b}');
        }
        if is(8) {
            domain.insert(0, '\u{feff}');
        }
        let mailto = if is(9) && !needs_quotes && !before.contains("team") && !local.contains('?') {
            "mailto:"
        } else {
            ""
        };
        let at = if is(10) { " @ " } else { "@" };
        format!("{before}{mailto}{local}{at}{domain}{after}")
    })
}

/// NFD, of the letters that are used here.
fn decomposed(text: &str) -> String {
    let pairs = [
        ('é', "e\u{301}"),
        ('É', "E\u{301}"),
        ('ü', "u\u{308}"),
        ('Ü', "U\u{308}"),
        ('ñ', "n\u{303}"),
        ('Ñ', "N\u{303}"),
        ('ä', "a\u{308}"),
        ('Ä', "A\u{308}"),
        ('ç', "c\u{327}"),
        ('Ç', "C\u{327}"),
    ];
    pairs
        .into_iter()
        .fold(text.to_owned(), |text, (c, parts)| text.replace(c, parts))
}

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn every_spelling_of_a_mailbox_gives_one_key(
        (one, other) in mailbox().prop_flat_map(|m| (spelling(m.clone()), spelling(m)))
    ) {
        let keys = found(&one);
        prop_assert_eq!(keys.len(), 1, "{:?}", one);
        prop_assert_eq!(keys, found(&other), "{:?} {:?}", one, other);
    }

    #[test]
    fn different_mailboxes_have_different_keys(one in mailbox(), other in mailbox()) {
        prop_assume!(one.0.to_uppercase() != other.0.to_uppercase() || one.1 != other.1);
        let quoted = |(local, domain): &(String, String)| {
            let local = local.replace('\\', "\\\\").replace('"', "\\\"");
            found(&format!("<\"{local}\"@{domain}>"))
        };
        prop_assert_ne!(quoted(&one), quoted(&other));
    }

    #[test]
    fn what_is_canonical_stays_as_it_is(text in any_text()) {
        for key in found(&text) {
            prop_assert_eq!(found(&key), [key.as_str()], "of {:?}", text);
            prop_assert!(!key.chars().any(char::is_control), "of {:?}", text);
        }
    }

    #[test]
    fn a_customer_id_meets_no_recipient(id in any_text(), text in any_text()) {
        for channel in Channel::ALL {
            let customer = customer_key(channel, &id);
            for other in Channel::ALL {
                let address = Address::of_channel(other, &text);
                let key = address.as_ref().and_then(Address::key).unwrap_or("unknown");
                prop_assert_ne!(&customer, &recipient_key(other, key));
                prop_assert_ne!(&customer, &recipient_key(other, &id));
                prop_assert!(other == channel || customer_key(other, &id) != customer);
            }
        }
        prop_assert_ne!(customer_key(Channel::Email, "a"), customer_key(Channel::Email, "A"));
    }
}

/// Text of what matters to a reader of addresses, and of anything.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => select(vec![
            "@", "<", ">", "\"", "(", ")", ",", ";", ":", "\\", " ", ".", "[", "]", "'", "kim", "K", "mail.test", "mailto:",
            "xn--", "xn--bcher-kva", "ü", "e\u{301}", "İ", "Σ", "ß", "\u{200d}", "\u{feff}", "\u{37e}", "\u{3002}", "＠", "\u{338}",
        ]).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

#[test]
fn hostile_texts_take_no_time() {
    let start = std::time::Instant::now();
    for piece in [
        "\"", "<", "(", "[", "@", "a@b,", ":", "\\", "<\"", "<\"\\\"", "\"<", "()", "a@b c@d ",
        "<a@", "ü@ü.", "xn--a@", "用@用", "\u{301}",
    ] {
        let text = piece.repeat(1_000_000 / piece.len());
        let found = mailboxes(&text);
        assert!(found.mailboxes.len() <= MOST && found.is_cut, "{piece:?}");
        let text = piece.repeat(4_096 / piece.len());
        let _ = mailboxes(&text);
        let _ = shared::address::refused(&text);
    }
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
}
