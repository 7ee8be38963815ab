//! Why an attempt has no answer.

use std::io;

/// Why an attempt has no answer. None of them says where it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// The name has no address.
    #[error("the host's name was not resolved")]
    DnsFailed,
    /// One of the name's addresses is not public.
    #[error("the host has an address that is not public")]
    AddressNotPublic,
    /// No address took the connection.
    #[error("no connection was made")]
    ConnectFailed,
    /// No address took the connection in time.
    #[error("no connection was made in time")]
    ConnectTimeout,
    /// There is no common way to speak TLS.
    #[error("the TLS handshake failed")]
    TlsHandshake,
    /// The certificate is not for this name, not valid now, or by nobody that is known.
    #[error("the certificate is not valid")]
    CertificateInvalid,
    /// The attempt's time is over.
    #[error("there was no answer in time")]
    Timeout,
    /// The connection ended before the answer.
    #[error("the connection ended before the answer")]
    Reset,
    /// What came is no HTTP, or too much of it.
    #[error("the answer is not HTTP, or too large")]
    HttpUnreadable,
    /// The request cannot be written: its target or headers are not HTTP's.
    #[error("the request cannot be written")]
    RequestRefused,
}

impl Failure {
    /// Returns the stable name.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::DnsFailed => "dns_failed",
            Self::AddressNotPublic => "address_not_public",
            Self::ConnectFailed => "connect_failed",
            Self::ConnectTimeout => "connect_timeout",
            Self::TlsHandshake => "tls_handshake",
            Self::CertificateInvalid => "certificate_invalid",
            Self::Timeout => "timeout",
            Self::Reset => "reset",
            Self::HttpUnreadable => "http_unreadable",
            Self::RequestRefused => "request_refused",
        }
    }

    /// Returns why reading or writing failed, once the connection was there.
    pub(super) fn of_stream(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::FileTooLarge => Self::HttpUnreadable, // see `bounded`
            io::ErrorKind::InvalidData => Self::TlsHandshake,
            io::ErrorKind::TimedOut => Self::Timeout,
            _ => Self::Reset,
        }
    }
}
