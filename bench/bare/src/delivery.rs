//! The queue message: what the receiver writes and the consumer reads.

use std::borrow::Cow;
use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::ZlibDecoder;
use serde::{Deserialize, Serialize};

use crate::outcome::Outcome;

/// A webhook in the queue, with the fields that the two providers use.
#[derive(Serialize, Deserialize)]
pub(crate) struct Delivery<'a> {
    pub(crate) v: u8,
    #[serde(borrow)]
    pub(crate) provider: Cow<'a, str>,
    pub(crate) received_at: i64,
    #[serde(borrow)]
    pub(crate) encoding: Cow<'a, str>,
    #[serde(borrow)]
    pub(crate) body: Cow<'a, str>,
}

impl Delivery<'_> {
    /// Returns the body, unpacked if it is packed.
    pub(crate) fn unpacked(&self) -> Outcome<Cow<'_, str>> {
        if self.encoding == "text" {
            return Ok(Cow::Borrowed(&self.body));
        }
        let packed = STANDARD.decode(&*self.body)?;
        let mut body = String::new();
        ZlibDecoder::new(&*packed).read_to_string(&mut body)?;
        Ok(Cow::Owned(body))
    }
}

/// Reads JSON, and says what could not be read.
pub(crate) fn read<'a, T: Deserialize<'a>>(what: &str, json: &'a [u8]) -> Outcome<T> {
    serde_json::from_slice(json).map_err(|error| format!("{what}: {error}").into())
}
