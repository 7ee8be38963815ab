//! What a request asks for, by its path and its method.

use outlets::manage::PATH;

/// The most digits of an id.
const ID_DIGITS: usize = 10;

/// What a request asks for. The number is an endpoint's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// All endpoints.
    List,
    /// A new one.
    Create,
    /// One of them.
    Show(u64),
    /// A change of one.
    Change(u64),
    /// The end of one.
    Remove(u64),
    /// A notification that says nothing.
    Test(u64),
    /// A new secret.
    Rotate(u64),
    /// What waits, to be sent now.
    Retry(u64),
    /// What waits, to be seen.
    Undelivered(u64),
}

/// Where a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// Here.
    To(Ask),
    /// The path has other methods, which are named as in the header `Allow`.
    Method(&'static str),
    /// Nowhere.
    Nowhere,
}

impl Ask {
    /// Checks whether it changes nothing, so that a key which may only read may ask for it.
    pub(crate) fn is_reading(self) -> bool {
        matches!(self, Self::List | Self::Show(_) | Self::Undelivered(_))
    }
}

/// Returns where a request goes. Nothing is removed from its path, and nothing in it is decoded.
pub(crate) fn route(path: &str, method: &str) -> Route {
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
    match (id_of(id), what) {
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

fn only(allowed: &'static str, method: &str, ask: Ask) -> Route {
    if method == allowed {
        Route::To(ask)
    } else {
        Route::Method(allowed)
    }
}

/// Reads an id as answers write it: digits, without a sign or a leading zero.
fn id_of(text: &str) -> Option<u64> {
    let is_id = (1..=ID_DIGITS).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let is_plain = is_id && !text.starts_with('0');
    is_plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_leads_to_what_it_asks_for() {
        let at = |rest: &str| format!("{PATH}{rest}");
        for (method, path, ask) in [
            ("GET", at(""), Ask::List),
            ("POST", at(""), Ask::Create),
            ("GET", at("/3"), Ask::Show(3)),
            ("PATCH", at("/3"), Ask::Change(3)),
            ("DELETE", at("/9999999999"), Ask::Remove(9_999_999_999)),
            ("POST", at("/3/test"), Ask::Test(3)),
            ("POST", at("/3/rotate"), Ask::Rotate(3)),
            ("POST", at("/3/retry"), Ask::Retry(3)),
            ("GET", at("/3/undelivered"), Ask::Undelivered(3)),
        ] {
            assert_eq!(route(&path, method), Route::To(ask), "{method} {path}");
            assert_eq!(ask.is_reading(), method == "GET", "{method} {path}");
        }
    }

    #[test]
    fn a_path_that_is_not_exactly_one_of_them_leads_nowhere() {
        for path in [
            "",
            "/",
            "/api/webhooks",
            "/api/webhooks/manage/",
            "/api/webhooks/managed",
            "/api/webhooks/manage/0",
            "/api/webhooks/manage/03",
            "/api/webhooks/manage/+3",
            "/api/webhooks/manage/-3",
            "/api/webhooks/manage/next",
            "/api/webhooks/manage/3/",
            "/api/webhooks/manage/3/replay",
            "/api/webhooks/manage/3/test/",
            "/api/webhooks/manage/3%2Ftest",
            "/api/webhooks/manage/12345678901",
            "/api/webhooks/manage//3",
            "/API/webhooks/manage",
            "/prod/api/webhooks/manage",
            "//api/webhooks/manage",
        ] {
            for method in ["GET", "POST", "PUT"] {
                assert_eq!(route(path, method), Route::Nowhere, "{path}");
            }
        }
    }

    #[test]
    fn another_method_is_told_which_there_are() {
        for (path, allowed) in [
            ("/api/webhooks/manage", "GET, POST"),
            ("/api/webhooks/manage/3", "GET, PATCH, DELETE"),
            ("/api/webhooks/manage/3/test", "POST"),
            ("/api/webhooks/manage/3/rotate", "POST"),
            ("/api/webhooks/manage/3/retry", "POST"),
            ("/api/webhooks/manage/3/undelivered", "GET"),
        ] {
            for method in ["PUT", "HEAD", "OPTIONS", "get", ""] {
                assert_eq!(
                    route(path, method),
                    Route::Method(allowed),
                    "{path} {method}"
                );
            }
        }
    }
}
