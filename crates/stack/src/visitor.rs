//! Tells a request of somebody at this machine from one that came from elsewhere.
//!
//! What is under `/_postern/` shows people's addresses. A tunnel that brings a provider's webhooks
//! to this machine must not show them to its visitors, nor may a page of the web ask by a name that
//! leads here (DNS rebinding).

use axum::http::{HeaderMap, header};

/// What the paths begin with that are for this machine only. No route of the template does.
pub(crate) const PATHS: &str = "/_postern/";

/// Headers that a proxy or a tunnel adds, and what the names of others begin with.
const PROXY: [&str; 2] = ["forwarded", "via"];
const PROXY_PREFIXES: [&str; 2] = ["x-forwarded-", "cf-"];

/// Checks whether a request was sent at this machine, to exactly this port, and by nobody else's
/// means.
pub(crate) fn is_here(headers: &HeaderMap, port: u16) -> bool {
    is_host(headers, port) && !is_proxied(headers)
}

/// Checks whether a proxy or a tunnel brought the request.
pub(crate) fn is_proxied(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| {
        let name = name.as_str();
        let begins = |prefix: &&str| name.starts_with(*prefix);
        PROXY.contains(&name) || PROXY_PREFIXES.iter().any(begins)
    })
}

/// The whole name is compared: a name that only begins like an address may lead anywhere.
fn is_host(headers: &HeaderMap, port: u16) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    ["127.0.0.1", "localhost", "[::1]"]
        .iter()
        .any(|name| host.as_bytes() == format!("{name}:{port}").as_bytes())
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| {
            let name = HeaderName::from_static(name);
            (name, HeaderValue::from_static(value))
        });
        pairs.collect()
    }

    #[test]
    fn only_this_machine_is_here() {
        for host in ["127.0.0.1:3000", "localhost:3000", "[::1]:3000"] {
            assert!(is_here(&headers(&[("host", host)]), 3000), "{host}");
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
            assert!(!is_here(&headers(&[("host", host)]), 3000), "{host}");
        }
        assert!(!is_here(&headers(&[]), 3000));
    }

    #[test]
    fn what_a_proxy_brings_is_not() {
        for (name, value) in [
            ("forwarded", "for=192.0.2.1"),
            ("x-forwarded-for", "192.0.2.1"),
            ("x-forwarded-proto", "https"),
            ("via", "1.1 tunnel"),
            ("cf-connecting-ip", "192.0.2.1"),
        ] {
            let headers = headers(&[("host", "localhost:3000"), (name, value)]);
            assert!(!is_here(&headers, 3000), "{name}");
        }
        let own = headers(&[("host", "localhost:3000"), ("x-postern", "1")]);
        assert!(is_here(&own, 3000));
    }
}
