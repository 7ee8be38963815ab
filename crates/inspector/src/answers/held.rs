//! Reads the secrets that the receivers of this stack have, to say which of them would match. They
//! are never shown.

use futures_util::future::join_all;
use operator::Target;

use crate::near::{Held, Versions};

/// Reads both versions of every provider's secret. What cannot be read is left out.
pub(crate) async fn held(target: &Target) -> Held {
    let names: Vec<&str> = target.providers().collect();
    let read = names.into_iter().map(|provider| async move {
        let secret = target.secret_name(provider)?;
        let (current, previous) = tokio::join!(
            version(target, secret, "AWSCURRENT"),
            version(target, secret, "AWSPREVIOUS")
        );
        let versions = Versions {
            current: current?,
            previous,
        };
        Some((provider.to_owned(), versions))
    });
    join_all(read).await.into_iter().flatten().collect()
}

async fn version(target: &Target, secret: &str, stage: &str) -> Option<String> {
    let client = target.secrets().secrets_manager();
    let asked = client.get_secret_value().secret_id(secret);
    let answer = asked.version_stage(stage).send().await.ok()?;
    answer.secret_string
}
