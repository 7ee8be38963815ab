use aws_sdk_sqs::{
    operation::{
        send_message::SendMessageError, send_message_batch::SendMessageBatchError as BatchError,
    },
    primitives::Blob,
    types::{MessageAttributeValue, SendMessageBatchRequestEntry as Entry},
};

use crate::{code, local, text};

const MIB: usize = 1_048_576;

fn entry(id: &str, body: impl Into<String>) -> Entry {
    let entry = Entry::builder().id(id).message_body(body);
    entry.build().unwrap()
}

#[tokio::test]
async fn a_message_may_have_one_mebibyte() {
    let local = local().await;
    let url = local.create("q", &[]).await;
    let send = |bytes: usize| {
        let send = local.client.send_message().queue_url(&url);
        send.message_body("a".repeat(bytes))
    };
    send(MIB).send().await.unwrap();
    let refused = send(MIB + 1).send().await;
    let expected =
        "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes.";
    assert_eq!(code(&refused), ("InvalidParameterValue", expected));
    let received = local
        .client
        .receive_message()
        .queue_url(&url)
        .send()
        .await
        .unwrap();
    assert_eq!(received.messages()[0].body().map(str::len), Some(MIB));

    // The name, type and value of an attribute count: 1 + 6 + 3, and 1 + 6 + 2 raw bytes.
    let with = |bytes| send(bytes).message_attributes("k", text("String", "abc"));
    with(MIB - 10).send().await.unwrap();
    assert_eq!(code(&with(MIB - 9).send().await).0, "InvalidParameterValue");
    let binary = MessageAttributeValue::builder().data_type("Binary");
    let binary = binary.binary_value(Blob::new([1, 2])).build().unwrap();
    let with = |bytes| send(bytes).message_attributes("k", binary.clone());
    with(MIB - 9).send().await.unwrap();
    assert_eq!(code(&with(MIB - 8).send().await).0, "InvalidParameterValue");
    // Bytes count, not characters.
    let wide = local.client.send_message().queue_url(&url);
    let wide = wide.message_body("é".repeat(MIB / 2 + 1)).send().await;
    assert_eq!(code(&wide).0, "InvalidParameterValue");
}

#[tokio::test]
async fn a_queue_may_take_less() {
    let local = local().await;
    let url = local.create("q", &[("MaximumMessageSize", "1024")]).await;
    let batch = local.client.send_message_batch().queue_url(&url);
    let batch = batch
        .entries(entry("fits", "a".repeat(1024)))
        .entries(entry("long", "a".repeat(1025)))
        .send()
        .await
        .unwrap();
    assert_eq!(batch.successful[0].id(), "fits");
    assert_eq!(
        (batch.failed[0].id(), batch.failed[0].code()),
        ("long", "InvalidParameterValue")
    );
}

#[tokio::test]
async fn a_batch_is_checked_as_a_whole() {
    let local = local().await;
    let url = local.create("q", &[]).await;
    let send = |entries: Vec<Entry>| {
        let send = local.client.send_message_batch().queue_url(&url);
        send.set_entries(Some(entries)).send()
    };
    refused!(send(Vec::new()).await, BatchError::EmptyBatchRequest);
    let many = |count: u32| (0..count).map(|n| entry(&n.to_string(), "m")).collect();
    refused!(
        send(many(11)).await,
        BatchError::TooManyEntriesInBatchRequest
    );
    let same = vec![entry("a", "1"), entry("b", "2"), entry("a", "3")];
    refused!(send(same).await, BatchError::BatchEntryIdsNotDistinct);
    for id in ["", "a b", "é", &"a".repeat(81)] {
        refused!(
            send(vec![entry(id, "m")]).await,
            BatchError::InvalidBatchEntryId
        );
    }
    let half = "a".repeat(MIB / 2);
    let long = vec![entry("a", half.clone()), entry("b", half.clone() + "a")];
    refused!(send(long).await, BatchError::BatchRequestTooLong);
    assert_eq!(local.counts(&url).await, [0, 0, 0]);
    send(vec![entry("a", half.clone()), entry("b", half)])
        .await
        .unwrap();
    send(many(10)).await.unwrap();
    assert_eq!(local.counts(&url).await, [12, 0, 0]);
}

#[tokio::test]
async fn a_batch_of_escapes_fits_the_body_limit() {
    let local = local().await;
    let url = local.create("q", &[]).await;
    // Sent as \u0009 or \t, a tab takes up to six bytes in JSON.
    let body = format!(
        r#"{{"QueueUrl":"{url}","MessageBody":"{}"}}"#,
        "\\u0009".repeat(MIB)
    );
    let answer = crate::wire::post(&local, "/", "AmazonSQS.SendMessage", &body).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn bodies_keep_to_the_characters_of_xml() {
    let local = local().await;
    let url = local.create("q", &[]).await;
    let send = |body: &str| {
        let send = local.client.send_message().queue_url(&url);
        send.message_body(body).send()
    };
    for bad in ["\u{FFFF}", "\u{FFFE}", "a\0b", "\u{8}", "\u{B}", "\u{1F}"] {
        refused!(send(bad).await, SendMessageError::InvalidMessageContents);
    }
    for good in [
        "\t\n\r ",
        "\u{D7FF}\u{E000}\u{FFFD}",
        "\u{10000}\u{10FFFF}",
        "\u{7F}",
    ] {
        send(good).await.unwrap();
    }
    assert_eq!(
        code(&send("").await),
        (
            "MissingParameter",
            "The request must contain the parameter MessageBody."
        )
    );
}

#[tokio::test]
async fn attributes_are_checked() {
    let local = local().await;
    let url = local.create("q", &[]).await;
    let send = |name: &str, attribute| {
        let send = local
            .client
            .send_message()
            .queue_url(&url)
            .message_body("m");
        send.message_attributes(name, attribute)
    };
    for (name, kind, value) in [
        ("", "String", "v"),
        ("a b", "String", "v"),
        ("AWS.x", "String", "v"),
        ("Amazon.x", "String", "v"),
        ("k", "Colour", "red"),
        ("k", "", "red"),
        ("k", "String", ""),
        ("k", "Binary", "text"),
        ("k", "Number", "ten"),
    ] {
        let refused = send(name, text(kind, value)).send().await;
        assert_eq!(
            code(&refused).0,
            "InvalidParameterValue",
            "{name} {kind} {value}"
        );
    }
    let odd = send("k", text("String", "\u{FFFF}")).send().await;
    refused!(odd, SendMessageError::InvalidMessageContents);
    let mut many = send("k0", text("String.label", "v"));
    for n in 1..10 {
        many = many.message_attributes(format!("k{n}"), text("Number.int", "-1.5e3"));
    }
    many.clone().send().await.unwrap();
    let eleven = many
        .message_attributes("k10", text("String", "v"))
        .send()
        .await;
    assert_eq!(code(&eleven).0, "InvalidParameterValue");

    let group = local
        .client
        .send_message()
        .queue_url(&url)
        .message_body("m");
    let bad = group.clone().message_group_id("a b").send().await;
    assert_eq!(code(&bad).0, "InvalidParameterValue");
    let fifo = group.message_deduplication_id("d").send().await;
    assert_eq!(code(&fifo).0, "InvalidParameterValue");
}
