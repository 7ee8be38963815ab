//! Receipt handles. A handle says which message a receive handed out, and which receive it was.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::errors::SqsError;

/// The content of a receipt handle. Callers see it as opaque text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The queue that issued the handle.
    pub queue: String,
    /// The message's place in the queue.
    pub seq: u64,
    /// The message's id. The place alone could be that of an earlier run of the emulator.
    pub message_id: String,
    /// The number of the message's receive, so that every handle differs.
    pub receive: u32,
}

impl Receipt {
    /// Returns the handle as text.
    #[must_use]
    pub fn encode(&self) -> String {
        let (queue, seq, id, receive) = (&self.queue, self.seq, &self.message_id, self.receive);
        URL_SAFE_NO_PAD.encode(format!("{queue}/{seq}/{id}/{receive}"))
    }

    /// Reads a handle back.
    ///
    /// # Errors
    /// Returns `ReceiptHandleIsInvalid` if [`Self::encode`] did not write it.
    pub fn decode(handle: &str) -> Result<Self, SqsError> {
        Self::parse(handle).ok_or(SqsError::ReceiptHandleIsInvalid)
    }

    fn parse(handle: &str) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(handle).ok()?).ok()?;
        let mut parts = text.split('/');
        let receipt = Self {
            queue: parts.next()?.into(),
            seq: parts.next()?.parse().ok()?,
            message_id: parts.next()?.into(),
            receive: parts.next()?.parse().ok()?,
        };
        parts.next().is_none().then_some(receipt)
    }
}
