//! An incoming request. It is untrusted, and read only as far as a signature needs.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use crate::rejection::Rejection;

/// A request that is not verified yet.
pub struct Incoming<'a> {
    pub(crate) headers: &'a [(String, String)],
    query: &'a [(String, String)],
    body: &'a [u8],
    pub(crate) received_at: Timestamp,
    window: Option<u64>,
}

/// How far a signed timestamp may be from the gateway's time, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// How old it may be.
    pub behind: u64,
    /// How far ahead it may be. Only clocks that disagree explain that.
    pub ahead: u64,
}

/// The header that may carry a shared secret, or the key that otherwise stands in the URL.
pub const KEY_HEADER: &str = "x-postern-key";
/// The user whose Basic password is a shared secret.
pub const USER: &str = "postern";

/// The most entries of a signature header that are looked at. More are never sent.
const MAX_SIGNATURES: usize = 16;

/// Why a header cannot be used.
enum HeaderFault {
    Missing,
    Duplicated,
}

impl HeaderFault {
    fn of_signature(self) -> Rejection {
        match self {
            Self::Missing => Rejection::SignatureMissing,
            Self::Duplicated => Rejection::SignatureDuplicated,
        }
    }
}

impl<'a> Incoming<'a> {
    /// Returns a request. `window` is the operator's: `None` leaves the provider's own, `Some(0)`
    /// turns the check off, and `Some(n)` accepts requests signed up to `n` seconds ago.
    #[must_use]
    pub fn new(
        headers: &'a [(String, String)],
        body: &'a [u8],
        received_at: Timestamp,
        window: Option<u64>,
    ) -> Self {
        Self {
            headers,
            query: &[],
            body,
            received_at,
            window,
        }
    }

    /// Returns the same request with the parameters of its URL.
    #[must_use]
    pub fn with_query(self, query: &'a [(String, String)]) -> Self {
        Self { query, ..self }
    }

    /// Checks whether the sender says that the body is a form. This is untrusted, and only used for
    /// a clearer code.
    #[must_use]
    pub fn is_form(&self) -> bool {
        let content_type = self.only("content-type").unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        ["application/x-www-form-urlencoded", "multipart/form-data"]
            .iter()
            .any(|form| essence.eq_ignore_ascii_case(form))
    }

    /// Returns the key in the URL, `…?key=`, if it is there exactly once.
    pub(crate) fn url_key(&self) -> Option<&'a str> {
        let mut values = self.query.iter().filter(|(name, _)| name == "key");
        match (values.next(), values.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }

    /// Returns the key in the header [`KEY_HEADER`], if it is there exactly once.
    pub(crate) fn key_header(&self) -> Option<&'a str> {
        self.only(KEY_HEADER).ok()
    }

    /// Returns the credentials that the request shows: in `Authorization` (Basic for the user
    /// [`USER`], or Bearer), in the header [`KEY_HEADER`], and as the key in the URL.
    ///
    /// # Errors
    /// Returns [`Rejection::CredentialMissing`] if there is none, and
    /// [`Rejection::CredentialDuplicated`] if a header came more than once. Returns
    /// [`Rejection::CredentialUnreadable`] if `Authorization` is of another scheme or form.
    pub(crate) fn credentials(&self) -> Result<Vec<Cow<'a, str>>, Rejection> {
        let header = |name| match self.only(name) {
            Ok(value) => Ok(Some(value)),
            Err(HeaderFault::Missing) => Ok(None),
            Err(HeaderFault::Duplicated) => Err(Rejection::CredentialDuplicated),
        };
        let authorization = header("authorization")?.map(credential).transpose()?;
        let others = [header(KEY_HEADER)?, self.url_key()];
        let others = others.into_iter().flatten().map(Cow::Borrowed);
        let found: Vec<_> = authorization.into_iter().chain(others).collect();
        if found.is_empty() {
            return Err(Rejection::CredentialMissing);
        }
        Ok(found)
    }

    /// Returns the raw body, exactly as it was sent.
    #[must_use]
    pub fn body(&self) -> &'a [u8] {
        self.body
    }

    /// Checks whether a header with this name was sent, with any value.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.values(name).next().is_some()
    }

    /// Returns the signature header, which must be there exactly once.
    ///
    /// # Errors
    /// Returns [`Rejection::SignatureMissing`] if it is not there, and
    /// [`Rejection::SignatureDuplicated`] if it came more than once.
    pub fn signature(&self, name: &str) -> Result<&'a str, Rejection> {
        self.only(name).map_err(HeaderFault::of_signature)
    }

    /// Returns the entries of a signature header that is a list with spaces, as in
    /// `v1,<base64> v1,<base64>`. The header itself must be there exactly once.
    ///
    /// An entry has at most one comma. If it has more, the gateway has joined two headers.
    ///
    /// # Errors
    /// Returns [`Rejection::SignatureMissing`] if the header is not there, and
    /// [`Rejection::SignatureDuplicated`] if it came more than once. Returns
    /// [`Rejection::SignatureUnreadable`] if it has more than 16 entries.
    pub fn signatures(&self, name: &str) -> Result<Vec<&'a str>, Rejection> {
        let list = self.single(name).map_err(HeaderFault::of_signature)?;
        let entries = list.split(' ').filter(|entry| !entry.is_empty());
        let entries: Vec<&str> = entries.take(MAX_SIGNATURES + 1).collect();
        if entries.len() > MAX_SIGNATURES {
            return Err(Rejection::SignatureUnreadable);
        }
        let is_joined = |entry: &&str| entry.matches(',').count() > 1;
        if entries.iter().any(is_joined) {
            return Err(Rejection::SignatureDuplicated);
        }
        Ok(entries)
    }

    /// Returns the header with the request's own id, which must be there exactly once.
    ///
    /// # Errors
    /// Returns [`Rejection::IdMissing`] if it is not there, and [`Rejection::IdDuplicated`] if it
    /// came more than once.
    pub fn id(&self, name: &str) -> Result<&'a str, Rejection> {
        self.only(name).map_err(|fault| match fault {
            HeaderFault::Missing => Rejection::IdMissing,
            HeaderFault::Duplicated => Rejection::IdDuplicated,
        })
    }

    /// Returns the timestamp header, which must be there exactly once.
    ///
    /// # Errors
    /// Returns [`Rejection::TimestampMissing`] if it is not there, and
    /// [`Rejection::TimestampDuplicated`] if it came more than once.
    pub fn timestamp(&self, name: &str) -> Result<&'a str, Rejection> {
        self.only(name).map_err(|fault| match fault {
            HeaderFault::Missing => Rejection::TimestampMissing,
            HeaderFault::Duplicated => Rejection::TimestampDuplicated,
        })
    }

    /// Returns the timestamp header, which must be there exactly once, as it was sent and in Unix
    /// seconds.
    ///
    /// It has one to twelve digits. More cannot be a time, and a sign or a space was never sent.
    ///
    /// # Errors
    /// Returns [`Rejection::TimestampMissing`] if it is not there,
    /// [`Rejection::TimestampDuplicated`] if it came more than once, and
    /// [`Rejection::TimestampUnreadable`] if it is not a time.
    pub fn unix_seconds(&self, name: &str) -> Result<(&'a str, i64), Rejection> {
        let timestamp = self.timestamp(name)?;
        let is_digits = timestamp.len() <= 12 && timestamp.bytes().all(|b| b.is_ascii_digit());
        let seconds = is_digits.then(|| timestamp.parse().ok()).flatten();
        Ok((timestamp, seconds.ok_or(Rejection::TimestampUnreadable)?))
    }

    /// Returns one header value without a comma. The gateway joins repeated headers with a comma,
    /// and no format that is read through here (hex, base64, digits, ids) has one.
    fn only(&self, name: &str) -> Result<&'a str, HeaderFault> {
        let value = self.single(name)?;
        if value.contains(',') {
            return Err(HeaderFault::Duplicated);
        }
        Ok(value)
    }

    /// Returns the value of a header that is there once. A blank value counts as absent.
    fn single(&self, name: &str) -> Result<&'a str, HeaderFault> {
        let mut values = self.values(name);
        match (values.next(), values.next()) {
            (None | Some(""), None) => Err(HeaderFault::Missing),
            (Some(value), None) => Ok(value),
            _ => Err(HeaderFault::Duplicated),
        }
    }

    /// Returns every value of a header, without the white space around it.
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(header, _)| header.eq_ignore_ascii_case(name))
            // This is the optional white space of RFC 9110 section 5.5.
            .map(|(_, value)| value.trim_matches([' ', '\t']))
    }

    /// Returns every value of a parameter of the URL.
    pub(crate) fn parameters(&self, name: &str) -> impl Iterator<Item = &'a str> {
        let of_name = self.query.iter().filter(move |(known, _)| known == name);
        of_name.map(|(_, value)| value.as_str())
    }

    /// Returns how old a signed time may be, in seconds: the operator's window, or else the
    /// provider's. Returns `None` if the check is off.
    pub(crate) fn behind(&self, provider: Window) -> Option<u64> {
        match self.window {
            Some(0) => None,
            Some(seconds) => Some(seconds),
            None => Some(provider.behind),
        }
    }

    /// Checks a signed time, in Unix seconds, against the operator's window, or else the
    /// provider's.
    ///
    /// # Errors
    /// Returns [`Rejection::TimestampStale`] or [`Rejection::TimestampAhead`] if the time is
    /// outside the window. Returns [`Rejection::TimestampUnreadable`] if it is not a possible time.
    pub fn fresh(&self, signed_at: i64, provider: Window) -> Result<(), Rejection> {
        let Some(behind) = self.behind(provider) else {
            return Ok(());
        };
        let signed_at = Timestamp::from_second(signed_at)
            .map_err(|_| Rejection::TimestampUnreadable)?
            .as_second();
        // Both times are checked and within ±10^12 seconds, so the difference cannot overflow.
        let age = self.received_at.as_second() - signed_at;
        if age > 0 && age.unsigned_abs() > behind {
            return Err(Rejection::TimestampStale);
        }
        if age < 0 && age.unsigned_abs() > provider.ahead {
            return Err(Rejection::TimestampAhead);
        }
        Ok(())
    }
}

/// Returns the password or the token of an `Authorization` header (RFC 7617, RFC 6750). The name of
/// the scheme may be written in any case.
fn credential(header: &str) -> Result<Cow<'_, str>, Rejection> {
    let unreadable = Rejection::CredentialUnreadable;
    let (scheme, value) = header.split_once(' ').ok_or(unreadable)?;
    let value = value.trim_start_matches(' ');
    if scheme.eq_ignore_ascii_case("bearer") && !value.is_empty() {
        return Ok(Cow::Borrowed(value));
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(unreadable);
    }
    let pair = STANDARD.decode(value).map_err(|_| unreadable)?;
    let pair = String::from_utf8(pair).map_err(|_| unreadable)?;
    let (user, password) = pair.split_once(':').ok_or(unreadable)?;
    if user != USER {
        return Err(Rejection::CredentialMismatch);
    }
    Ok(Cow::Owned(password.to_owned()))
}
