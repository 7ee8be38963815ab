//! Makes a request of a body: about whom it is, when it happened, how it is signed.

use jiff::Timestamp;
use shared::address::Mailbox;
use shared::provider::Strength;
use shared::sender::Signed;

use super::broken::{self, Break};
use super::chosen::Chosen;
use super::content_type::content_type;
use super::error::SendError;

/// How a body is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct How {
    /// Whom it is about, if not those that it names.
    pub recipient: Option<String>,
    /// Whether its times stay as they are. If not, it has happened just now.
    pub as_is: bool,
    /// What is wrong with it.
    pub wrong: Option<Break>,
}

/// A request that is ready to be posted.
#[derive(Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The content type.
    pub content_type: &'static str,
    /// The headers that sign it.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// What of it travels on if it is accepted: the body, unless the provider signs a form of it.
    pub travels: Vec<u8>,
}

/// Returns the request that a provider would send at this time, signed with this key.
///
/// # Errors
/// Returns a [`SendError`] if the body names no recipient who could be another, or if a webhook of
/// this provider cannot be wrong in the way that is wanted.
pub fn prepared(
    chosen: &Chosen,
    key: &str,
    how: &How,
    at: Timestamp,
) -> Result<Prepared, SendError> {
    let sender = chosen.sender;
    let mut body = chosen.body.clone();
    if let Some(recipient) = &how.recipient {
        let to = mailbox(recipient)?;
        let readdressed = sender.readdress(&body, to);
        body = readdressed.ok_or_else(|| SendError::NoRecipient(chosen.name.clone()))?;
    }
    if !how.as_is {
        body = sender.restamp(&body, at);
    }
    let Signed {
        headers,
        body: sent,
    } = match how.wrong {
        Some(wrong) => broken::signed(sender, key, &body, at, wrong)?,
        None => sender.signed(key, &body, at),
    };
    let travels = match sender.strength() {
        Strength::Token => sent.clone(),
        Strength::Signed | Strength::SharedSecret | Strength::Transport => body,
    };
    Ok(Prepared {
        content_type: content_type(sender, &sent),
        headers,
        body: sent,
        travels,
    })
}

fn mailbox(text: &str) -> Result<&str, SendError> {
    let wrong = |why: String| SendError::Recipient {
        text: text.to_owned(),
        why,
    };
    Mailbox::one(text).map_err(|reason| wrong(reason.to_string()))?;
    Ok(text.trim())
}
