//! Writes attempts down, and crosses them out.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use jiff::Timestamp;
use tokio::time::{Instant, timeout_at};

use super::retry::answered;
use super::write::Store;
use crate::attempts::{BEGIN, END, beginning, ending, key, names, open};

impl Store {
    /// Writes an attempt at a message down, `at` which it was received for so many times. Returns
    /// the receive counts of the attempts that have no end, this one included.
    ///
    /// The table is asked once. Returns `None` if it does not answer by the `deadline`. A table
    /// that is in trouble is no place to count in, and the attempt may be written down all the
    /// same.
    pub async fn begin(
        &self,
        message_id: &str,
        receives: u32,
        at: Timestamp,
        deadline: Instant,
    ) -> Option<BTreeSet<u32>> {
        let update = self.attempt(message_id).update_expression(BEGIN);
        let update = update.set_expression_attribute_values(Some(beginning(receives, at)));
        let updated = timeout_at(deadline, update.send()).await.ok()?.ok()?;
        Some(open(updated.attributes()?))
    }

    /// Crosses the attempts at a message out, because one of them has come to an end. Returns
    /// whether that is known to be done by the `deadline`.
    pub async fn end(&self, message_id: &str, at: Timestamp, deadline: Instant) -> bool {
        let update = self.attempt(message_id).update_expression(END);
        let update = update.set_expression_attribute_values(Some(ending(at)));
        let updated = timeout_at(deadline, answered(|| update.clone().send())).await;
        matches!(updated, Ok(Ok(_)))
    }

    fn attempt(&self, message_id: &str) -> UpdateItemFluentBuilder {
        let (pk, sk) = key(message_id);
        let update = self.client.update_item().table_name(&self.table);
        update
            .key("pk", AttributeValue::S(pk))
            .key("sk", AttributeValue::S(sk))
            .set_expression_attribute_names(Some(names()))
            .return_values(ReturnValue::AllNew)
    }
}
