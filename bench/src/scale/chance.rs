//! Chance with a seed, and the numbers that it draws.

use std::f64::consts::TAU;

/// Above this mean, a Poisson number is drawn from the normal distribution.
const NORMAL_FROM: f64 = 64.0;

/// A generator of chance: `SplitMix64` (Steele, Lea, Flood 2014). The same seed draws the same.
#[derive(Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Draws from 0 up to, and without, 1.
    pub(crate) fn part(&mut self) -> f64 {
        number(self.next() >> 12) / number(1 << 52)
    }

    /// Draws how many come where so many come on average.
    pub(crate) fn poisson(&mut self, mean: f64) -> u64 {
        if mean <= 0.0 {
            return 0;
        }
        if mean > NORMAL_FROM {
            return whole(mean + mean.sqrt() * self.normal() + 0.5);
        }
        let end = (-mean).exp();
        let (mut product, mut come) = (self.part(), 0);
        while product > end {
            product *= self.part();
            come += 1;
        }
        come
    }

    /// Draws from the normal distribution (Box and Muller).
    fn normal(&mut self) -> f64 {
        let (one, other) = (1.0 - self.part(), self.part());
        (-2.0 * one.ln()).sqrt() * (TAU * other).cos()
    }

    /// Rounds to one of the two whole numbers beside, so that the mean is kept.
    pub(crate) fn rounded(&mut self, value: f64) -> u64 {
        whole(value + self.part())
    }

    /// Draws how many of so many are of one sort, of which this is the share.
    pub(crate) fn binomial(&mut self, of: u64, share: f64) -> u64 {
        let mean = number(of) * share;
        if share >= 1.0 {
            return of;
        }
        let deviation = (mean * (1.0 - share)).max(0.0).sqrt();
        if mean > NORMAL_FROM && number(of) - mean > NORMAL_FROM {
            return whole(mean + deviation * self.normal() + 0.5).min(of);
        }
        self.poisson(mean).min(of)
    }
}

/// Returns a count as a number to reckon with.
#[expect(
    clippy::cast_precision_loss,
    reason = "nothing here is counted up to 2^52"
)]
pub(crate) fn number(count: u64) -> f64 {
    count as f64
}

/// Returns the whole part of a number as a count. What is below 0 is 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and the whole part is what is wanted"
)]
pub(crate) fn whole(value: f64) -> u64 {
    value as u64
}

/// Returns a length as a count.
pub(crate) fn length(of: usize) -> u64 {
    u64::try_from(of).unwrap_or(u64::MAX)
}

/// Shares so many out among these demands, by their size. No share is larger than its demand, and
/// together they are as many, or all that is wanted.
pub(crate) fn shared_out(granted: u64, among: &[u64]) -> Vec<u64> {
    let all: u64 = among.iter().sum();
    if granted >= all {
        return among.to_vec();
    }
    let exact = |part: u64| u128::from(part) * u128::from(granted) / u128::from(all.max(1));
    let mut shares: Vec<u64> = among
        .iter()
        .map(|part| u64::try_from(exact(*part)).unwrap_or(*part))
        .collect();
    let mut left = granted - shares.iter().sum::<u64>();
    for (share, part) in shares.iter_mut().zip(among) {
        let more = left.min(1).min(part - *share);
        *share += more;
        left -= more;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_and_another_does_not() {
        let draw = |seed| {
            let mut chance = Chance::new(seed);
            (0..8).map(|_| chance.poisson(12.5)).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn what_is_shared_out_is_all_that_there_is_and_nobody_gets_more_than_wanted() {
        assert_eq!(shared_out(10, &[5, 5, 10]), [3, 2, 5]);
        assert_eq!(shared_out(3, &[0, 1, 1, 1, 1]).iter().sum::<u64>(), 3);
        assert_eq!(shared_out(99, &[1, 2]), [1, 2]);
        assert_eq!(shared_out(0, &[4, 4]), [0, 0]);
    }

    #[test]
    fn the_means_are_those_that_were_asked_for() {
        let mut chance = Chance::new(7);
        for mean in [0.3, 12.0, 300.0] {
            let draws = 20_000;
            let sum: u64 = (0..draws).map(|_| chance.poisson(mean)).sum();
            let was = number(sum) / number(draws);
            assert!((was / mean - 1.0).abs() < 0.05, "{mean}: {was}");
        }
        let sum: u64 = (0..20_000).map(|_| chance.binomial(1_000, 0.25)).sum();
        assert!((number(sum) / 5e6 - 1.0).abs() < 0.01, "{sum}");
        let sum: u64 = (0..20_000).map(|_| chance.rounded(2.25)).sum();
        assert!((number(sum) / 45e3 - 1.0).abs() < 0.01, "{sum}");
        assert_eq!(chance.binomial(12, 1.0), 12);
    }
}
