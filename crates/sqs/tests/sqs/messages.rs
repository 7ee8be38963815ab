use std::time::{Duration, Instant};

use aws_sdk_sqs::{
    operation::{
        change_message_visibility::ChangeMessageVisibilityError,
        delete_message::DeleteMessageError, receive_message::ReceiveMessageError,
    },
    primitives::Blob,
    types::{
        MessageAttributeValue, MessageSystemAttributeName as System,
        MessageSystemAttributeNameForSends as ForSends, MessageSystemAttributeValue,
    },
};
use tokio::time::sleep;

use crate::{code, local, text};

#[tokio::test]
async fn a_message_comes_back_as_it_was_sent() {
    let local = local().await;
    let url = local.create("q", &[]).await;
    let binary = MessageAttributeValue::builder().data_type("Binary.png");
    let binary = binary
        .binary_value(Blob::new([0, 159, 255]))
        .build()
        .unwrap();
    let trace = MessageSystemAttributeValue::builder().data_type("String");
    let trace = trace.string_value("Root=1-5759e988").build().unwrap();
    let message = local.client.send_message().queue_url(&url);
    let sent = message
        .message_body("This is a test message")
        .message_attributes("timestamp", text("Number", "1493147359900"))
        .message_attributes("trace.id", text("String", "é"))
        .message_attributes("pixel", binary)
        .message_system_attributes(ForSends::AwsTraceHeader, trace)
        .message_group_id("tenant-1")
        .send()
        .await
        .unwrap();
    assert_eq!(
        sent.md5_of_message_body(),
        Some("fafb00f5732ab283681e124bf8747ed1")
    );
    assert!(sent.md5_of_message_system_attributes().is_some());

    let receive = || {
        local
            .client
            .receive_message()
            .queue_url(&url)
            .visibility_timeout(0)
    };
    let all = receive().message_attribute_names("All");
    let all = all.message_system_attribute_names(System::All);
    let message = all.send().await.unwrap().messages.unwrap().remove(0);
    assert_eq!(message.body(), Some("This is a test message"));
    assert_eq!(message.message_id(), sent.message_id());
    assert_eq!(message.md5_of_body(), sent.md5_of_message_body());
    assert_eq!(
        message.md5_of_message_attributes(),
        sent.md5_of_message_attributes()
    );
    let attributes = message.message_attributes.unwrap();
    assert_eq!(attributes.len(), 3);
    assert_eq!(
        attributes["pixel"].binary_value,
        Some(Blob::new([0, 159, 255]))
    );
    assert_eq!(attributes["pixel"].data_type, "Binary.png");
    assert_eq!(attributes["trace.id"], text("String", "é"));
    let system = message.attributes.unwrap();
    assert_eq!(system[&System::ApproximateReceiveCount], "1");
    assert_eq!(system[&System::MessageGroupId], "tenant-1");
    assert_eq!(system[&System::AwsTraceHeader], "Root=1-5759e988");
    assert!(system.contains_key(&System::SenderId));
    let sent_at: u64 = system[&System::SentTimestamp].parse().unwrap();
    let first: u64 = system[&System::ApproximateFirstReceiveTimestamp]
        .parse()
        .unwrap();
    assert!(1_700_000_000_000 < sent_at && sent_at <= first);

    // Only the attributes that are asked for are returned, and the MD5 covers just those.
    let some = receive()
        .message_attribute_names("time.*")
        .message_attribute_names("timestamp");
    let some = some.message_system_attribute_names(System::ApproximateReceiveCount);
    let message = some.send().await.unwrap().messages.unwrap().remove(0);
    assert_eq!(
        message.md5_of_message_attributes(),
        Some("235c5c510d26fb653d073faed50ae77c")
    );
    assert_eq!(message.message_attributes.unwrap().len(), 1);
    let system = message.attributes.unwrap();
    assert_eq!(system.len(), 1);
    assert_eq!(system[&System::ApproximateReceiveCount], "2");
    let none = receive().send().await.unwrap().messages.unwrap().remove(0);
    assert_eq!((none.attributes, none.message_attributes), (None, None));
    let unknown = receive()
        .message_system_attribute_names(System::from("Colour"))
        .send()
        .await;
    assert_eq!(code(&unknown).0, "InvalidAttributeName");
}

#[tokio::test]
async fn a_hidden_message_comes_back_with_another_handle() {
    let local = local().await;
    let url = local.create("q", &[("VisibilityTimeout", "1")]).await;
    let id = local.send(&url, "m").await;
    let receive = || {
        local
            .client
            .receive_message()
            .queue_url(&url)
            .max_number_of_messages(10)
    };
    let first = receive().send().await.unwrap().messages.unwrap().remove(0);
    assert_eq!(receive().send().await.unwrap().messages, None);
    assert_eq!(local.counts(&url).await, [0, 1, 0]);
    let start = Instant::now();
    let second = receive()
        .wait_time_seconds(3)
        .send()
        .await
        .unwrap()
        .messages
        .unwrap()
        .remove(0);
    assert!(
        start.elapsed() < Duration::from_millis(1500),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(second.message_id, Some(id));
    assert_ne!(second.receipt_handle, first.receipt_handle);
    // The handle of the earlier receive still deletes. Once deleted, deleting again changes
    // nothing.
    for handle in [first.receipt_handle, second.receipt_handle] {
        let delete = local.client.delete_message().queue_url(&url);
        delete.set_receipt_handle(handle).send().await.unwrap();
        assert_eq!(local.counts(&url).await, [0, 0, 0]);
    }
}

#[tokio::test]
async fn a_handle_of_another_queue_is_invalid() {
    let local = local().await;
    let url = local.create("q", &[]).await;
    let other = local.create("other", &[]).await;
    local.send(&url, "m").await;
    let received = local
        .client
        .receive_message()
        .queue_url(&url)
        .send()
        .await
        .unwrap();
    let handle = received.messages()[0].receipt_handle().unwrap();
    let delete = |url: &str, handle: &str| {
        let delete = local.client.delete_message().queue_url(url);
        delete.receipt_handle(handle).send()
    };
    refused!(
        delete(&other, handle).await,
        DeleteMessageError::ReceiptHandleIsInvalid
    );
    refused!(
        delete(&url, "garbage").await,
        DeleteMessageError::ReceiptHandleIsInvalid
    );
    assert_eq!(code(&delete(&url, "").await).0, "MissingParameter");
    let change = local.client.change_message_visibility().queue_url(&url);
    let change = change
        .receipt_handle("garbage")
        .visibility_timeout(1)
        .send()
        .await;
    refused!(change, ChangeMessageVisibilityError::ReceiptHandleIsInvalid);
    assert_eq!(local.counts(&url).await, [0, 1, 0]);
}

#[tokio::test]
async fn visibility_can_be_changed_in_flight_only() {
    let local = local().await;
    let url = local.create("q", &[]).await;
    local.send(&url, "m").await;
    let receive = || local.client.receive_message().queue_url(&url).send();
    let handle = receive().await.unwrap().messages()[0]
        .receipt_handle
        .clone();
    let change = |seconds: i32| {
        let change = local.client.change_message_visibility().queue_url(&url);
        change
            .set_receipt_handle(handle.clone())
            .visibility_timeout(seconds)
            .send()
    };
    change(100).await.unwrap();
    assert_eq!(local.counts(&url).await, [0, 1, 0]);
    for seconds in [-1, 43_200, 43_201] {
        assert_eq!(
            code(&change(seconds).await).0,
            "InvalidParameterValue",
            "{seconds}"
        );
    }
    change(0).await.unwrap();
    assert_eq!(local.counts(&url).await, [1, 0, 0]);
    refused!(
        change(5).await,
        ChangeMessageVisibilityError::MessageNotInflight
    );
    let again = receive().await.unwrap().messages()[0]
        .receipt_handle
        .clone();
    let delete = local.client.delete_message().queue_url(&url);
    delete.set_receipt_handle(again).send().await.unwrap();
    let gone = change(5).await;
    let (code, message) = code(&gone);
    assert_eq!(code, "InvalidParameterValue");
    assert!(message.contains("Message does not exist"), "{message}");
}

#[tokio::test]
async fn a_delayed_message_is_not_visible_yet() {
    let local = local().await;
    let url = local.create("q", &[("DelaySeconds", "60")]).await;
    local.send(&url, "by the queue").await;
    let send = |seconds: i32| {
        let send = local.client.send_message().queue_url(&url);
        send.message_body("by itself").delay_seconds(seconds).send()
    };
    send(1).await.unwrap();
    assert_eq!(local.counts(&url).await, [0, 0, 2]);
    for seconds in [-1, 901] {
        assert_eq!(code(&send(seconds).await).0, "InvalidParameterValue");
    }
    let receive = local.client.receive_message().queue_url(&url);
    let received = receive.wait_time_seconds(3).send().await.unwrap();
    assert_eq!(received.messages()[0].body(), Some("by itself"));
    assert_eq!(local.counts(&url).await, [0, 1, 1]);
}

#[tokio::test]
async fn a_long_poll_wakes_when_a_message_is_sent() {
    let local = local().await;
    let url = local
        .create("q", &[("ReceiveMessageWaitTimeSeconds", "20")])
        .await;
    let start = Instant::now();
    let send = async {
        sleep(Duration::from_millis(100)).await;
        local.send(&url, "m").await;
    };
    // The request sets no wait, so the queue's counts.
    let receive = local.client.receive_message().queue_url(&url);
    let (received, ()) = tokio::join!(receive.send(), send);
    assert_eq!(received.unwrap().messages()[0].body(), Some("m"));
    assert!(
        start.elapsed() < Duration::from_secs(1),
        "{:?}",
        start.elapsed()
    );
    let receive = local.client.receive_message().queue_url(&url);
    assert_eq!(
        receive.wait_time_seconds(0).send().await.unwrap().messages,
        None
    );
}

#[tokio::test]
async fn receives_keep_their_ranges() {
    let local = local().await;
    let url = local.create("q", &[]).await;
    for n in 0..12 {
        local.send(&url, &n.to_string()).await;
    }
    let receive = || local.client.receive_message().queue_url(&url);
    for bad in [-1, 0, 11] {
        let answer = receive().max_number_of_messages(bad).send().await;
        let expected = format!(
            "Value {bad} for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."
        );
        assert_eq!(code(&answer), ("InvalidParameterValue", expected.as_str()));
    }
    for bad in [-1, 21] {
        let answer = receive().wait_time_seconds(bad).send().await;
        assert_eq!(code(&answer).0, "InvalidParameterValue");
    }
    for bad in [-1, 43_201] {
        let answer = receive().visibility_timeout(bad).send().await;
        assert_eq!(code(&answer).0, "InvalidParameterValue");
    }
    let all = receive().max_number_of_messages(10).send().await.unwrap();
    let bodies: Vec<_> = all.messages().iter().filter_map(|m| m.body()).collect();
    assert_eq!(bodies, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    assert_eq!(receive().send().await.unwrap().messages().len(), 1);
    let absent = local
        .client
        .receive_message()
        .queue_url(url.replace("/q", "/absent"));
    refused!(absent.send().await, ReceiveMessageError::QueueDoesNotExist);
}
