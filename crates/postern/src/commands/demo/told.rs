//! The listener of the demo: an endpoint that is told what happens.

use std::time::Duration;

use operator::Target;
use operator::endpoint::Manners;
use tokio::time::{Instant, timeout};

use super::super::listen::out::{Registered, register};
use crate::error::CommandError;
use crate::output::Output;

/// How long nothing may come before all is told.
const QUIET: Duration = Duration::from_secs(1);
/// How long that may take in all.
const PATIENCE: Duration = Duration::from_secs(15);

/// An endpoint of the demo.
pub(super) struct Told {
    registered: Registered,
}

/// What the listener was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    /// How many notifications came.
    pub(super) all: usize,
    /// How many of them had two good signatures.
    pub(super) well: usize,
}

impl Told {
    /// Has the stack tell everything from now on. Returns `None` if it has no outlets.
    pub(super) async fn begin(target: &Target) -> Result<Option<Self>, CommandError> {
        if target.outlets().is_none() {
            return Ok(None);
        }
        let registered = register(target, 0, Manners::default(), None).await?;
        Ok(Some(Self { registered }))
    }

    /// Waits until nothing more comes, and has the stack forget the listener.
    pub(super) async fn end(mut self, out: &Output) -> Sum {
        let deadline = Instant::now() + PATIENCE;
        let mut sum = Sum::default();
        while Instant::now() < deadline {
            let arrival = timeout(QUIET, self.registered.listener.next()).await;
            let Ok(Some(arrival)) = arrival else {
                break;
            };
            sum.all += 1;
            sum.well += usize::from(arrival.is_well());
        }
        self.registered.forget(out).await;
        sum
    }
}

impl Sum {
    /// Returns it in a few words.
    pub(super) fn words(self) -> String {
        let Self { all, well } = self;
        match all - well {
            0 => format!("{all} told, both signatures good"),
            bad => format!("{all} told, {bad} of them WITH A BAD SIGNATURE"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Sum;

    #[test]
    fn a_bad_signature_is_seen() {
        let words = |all, well| Sum { all, well }.words();
        assert_eq!(words(31, 31), "31 told, both signatures good");
        assert_eq!(words(31, 30), "31 told, 1 of them WITH A BAD SIGNATURE");
    }
}
