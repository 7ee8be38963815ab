//! Tells a request of somebody at this machine from one that came from elsewhere.
//!
//! What is under `/_postern/` shows people's addresses, and whoever reaches the table, the queues
//! or the secrets can read and change them. A tunnel that brings a provider's webhooks to this
//! machine must not show them to its visitors. Nor may a page of the web: it can send requests to
//! this machine from the user's browser, and by a name that leads here (DNS rebinding) it can read
//! the answers, too.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Version, header, request};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};

/// What the paths begin with that are for this machine only. No route of the template does.
pub(crate) const PATHS: &str = "/_postern/";

/// The names by which somebody at this machine reaches a port.
const NAMES: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// Headers that a proxy or a tunnel adds, and what the names of others begin with. The SDK of every
/// function sends `x-amzn-trace-id`, so that is none of them.
const PROXY: [&str; 15] = [
    "cdn-loop",
    "fastly-client-ip",
    "fly-client-ip",
    "forwarded",
    "forwarded-for",
    "true-client-ip",
    "via",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-forwarded",
    "x-host",
    "x-proxyuser-ip",
    "x-real-ip",
    "x-rewrite-url",
    "x-scheme",
];
const PROXY_PREFIXES: [&str; 6] = [
    "cf-",
    "tailscale-",
    "x-azure-",
    "x-envoy-",
    "x-forwarded-",
    "x-original-",
];

/// What a browser says of who made it send a request.
const SITE: &str = "sec-fetch-site";
/// The user did, or a page that this port itself has served.
const OWN_SITES: [&[u8]; 2] = [b"none", b"same-origin"];

/// What the headers begin with by which a service lets other pages read its answers.
const SHARING: &str = "access-control-";

/// Returns the service, for this machine only. It is reached at `port`. To all others the answer
/// is 403, and the service does not see the request.
pub(crate) fn only_here(service: Router, port: u16) -> Router {
    service.layer(from_fn_with_state(port, pass))
}

async fn pass(State(port): State<u16>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    if !is_here(&parts, port) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let headers = response.headers_mut();
    let names = headers
        .keys()
        .filter(|name| name.as_str().starts_with(SHARING));
    for name in names.cloned().collect::<Vec<_>>() {
        headers.remove(name);
    }
    response
}

/// Who asks for the page, and may change something by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Somebody at this machine, and if it is a POST, by the page that this port has served.
    Here,
    /// Somebody at this machine, who would change something by other means, such as another page.
    OfAnother,
    /// Somebody elsewhere, who learns nothing.
    Elsewhere,
}

/// The header that only our own page sends. Another page cannot, without asking first, and nobody
/// answers that.
const OURS: &str = "x-postern";

/// Returns who asks for the page at this port.
pub(crate) fn access(request: &request::Parts, port: u16) -> Access {
    if !is_near(request, port) {
        return Access::Elsewhere;
    }
    if request.method != Method::POST {
        let headers = &request.headers;
        return if !is_of_a_page(headers) || is_of_same_origin(headers) {
            Access::Here
        } else {
            Access::Elsewhere
        };
    }
    if is_of_own_page(&request.headers) {
        Access::Here
    } else {
        Access::OfAnother
    }
}

/// Checks whether the page that this port has served sent a POST. A browser says so, and another
/// program may leave that out.
fn is_of_own_page(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
        && headers.contains_key(OURS)
        && are_all(headers, OURS, b"1")
        && is_of_same_origin(headers)
}

/// Checks whether what a browser says of the sender, if it says anything, is this port itself. A
/// browser names the origin also when a page loads a module from where it came from.
fn is_of_same_origin(headers: &HeaderMap) -> bool {
    let own = headers.get(header::HOST).map(HeaderValue::as_bytes);
    let own = [b"http://", own.unwrap_or_default()].concat();
    are_all(headers, SITE, b"same-origin") && are_all(headers, "origin", &own)
}

fn are_all(headers: &HeaderMap, name: &str, value: &[u8]) -> bool {
    let mut values = headers.get_all(name).iter();
    values.all(|one| one.as_bytes() == value)
}

/// Checks whether a request was sent at this machine, to exactly this port, and by nobody else's
/// means.
pub(crate) fn is_here(request: &request::Parts, port: u16) -> bool {
    is_near(request, port) && !is_of_a_page(&request.headers)
}

/// Checks whether a request was sent at this machine, to exactly this port, be it by a page.
fn is_near(request: &request::Parts, port: u16) -> bool {
    // A plain proxy asks in HTTP/1.0, with no header of its own.
    request.version != Version::HTTP_10 && is_host(request, port) && !is_proxied(&request.headers)
}

/// Checks whether a proxy or a tunnel brought the request.
fn is_proxied(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| {
        let name = name.as_str();
        let begins = |prefix: &&str| name.starts_with(*prefix);
        PROXY.contains(&name) || PROXY_PREFIXES.iter().any(begins)
    })
}

/// Checks whether a page made a browser send the request. No page here has to name its origin.
fn is_of_a_page(headers: &HeaderMap) -> bool {
    let mut sites = headers.get_all(SITE).iter();
    headers.contains_key(header::ORIGIN) || sites.any(|site| !OWN_SITES.contains(&site.as_bytes()))
}

/// The whole name is compared: a name that only begins like an address may lead anywhere. What
/// stands in the request line counts like the header.
fn is_host(request: &request::Parts, port: u16) -> bool {
    let mut hosts = request.headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    let authority = request.uri.authority();
    let mut named = authority.iter().map(|name| name.as_str().as_bytes());
    is_own(host.as_bytes(), port) && named.all(|name| is_own(name, port))
}

fn is_own(host: &[u8], port: u16) -> bool {
    let mut names = NAMES.iter();
    names.any(|name| host == format!("{name}:{port}").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_let_in(uri: &str, headers: &[(&str, &str)]) -> bool {
        let mut request = Request::get(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        is_here(&parts, 3000)
    }

    #[test]
    fn only_this_machine_is_here() {
        for host in ["127.0.0.1:3000", "localhost:3000", "[::1]:3000"] {
            assert!(is_let_in("/", &[("host", host)]), "{host}");
        }
        for host in [
            "127.0.0.1",
            "127.0.0.1:3001",
            "127.0.0.1:30000",
            "127.0.0.1.rebind.test:3000",
            "localhost.test:3000",
            "hooks.example.test",
            "0.0.0.0:3000",
            "",
        ] {
            assert!(!is_let_in("/", &[("host", host)]), "{host}");
        }
        assert!(!is_let_in("/", &[]));
        let by_a_function = ("x-amzn-trace-id", "Root=1-5759e988;Sampled=0");
        assert!(is_let_in("/", &[("host", "localhost:3000"), by_a_function]));
        let own = ("host", "localhost:3000");
        assert!(!is_let_in("/", &[own, own]), "two hosts");
        assert!(is_let_in("http://localhost:3000/", &[own]));
        assert!(!is_let_in("http://hooks.example.test/", &[own]));
    }

    #[test]
    fn what_a_proxy_brings_is_not() {
        for (name, value) in [
            ("forwarded", "for=192.0.2.1"),
            ("x-forwarded-for", "192.0.2.1"),
            ("x-forwarded-proto", "https"),
            ("via", "1.1 tunnel"),
            ("cf-connecting-ip", "192.0.2.1"),
            ("x-real-ip", "192.0.2.1"),
            ("true-client-ip", "192.0.2.1"),
            ("x-client-ip", "192.0.2.1"),
            ("fly-client-ip", "192.0.2.1"),
            ("x-original-host", "hooks.example.test"),
            ("x-envoy-external-address", "192.0.2.1"),
            ("x-forwarded", "for=192.0.2.1"),
            ("forwarded-for", "192.0.2.1"),
            ("x-cluster-client-ip", "192.0.2.1"),
            ("x-rewrite-url", "/"),
            ("fastly-client-ip", "192.0.2.1"),
            ("x-azure-clientip", "192.0.2.1"),
            ("cdn-loop", "a-network"),
            ("x-scheme", "https"),
            ("x-host", "hooks.example.test"),
            ("tailscale-user-login", "kim@mail.test"),
            ("x-proxyuser-ip", "192.0.2.1"),
        ] {
            let headers = [("host", "localhost:3000"), (name, value)];
            assert!(!is_let_in("/", &headers), "{name}");
        }
        assert!(is_let_in(
            "/",
            &[("host", "localhost:3000"), ("x-postern", "1")]
        ));
        let plain = Request::get("/").version(Version::HTTP_10);
        let plain = plain.header("host", "localhost:3000").body(()).unwrap();
        assert!(!is_here(&plain.into_parts().0, 3000), "HTTP/1.0");
    }

    #[test]
    fn what_a_page_asks_for_is_not() {
        let own = ("host", "localhost:3000");
        for header in [
            ("origin", "https://page.example.test"),
            ("origin", "null"),
            ("origin", "http://localhost:3000"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("sec-fetch-site", ""),
        ] {
            assert!(!is_let_in("/", &[own, header]), "{header:?}");
        }
        for site in ["none", "same-origin"] {
            assert!(is_let_in("/", &[own, ("sec-fetch-site", site)]), "{site}");
        }
    }

    fn posted(headers: &[(&str, &str)]) -> Access {
        let mut request = Request::post("/_postern/send");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        access(&request.body(()).unwrap().into_parts().0, 3000)
    }

    fn read_with(headers: &[(&str, &str)]) -> Access {
        let mut request = Request::get("/_postern/app.js").header("host", "localhost:3000");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        access(&request.body(()).unwrap().into_parts().0, 3000)
    }

    /// A browser names the origin of a page that loads a module.
    #[test]
    fn our_own_page_may_say_that_it_asks_and_no_other_may_ask() {
        for headers in [
            &[][..],
            &[("sec-fetch-site", "none")],
            &[("sec-fetch-site", "same-origin")],
            &[
                ("origin", "http://localhost:3000"),
                ("sec-fetch-site", "same-origin"),
            ],
        ] {
            assert_eq!(read_with(headers), Access::Here, "{headers:?}");
        }
        for headers in [
            &[("origin", "https://page.example.test")][..],
            &[("origin", "null")],
            &[("origin", "http://127.0.0.1:3000")],
            &[("origin", "http://localhost:3001")],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[
                ("origin", "http://localhost:3000"),
                ("sec-fetch-site", "same-site"),
            ],
            &[
                ("origin", "http://localhost:3000"),
                ("origin", "https://page.example.test"),
            ],
            &[
                ("origin", "http://localhost:3000"),
                ("x-forwarded-for", "192.0.2.1"),
            ],
        ] {
            assert_eq!(read_with(headers), Access::Elsewhere, "{headers:?}");
        }
    }

    #[test]
    fn only_our_own_page_changes_something() {
        let own = [
            ("host", "localhost:3000"),
            ("content-type", "application/json"),
            ("x-postern", "1"),
        ];
        assert_eq!(posted(&own), Access::Here);
        let in_browser = [
            ("origin", "http://localhost:3000"),
            ("sec-fetch-site", "same-origin"),
        ];
        assert_eq!(posted(&[&own[..], &in_browser].concat()), Access::Here);
        for without in 1..own.len() {
            let mut some = own.to_vec();
            some.remove(without);
            assert_eq!(posted(&some), Access::OfAnother, "{:?}", own[without]);
        }
        for more in [
            ("origin", "https://page.example.test"),
            ("origin", "http://127.0.0.1:3000"),
            ("origin", "https://localhost:3000"),
            ("origin", "http://localhost:3001"),
            ("origin", "http://localhost:3000.page.test"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("sec-fetch-site", "none"),
            ("x-postern", "2"),
        ] {
            assert_eq!(
                posted(&[&own[..], &[more]].concat()),
                Access::OfAnother,
                "{more:?}"
            );
        }
        let form = [own[0], ("content-type", "text/plain"), own[2]];
        assert_eq!(posted(&form), Access::OfAnother);
        for more in [("x-forwarded-for", "192.0.2.1"), ("host", "a.test:3000")] {
            assert_eq!(
                posted(&[&own[..], &[more]].concat()),
                Access::Elsewhere,
                "{more:?}"
            );
        }
        let rebound = [("host", "rebind.test:3000"), own[1], own[2]];
        assert_eq!(posted(&rebound), Access::Elsewhere);
    }
}
