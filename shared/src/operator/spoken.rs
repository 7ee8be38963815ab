//! The operator as a provider of deliveries: what the API says for somebody who may.

use crate::auth::Authentic;
use crate::delivery::Delivery;
use crate::element::Element;
use crate::event::{Event, EventId};
use crate::incoming::Incoming;
use crate::normalize::Budget;
use crate::operator::{self, PROVIDER};
use crate::provider::Provider;
use crate::rejection::Rejection;
use crate::secrets::Secrets;

/// Reads the operator's words from the queue. No request from the internet makes such a delivery,
/// so there is no receiver, no route and no secret.
pub struct Operator;

impl Provider for Operator {
    fn name(&self) -> &'static str {
        PROVIDER
    }

    /// Refuses every request: [`auth::operator`](crate::auth::operator) alone vouches for words.
    fn verify<'a>(
        &self,
        _request: &Incoming<'a>,
        _secrets: &Secrets,
    ) -> Result<Authentic<'a>, Rejection> {
        Err(Rejection::SignatureMissing)
    }

    fn events(&self, element: &Element<'_>, delivery: &Delivery, _budget: &Budget) -> Vec<Event> {
        let event = operator::event(element.raw(), delivery.received_at());
        // Words that a later version says otherwise are kept, and suppress nobody.
        vec![event.unwrap_or_else(|| unknown(element, delivery))]
    }
}

fn unknown(element: &Element<'_>, delivery: &Delivery) -> Event {
    let id = EventId::of(&[Some(PROVIDER), Some(element.raw())]);
    Event::of(delivery, element, id)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::auth;
    use crate::event::{Kind, Reason};
    use crate::operator::{Act, Said, words};

    const AT: Timestamp = Timestamp::constant(1_767_323_045, 678_000_000);

    fn delivery(words: &str) -> Delivery {
        Delivery::seal(auth::operator(words), PROVIDER, AT)
    }

    #[test]
    fn words_are_the_same_events_whichever_way_they_go() {
        let mut added = Said::new(Act::Add, "Kim <KIM@Mail.test>", Reason::Manual, Some(AT));
        added.why = Some("asked \u{ffff} by telephone".to_owned());
        let lifted = Said::new(Act::Lift, "kim@mail.test", Reason::Bounced, Some(AT));
        let message = delivery(&words(&[added.clone(), lifted.clone()])).encode();
        let read = Delivery::decode(&message.expect("a message")).expect("a delivery");
        assert_eq!(read.fair_group(), "operator");
        let events = Operator.normalize(&read);
        let wanted = [added, lifted].map(|said| Ok(said.event(AT).expect("an event")));
        assert!(events == wanted);
    }

    #[test]
    fn words_that_are_none_are_kept_and_say_nothing() {
        for body in [
            r#"{"act":"forgive","address":"kim@mail.test","reason":"manual"}"#,
            r#"[{"act":"add","address":"kim","reason":"manual"}]"#,
            r#"{"why":"moved"}"#,
        ] {
            let events = Operator.normalize(&delivery(body));
            let [Ok(event)] = &events[..] else {
                panic!("{body}");
            };
            assert_eq!(event.kind, Kind::Unknown, "{body}");
            assert!(event.recipient.is_none(), "{body}");
        }
    }

    #[test]
    fn no_request_is_the_operators() {
        let secrets = Secrets::parse(r#"{"operator":"0123456789abcdef0123456789abcdef"}"#);
        let secrets = secrets.expect("secrets");
        let request = Incoming::new(&[], b"[]", AT, Some(0));
        let refused = Operator.verify(&request, &secrets).err();
        assert_eq!(refused, Some(Rejection::SignatureMissing));
    }
}
