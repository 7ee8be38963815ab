//! Why a write is not done.

/// Why something is not in the table as it is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unstored {
    /// The key holds an event that says something else. This is for items without a signature.
    Contradicts,
    /// DynamoDB found the write itself wrong, and always will.
    Refused,
    /// The table did not answer in time.
    NotKnown,
}
