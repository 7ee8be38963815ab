//! How an endpoint behaves.

use std::time::Duration;

/// How an endpoint behaves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Manners {
    /// The status that it answers.
    pub answer: u16,
    /// The share of notifications that it answers so, from 0 to 1. It accepts the others.
    pub share: f64,
    /// How long it is down after its start. Nothing is answered then.
    pub down: Duration,
}

impl Default for Manners {
    /// Returns those of an endpoint that accepts everything.
    fn default() -> Self {
        Self {
            answer: 200,
            share: 1.0,
            down: Duration::ZERO,
        }
    }
}

impl Manners {
    /// Returns the status for one notification. `chance` is a random number from 0 to 1.
    pub(super) fn status(&self, chance: f64) -> u16 {
        if chance < self.share {
            self.answer
        } else {
            200
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_notifications_is_answered_as_was_asked_for() {
        let always = Manners {
            answer: 503,
            ..Manners::default()
        };
        assert_eq!([always.status(0.0), always.status(0.999)], [503, 503]);
        let some = Manners {
            share: 0.3,
            ..always
        };
        assert_eq!([some.status(0.29), some.status(0.3)], [503, 200]);
        assert_eq!(Manners::default().status(0.5), 200);
    }
}
