//! What comes in: untrusted, and read only as far as a signature needs.

use jiff::Timestamp;

use crate::rejection::Rejection;

/// A request that nobody has vouched for yet.
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
    /// How far ahead it may be: only clocks that disagree explain it.
    pub ahead: u64,
}

/// The most entries of a signature header that are looked at; more are never sent.
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
    /// `window` is the operator's: `None` leaves the provider's own, `Some(0)` turns the check off,
    /// `Some(n)` accepts requests signed up to `n` seconds ago.
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

    /// The same request with the parameters of its URL.
    #[must_use]
    pub fn with_query(self, query: &'a [(String, String)]) -> Self {
        Self { query, ..self }
    }

    /// Whether the body is a form, by the untrusted word of the sender: for a clearer code and
    /// nothing else.
    #[must_use]
    pub fn is_form(&self) -> bool {
        let content_type = self.only("content-type").unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        ["application/x-www-form-urlencoded", "multipart/form-data"]
            .iter()
            .any(|form| essence.eq_ignore_ascii_case(form))
    }

    /// The key in the URL, `…?key=`, there exactly once.
    pub(crate) fn url_key(&self) -> Option<&'a str> {
        let mut values = self.query.iter().filter(|(name, _)| name == "key");
        match (values.next(), values.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }

    /// The raw body, exactly as it was sent.
    #[must_use]
    pub fn body(&self) -> &'a [u8] {
        self.body
    }

    /// Whether a header of this name was sent, with whatever value.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.values(name).next().is_some()
    }

    /// The signature header, there exactly once.
    ///
    /// # Errors
    /// [`Rejection::SignatureMissing`], [`Rejection::SignatureDuplicated`].
    pub fn signature(&self, name: &str) -> Result<&'a str, Rejection> {
        self.only(name).map_err(HeaderFault::of_signature)
    }

    /// The entries of a signature header that is a list with spaces between, as in
    /// `v1,<base64> v1,<base64>`; the header itself is there exactly once. An entry has one comma
    /// at most: where there are more, the gateway has joined two headers.
    ///
    /// # Errors
    /// [`Rejection::SignatureMissing`], [`Rejection::SignatureDuplicated`];
    /// [`Rejection::SignatureUnreadable`] for more than 16 entries.
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

    /// The header with the request's own id, there exactly once.
    ///
    /// # Errors
    /// [`Rejection::IdMissing`], [`Rejection::IdDuplicated`].
    pub fn id(&self, name: &str) -> Result<&'a str, Rejection> {
        self.only(name).map_err(|fault| match fault {
            HeaderFault::Missing => Rejection::IdMissing,
            HeaderFault::Duplicated => Rejection::IdDuplicated,
        })
    }

    /// The timestamp header, there exactly once.
    ///
    /// # Errors
    /// [`Rejection::TimestampMissing`], [`Rejection::TimestampDuplicated`].
    pub fn timestamp(&self, name: &str) -> Result<&'a str, Rejection> {
        self.only(name).map_err(|fault| match fault {
            HeaderFault::Missing => Rejection::TimestampMissing,
            HeaderFault::Duplicated => Rejection::TimestampDuplicated,
        })
    }

    /// The timestamp header, there exactly once, as it was sent and in Unix seconds. One to twelve
    /// digits: more cannot be a time, and a sign or a space was never sent.
    ///
    /// # Errors
    /// [`Rejection::TimestampMissing`], [`Rejection::TimestampDuplicated`],
    /// [`Rejection::TimestampUnreadable`].
    pub fn unix_seconds(&self, name: &str) -> Result<(&'a str, i64), Rejection> {
        let timestamp = self.timestamp(name)?;
        let is_digits = timestamp.len() <= 12 && timestamp.bytes().all(|b| b.is_ascii_digit());
        let seconds = is_digits.then(|| timestamp.parse().ok()).flatten();
        Ok((timestamp, seconds.ok_or(Rejection::TimestampUnreadable)?))
    }

    /// One header value without a comma: the gateway joins repeated headers with one, and none of
    /// the formats that are read through here (hex, base64, digits, ids) can hold it.
    fn only(&self, name: &str) -> Result<&'a str, HeaderFault> {
        let value = self.single(name)?;
        if value.contains(',') {
            return Err(HeaderFault::Duplicated);
        }
        Ok(value)
    }

    /// The value of a header that is there once, blank counting as absent.
    fn single(&self, name: &str) -> Result<&'a str, HeaderFault> {
        let mut values = self.values(name);
        match (values.next(), values.next()) {
            (None | Some(""), None) => Err(HeaderFault::Missing),
            (Some(value), None) => Ok(value),
            _ => Err(HeaderFault::Duplicated),
        }
    }

    fn values(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(header, _)| header.eq_ignore_ascii_case(name))
            // optional white space, RFC 9110 section 5.5
            .map(|(_, value)| value.trim_matches([' ', '\t']))
    }

    /// Checks a signed time, in Unix seconds, against the operator's window, else the provider's.
    ///
    /// # Errors
    /// [`Rejection::TimestampStale`], [`Rejection::TimestampAhead`];
    /// [`Rejection::TimestampUnreadable`] for no possible time.
    pub fn fresh(&self, signed_at: i64, provider: Window) -> Result<(), Rejection> {
        let behind = match self.window {
            Some(0) => return Ok(()),
            Some(seconds) => seconds,
            None => provider.behind,
        };
        let signed_at = Timestamp::from_second(signed_at)
            .map_err(|_| Rejection::TimestampUnreadable)?
            .as_second();
        // Two checked times within ±10^12 seconds: the difference cannot overflow.
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
