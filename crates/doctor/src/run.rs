//! Runs checks side by side, so that none waits for another one or ends it.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::time::Duration;

use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::time::timeout;

use super::check::Check;

/// The longest that a check may take: a little longer than an API may take to answer.
const PATIENCE: Duration = Duration::from_secs(45);

/// Checks that ask the same services, in one future.
pub(super) struct Group<'a> {
    ids: &'static [&'static str],
    patience: Duration,
    checks: Pin<Box<dyn Future<Output = Vec<Check>> + 'a>>,
}

impl<'a> Group<'a> {
    /// Returns the group of the checks with these ids.
    pub(super) fn new(
        ids: &'static [&'static str],
        checks: impl Future<Output = Vec<Check>> + 'a,
    ) -> Self {
        Self {
            ids,
            patience: PATIENCE,
            checks: Box::pin(checks),
        }
    }

    /// Runs the checks. One that does not end, or panics, has a line that says so.
    async fn ended(self) -> Vec<Check> {
        let ids = self.ids.iter();
        let ended = guarded_for(self.patience, self.checks).await;
        ended.unwrap_or_else(|cause| {
            let checks = ids.map(|id| Check::unanswered(id, cause));
            checks.collect()
        })
    }
}

/// Runs something to its end. Returns why there is none: it panicked, or takes too long.
#[cfg(feature = "account")]
pub(super) async fn guarded<T>(future: impl Future<Output = T>) -> Result<T, &'static str> {
    guarded_for(PATIENCE, future).await
}

async fn guarded_for<T>(
    patience: Duration,
    future: impl Future<Output = T>,
) -> Result<T, &'static str> {
    match timeout(patience, AssertUnwindSafe(future).catch_unwind()).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(_)) => Err("this check panicked, which is a defect of ours"),
        Err(_) => Err("it did not end in 45 s"),
    }
}

/// Runs all groups at once, and returns their lines in the groups' order. `progress` is told how
/// many of how many are done.
pub(super) async fn each(groups: Vec<Group<'_>>, mut progress: impl FnMut(u64, u64)) -> Vec<Check> {
    let all = groups.len() as u64;
    let mut running: FuturesUnordered<_> = groups
        .into_iter()
        .enumerate()
        .map(|(index, group)| async move { (index, group.ended().await) })
        .collect();
    let mut done = Vec::new();
    while let Some(ended) = running.next().await {
        done.push(ended);
        progress(done.len() as u64, all);
    }
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().flat_map(|(_, checks)| checks).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_check_that_panics_or_does_not_end_leaves_the_others_alone() {
        let groups = vec![
            Group::new(&["dead", "queue"], async { panic!("at a number") }),
            Group {
                patience: Duration::from_millis(20),
                ..Group::new(&["table"], std::future::pending())
            },
            Group::new(&["clock"], async { vec![Check::ok("clock", "right")] }),
        ];
        let mut told = Vec::new();
        let checks = each(groups, |done, all| told.push((done, all))).await;
        let lines = checks
            .iter()
            .map(|check| (check.id, check.text.as_str(), check.is_unanswered));
        let panicked = "skipped: this check panicked, which is a defect of ours";
        assert_eq!(
            lines.collect::<Vec<_>>(),
            [
                ("dead", panicked, true),
                ("queue", panicked, true),
                ("table", "skipped: it did not end in 45 s", true),
                ("clock", "right", false),
            ]
        );
        assert_eq!(told, [(1, 3), (2, 3), (3, 3)]);
    }
}
