//! Counts what waits in the queues.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName;

use super::check::{Unread, ask};
use operator::number::thousands;

const ACTION: &str = "sqs:GetQueueAttributes";

/// How many messages a queue has. SQS counts approximately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) waiting: u64,
    /// In work, or hidden until it is tried again.
    pub(super) hidden: u64,
}

impl Count {
    pub(super) fn all(self) -> u64 {
        self.waiting + self.hidden
    }
}

/// Asks for a queue's numbers.
pub(super) async fn of(client: &Client, url: &str) -> Result<Count, Unread> {
    let waiting = QueueAttributeName::ApproximateNumberOfMessages;
    let hidden = QueueAttributeName::ApproximateNumberOfMessagesNotVisible;
    let asking = client
        .get_queue_attributes()
        .queue_url(url)
        .attribute_names(waiting.clone())
        .attribute_names(hidden.clone())
        .send();
    let answer = ask(ACTION, asking).await?;
    let number = |name| {
        let number = answer.attributes()?.get(&name)?.parse().ok();
        number.filter(|number: &u64| *number > 0)
    };
    Ok(Count {
        waiting: number(waiting).unwrap_or_default(),
        hidden: number(hidden).unwrap_or_default(),
    })
}

/// Writes how many there are of something.
pub(super) fn many(count: u64, one: &str, several: &str) -> String {
    let noun = if count == 1 { one } else { several };
    format!("{} {noun}", thousands(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_as_it_is_read() {
        assert_eq!(many(0, "letter", "letters"), "0 letters");
        assert_eq!(many(1, "letter", "letters"), "1 letter");
        assert_eq!(many(18_204, "letter", "letters"), "18,204 letters");
    }
}
