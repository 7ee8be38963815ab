use aws_sdk_sqs::{
    operation::{
        change_message_visibility_batch::ChangeMessageVisibilityBatchError,
        delete_message_batch::DeleteMessageBatchError,
    },
    types::{
        ChangeMessageVisibilityBatchRequestEntry as Change,
        DeleteMessageBatchRequestEntry as Delete, DeleteMessageBatchResultEntry as Deleted,
        SendMessageBatchRequestEntry as Send, SendMessageBatchResultEntry as Sent,
    },
};

use crate::local;

#[tokio::test]
async fn batches_answer_per_entry() {
    let local = local().await;
    let url = local.create("q", &[]).await;
    let entry = |id: &str, body: &str| Send::builder().id(id).message_body(body).build().unwrap();
    let sent = local.client.send_message_batch().queue_url(&url);
    let sent = sent
        .entries(entry("one", "1"))
        .entries(entry("empty", ""))
        .entries(entry("odd", "\u{FFFF}"))
        .entries(entry("two", "2"))
        .send()
        .await
        .unwrap();
    let ids: Vec<_> = sent.successful.iter().map(Sent::id).collect();
    assert_eq!(ids, ["one", "two"]);
    assert_eq!(
        sent.successful[0].md5_of_message_body(),
        "c4ca4238a0b923820dcc509a6f75849b"
    );
    let failed: Vec<_> = sent
        .failed
        .iter()
        .map(|f| (f.id(), f.code(), f.sender_fault()))
        .collect();
    let expected = [
        ("empty", "MissingParameter", true),
        ("odd", "InvalidMessageContents", true),
    ];
    assert_eq!(failed, expected);

    let receive = local
        .client
        .receive_message()
        .queue_url(&url)
        .max_number_of_messages(10);
    let received = receive.send().await.unwrap().messages.unwrap();
    let handles: Vec<_> = received.iter().filter_map(|m| m.receipt_handle()).collect();
    let change = |id: &str, handle: &str, seconds: i32| {
        let change = Change::builder().id(id).receipt_handle(handle);
        change.visibility_timeout(seconds).build().unwrap()
    };
    let changed = local
        .client
        .change_message_visibility_batch()
        .queue_url(&url);
    let changed = changed
        .entries(change("a", handles[0], 0))
        .entries(change("b", "garbage", 0))
        .entries(change("c", handles[1], 43_201))
        .send()
        .await
        .unwrap();
    assert_eq!(changed.successful.len(), 1);
    let failed: Vec<_> = changed.failed.iter().map(|f| (f.id(), f.code())).collect();
    assert_eq!(
        failed,
        [
            ("b", "ReceiptHandleIsInvalid"),
            ("c", "InvalidParameterValue")
        ]
    );
    assert_eq!(local.counts(&url).await, [1, 1, 0]);

    let delete = |id: &str, handle: &str| {
        Delete::builder()
            .id(id)
            .receipt_handle(handle)
            .build()
            .unwrap()
    };
    let deleted = local.client.delete_message_batch().queue_url(&url);
    let deleted = deleted
        .entries(delete("a", handles[0]))
        .entries(delete("b", "garbage"))
        .entries(delete("c", handles[1]))
        .send()
        .await
        .unwrap();
    let ids: Vec<_> = deleted.successful.iter().map(Deleted::id).collect();
    assert_eq!(ids, ["a", "c"]);
    assert_eq!(deleted.failed[0].code(), "ReceiptHandleIsInvalid");
    assert_eq!(local.counts(&url).await, [0, 0, 0]);

    // The checks of a whole batch are the same for all three actions.
    let twice = local.client.delete_message_batch().queue_url(&url);
    let twice = twice
        .entries(delete("a", "x"))
        .entries(delete("a", "y"))
        .send()
        .await;
    refused!(twice, DeleteMessageBatchError::BatchEntryIdsNotDistinct);
    let none = local.client.delete_message_batch().queue_url(&url);
    let none = none.set_entries(Some(Vec::new())).send().await;
    refused!(none, DeleteMessageBatchError::EmptyBatchRequest);
    let many = (0..11).map(|n| change(&n.to_string(), "x", 0)).collect();
    let many = local
        .client
        .change_message_visibility_batch()
        .set_entries(Some(many));
    let many = many.queue_url(&url).send().await;
    refused!(
        many,
        ChangeMessageVisibilityBatchError::TooManyEntriesInBatchRequest
    );
}
