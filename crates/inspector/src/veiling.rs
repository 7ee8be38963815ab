//! Reads which secrets the receivers have, to hide them.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::answers::held::held;
use crate::inspector::Inspector;
use crate::veil::Veil;

/// How long what was read counts. A secret can be changed while the stack runs.
const FRESH: Duration = Duration::from_secs(1);

/// Returns what hides the secrets of this stack.
pub(crate) async fn veil(page: &Inspector) -> Arc<Veil> {
    let mut known = page.known.lock().await;
    let is_fresh = known.read.is_some_and(|read| read.elapsed() < FRESH);
    if let Some(running) = page.running().filter(|_| !is_fresh) {
        let held = held(&running.target).await;
        let texts = held.into_values();
        known.add(texts.flat_map(|held| [Some(held.current), held.previous].into_iter().flatten()));
        known.read = Some(Instant::now());
    }
    Arc::clone(&known.veil)
}
