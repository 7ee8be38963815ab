//! A Postern feeds a Postern: the receivers of `MailPanda` and of Resend accept what is sent, and
//! read the same facts.

use outlets::filter::Filter;
use outlets::notification::Notification;
use registry::sender;
use serde_json::{Value, json};
use shared::admit::admit;
use shared::auth::{OutboundSecret, Signatures, sign_outbound};
use shared::event::{Address, Event};
use shared::rejection::Rejection;
use shared::time::rfc3339_ms;
use tests::{gateway_event, received_at, request, secrets};

use crate::vector::item_of;

const AT: &str = "2026-01-02T03:04:05.678Z";

fn secret() -> OutboundSecret {
    OutboundSecret::made([7; 32])
}

fn told(kind: &str, events: &str) -> Notification {
    let mut item = json!({
        "pk": "email#kim@mail.test", "sk": format!("{AT}#abc"), "id": "abc",
        "channel": "email", "kind": kind, "provider": "sendgrid", "machine": "none",
        "message": "sendgrid#msg_abc", "subject": "Hello", "tags": ["spring"],
    });
    if kind == "bounced" {
        item["bounce_class"] = json!("hard");
        item["reason"] = json!("550 5.1.1 user unknown");
    }
    let filter = Filter::parse(events).expect("a filter");
    Notification::of_event(&item_of(&item), &filter).expect("wanted")
}

fn headers(told: &Notification, signed: &Signatures, at: i64) -> Vec<(&'static str, String)> {
    vec![
        ("content-type", "application/json".to_owned()),
        ("webhook-id", told.id.clone()),
        ("webhook-timestamp", at.to_string()),
        ("webhook-signature", signed.standard.clone()),
        ("x-webhook-signature", signed.hex.clone()),
    ]
}

/// What a provider's receiver makes of it, `seconds` after it was signed.
fn received(
    provider: &str,
    told: &Notification,
    signers: &[OutboundSecret],
    seconds: i64,
) -> Result<Vec<Event>, Rejection> {
    let provider = sender(provider).expect("a provider");
    let at = received_at().as_second() - seconds;
    let signed = sign_outbound(signers, &told.id, at, &told.body);
    let event = request(gateway_event(&headers(told, &signed, at), &told.body));
    let secrets = secrets(provider, secret().expose());
    let admitted = admit(provider, &secrets, None, &event, received_at())?;
    let events = provider.normalize(&admitted.delivery).into_iter();
    Ok(events.map(|event| event.expect("an event")).collect())
}

#[test]
fn the_receivers_read_what_was_told() {
    let both: &[&str] = &["mailpanda", "resend"];
    for (kind, events, providers) in [
        ("delivered", "*", both),
        ("sent", "*", both),
        ("bounced", "bounced:hard", both),
        ("complained", "*", both),
        ("opened", "opened:human", both),
        ("clicked", "*", both),
        ("failed", "*", both),
        ("deferred", "*", &both[..1]),
        ("rejected", "*", &both[..1]),
        ("unsubscribed", "*", &both[..1]),
        ("opened", "open", &both[..1]),
        ("clicked", "click", &both[..1]),
        ("bounced", "bounce", &both[..1]),
        ("unsubscribed", "unsubscribe", &both[..1]),
    ] {
        let told = told(kind, events);
        for provider in providers {
            let events = received(provider, &told, &[secret()], 0);
            let [event] = &events.expect("accepted")[..] else {
                panic!("{provider} {kind}: one event");
            };
            assert_eq!(event.kind.name(), kind, "{provider}");
            let recipient = event.recipient.as_ref().and_then(Address::key);
            assert_eq!(recipient, Some("kim@mail.test"), "{provider} {kind}");
            assert_eq!(
                event.message_id.as_deref(),
                Some("msg_abc"),
                "{provider} {kind}"
            );
            assert_eq!(event.rfc_message_id, None, "{provider} {kind}");
            assert_eq!(
                rfc3339_ms(event.occurred_at.time()),
                AT,
                "{provider} {kind}"
            );
        }
    }
}

#[test]
fn the_receivers_accept_the_new_secret_and_while_it_is_rotated_the_old_one_where_it_signs() {
    let (told, another) = (told("delivered", "*"), OutboundSecret::made([8; 32]));
    for provider in ["mailpanda", "resend"] {
        let newest = received(provider, &told, &[secret(), another.clone()], 0);
        assert!(newest.is_ok(), "{provider}");
        let stranger = received(provider, &told, std::slice::from_ref(&another), 0);
        assert_eq!(stranger, Err(Rejection::SignatureMismatch), "{provider}");
    }
    let old = [another, secret()];
    assert!(received("resend", &told, &old, 0).is_ok());
    let hex = received("mailpanda", &told, &old, 0);
    assert_eq!(
        hex,
        Err(Rejection::SignatureMismatch),
        "hex is the new secret's"
    );
}

#[test]
fn a_recorded_attempt_is_stale_where_the_time_is_signed() {
    let told = told("delivered", "*");
    assert!(received("resend", &told, &[secret()], 299).is_ok());
    let stale = received("resend", &told, &[secret()], 301);
    assert!(stale.is_err_and(|why| why != Rejection::SignatureMismatch));
    assert!(received("mailpanda", &told, &[secret()], 301).is_ok());
}

/// Of one notification every attempt is the same event for the next Postern.
#[test]
fn two_attempts_are_one_event() {
    for provider in ["mailpanda", "resend"] {
        let told = told("delivered", "*");
        let id = |seconds| {
            let events = received(provider, &told, &[secret()], seconds).expect("accepted");
            events[0].id.clone()
        };
        assert_eq!(id(0), id(200), "{provider}");
        let body: Value = serde_json::from_slice(&told.body).expect("JSON");
        assert_eq!(body["data"]["provider"], "sendgrid");
    }
}
