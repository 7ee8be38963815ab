//! Shows what waits for an endpoint.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use outlets::breaker::State;
use outlets::endpoint::Endpoint;
use outlets::manage::{Fault, Field, Refusal, Undelivered, Waiting};
use outlets::parked::Parked;
use shared::time::{from_rfc3339, rfc3339_ms};
use table::keys::owner;

use crate::answer::Answer;
use crate::done::{Done, Wrong};
use crate::parts::{Asked, Parts};
use crate::times::text;

/// The most notifications of one answer.
const MOST: usize = 100;
/// The longest sort key of one.
const KEY_BYTES: usize = 128;

/// Answers with what waits, the oldest first.
pub(crate) async fn undelivered(
    parts: &Parts,
    id: u64,
    after: Option<&str>,
    asked: Asked<'_>,
) -> Result<Done, Wrong> {
    let after = after.map(place).transpose()?.unwrap_or_default();
    let endpoint = parts.endpoint(id).await?;
    let parked = parts.outlets.parked_after(id, &after, MOST + 1);
    let (parked, state) = tokio::try_join!(parked, parts.outlets.state(id))?;
    let next = next_at(&endpoint, &state, asked.at);
    let (shown, has_more) = match parked.get(..MOST) {
        Some(shown) => (shown, parked.len() > MOST),
        None => (parked.as_slice(), false),
    };
    let end = shown.last().filter(|_| has_more);
    let list = Undelivered {
        undelivered: shown
            .iter()
            .map(|one| waiting(one, next, asked.at))
            .collect(),
        next: end.map(|end| URL_SAFE_NO_PAD.encode(end.key().1).into()),
    };
    Ok(Done::read(Answer::ok(&list)))
}

/// Reads where a list goes on.
fn place(after: &str) -> Result<String, Refusal> {
    let unfit = Refusal::Field(Field::After, Fault::Unfit);
    let place = URL_SAFE_NO_PAD.decode(after).ok();
    let place = place.and_then(|place| String::from_utf8(place).ok());
    let is_key = |text: &String| {
        let is_fit = |byte: u8| byte.is_ascii_graphic();
        let is_of_a_time = text
            .split_once('#')
            .is_some_and(|(due, _)| from_rfc3339(due).is_some_and(|time| rfc3339_ms(time) == due));
        is_of_a_time && text.len() <= KEY_BYTES && text.bytes().all(is_fit)
    };
    place.filter(is_key).ok_or(unfit)
}

/// Returns when something that is due is tried: with the next sweep, or the next probe.
fn next_at(endpoint: &Endpoint, state: &State, now: Timestamp) -> Option<Timestamp> {
    let is_told = endpoint.active && !state.is_disabled();
    let next = state.next_probe().unwrap_or(now).max(now);
    is_told.then_some(next)
}

fn waiting(parked: &Parked, next: Option<Timestamp>, now: Timestamp) -> Waiting {
    let person = owner(&parked.fact.pk);
    let person = person.and_then(|person| person.address().or(person.customer()));
    let next = next.filter(|_| !parked.is_undelivered());
    let next = next.map(|next| next.max(parked.due).max(now));
    Waiting {
        id: parked.webhook_id.clone(),
        kind: parked.kind.clone(),
        recipient: person.map(Into::into),
        attempts: parked.attempt,
        last_code: parked.last_code.clone(),
        next_at: next.map(text),
        lost_at: text(parked.expires_at()),
    }
}

#[cfg(test)]
mod tests {
    use outlets::fact::Fact;
    use outlets::message::Message;
    use outlets::parked::NEVER;

    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_767_323_045, 0);

    fn parked(pk: &str, due: Timestamp) -> Parked {
        let message = Message::first(3, Fact::event(pk, "sk"), NOW);
        let parked = Parked::new(&message, "evt_1f".to_owned(), due, 4, NOW).unwrap();
        parked.because("503").of_type("email.opened")
    }

    #[test]
    fn what_waits_says_whom_it_is_about_and_when_it_is_tried() {
        let later: Timestamp = "2026-01-02T05:00:00Z".parse().unwrap();
        let waiting = |pk: &str, due, next| waiting(&parked(pk, due), next, NOW);
        let shown = waiting("email#kim@mail.test", later, Some(NOW));
        let wanted = r#"{"id":"evt_1f","type":"email.opened","recipient":"kim@mail.test","attempts":4,"last_code":"503","next_at":"2026-01-02T05:00:00Z","lost_at":"2026-01-16T03:04:05Z"}"#;
        assert_eq!(serde_json::to_string(&shown).unwrap(), wanted);
        assert!(!format!("{shown:?}").contains("kim"));
        let due = waiting("email#kim@mail.test", NOW, Some(later));
        assert_eq!(due.next_at.as_deref(), Some("2026-01-02T05:00:00Z"));
        let over = waiting("email#kim@mail.test", NEVER, Some(NOW));
        assert_eq!(over.next_at, None);
        let held = waiting("email#kim@mail.test", later, None);
        assert_eq!(held.next_at, None);
    }

    #[test]
    fn a_place_in_the_list_is_one_that_was_given() {
        let key = parked("email#kim@mail.test", NOW).key().1;
        let given = URL_SAFE_NO_PAD.encode(&key);
        assert_eq!(place(&given), Ok(key));
        for bad in [
            "",
            "%",
            "a b",
            "AA",
            &URL_SAFE_NO_PAD.encode("x".repeat(129)),
            &URL_SAFE_NO_PAD.encode("zzzzz"),
            &URL_SAFE_NO_PAD.encode("2026-01-02T05:00:00Z#evt_1f"),
        ] {
            assert_eq!(place(bad).unwrap_err().code(), "after_unfit", "{bad}");
        }
    }
}
