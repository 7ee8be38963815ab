//! What a refusal says of the address: refusals line by line, real answers of mail servers, and how
//! the evidence is weighed.
#![expect(clippy::expect_used, reason = "a test that fails may panic")]

mod answers;
mod evidence;
mod lines;
