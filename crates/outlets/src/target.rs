//! Which URLs may be endpoints. The same rules hold when a URL is registered and at each attempt.
//!
//! A deployed stack calls `https` at public names and nothing else. A stack on somebody's own
//! machine may call that machine, too.

use std::fmt;
use std::net::IpAddr;

use url::{Host, Url};

/// The longest URL, in bytes, as it was given and as it is sent.
const MOST_BYTES: usize = 2_048;
/// The longest name of a host, and the longest label in it, in bytes (RFC 1035, section 2.3.4).
const HOST_BYTES: usize = 253;
const LABEL_BYTES: usize = 63;
/// The ports of a deployed stack's endpoints.
const PORTS: [u16; 2] = [443, 8443];
/// The last labels of names that are nowhere, or inside a network.
const NOT_PUBLIC: [&str; 3] = ["local", "internal", "localhost"];

/// Where the stack runs that calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In an account.
    Deployed {
        /// The stack's own hosts, in lower case. An endpoint there would be told of what it does
        /// itself, for ever.
        own_hosts: Vec<String>,
    },
    /// On somebody's own machine: its queue is on loopback.
    Here,
}

impl Place {
    /// Returns where a stack runs whose queue has this URL: here, if that is on loopback. These are
    /// the stack's own hosts.
    #[must_use]
    pub fn of_stack(queue_url: &str, own_hosts: impl IntoIterator<Item = String>) -> Self {
        let url = Url::parse(queue_url).ok();
        let is_here = url.as_ref().is_some_and(|url| match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        });
        if is_here {
            return Self::Here;
        }
        let own_hosts = own_hosts.into_iter().map(|host| host.to_ascii_lowercase());
        Self::Deployed {
            own_hosts: own_hosts.collect(),
        }
    }
}

/// Why a URL cannot be an endpoint. No text repeats it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// It is longer than a URL may be, with everything encoded.
    #[error("the URL has more than 2,048 bytes")]
    Long,
    /// It is not a URL, or has characters that none has.
    #[error("this is not an absolute URL")]
    Unreadable,
    /// Its scheme is another one.
    #[error("the URL must start with https://")]
    Scheme,
    /// It has a user or a password.
    #[error("the URL has a user or a password in it: give a header instead")]
    User,
    /// It has a fragment, which is never sent.
    #[error("the URL has a fragment")]
    Fragment,
    /// Its port is another one.
    #[error("the URL's port must be 443 or 8443")]
    Port,
    /// Its host is an IP address, however it is spelled.
    #[error("the URL's host is an IP address: give a public name")]
    Address,
    /// Its host is no name of the public DNS.
    #[error("the URL's host is not a public name")]
    Host,
    /// Its host is the stack's own.
    #[error("the URL's host is this stack's own: it would be told of what it does itself")]
    Own,
}

impl TargetError {
    /// Returns the stable name.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Long => "url_long",
            Self::Unreadable => "url_unreadable",
            Self::Scheme => "url_scheme",
            Self::User => "url_user",
            Self::Fragment => "url_fragment",
            Self::Port => "url_port",
            Self::Address => "url_address",
            Self::Host => "url_host",
            Self::Own => "url_own",
        }
    }
}

/// A URL that may be called.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    url: Url,
    host: String,
    port: u16,
    address: Option<IpAddr>,
}

impl Target {
    /// Reads a URL, for whoever calls it from this place.
    ///
    /// # Errors
    /// Returns a [`TargetError`] for the first rule that it breaks.
    pub fn parse(given: &str, place: &Place) -> Result<Self, TargetError> {
        if given.len() > MOST_BYTES {
            return Err(TargetError::Long);
        }
        let authority = authority(given)?;
        let url = Url::parse(given).map_err(|_| TargetError::Unreadable)?;
        if url.as_str().len() > MOST_BYTES {
            return Err(TargetError::Long);
        }
        if url.scheme() != "https" && (url.scheme() != "http" || *place != Place::Here) {
            return Err(TargetError::Scheme);
        }
        if authority.contains('@') || !url.username().is_empty() || url.password().is_some() {
            return Err(TargetError::User);
        }
        if url.fragment().is_some() {
            return Err(TargetError::Fragment);
        }
        let port = url.port_or_known_default().ok_or(TargetError::Port)?;
        let host = url.host().ok_or(TargetError::Host)?;
        let address = judge(&host, port, place)?;
        let host = host.to_string();
        Ok(Self {
            url,
            host,
            port,
            address,
        })
    }

    /// Returns the URL as it is called, with everything encoded.
    #[must_use]
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// Returns the host, in lower case. An address of IPv6 is in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the address that is the host. Only a stack on somebody's own machine has such
    /// endpoints.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// Returns the port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Checks whether the connection is encrypted.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Returns the value of the header `host`: with the port, unless it is the scheme's own.
    #[must_use]
    pub fn authority(&self) -> String {
        match self.url.port() {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }

    /// Returns what the request line has.
    #[must_use]
    pub fn path_and_query(&self) -> String {
        match self.url.query() {
            Some(query) => format!("{}?{query}", self.url.path()),
            None => self.url.path().to_owned(),
        }
    }
}

/// Shows nothing: a path or a query may be somebody's secret.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Target(redacted)")
    }
}

/// Returns what stands between the slashes, to the letter. A parser of URLs is lenient: it drops
/// tabs, reads `\` as `/`, and finds a host behind one slash or five. Nobody means such a URL.
fn authority(given: &str) -> Result<&str, TargetError> {
    let is_odd = |c: char| c.is_whitespace() || c.is_control() || c == '\\';
    if given.contains(is_odd) {
        return Err(TargetError::Unreadable);
    }
    let (scheme, rest) = given.split_once("://").ok_or(TargetError::Unreadable)?;
    if scheme.is_empty() || !scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(TargetError::Unreadable);
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_there = !authority.is_empty();
    is_there.then_some(authority).ok_or(TargetError::Unreadable)
}

/// Judges a host and a port. Returns the address that is the host, if this is one.
fn judge(host: &Host<&str>, port: u16, place: &Place) -> Result<Option<IpAddr>, TargetError> {
    let address = match host {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some(IpAddr::V4(*address)),
        Host::Ipv6(address) => Some(IpAddr::V6(*address)),
    };
    let own_hosts = match place {
        Place::Here => return judge_here(host, address),
        Place::Deployed { own_hosts } => own_hosts,
    };
    let Host::Domain(name) = host else {
        return Err(TargetError::Address);
    };
    if !is_public_name(name) {
        return Err(TargetError::Host);
    }
    if own_hosts.iter().any(|own| own.eq_ignore_ascii_case(name)) {
        return Err(TargetError::Own);
    }
    let is_port = PORTS.contains(&port);
    is_port.then_some(None).ok_or(TargetError::Port)
}

/// Judges a host for a stack on somebody's own machine: a public name, or that machine.
fn judge_here(host: &Host<&str>, address: Option<IpAddr>) -> Result<Option<IpAddr>, TargetError> {
    match (host, address) {
        (_, Some(address)) if address.to_canonical().is_loopback() => Ok(Some(address)),
        (_, Some(_)) => Err(TargetError::Address),
        (Host::Domain(name), None) if *name == "localhost" || is_public_name(name) => Ok(None),
        _ => Err(TargetError::Host),
    }
}

/// Checks whether a name, in lower case and in ASCII, can be one of the public DNS.
fn is_public_name(name: &str) -> bool {
    let is_label = |label: &str| {
        let is_character = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=LABEL_BYTES).contains(&label.len())
            && label.bytes().all(is_character)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = name.rsplit_once('.').map(|(_, last)| last);
    let is_known = last.is_some_and(|last| !NOT_PUBLIC.contains(&last));
    is_known && name.len() <= HOST_BYTES && name.split('.').all(is_label)
}

#[cfg(test)]
mod tests;
