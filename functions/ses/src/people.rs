//! Whom an event is about.

use std::collections::BTreeSet;

use shared::element::{Element, MOST_TEXTS};

use crate::mail::Mail;
use crate::name::Name;

/// One address; or several, of whom it is one.
pub(crate) struct Whom<'a> {
    pub(crate) addresses: Vec<String>,
    /// What is said of this one.
    pub(crate) answer: Option<Element<'a>>,
}

/// Returns those of whom something is said, one by one as far as the event names them.
pub(crate) fn each<'a>(name: &Name<'a>, mail: &Mail<'a>) -> Vec<Whom<'a>> {
    match name.word.as_str() {
        "bounce" | "deliverydelay" => answered(name, mail),
        "delivery" => distinct(name.texts("recipients")),
        // A message is sent, or not, to everybody.
        _ if name.is_of_sending() => distinct(mail.destination()),
        // A complaint names all those in its domain, and an open nobody.
        _ => Vec::new(),
    }
}

/// Returns all of them together. It is one of them, and which one is not said.
pub(crate) fn everybody<'a>(name: &Name<'a>, mail: &Mail<'a>) -> Whom<'a> {
    let named: Vec<String> = match name.word.as_str() {
        "delivery" => name.texts("recipients"),
        _ => addresses(name).take(MOST_TEXTS).collect(),
    };
    Whom {
        addresses: if named.is_empty() {
            mail.destination()
        } else {
            named
        },
        answer: None,
    }
}

/// The key of the list in an event's own object, of which each object is one address.
fn list(name: &Name<'_>) -> Option<&'static str> {
    Some(match name.word.as_str() {
        "bounce" => "bouncedRecipients",
        "complaint" => "complainedRecipients",
        "deliverydelay" => "delayedRecipients",
        _ => return None,
    })
}

fn objects<'a>(name: &Name<'a>) -> impl Iterator<Item = Element<'a>> + use<'a> {
    let part = name.part.as_ref().zip(list(name));
    part.map(|(part, list)| part.objects(list))
        .into_iter()
        .flatten()
}

fn addresses(name: &Name<'_>) -> impl Iterator<Item = String> {
    objects(name).filter_map(|object| object.text("emailAddress"))
}

/// An address that is there twice has one answer, the first. An answer without an address is of one
/// of those to whom the message was sent.
fn answered<'a>(name: &Name<'a>, mail: &Mail<'a>) -> Vec<Whom<'a>> {
    let mut known = BTreeSet::new();
    let answers = objects(name).filter_map(|answer| {
        let address = answer.text("emailAddress");
        known.insert(address.clone()).then(|| Whom {
            addresses: address.map_or_else(|| mail.destination(), |address| vec![address]),
            answer: Some(answer),
        })
    });
    answers.collect()
}

fn distinct<'a>(addresses: Vec<String>) -> Vec<Whom<'a>> {
    if addresses.len() >= MOST_TEXTS {
        return Vec::new(); // there may be more, which were not read
    }
    let mut known = BTreeSet::new();
    let addresses = addresses.into_iter();
    let addresses = addresses.filter(|address| known.insert(address.clone()));
    addresses
        .map(|address| Whom {
            addresses: vec![address],
            answer: None,
        })
        .collect()
}
