//! The first function of the way out: it reads the table's stream, and enqueues whom to tell.
//!
//! [`run`] is the body of the Lambda. `told` decides what a record announces and to whom, and
//! `batch` processes what Lambda passes. No record can stop the stream: only SQS and DynamoDB
//! can.

mod batch;
mod function;
mod line;
mod told;

pub use function::run;
