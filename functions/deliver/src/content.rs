//! What an endpoint is told by a message, made of the item as it is now. An erased event is told to
//! nobody.

use jiff::Timestamp;
use outlets::endpoint::Endpoint;
use outlets::message::Message;
use outlets::notification::Notification;
use table::item::Item;
use table::read::text;

/// Returns the notification of a message, given the item that it is about.
///
/// # Errors
/// Returns why there is nothing to tell: the item is gone or has expired, or the endpoint does not
/// want it any more.
pub(crate) fn notification(
    message: &Message,
    endpoint: &Endpoint,
    item: Option<&Item>,
    now: Timestamp,
) -> Result<Notification, &'static str> {
    if let Some(id) = &message.test {
        return Ok(Notification::of_test(id, message.first_at));
    }
    let fact = message.fact.as_ref().ok_or("unwanted")?;
    let item = item.ok_or("gone_item")?;
    if fact.reason.is_some() {
        let told = fact.register().filter(|_| endpoint.wants_suppression());
        let told = told.and_then(|reason| Notification::of_suppression(item, reason));
        return told.ok_or("unwanted");
    }
    if has_expired(item, now) {
        return Err("expired");
    }
    let wanted = endpoint.wants(item);
    let told = wanted.and_then(|_| Notification::of_event(item, &endpoint.filter));
    told.ok_or("unwanted")
}

/// Checks whether an event is past its retention. DynamoDB may take days to delete it.
fn has_expired(event: &Item, now: Timestamp) -> bool {
    let expires = text(event, "expires_at").parse::<i64>();
    expires.is_ok_and(|expires| expires <= now.as_second())
}

#[cfg(test)]
mod tests {
    use outlets::fact::Fact;
    use outlets::filter::Filter;
    use shared::event::Reason;

    use super::*;
    use crate::samples::{NOW, PK, SK, endpoint, event};

    fn message(reason: Option<Reason>) -> Message {
        let fact = reason.map_or_else(
            || Fact::event(PK, SK),
            |reason| Fact::suppression(PK, reason),
        );
        Message::first(3, fact, NOW.parse().unwrap())
    }

    fn told(endpoint: &Endpoint, item: Option<&Item>) -> Result<String, &'static str> {
        let told = notification(&message(None), endpoint, item, NOW.parse().unwrap());
        told.map(|told| told.kind)
    }

    #[test]
    fn an_event_is_told_to_whom_wants_it_now() {
        let event = event(&[]);
        assert_eq!(
            told(&endpoint(), Some(&event)).as_deref(),
            Ok("email.bounced")
        );
        let narrowed = Endpoint {
            providers: vec!["brevo".to_owned()],
            ..endpoint()
        };
        assert_eq!(told(&narrowed, Some(&event)), Err("unwanted"));
        let other = Endpoint {
            filter: Filter::parse("opened").unwrap(),
            ..endpoint()
        };
        assert_eq!(told(&other, Some(&event)), Err("unwanted"));
    }

    #[test]
    fn an_erased_event_and_an_expired_one_are_told_to_nobody() {
        assert_eq!(told(&endpoint(), None), Err("gone_item"));
        let now: Timestamp = NOW.parse().unwrap();
        for (seconds, wanted) in [(0, Err("expired")), (1, Ok("email.bounced"))] {
            let expires = (now.as_second() + seconds).to_string();
            let event = event(&[("expires_at", &expires)]);
            assert_eq!(
                told(&endpoint(), Some(&event)).as_deref(),
                wanted.as_ref().copied()
            );
        }
    }

    #[test]
    fn a_suppression_that_an_endpoint_does_not_want_or_that_is_none_is_not_told() {
        let message = message(Some(Reason::ALL[0]));
        let now = NOW.parse().unwrap();
        let told = |endpoint: &Endpoint| notification(&message, endpoint, Some(&event(&[])), now);
        assert_eq!(told(&endpoint()), Err("unwanted")); // the item is no suppression
        let narrowed = Endpoint {
            sources: vec!["eu".to_owned()],
            ..endpoint()
        };
        assert_eq!(told(&narrowed), Err("unwanted"));
    }

    #[test]
    fn a_test_is_about_nothing_and_the_same_each_time() {
        let at: Timestamp = NOW.parse().unwrap();
        let test = Message::test(3, "tst_1".to_owned(), at);
        let later = at + jiff::SignedDuration::from_secs(9);
        let told = |now| notification(&test, &endpoint(), None, now).unwrap();
        assert_eq!(told(at).id, "tst_1");
        assert!(told(at) == told(later));
    }
}
