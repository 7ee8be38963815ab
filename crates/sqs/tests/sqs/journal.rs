//! Tests that what was answered is still there after the service has died. A second service opens
//! the file while the first one still has it open, because a killed process closes nothing.

use std::path::PathBuf;

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName as System};
use sqs::Sqs;

use crate::{Local, policy, serve, text};

/// A file that is deleted when the test ends.
struct File(PathBuf);

impl File {
    fn new(name: &str) -> Self {
        let name = format!("postern-{}-{name}.sqlite", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    /// Returns a service of these messages, and its queue `work` with the dead-letter queue `dead`.
    async fn open(&self) -> (Local, String, String) {
        let sqs = Sqs::durable("eu-west-1", &self.0).unwrap();
        let local = serve(sqs).await;
        let (work, dead) = local.pair(&[], 2).await;
        (local, work, dead)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{end}", self.0.display()));
        }
    }
}

/// Receives at most ten messages, in order. Each counts one more receive.
async fn receive(local: &Local, url: &str) -> Vec<Message> {
    let receive = local.client.receive_message().queue_url(url);
    let receive = receive.max_number_of_messages(10).visibility_timeout(0);
    let receive = receive.message_system_attribute_names(System::All);
    let received = receive.message_attribute_names("All").send().await.unwrap();
    received.messages.unwrap_or_default()
}

fn bodies(messages: &[Message]) -> Vec<&str> {
    messages.iter().filter_map(Message::body).collect()
}

#[tokio::test]
async fn a_message_is_the_same_after_a_crash() {
    let file = File::new("same");
    let (local, work, _) = file.open().await;
    let message = local.client.send_message().queue_url(&work);
    let message = message.message_body("b\u{1f600}").message_group_id("g");
    let message = message.message_attributes("k", text("String.x", "v"));
    message.send().await.unwrap();
    let mut before = receive(&local, &work).await.remove(0);
    let (local, work, _) = file.open().await;
    let mut after = receive(&local, &work).await.remove(0);
    // It is not kept who holds a message, nor how often it was received here.
    for message in [&mut before, &mut after] {
        message.receipt_handle = None;
        let attributes = message.attributes.as_mut().unwrap();
        assert_eq!(attributes[&System::ApproximateReceiveCount], "1");
        attributes.remove(&System::ApproximateFirstReceiveTimestamp);
    }
    assert_eq!(before, after);
}

#[tokio::test]
async fn what_was_sent_is_there_in_its_order_and_what_was_deleted_is_not() {
    let file = File::new("deleted");
    let (local, work, _) = file.open().await;
    for body in ["1", "2", "3"] {
        local.send(&work, body).await;
    }
    let second = receive(&local, &work).await.remove(1);
    let delete = local.client.delete_message().queue_url(&work);
    let handle = second.receipt_handle.unwrap();
    delete.receipt_handle(handle).send().await.unwrap();
    let (local, work, _) = file.open().await;
    assert_eq!(bodies(&receive(&local, &work).await), ["1", "3"]);
    local
        .client
        .purge_queue()
        .queue_url(&work)
        .send()
        .await
        .unwrap();
    let (local, work, _) = file.open().await;
    assert!(receive(&local, &work).await.is_empty());
}

#[tokio::test]
async fn a_message_that_waits_goes_on_waiting() {
    let file = File::new("delay");
    let (local, work, _) = file.open().await;
    let message = local.client.send_message().queue_url(&work);
    let message = message.message_body("later").delay_seconds(900);
    message.send().await.unwrap();
    let (local, work, _) = file.open().await;
    assert!(receive(&local, &work).await.is_empty());
    assert_eq!(local.counts(&work).await, [0, 0, 1]);
}

#[tokio::test]
async fn a_dead_letter_stays_dead_until_it_is_moved_and_is_then_in_one_queue_only() {
    let file = File::new("dead");
    let (local, work, _) = file.open().await;
    local.send(&work, "poison").await;
    for _ in 0..3 {
        receive(&local, &work).await;
    }
    let (local, work, dead) = file.open().await;
    assert!(receive(&local, &work).await.is_empty());
    let letter = receive(&local, &dead).await.remove(0);
    let attributes = letter.attributes.unwrap();
    assert_eq!(
        attributes[&System::DeadLetterQueueSourceArn],
        crate::arn("work")
    );
    // The count has the receives before it died, and this one.
    assert_eq!(attributes[&System::ApproximateReceiveCount], "3");
    let start = local.client.start_message_move_task();
    start.source_arn(crate::arn("dead")).send().await.unwrap();
    crate::redrive::finished(&local).await;
    let (local, work, dead) = file.open().await;
    assert!(receive(&local, &dead).await.is_empty());
    assert_eq!(bodies(&receive(&local, &work).await), ["poison"]);
}

#[tokio::test]
async fn the_messages_of_a_queue_wait_for_its_creation() {
    let file = File::new("creation");
    let (local, work, _) = file.open().await;
    local.send(&work, "1").await;
    let sqs = Sqs::durable("eu-west-1", &file.0).unwrap();
    drop(sqs);
    let other = serve(Sqs::durable("eu-west-1", &file.0).unwrap()).await;
    other.create("elsewhere", &[]).await;
    other.create("dead", &[]).await;
    let policy = policy("dead", 2);
    let work = other.create("work", &[("RedrivePolicy", &policy)]).await;
    assert_eq!(bodies(&receive(&other, &work).await), ["1"]);
}
