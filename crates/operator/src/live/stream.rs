//! Reads what happens on a local stack from its stream of Server-Sent Events.

use std::collections::VecDeque;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use jiff::Timestamp;

use super::entry::Entry;
use crate::error::Error;
use crate::http::{Body, Http};
use crate::target::PATIENCE;

/// The longest line of the stream: more than any entry of a stack has.
const LINE_BYTES: usize = 16 * 1024 * 1024;

/// The entries of a running stack, one after the other.
pub struct Stream {
    url: String,
    body: Body,
    /// What came and is not a whole line yet.
    rest: Vec<u8>,
    entries: VecDeque<Entry>,
}

impl Stream {
    /// Connects to the stack with this base URL. The entries are those from now on, or since a
    /// time, as far as the stack remembers.
    ///
    /// # Errors
    /// Returns [`Error::NoStack`] if nothing answers, and [`Error::NotAStack`] if it has no such
    /// stream.
    pub async fn open(api: &str, since: Option<Timestamp>) -> Result<Self, Error> {
        let query = since.map(|since| format!("?since={}", since.as_millisecond()));
        let url = format!("{api}/_postern/live{}", query.unwrap_or_default());
        let request = Request::get(&url).body(Full::<Bytes>::default());
        let request = request.map_err(|error| Error::Request(error.to_string()))?;
        let opened = Http::new(PATIENCE).open(request).await;
        let (status, body) = opened.map_err(|cause| Error::NoStack {
            url: api.to_owned(),
            cause,
        })?;
        if status != StatusCode::OK {
            return Err(Error::NotAStack(api.to_owned()));
        }
        Ok(Self {
            url: api.to_owned(),
            body,
            rest: Vec::new(),
            entries: VecDeque::new(),
        })
    }

    /// Returns the next entry.
    ///
    /// # Errors
    /// Returns [`Error::NoStack`] if the stream ends.
    pub async fn next(&mut self) -> Result<Entry, Error> {
        loop {
            if let Some(entry) = self.entries.pop_front() {
                return Ok(entry);
            }
            let ended = |cause: &str| Error::NoStack {
                url: self.url.clone(),
                cause: cause.to_owned(),
            };
            let frame = match self.body.frame().await {
                Some(Ok(frame)) => frame,
                Some(Err(error)) => return Err(ended(&error.to_string())),
                None => return Err(ended("the stack has stopped")),
            };
            if let Ok(data) = frame.into_data() {
                if self.rest.len() + data.len() > LINE_BYTES {
                    return Err(ended("a line has no end"));
                }
                self.rest.extend_from_slice(&data);
                self.entries.extend(entries(&mut self.rest));
            }
        }
    }
}

/// Takes the whole lines out of what came, and returns their entries. What is no entry is passed
/// over: a later version may tell more.
fn entries(rest: &mut Vec<u8>) -> Vec<Entry> {
    let end = rest
        .iter()
        .rposition(|b| *b == b'\n')
        .map_or(0, |at| at + 1);
    let lines: Vec<u8> = rest.drain(..end).collect();
    let lines = lines.split(|b| *b == b'\n');
    let data = lines.filter_map(|line| line.strip_prefix(b"data: "));
    let entries = data.filter_map(|data| serde_json::from_slice(data).ok());
    entries.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_may_come_in_pieces() {
        let mut rest =
            b":\n\nid: 1\ndata: {\"id\":1,\"status\":401,\"other\":[]}\n\nid: 2\nda".to_vec();
        let first = entries(&mut rest);
        assert_eq!(first.len(), 1);
        assert_eq!(first.first().and_then(|entry| entry.status), Some(401));
        assert_eq!(rest, b"da");
        rest.extend_from_slice(b"ta: {\"status\":200}\n");
        assert_eq!(entries(&mut rest).first().and_then(|e| e.status), Some(200));
        assert_eq!(rest, b"");
    }
}
