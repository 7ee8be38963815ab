//! Every route of the API, as its document names them (`docs/openapi.json`).

use crate::ask::{Ask, Route};
use crate::route::route;

/// The method and the path of each route. A test compares them with the document.
pub const ROUTES: [(&str, &str); 17] = [
    ("GET", "/api/webhooks/manage"),
    ("POST", "/api/webhooks/manage"),
    ("GET", "/api/webhooks/manage/{id}"),
    ("PATCH", "/api/webhooks/manage/{id}"),
    ("DELETE", "/api/webhooks/manage/{id}"),
    ("POST", "/api/webhooks/manage/{id}/test"),
    ("POST", "/api/webhooks/manage/{id}/rotate"),
    ("POST", "/api/webhooks/manage/{id}/retry"),
    ("GET", "/api/webhooks/manage/{id}/undelivered"),
    ("GET", "/api/recipients/{address}"),
    ("POST", "/api/recipients/check"),
    ("GET", "/api/recipients/{address}/events"),
    ("PUT", "/api/recipients/{address}/suppression"),
    ("DELETE", "/api/recipients/{address}/suppression"),
    ("GET", "/api/customers/{customer}/events"),
    ("GET", "/api/messages/{provider}/{message}"),
    ("GET", "/api/problems/{kind}/{day}"),
];

/// Returns the route that a request takes, if it takes one. The function itself does not ask: this
/// is for whoever checks it from outside.
#[must_use]
pub fn route_of(method: &str, path: &str) -> Option<(&'static str, &'static str)> {
    match route(path, method) {
        Route::To(ask) => ROUTES.get(place(ask)).copied(),
        Route::Method(_) | Route::Nowhere => None,
    }
}

/// Returns the place of the route by which something is asked for. Whatever is new has one.
fn place(ask: Ask<'_>) -> usize {
    match ask {
        Ask::List => 0,
        Ask::Create => 1,
        Ask::Show(_) => 2,
        Ask::Change(_) => 3,
        Ask::Remove(_) => 4,
        Ask::Test(_) => 5,
        Ask::Rotate(_) => 6,
        Ask::Retry(_) => 7,
        Ask::Undelivered(_) => 8,
        Ask::MayMail(_) => 9,
        Ask::Check => 10,
        Ask::Events(_) => 11,
        Ask::Suppress(_) => 12,
        Ask::Lift(_) => 13,
        Ask::CustomerEvents(_) => 14,
        Ask::Message(..) => 15,
        Ask::Problems(..) => 16,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_leads_to_what_has_it() {
        for (method, path) in ROUTES {
            let path_of_one = path
                .replace("{id}", "3")
                .replace("{address}", "kim@mail.test")
                .replace("{customer}", "u-9")
                .replace("{provider}", "resend")
                .replace("{message}", "A1")
                .replace("{kind}", "bounced")
                .replace("{day}", "2026-01-02");
            assert!(!path_of_one.contains('{'), "{path}");
            assert_eq!(route_of(method, &path_of_one), Some((method, path)));
            assert_eq!(route_of("TRACE", &path_of_one), None);
        }
    }
}
