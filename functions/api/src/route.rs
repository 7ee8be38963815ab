//! What a request asks for, by its path and its method.

mod recipients;

use outlets::bus::BUS;
use outlets::manage::PATH;

use crate::ask::{Ask, Route, only};

/// The most digits of an id.
const ID_DIGITS: usize = 10;
/// The paths that are read.
const RECIPIENTS: &str = "/api/recipients/";
const CUSTOMERS: &str = "/api/customers/";
const MESSAGES: &str = "/api/messages/";
const PROBLEMS: &str = "/api/problems/";
/// The end of the path of a customer's timeline.
const EVENTS: &str = "/events";

/// Returns where a request goes.
///
/// The gateway has decoded the path once: an HTTP API does, in which it is unlike other gateways.
/// So nothing in it is decoded here, and a `%` is one. Nothing is removed from it, either.
pub(crate) fn route<'a>(path: &'a str, method: &str) -> Route<'a> {
    if let Some(rest) = path.strip_prefix(RECIPIENTS) {
        return recipients::route(rest, method);
    }
    if let Some(rest) = path.strip_prefix(CUSTOMERS) {
        return match rest.strip_suffix(EVENTS) {
            Some(id) if !id.is_empty() => only("GET", method, Ask::CustomerEvents(id)),
            _ => Route::Nowhere,
        };
    }
    if let Some(rest) = path.strip_prefix(MESSAGES) {
        // An id may have a slash in it.
        return two(rest, method, Ask::Message);
    }
    if let Some(rest) = path.strip_prefix(PROBLEMS) {
        return two(rest, method, Ask::Problems);
    }
    webhooks(path, method)
}

/// Returns where a path leads that ends with two words.
fn two<'a>(rest: &'a str, method: &str, ask: fn(&'a str, &'a str) -> Ask<'a>) -> Route<'a> {
    match rest.split_once('/') {
        Some((one, other)) if !one.is_empty() && !other.is_empty() => {
            only("GET", method, ask(one, other))
        }
        _ => Route::Nowhere,
    }
}

/// Returns where a path of the subscriptions leads.
fn webhooks<'a>(path: &'a str, method: &str) -> Route<'a> {
    let Some(rest) = path.strip_prefix(PATH) else {
        return Route::Nowhere;
    };
    if rest.is_empty() {
        return match method {
            "GET" => Route::To(Ask::List),
            "POST" => Route::To(Ask::Create),
            _ => Route::Method("GET, POST"),
        };
    }
    let Some(rest) = rest.strip_prefix('/') else {
        return Route::Nowhere;
    };
    let (id, what) = match rest.split_once('/') {
        Some((id, what)) => (id, Some(what)),
        None => (rest, None),
    };
    // Of the bus, what waits can be seen and sent: all else a parameter of the stack says.
    let is_of_bus = id == "0" && matches!(what, Some("undelivered" | "retry"));
    match (id_of(id).or(is_of_bus.then_some(BUS)), what) {
        (Some(id), None) => match method {
            "GET" => Route::To(Ask::Show(id)),
            "PATCH" => Route::To(Ask::Change(id)),
            "DELETE" => Route::To(Ask::Remove(id)),
            _ => Route::Method("GET, PATCH, DELETE"),
        },
        (Some(id), Some("undelivered")) => only("GET", method, Ask::Undelivered(id)),
        (Some(id), Some("test")) => only("POST", method, Ask::Test(id)),
        (Some(id), Some("rotate")) => only("POST", method, Ask::Rotate(id)),
        (Some(id), Some("retry")) => only("POST", method, Ask::Retry(id)),
        _ => Route::Nowhere,
    }
}

/// Reads an id as answers write it: digits, without a sign or a leading zero.
fn id_of(text: &str) -> Option<u64> {
    let is_id = (1..=ID_DIGITS).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let is_plain = is_id && !text.starts_with('0');
    is_plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests;
