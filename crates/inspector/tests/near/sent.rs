//! A request as a provider would send it, and what the receivers hold.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use inspector::near::{Held, NearMiss, Refused, Versions, near_miss};
use jiff::Timestamp;
use registry::SENDERS;
use shared::provider::Strength;
use shared::sender::Sender;

/// A body that libraries write in many ways.
pub(crate) const BODY: &str = "[{\"a\":\"Zoë/✓\",\"b\":[1.0,{}]},{\"c\":\"x\\ny\"}]";

/// P-256 keys of nobody.
const P256: [&str; 2] = [
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgqRqrT6AEUd/yWkUvwGVCqdIK8ge0P60rrMoHItfCS1+hRANCAARWQmrxgrjQ60EjIdDIzarwYsHqDIdOZ1pUtwIa6PIQ5dCeypsY9xJqUwy9ZhvJDphuRDjyFZv0HbLU5qJ1B+Ks",
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgzOnsSf1IaU2I/4nnCnbB21nr3LgKN4srms0qAx3I1RuhRANCAATzScwcdEX+cLQrjNueg9f9dpn4VD7fpeTowsGTbkkBuxv3iGbl5/aqBmmy5AA578EDHwG4NpttjVcVsV1aeRYR",
];

/// When requests come: 2026-01-02T03:05:00.678Z.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_millisecond(1_767_323_100_678).expect("a time")
}

pub(crate) fn provider(name: &str) -> &'static dyn Sender {
    registry::sender(name).expect("a provider")
}

/// The key that a provider signs with, and its receiver has.
pub(crate) fn key(sender: &dyn Sender) -> String {
    nth_key(sender, 0)
}

/// A key that nobody has.
pub(crate) fn other_key(sender: &dyn Sender) -> String {
    nth_key(sender, 1)
}

fn nth_key(sender: &dyn Sender, n: usize) -> String {
    let name = sender.name();
    match (name, sender.strength()) {
        ("sendgrid", _) => P256[n].to_owned(),
        ("mandrill", _) => {
            format!("Key-of-mandrill-{n}@https://hooks.example.test/webhooks/mandrill")
        }
        ("resend", _) => format!(
            "whsec_{}",
            STANDARD.encode(format!("a key of {name}, number {n}"))
        ),
        (_, Strength::SharedSecret) => format!("Secret-that-{name}-shows-0123456789abcdef-{n}"),
        _ => format!("Key-of-{name}-{n}"),
    }
}

/// A request, and what every receiver holds.
#[derive(Clone)]
pub(crate) struct Sent {
    pub(crate) sender: &'static dyn Sender,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) path: String,
    pub(crate) body: Vec<u8>,
    pub(crate) window: Option<u64>,
    pub(crate) held: Held,
}

impl Sent {
    /// As it should be.
    pub(crate) fn by(sender: &'static dyn Sender) -> Self {
        Self::signed_with(sender, &key(sender))
    }

    /// Signed with another key than the receiver's.
    pub(crate) fn signed_with(sender: &'static dyn Sender, key: &str) -> Self {
        let body = match sender.strength() {
            Strength::Token => r#"{"event-data":{"event":"opened"}}"#,
            _ => BODY,
        };
        Self::with_body(sender, key, body.as_bytes())
    }

    pub(crate) fn with_body(sender: &'static dyn Sender, key: &str, body: &[u8]) -> Self {
        Self::at(sender, key, body, now())
    }

    pub(crate) fn at(sender: &'static dyn Sender, key: &str, body: &[u8], at: Timestamp) -> Self {
        let signed = sender.signed(key, body, at);
        let headers = signed.headers.into_iter();
        let own = [
            ("Host", "hooks.example.test"),
            ("User-Agent", "somebody/1.0"),
            ("Content-Type", sender.content_type()),
        ];
        let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let signing = headers.map(|(name, value)| (name.to_owned(), value));
        Self {
            sender,
            headers: own.into_iter().chain(signing).collect(),
            query: Vec::new(),
            path: format!("/webhooks/{}", sender.name()),
            body: signed.body,
            window: None,
            held: SENDERS.iter().copied().map(held).collect(),
        }
    }

    /// The same with this text as the receiver's secret.
    pub(crate) fn holding(mut self, text: &str) -> Self {
        text.clone_into(&mut self.own().current);
        self
    }

    pub(crate) fn own(&mut self) -> &mut Versions {
        self.held.get_mut(self.sender.name()).expect("a secret")
    }

    /// The value of the last header that signs.
    pub(crate) fn signature(&mut self) -> &mut String {
        &mut self.headers.last_mut().expect("a header").1
    }

    /// What is said of it: never anything secret.
    pub(crate) fn said(&self) -> Option<NearMiss> {
        let refused = Refused {
            provider: self.sender,
            headers: &self.headers,
            query: &self.query,
            path: &self.path,
            body: &self.body,
            received_at: now(),
            window: self.window,
        };
        let said = near_miss(&refused, &self.held)?;
        let text = format!("{} {:?}", said.text, said.command);
        for sender in SENDERS {
            for key in [key(*sender), other_key(*sender)] {
                let bare = key.trim_start_matches("whsec_").split('@').next();
                assert!(!text.contains(bare.expect("a key")), "{text}");
            }
        }
        Some(said)
    }
}

fn held(sender: &dyn Sender) -> (String, Versions) {
    let current = sender.receiver_key(&key(sender)).expect("a key");
    let previous = None;
    (sender.name().to_owned(), Versions { current, previous })
}
