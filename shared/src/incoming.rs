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

/// Why a header cannot be used.
enum HeaderFault {
    Missing,
    Duplicated,
}

impl<'a> Incoming<'a> {
    /// `window` is the operator's: `None` leaves the provider's own, `Some(0)` turns the check off, `Some(n)` accepts
    /// requests signed up to `n` seconds ago.
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

    /// Whether the body is a form, by the untrusted word of the sender: for a clearer code and nothing else.
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

    /// The signature header, there exactly once.
    ///
    /// # Errors
    /// [`Rejection::SignatureMissing`], [`Rejection::SignatureDuplicated`].
    pub fn signature(&self, name: &str) -> Result<&'a str, Rejection> {
        self.only(name).map_err(|fault| match fault {
            HeaderFault::Missing => Rejection::SignatureMissing,
            HeaderFault::Duplicated => Rejection::SignatureDuplicated,
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

    /// One header value without a comma: the gateway joins repeated headers with one, and none of the formats that are
    /// read through here (hex, base64, digits) can hold it.
    fn only(&self, name: &str) -> Result<&'a str, HeaderFault> {
        let mut values = self
            .headers
            .iter()
            .filter(|(header, _)| header.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim_matches([' ', '\t'])); // optional white space, RFC 9110 section 5.5
        match (values.next(), values.next()) {
            (None | Some(""), None) => Err(HeaderFault::Missing),
            (Some(value), None) if !value.contains(',') => Ok(value),
            _ => Err(HeaderFault::Duplicated),
        }
    }

    /// Checks a signed time, in Unix seconds, against the operator's window, else the provider's.
    ///
    /// # Errors
    /// [`Rejection::TimestampStale`], [`Rejection::TimestampAhead`]; [`Rejection::TimestampUnreadable`] for no possible time.
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
