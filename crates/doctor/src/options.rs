//! What is checked, and by whom.

/// What is checked, and by whom.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// Whether nothing is posted, so that nothing counts as rejected.
    pub no_post: bool,
    /// The provider that alone is looked at.
    pub provider: Option<&'a str>,
    /// The version of the program that asks.
    pub version: &'a str,
}
