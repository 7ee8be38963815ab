//! A request, as an input of the target `verify` says it.

use shared::auth::Authentic;
use shared::delivery::Delivery;
use shared::incoming::Incoming;
use shared::rejection::Rejection;
use shared::sender::Sender;

use crate::{another_key, key, received_at, secrets};

/// A request that is not verified yet.
pub(super) struct Request<'a> {
    pub(super) headers: Vec<(String, String)>,
    /// The values of the parameter `key` of the URL.
    pub(super) query: Vec<(String, String)>,
    pub(super) body: &'a [u8],
}

impl<'a> Request<'a> {
    /// Reads header lines, an empty line and the body. A line `?key=` is a parameter of the URL.
    /// `fill` puts in what no fuzzer guesses.
    pub(super) fn read(input: &'a [u8], fill: impl Fn(&[u8], &str) -> String) -> Self {
        let at = input.windows(2).position(|two| two == b"\n\n");
        let (head, body) = at.map_or((input, &b""[..]), |at| (&input[..at], &input[at + 2..]));
        let (mut headers, mut query) = (Vec::new(), Vec::new());
        for line in String::from_utf8_lossy(head).split('\n') {
            if let Some(value) = line.strip_prefix("?key=") {
                query.push(("key".to_owned(), fill(body, value)));
            } else if let Some((name, value)) = line.split_once(':') {
                headers.push((name.to_owned(), fill(body, value)));
            }
        }
        Self {
            headers,
            query,
            body,
        }
    }

    /// What is decided with our key. With another one it is never let in.
    pub(super) fn judged(&self, provider: &dyn Sender) -> Result<Authentic<'_>, Rejection> {
        let request =
            Incoming::new(&self.headers, self.body, received_at(), None).with_query(&self.query);
        let others = secrets(provider, another_key(provider));
        assert!(provider.verify(&request, &others).is_err());
        provider.verify(&request, &secrets(provider, key(provider)))
    }

    /// The values of a header.
    pub(super) fn sent_for(&self, name: &str) -> Vec<&str> {
        let is_it = |header: &&(String, String)| header.0.eq_ignore_ascii_case(name);
        let sent = self.headers.iter().filter(is_it);
        sent.map(|(_, value)| value.as_str()).collect()
    }
}

/// What travels of a request that was let in.
pub(super) fn travels(provider: &dyn Sender, authentic: Authentic<'_>) -> Vec<u8> {
    let delivery = Delivery::seal(authentic, provider.name(), received_at());
    delivery.body().to_vec()
}
