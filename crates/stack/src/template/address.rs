//! The partition, the region and the account of the local stack.

/// The region that every ARN names.
pub const REGION: &str = "us-east-1";
/// The partition that every ARN names.
pub(super) const PARTITION: &str = "aws";
/// The account that every ARN and queue URL names.
pub const ACCOUNT: &str = "000000000000";
/// The name of the stack, with which its functions' names begin.
pub(super) const STACK: &str = "local";
