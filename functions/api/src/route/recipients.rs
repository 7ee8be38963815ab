//! What a path of a recipient asks for.

use crate::ask::{Ask, Route, only};

/// The path, below that of the recipients, of a question about many.
const CHECK: &str = "check";
/// The end of the path of a timeline.
const EVENTS: &str = "/events";
/// The end of the path of what the operator says.
const SUPPRESSION: &str = "/suppression";

/// Returns where a path leads, by what stands behind that of the recipients. A mail address may
/// have a slash before its at sign and none behind it, so the end of the path decides.
pub(super) fn route<'a>(rest: &'a str, method: &str) -> Route<'a> {
    if rest == CHECK {
        return only("POST", method, Ask::Check);
    }
    if let Some(address) = rest.strip_suffix(EVENTS) {
        return named(address, || only("GET", method, Ask::Events(address)));
    }
    if let Some(address) = rest.strip_suffix(SUPPRESSION) {
        return named(address, || match method {
            "PUT" => Route::To(Ask::Suppress(address)),
            "DELETE" => Route::To(Ask::Lift(address)),
            _ => Route::Method("PUT, DELETE"),
        });
    }
    named(rest, || only("GET", method, Ask::MayMail(rest)))
}

/// Returns a route, if the path names somebody.
fn named<'a>(address: &str, route: impl FnOnce() -> Route<'a>) -> Route<'a> {
    if address.is_empty() {
        return Route::Nowhere;
    }
    route()
}
