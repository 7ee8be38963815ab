//! Which route a request takes. The most specific one wins (API Gateway developer guide, "Create
//! routes for HTTP APIs").

use std::sync::Arc;

use crate::lambda::Lambda;
use crate::template::{ANY, Route};

/// A route with the function behind it.
pub(super) type Routed = (Route, Arc<Lambda>);

/// The way of one request.
pub(super) struct Taken<'a> {
    /// The route.
    pub(super) route: &'a Route,
    /// The function behind it.
    pub(super) function: Arc<Lambda>,
    /// What a greedy path stands for.
    pub(super) proxy: Option<&'a str>,
}

/// Returns the route that a request takes. Returns `None` if there is none.
pub(super) fn taken<'a>(routes: &'a [Routed], method: &str, path: &'a str) -> Option<Taken<'a>> {
    let fitting = routes
        .iter()
        .filter(|(route, _)| fits(route, method, path))
        .max_by_key(|(route, _)| rank(route));
    fitting.map(|(route, function)| Taken {
        route,
        function: Arc::clone(function),
        proxy: route.stem().and_then(|stem| path.strip_prefix(stem)),
    })
}

fn fits(route: &Route, method: &str, path: &str) -> bool {
    let is_path = match route.stem() {
        Some(stem) => path.strip_prefix(stem).is_some_and(|rest| !rest.is_empty()),
        None => route.path == path,
    };
    is_path && (route.method == method || route.method == ANY)
}

/// A whole path is before a greedy one, a longer one before a shorter one, and a method before all
/// methods.
fn rank(route: &Route) -> (bool, usize, bool) {
    (
        route.stem().is_none(),
        route.path.len(),
        route.method != ANY,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(key: &str) -> Route {
        let (method, path) = key.split_once(' ').unwrap();
        Route {
            method: method.to_owned(),
            path: path.to_owned(),
            is_signed: false,
        }
    }

    /// Returns the route among all that fit.
    fn first<'a>(keys: &[&'a str], method: &str, path: &str) -> Option<&'a str> {
        let fitting = keys.iter().filter(|key| fits(&route(key), method, path));
        fitting.max_by_key(|key| rank(&route(key))).copied()
    }

    #[test]
    fn the_most_specific_route_is_taken() {
        let keys = [
            "ANY /api/{proxy+}",
            "POST /api/webhooks",
            "GET /api/a/{proxy+}",
            "ANY /api/a/b",
        ];
        for (method, path, key) in [
            ("POST", "/api/webhooks", Some("POST /api/webhooks")),
            ("GET", "/api/webhooks", Some("ANY /api/{proxy+}")),
            ("POST", "/api/webhooks/manage", Some("ANY /api/{proxy+}")),
            ("GET", "/api/a/b", Some("ANY /api/a/b")),
            ("GET", "/api/a/c", Some("GET /api/a/{proxy+}")),
            ("PUT", "/api/a/c", Some("ANY /api/{proxy+}")),
            ("GET", "/api/", None),
            ("GET", "/api", None),
            ("POST", "/webhooks", None),
        ] {
            assert_eq!(first(&keys, method, path), key, "{method} {path}");
        }
    }
}
