//! The target `api`: a request of the API, as far as it is read without the table.

use jiff::Timestamp;
use outlets::manage::{
    Check, Draft, Hidden, Lift, MOST_WHY_CHARS, Patch, Retry, Rotation, Suppress, read_nothing,
};
use outlets::target::Place;
use shared::address::Mailbox;
use shared::auth;
use shared::delivery::Delivery;
use shared::event::{Channel, Reason};
use shared::operator::{self, Act, PROVIDER, Said};
use table::asked::{self, Cursor};
use table::item::item;
use table::keys::recipient_key;
use table::recipient::Recipient;

use crate::laws::{fits_the_table, survives_the_queue};
use crate::received_at;

/// The queue of a deployed stack, for which an endpoint must be public.
const QUEUE: &str = "https://sqs.eu-west-1.amazonaws.com/123456789012/outbox";
/// Its own host.
const HOST: &str = "api.example.com";

/// The input is a line with the method and the path, a line with the query, and the body.
pub(super) fn request(input: &[u8]) {
    let (line, rest) = cut(input, b'\n');
    let (query, body) = cut(rest, b'\n');
    let line = String::from_utf8_lossy(line);
    let (method, path) = line.split_once(' ').unwrap_or(("", &line));
    let names = route(method, path);
    for name in names.into_iter().chain([path]) {
        recipient(name);
    }
    let query = String::from_utf8_lossy(query);
    parameters(&query);
    bodies(body, &query);
}

fn cut(input: &[u8], at: u8) -> (&[u8], &[u8]) {
    let place = input.iter().position(|byte| *byte == at);
    place.map_or((input, b""), |place| (&input[..place], &input[place + 1..]))
}

/// Finds the route, and returns what stands in the path for its parameters, as far as no slash
/// makes that a matter of opinion.
fn route<'a>(method: &str, path: &'a str) -> Vec<&'a str> {
    let Some((route_method, pattern)) = api::route_of(method, path) else {
        return Vec::new();
    };
    assert!(api::ROUTES.contains(&(route_method, pattern)));
    assert_eq!(route_method, method);
    // What stands in braces is there, and the rest is to the letter.
    let start = pattern.split('{').next().unwrap_or_default();
    let end = pattern.rsplit('}').next().unwrap_or_default();
    assert!(path.starts_with(start), "{pattern}");
    let Some(inner) = path.strip_prefix(start).filter(|_| pattern.contains('{')) else {
        assert_eq!(path, pattern);
        return Vec::new();
    };
    let inner = inner.strip_suffix(end).expect("the end of the pattern");
    assert!(!inner.is_empty(), "{pattern}");
    vec![inner]
}

/// Every spelling that is accepted is of one person, and so is the canonical one.
fn recipient(text: &str) {
    if let Ok(recipient) = Recipient::parse(text) {
        let canonical = recipient.canonical().to_owned();
        let again = Recipient::parse(&canonical).expect("a recipient");
        assert_eq!(again.canonical(), canonical);
        for channel in Channel::ALL {
            let start = recipient_key(channel, "");
            assert!(
                recipient
                    .keys(channel)
                    .iter()
                    .all(|key| key.starts_with(&start))
            );
        }
        assert_eq!(again.keys(Channel::Email), recipient.keys(Channel::Email));
    }
    if let Ok(mailbox) = Mailbox::typed(text) {
        word(mailbox.key());
    }
}

/// A word about this address is the one event that was said, on both sides of the queue.
fn word(address: &str) {
    let at: Timestamp = received_at();
    for (act, reason) in [(Act::Add, Reason::Manual), (Act::Lift, Reason::Complained)] {
        let said = Said::new(act, address, reason, Some(at));
        let wanted = said.event(at).expect("an event");
        let words = operator::words(&[said]);
        let delivery = Delivery::seal(auth::operator(&words), PROVIDER, at);
        let message = survives_the_queue(&delivery).expect("a message");
        let normalized = registry::normalize(&message).expect("events");
        assert!(normalized.events == [wanted]);
        normalized
            .events
            .iter()
            .for_each(|event| fits_the_table(&item(event, 30)));
    }
}

/// Every parameter is read or refused. A cursor that is read is the sort key of an event, and no
/// other text stands for it.
fn parameters(text: &str) {
    let _ = (asked::kind(text), asked::problem(text), asked::class(text));
    let _ = (
        asked::provider(text),
        asked::channel(text),
        asked::reason(text),
    );
    let _ = (
        asked::scope(text),
        asked::time(text),
        asked::day(text, received_at()),
    );
    if let Ok(cursor) = Cursor::parse(text) {
        assert_eq!(cursor.text(), text);
        let sort_key = cursor.into_sort_key();
        assert_eq!(Cursor::at(&sort_key).text(), text);
        let (time, id) = sort_key.split_once('#').expect("a time and an id");
        assert!(time.parse::<Timestamp>().is_ok() && !id.is_empty());
    }
}

/// The body as each request reads it. What is accepted is within its bounds.
fn bodies(body: &[u8], query: &str) {
    let place = Place::of_stack(QUEUE, [HOST.to_owned()]);
    if let Ok(draft) = Draft::read(body, &place) {
        assert!(draft.url.expose().starts_with("https://"));
        assert!(draft.providers.len() <= 32 && draft.sources.len() <= 32);
        assert!(draft.headers.len() <= 5);
        assert!(!format!("{draft:?}").contains(draft.url.expose()));
    }
    if let Ok(patch) = Patch::read(body, &place) {
        let is_public = |url: &Hidden| url.expose().starts_with("https://");
        assert!(patch.url.as_ref().is_none_or(is_public));
    }
    if let Ok(rotation) = Rotation::read(body) {
        assert!(rotation.keep_hours <= 168);
    }
    let _ = (Retry::read(body), read_nothing(body));
    if let Ok(check) = Check::read(body) {
        assert!(check.addresses.len() <= 100);
    }
    if let Ok(said) = Suppress::read(body) {
        says_why(&said.why);
    }
    let parameter = |_: &str| (!query.is_empty()).then_some(query);
    if let Ok(said) = Lift::read(body, parameter) {
        says_why(&said.why);
    }
}

fn says_why(why: &Hidden) {
    let why = why.expose();
    assert!((1..=MOST_WHY_CHARS).contains(&why.chars().count()));
    assert!(!why.contains(char::is_control) && !why.trim().is_empty());
}
