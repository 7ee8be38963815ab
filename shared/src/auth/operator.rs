//! Takes the operator's own words for vouched for: a function has checked who says them.

use super::proof::{Authentic, prove_by_caller};

/// Makes the proof for what an operator says through the API. `words` are those that
/// [`operator::words`](crate::operator::words) has written.
///
/// Nothing of a request proves them. So only the API's function calls this, after it has checked
/// who asks, and for words that it has written itself. A test of the repository keeps it so.
#[must_use]
pub fn operator(words: &str) -> Authentic<'_> {
    prove_by_caller(words)
}
