//! Whom a refusal is about, by the addresses in its text. The server, or the program, that says so
//! stands beside each line.

use registry::{QUEUED, SENDERS};
use shared::address::{Mailbox, refused};
use shared::bounce::Evidence;
use shared::event::{Event, Kind, Reason, Refusal};
use shared::recipients::Recipients;
use shared::sender::Sender;
use table::keys::partition_key;
use table::word::word;
use tests::deliver;

use crate::event::bare;

fn names(text: &str) -> Vec<String> {
    let named = refused(text);
    named
        .iter()
        .map(|mailbox| mailbox.key().to_owned())
        .collect()
}

#[test]
#[rustfmt::skip]
fn the_refused_is_found() {
    for text in [
        // Postfix
        "550 5.1.1 <Kim@Mail.test>: Recipient address rejected: User unknown in virtual mailbox table",
        // Postfix, of another
        "host mx.mail.test[192.0.2.1] said: 550 5.1.1 <kim@mail.test> User unknown (in reply to RCPT TO command)",
        // Exchange Online
        "550 5.4.1 [kim@mail.test]: Recipient address rejected: Access denied [PR2FRA01FT009.eop-fra01.prod.protection.test]",
        // Exchange
        "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient kim@mail.test not found by SMTP address lookup",
        "550 5.1.1 <kim@mail.test>... User unknown", // sendmail
        // Yahoo
        "554 delivery error: dd This user doesn't have a mail.test account (kim@mail.test) [0] - mta1",
        "550 5.1.1 <kim@mail.test>: user does not exist", // Apple
        "RCPT TO:<kim@mail.test> 550 no such user", // PowerMTA's log
        // Postfix' log
        "to=<kim@mail.test>, relay=mx.mail.test[192.0.2.1]:25, dsn=5.1.1, status=bounced",
        "Final-Recipient: rfc822; kim@mail.test", // RFC 3464
        "550 No such user 'kim@mail.test' here", // Exim's common ACL
        "550 Mailbox unavailable for kim@mail.test", // Windows' SMTP service
        "550 5.1.1 <kim@mail.test>: no such user; contact postmaster@mail.test",
        "550 5.1.1 kim@mail.test: Email address could not be found, or was misspelled (G8). Please contact help@mail.test",
        "550 Sender <news@shop.test> ok; recipient <kim@mail.test> unknown",
        "MAIL FROM:<news@shop.test> RCPT TO:<kim@mail.test> 550 unknown user",
        // Postfix' forward
        "<kim@mail.test> (expanded from <lee@post.test>): host said: 550 User unknown",
        "Please check the recipient <kim@mail.test>",
        "551 User not local, kim@mail.test; please try <kim@new.test>", // RFC 5321, 4.2.2
        "550 <kim@mail.test> is not a valid mailbox. Message-ID: <20260103.1@shop.test>",
    ] {
        assert_eq!(names(text), ["kim@mail.test"], "{text}");
    }
    // A role that is plainly the one refused.
    assert_eq!(names("550 5.1.1 <support@post.test>: Recipient address rejected"), ["support@post.test"]);
    assert_eq!(names("550 unknown recipient abuse@post.test"), ["abuse@post.test"]);
    assert_eq!(names("550 <a@x.test> unknown; 550 <b@x.test> unknown, <A@X.test>"), ["a@x.test", "b@x.test"]);
}

#[test]
#[rustfmt::skip]
fn who_is_not_refused_is_passed_over() {
    for text in [
        "550 5.1.1 user unknown",
        // Gmail
        "550-5.1.1 The email account that you tried to reach does not exist. https://support.mail.test/?p=NoSuchUser&e=kim@mail.test d9443c01a7336 - gsmtp",
        "<news@shop.test>: Sender address rejected: Domain not found", // Postfix
        "550 sender rejected: news@shop.test",
        // common
        "550 5.7.1 SPF: domain of news@shop.test does not designate 192.0.2.1 as permitted sender",
        "554 mail from <news@shop.test> refused",
        "550 no such user here. For assistance contact it-desk@mail.test",
        "550 unknown user, write to postmaster@mail.test",
        "550 5.1.1 unknown user. Please forward this message to bounce-report@mail.test", // common
        "551 User not local; please try <kim@new.test>", // RFC 5321, 4.2.2
        "550 user has moved to kim@new.test",
        "550 mailbox unavailable (message-id <20260103.1@shop.test>)",
        "550 5.1.1 unknown <0100019b7f3a1c2e-5d4c3b2a-1f0e-4d3c@eu-west-1.mail.test>",
        "550 unknown user; returned to <bounces+77-kim=mail.test@shop.test>",
        "550 unknown user SRS0=abcd=ef=shop.test=news@post.test", "550 unknown user <prvs=1234=news@shop.test>",
        "550 unknown user (original recipient kim@mail.test)",
        "550 10@mx1 busy", "550 @", "550 a@", "550 @b.test", "550 kim@192.0.2.1",
    ] {
        assert_eq!(names(text), [""; 0], "{text}");
    }
}

#[test]
fn a_server_names_a_recipient_as_it_has_rewritten_it() {
    let is_like = |one: &str, other: &str| {
        let (one, other) = (Mailbox::one(one), Mailbox::one(other));
        let (one, other) = (one.expect("a mailbox"), other.expect("a mailbox"));
        assert_eq!(one.is_like(&other), other.is_like(&one));
        one.is_like(&other)
    };
    assert!(is_like("kim@mail.test", "KIM+news@mail.test."));
    assert!(is_like("kim@mail.test", "kim@mx1.mail.test"));
    assert!(is_like("kim@bücher.test", "kim@xn--bcher-kva.test"));
    assert!(!is_like("kim@mail.test", "kim@post.test"));
    assert!(!is_like("kim@mail.test", "kim@email.test"));
    assert!(!is_like("kim@mail.test", "lee@mail.test"));
    assert!(!is_like("kim@mail.test", "kim.ode@mail.test"));
}

/// A refusal of a message to these.
fn refusal(to: &[&str], text: &str) -> (Option<String>, bool) {
    let refusal = Refusal::judge(&Evidence {
        text: Some(text),
        ..Evidence::default()
    });
    let to = to.iter().map(|text| (*text).to_owned());
    let event = Event {
        kind: Kind::Bounced(refusal),
        ..bare("{}")
    };
    let event = event.to(&Recipients::of(to));
    let key = event.recipient.as_ref().and_then(|address| address.key());
    (key.map(str::to_owned), event.recipient_is_ambiguous)
}

#[test]
#[rustfmt::skip]
fn the_refusal_says_whose_it_is() {
    let one = ["Kim <kim@mail.test>"];
    let two = ["Kim <kim@mail.test>", "lee@mail.test"];
    let long = format!("{} 550 5.1.1 <lee@post.test>: user unknown", "x ".repeat(900));
    for (to, text, key, is_ambiguous) in [
        (&one[..], "550 5.1.1 user unknown", "kim@mail.test", false),
        (&one, "550 5.1.1 <KIM@Mail.test.> user unknown", "kim@mail.test", false),
        (&one, "550 5.1.1 <lee@post.test> user unknown", "kim@mail.test", true),
        // `reason` keeps 500 characters; the name may come later.
        (&one, long.as_str(), "kim@mail.test", true),
        // The verdict is of the first answer.
        (&one, "550 5.1.1 <lee@post.test> user unknown; 452 4.2.2 <kim@mail.test> full", "kim@mail.test", true),
        (&one, "550 5.1.1 <kim@mail.test> user unknown; 452 4.2.2 <lee@post.test> full", "kim@mail.test", false),
        (&two, "550 5.1.1 user unknown", "kim@mail.test", true),
        (&two, "550 5.1.1 <LEE@mail.test> user unknown", "lee@mail.test", false),
        (&two, "550 5.1.1 <lee@mail.test> unknown; 550 <kim@mail.test> unknown", "kim@mail.test", true),
        (&two, "550 5.1.1 <ode@post.test> user unknown", "kim@mail.test", true),
    ] {
        assert_eq!(refusal(to, text), (Some(key.to_owned()), is_ambiguous), "{to:?} {text}");
    }
    // What was refused there is no mailbox, so nobody's.
    assert_eq!(refusal(&["{{customer.email}}"], "550 5.1.3 bad address syntax"), (None, true));
    assert_eq!(refusal(&[], "550 <lee@post.test> unknown"), (None, false));
}

/// A bounce of a message to one, with the server's answer in it.
struct Bounce {
    body: String,
    /// Where it is among the events of the body.
    place: usize,
    /// The answer, as JSON.
    answer: String,
}

impl Bounce {
    /// The first bounce of each sample of a provider that quotes the answer once, readdressed.
    fn of(provider: &dyn Sender) -> impl Iterator<Item = Self> {
        let bodies = tests::cases(provider).into_iter().filter_map(|(body, _)| {
            let body = std::fs::read(body).expect("a sample");
            let body = provider.readdress(&body, "Kim <kim@mail.test>")?;
            String::from_utf8(body).ok()
        });
        bodies.filter_map(|body| {
            let results = provider.normalize(&deliver(provider, body.as_bytes()));
            let mut bounces = results.iter().enumerate().filter_map(|(place, result)| {
                let Kind::Bounced(refusal) = &result.as_ref().ok()?.kind else {
                    return None;
                };
                Some((place, refusal.reason.clone()?))
            });
            let (place, reason) = bounces.next()?;
            let answer = serde_json::to_string(&reason).ok()?;
            (body.matches(&answer).count() == 1).then_some(Self {
                body,
                place,
                answer,
            })
        })
    }

    /// The event, if the server had said this.
    fn with(&self, provider: &dyn Sender, answer: &str) -> Event {
        let answer = serde_json::to_string(answer).expect("JSON");
        let body = self.body.replace(&self.answer, &answer);
        let mut results = provider.normalize(&deliver(provider, body.as_bytes()));
        results.swap_remove(self.place).expect("an event")
    }
}

/// The word of a bounce for the register.
fn spoken(event: &Event) -> Option<(Reason, String)> {
    word(event).map(|word| (word.reason, partition_key(event)))
}

#[test]
fn every_provider_spares_whom_a_refusal_does_not_name() {
    let condemned = || Some((Reason::Bounced, "email#kim@mail.test".to_owned()));
    let mut without = Vec::new();
    for provider in SENDERS.iter().chain(QUEUED) {
        let name = provider.name();
        // One that is hard if the server says so: what else it says does not clear the address.
        let condemns = |bounce: &Bounce| {
            spoken(&bounce.with(*provider, "550 5.1.1 user unknown")) == condemned()
        };
        let bounces: Vec<Bounce> = Bounce::of(*provider).filter(condemns).collect();
        if bounces.is_empty() {
            without.push(name);
        }
        for bounce in bounces {
            for (answer, suppresses) in [
                (
                    "550 5.1.1 <KIM@Mail.test> user unknown, ask postmaster@mail.test",
                    true,
                ),
                ("550 5.1.1 <copy@post.test> user unknown", false),
                (
                    "550 5.1.1 <old@post.test> (expanded from <kim@mail.test>): user unknown",
                    false,
                ),
            ] {
                let event = bounce.with(*provider, answer);
                assert_eq!(event.kind.name(), "bounced", "{name}");
                let wanted = if suppresses { condemned() } else { None };
                assert_eq!(spoken(&event), wanted, "{name}: {answer}\n{}", bounce.body);
            }
        }
    }
    assert!(
        without.is_empty(),
        "no sample is a bounce that quotes the server's answer: {without:?}"
    );
}
