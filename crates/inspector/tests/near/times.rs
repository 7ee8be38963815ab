//! The signed time is written otherwise, or outside the window.

use jiff::SignedDuration;
use shared::sender::Sender;

use super::sent::{Sent, key, now, provider};
use super::slip;

/// The providers with a time in a header, which one.
const TIMED: [(&str, &str); 3] = [
    ("customerio", "x-cio-timestamp"),
    ("resend", "svix-timestamp"),
    ("sendgrid", "x-twilio-email-event-webhook-timestamp"),
];

fn with_time(name: &str, header: &str, change: impl Fn(&str) -> String) -> Sent {
    let mut sent = Sent::by(provider(name));
    let mut headers = sent.headers.iter_mut();
    let (_, value) = headers.find(|(name, _)| name == header).expect("a time");
    *value = change(value);
    sent
}

#[test]
fn a_time_that_is_signed_in_seconds_may_be_sent_otherwise() {
    for (name, header) in TIMED {
        let date = "2026-01-02T03:05:00Z".to_owned();
        for (wanted, sent) in [
            (
                "time_milliseconds",
                with_time(name, header, |time| format!("{time}678")),
            ),
            (
                "time_fraction",
                with_time(name, header, |time| format!("{time}.678")),
            ),
            ("time_date", with_time(name, header, |_| date.clone())),
        ] {
            assert_eq!(slip(&sent), Some(wanted), "{name}");
        }
    }
}

/// They are signed as they are sent: no request can be made of it that matches.
#[test]
fn milliseconds_that_are_signed_too_are_still_seen() {
    for (name, header) in TIMED {
        let mut sent = with_time(name, header, |time| format!("{time}678"));
        let signature = sent.signature();
        *signature = signature.replace(['0', 'a', 'A'], "1");
        let said = sent.said().expect("a slip");
        assert_eq!(said.slip, "time_milliseconds", "{name}");
        assert!(
            said.text.starts_with("The signed time is in milliseconds."),
            "{}",
            said.text
        );
    }
}

#[test]
fn a_time_in_a_body_may_be_a_number_or_in_milliseconds() {
    let sent = Sent::by(provider("mailgun"));
    let body = String::from_utf8(sent.body.clone()).expect("text");
    for (wanted, old, new) in [
        ("time_number", "\"1767323100\"", "1767323100"),
        ("time_milliseconds", "1767323100", "1767323100678"),
    ] {
        let changed = Sent {
            body: body.replacen(old, new, 1).into_bytes(),
            ..sent.clone()
        };
        assert_eq!(slip(&changed), Some(wanted), "{new}");
    }
}

fn signed_before(sender: &'static dyn Sender, seconds: i64) -> Sent {
    let at = now() - SignedDuration::from_secs(seconds);
    let body = b"{\"event-data\":{}}";
    Sent::at(sender, &key(sender), body, at)
}

#[test]
fn the_window_that_would_do_is_named() {
    for (name, seconds, window, text) in [
        ("resend", 420, 420, "7 minutes old, window 5 minutes"),
        (
            "resend",
            421,
            480,
            "7 minutes 1 second old, window 5 minutes",
        ),
        ("mailgun", 90_000, 90_000, "25 hours old, window 24 hours"),
        ("sendgrid", 93_600, 93_600, "26 hours old, window 25 hours"),
        ("customerio", 777_600, 777_600, "9 days old, window 8 days"),
    ] {
        let mut sent = signed_before(provider(name), seconds);
        let said = sent.said().expect("a slip");
        assert_eq!(said.slip, "window", "{name}");
        let wanted =
            format!("{text}: it would match with SignatureWindow={window}. A replay would, too.");
        assert_eq!(said.text, wanted);
        let command = format!("postern up --parameter SignatureWindow={window}");
        assert_eq!(said.command, Some(command));
        sent.window = Some(window);
        assert_eq!(slip(&sent), None, "{name}: the window does");
        sent.window = Some(60);
        assert!(
            sent.said()
                .expect("a slip")
                .text
                .contains("window 1 minute:")
        );
    }
}

#[test]
fn a_window_of_weeks_is_not_offered() {
    const WEEK: i64 = 7 * 24 * 60 * 60;
    for (name, own) in [
        ("resend", 300),
        ("mailgun", 86_400),
        ("sendgrid", 90_000),
        ("customerio", 691_200),
    ] {
        let last = signed_before(provider(name), own + WEEK).said();
        let command = last.expect("a slip").command;
        let wanted = format!("postern up --parameter SignatureWindow={}", own + WEEK);
        assert_eq!(command, Some(wanted), "{name}");
        // Mailgun takes times of ten digits only: 2001.
        for seconds in [own + WEEK + 1, now().as_second() - 1_000_000_000] {
            let said = signed_before(provider(name), seconds).said();
            let said = said.expect("a slip");
            assert_eq!((said.slip, said.command), ("window", None), "{name}");
            assert!(
                said.text.ends_with("No window should be that long."),
                "{}",
                said.text
            );
        }
    }
    let said = signed_before(provider("resend"), now().as_second()).said();
    assert_eq!(said.expect("a slip").command, None);
}

/// The age at the very edge of the window says that it is over it.
#[test]
fn a_second_too_late_is_said_to_the_second() {
    let said = signed_before(provider("sendgrid"), 90_001).said();
    assert_eq!(
        said.expect("a slip").text,
        "25 hours 1 second old, window 25 hours: it would match with SignatureWindow=90060. A replay would, too."
    );
}

#[test]
fn a_clock_that_is_ahead_is_named() {
    for (name, _) in TIMED {
        let said = signed_before(provider(name), -360).said().expect("a slip");
        assert_eq!(said.slip, "clock", "{name}");
        assert_eq!(
            said.text,
            "It is signed 6 minutes ahead of our clock, window 5 minutes: is this machine's clock right, and the sender's?"
        );
    }
}
