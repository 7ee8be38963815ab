//! Randomness: secrets, nonces, ids, jitter. It is the operating system's.

/// The operating system gave no randomness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gives no random bytes")]
pub struct RandomError;

impl RandomError {
    /// Returns the stable name for logs.
    #[must_use]
    pub fn code(self) -> &'static str {
        "random_unavailable"
    }
}

/// Returns random bytes, fit for keys.
///
/// # Errors
/// Returns a [`RandomError`] if there are none. Nothing else may take their place.
pub fn bytes<const N: usize>() -> Result<[u8; N], RandomError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| RandomError)?;
    Ok(bytes)
}

/// Returns a number from 0 to 1, for jitter. Without randomness it is in the middle.
#[must_use]
pub fn chance() -> f64 {
    bytes().map_or(0.5, |bytes| {
        f64::from(u32::from_be_bytes(bytes)) / f64::from(u32::MAX)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_bytes_differ_and_a_chance_is_from_0_to_1() {
        assert_ne!(bytes::<32>().unwrap(), bytes::<32>().unwrap());
        let chances: Vec<f64> = (0..1_000).map(|_| chance()).collect();
        assert!(chances.iter().all(|chance| (0.0..=1.0).contains(chance)));
        let low = chances.iter().filter(|chance| **chance < 0.5).count();
        assert!((300..700).contains(&low), "{low}");
    }
}
