//! Writes attempts down, and crosses them out.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use tokio::time::{Instant, timeout_at};

use super::retry::answered;
use super::write::Store;
use crate::attempts::{Attempt, open};

impl Store {
    /// Writes an attempt down. Returns how many attempts at the message have no end, this one
    /// included, or `None` if the table does not answer by the `deadline`.
    pub async fn begin(&self, attempt: Attempt<'_>, deadline: Instant) -> Option<usize> {
        self.update(attempt, attempt.begins(), deadline).await
    }

    /// Crosses an attempt out. Returns how many have no end, or `None` if the table does not answer
    /// by the `deadline`.
    pub async fn end(&self, attempt: Attempt<'_>, deadline: Instant) -> Option<usize> {
        self.update(attempt, attempt.ends(), deadline).await
    }

    async fn update(
        &self,
        attempt: Attempt<'_>,
        expression: &str,
        deadline: Instant,
    ) -> Option<usize> {
        let (pk, sk) = attempt.key();
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(pk))
            .key("sk", AttributeValue::S(sk))
            .update_expression(expression)
            .set_expression_attribute_names(Some(attempt.names()))
            .set_expression_attribute_values(Some(attempt.values()))
            .return_values(ReturnValue::AllNew);
        let updated = timeout_at(deadline, answered(|| update.clone().send())).await;
        Some(open(updated.ok()?.ok()?.attributes()?))
    }
}
