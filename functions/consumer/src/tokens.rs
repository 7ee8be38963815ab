//! The tokens of a batch. The table is asked for those of its small messages at once: one after the
//! other, each would cost a call before the next message is read.

use std::collections::BTreeMap;

use registry::names_event;
use shared::delivery::Delivery;
use shared::provider::Provider;
use table::keys::Key;
use table::store::Store;
use table::token::{Claim, Standing};
use tokio::time::Instant;

/// For which body each token stands that the table was asked for. `None`: it did not answer.
#[derive(Default)]
pub(crate) struct Tokens(BTreeMap<Key, Option<String>>);

impl Tokens {
    /// Asks for the tokens of these deliveries. The first of them in the batch that uses a token is
    /// remembered for it, if the table knows of none.
    pub(crate) async fn ask<'a>(
        deliveries: impl Iterator<Item = (&'a dyn Provider, &'a Delivery)>,
        store: &Store,
        deadline: Instant,
    ) -> Self {
        let mut firsts = BTreeMap::new();
        for (provider, delivery) in deliveries {
            // What names no event is put aside, and must not take a token.
            if let Some(claim) = Claim::of(delivery)
                && names_event(provider, delivery).is_ok()
            {
                let first = || claim.first(store.retention_days());
                firsts.entry(claim.key.clone()).or_insert_with(first);
            }
        }
        let mut asked: BTreeMap<_, _> = firsts.keys().cloned().map(|key| (key, None)).collect();
        let holding = store.hold(firsts, deadline).await;
        asked.extend(holding.into_iter().map(|(key, body)| (key, Some(body))));
        Self(asked)
    }

    /// Returns whether a claim holds. The table is asked now if it was not yet.
    pub(crate) async fn standing(
        &self,
        claim: &Claim,
        store: &Store,
        deadline: Instant,
    ) -> Standing {
        if let Some(holding) = self.0.get(&claim.key) {
            return claim.standing(holding.as_deref());
        }
        let firsts = [(claim.key.clone(), claim.first(store.retention_days()))].into();
        let holding = store.hold(firsts, deadline).await;
        claim.standing(holding.get(&claim.key).map(String::as_str))
    }
}
