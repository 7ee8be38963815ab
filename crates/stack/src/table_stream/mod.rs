//! The event source mapping from a table's stream. It reads the records in their order, invokes the
//! function with those that meet its filter, and goes on when the function has accepted them.
//!
//! Some behaviour is the same as on AWS (Lambda developer guide, "Using Lambda with Amazon
//! `DynamoDB`"):
//!
//! - A record is passed on as Lambda passes it, and may come twice.
//! - If the function reports failures, the batch is tried again from the first of them on. A blank
//!   or unknown `itemIdentifier` fails the whole batch.
//! - A batch that fails is split in two, if the mapping says so. Its first half comes first.
//! - A batch that fails holds up all that comes after it.
//!
//! Some things are different from AWS:
//!
//! - The stream has one shard, and forgets nothing. So a batch is tried for ever, and nothing is
//!   sent to the mapping's destination.
//! - Waiting is faster: a batch is tried again after [`Mapping::retry_after`].
//! - An item that is put again as it is gives a record, too.

mod batch;
mod mapping;
mod position;
mod reader;

pub(crate) use self::mapping::Mapping;
pub(crate) use self::position::Position;
pub(crate) use self::reader::Reader;
