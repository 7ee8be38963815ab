//! Medians, and how far the runs lie apart.

use serde::{Deserialize, Serialize};

/// A median with its spread: the tenth and the ninetieth percentile of `runs` runs.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) p10: f64,
    pub(crate) p90: f64,
    pub(crate) runs: usize,
}

impl Spread {
    pub(crate) fn of(values: &[f64]) -> Self {
        Self {
            median: round(percentile(values, 50)),
            p10: round(percentile(values, 10)),
            p90: round(percentile(values, 90)),
            runs: values.len(),
        }
    }

    /// Of `over / under`, run by run: what slows the machine for a while slows both.
    pub(crate) fn of_ratio(over: &[f64], under: &[f64]) -> Self {
        let ratios: Vec<f64> = over.iter().zip(under).map(|(a, b)| a / b).collect();
        Self::of(&ratios)
    }
}

/// The nearest value at `percent` of the sorted values.
pub(crate) fn percentile(values: &[f64], percent: usize) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    sorted
        .get((last * percent + 50) / 100)
        .copied()
        .unwrap_or(f64::NAN)
}

/// Four significant digits: the rest is noise, and would only make differences in the committed
/// file.
pub(crate) fn round(value: f64) -> f64 {
    format!("{value:.3e}").parse().unwrap_or(value)
}

/// A count as a number to divide by.
pub(crate) fn count(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::from(u32::MAX), f64::from)
}
