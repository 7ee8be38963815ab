//! What must hold end to end, wherever the stack runs: on this machine, or deployed from the
//! template.

use std::collections::BTreeSet;

use operator::send::{Poster, Reply};
use registry::SENDERS;
use serde_json::{Value, json};
use shared::provider::Strength;
use shared::sender::{Sender, Signed};
use table::item::{Item, item};
use table::read::{plain, text};

use crate::{cases, deliver_under, tampered, with_two_signatures};

/// What the table and the dead-letter queue must hold.
pub struct Expectation {
    items: BTreeSet<String>,
    /// The messages that nobody can read.
    pub poison: usize,
}

/// Sends every sample of every provider twice: a provider that heard no answer sends again.
pub async fn send_every_sample_twice(sender: &Poster) -> Expectation {
    let mut wanted = Expectation {
        items: BTreeSet::new(),
        poison: 0,
    };
    for provider in SENDERS {
        for (body, expected) in cases(*provider) {
            let body = std::fs::read(body).expect("a sample");
            for _ in 0..2 {
                let reply = sender.send(*provider, body.clone()).await;
                assert_eq!(answer(reply), (200, provider.answers().accepted.to_owned()));
            }
            let expected = std::fs::read_to_string(expected).expect("an expectation");
            let mut expected: Vec<Value> = serde_json::from_str(&expected).expect("items");
            if names_no_event(*provider, &body) {
                expected = vec![json!({"malformed": "token_without_event"})];
            }
            let is_poison = expected.iter().any(|item| item.get("malformed").is_some());
            wanted.poison += 2 * usize::from(is_poison);
            let items = settled(expected);
            let items = items.into_iter().map(as_received_today);
            let items = items.filter_map(comparable);
            wanted.items.extend(items.map(|item| item.to_string()));
        }
    }
    wanted
}

/// An event that is dated further ahead than anybody believes has the time at which it was first
/// seen. The golden pairs are of a webhook that came in 2026; none of them is dated in the years
/// after it, but for those of the year 5138.
fn as_received_today(mut item: Value) -> Value {
    let year = item["sk"].as_str().and_then(|sk| sk.get(..4));
    if year.is_some_and(|year| year > "2100") {
        item["occurred_at_source"] = json!("received");
    }
    item
}

/// What is stored of the items of one webhook: if it says something twice, what it says first.
fn settled(items: impl IntoIterator<Item = Value>) -> Vec<Value> {
    let mut keys = BTreeSet::new();
    let mut is_first = |item: &Value| {
        let key = |name: &str| item[name].as_str().map(str::to_owned);
        key("pk").is_none_or(|pk| keys.insert((pk, key("sk"))))
    };
    let items = items.into_iter();
    items.filter(|item| is_first(item)).collect()
}

/// Whether nothing is made of a body: its signature does not cover it, and it names no event.
fn names_no_event(provider: &dyn Sender, body: &[u8]) -> bool {
    provider.strength() == Strength::Token && !provider.names_event(body)
}

impl Expectation {
    /// The same of secrets whose keys have this label: it is every event's source.
    #[must_use]
    pub fn under(self, label: &str) -> Self {
        let mut items = BTreeSet::new();
        for provider in SENDERS {
            for (body, _) in cases(*provider) {
                let body = std::fs::read(body).expect("a sample");
                if names_no_event(*provider, &body) {
                    continue;
                }
                let delivery = deliver_under(*provider, &body, label);
                let events = provider.normalize(&delivery).into_iter().flatten();
                let labelled = settled(events.map(|event| plain(&item(&event, 0))));
                let labelled = labelled.into_iter().map(as_received_today);
                let labelled = labelled.filter_map(comparable);
                items.extend(labelled.map(|item| item.to_string()));
            }
        }
        assert_eq!(items.len(), self.items.len());
        Self { items, ..self }
    }

    /// The table holds every event, and each once.
    pub fn are(&self, items: &[Item]) {
        let stored = items.iter().map(plain).filter_map(comparable);
        let stored: BTreeSet<String> = stored.map(|item| item.to_string()).collect();
        let missing: Vec<&String> = self.items.difference(&stored).collect();
        let unexpected: Vec<&String> = stored.difference(&self.items).collect();
        assert!(
            missing.is_empty() && unexpected.is_empty(),
            "missing {missing:#?}\nunexpected {unexpected:#?}"
        );
        let keys = items.iter().map(|i| (text(i, "pk"), text(i, "id")));
        let keys: BTreeSet<(&str, &str)> = keys.collect();
        assert_eq!(items.len(), keys.len(), "an event is stored twice");
    }
}

/// What two runs agree on: the item without what depends on when it was received.
fn comparable(mut item: Value) -> Option<Value> {
    let fields = item.as_object_mut()?;
    fields.get("kind")?;
    fields.remove("raw");
    fields.remove("raw_as_sent");
    fields.remove("expires_at");
    if fields.get("occurred_at_source") == Some(&json!("received")) {
        for key in ["sk", "problem"] {
            fields.remove(key);
        }
    }
    Some(item)
}

/// Every provider's webhook accepts what is signed, once and as it is, and nothing else.
pub async fn every_outcome_has_its_answer(sender: &Poster) {
    for provider in SENDERS {
        let url = sender.url_with_key(*provider).expect("a URL");
        let post = async |signed: &Signed| {
            answer(
                sender
                    .post(
                        &url,
                        "application/json",
                        &signed.headers,
                        signed.body.clone(),
                    )
                    .await,
            )
        };
        let signed = sender.signed(*provider, b"{}").expect("signed");
        let unsigned = Signed {
            headers: Vec::new(),
            body: b"junk".to_vec(),
        };
        let refused = (401, String::new());
        assert_eq!(post(&unsigned).await, refused, "{}", provider.name());
        assert_eq!(post(&tampered(*provider, &signed)).await, refused);
        let accepted = (200, provider.answers().accepted.to_owned());
        assert_eq!(post(&signed).await, accepted, "{}", provider.name());
        assert_eq!(post(&with_two_signatures(&signed)).await, refused);
    }
}

/// Status and body.
fn answer(reply: Result<Reply, operator::Error>) -> (u16, String) {
    let reply = reply.expect("an answer");
    (reply.status.as_u16(), reply.body)
}
