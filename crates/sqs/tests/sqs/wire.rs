//! Tests what the SDK hides: headers, paths, and requests that it would not send.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{Local, local};

/// Posts a request and returns the whole response as text.
pub(crate) async fn post(local: &Local, path: &str, target: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(local.address).await.unwrap();
    let length = body.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: sqs.local:9324\r\nconnection: close\r\ncontent-type: application/x-amz-json-1.0\r\nx-amz-target: {target}\r\ncontent-length: {length}\r\n\r\n"
    );
    // If a head is refused, it is answered before its body was read, and the connection is closed.
    // So the write may fail, and so may the end of the read. Only the answer counts.
    let _ = stream
        .write_all(&[head.as_bytes(), body.as_bytes()].concat())
        .await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn an_error_has_the_shape_and_the_header_of_aws() {
    let local = local().await;
    let body = r#"{"QueueUrl":"http://h/000000000000/absent"}"#;
    let answer = post(&local, "/", "AmazonSQS.ReceiveMessage", body).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert!(
        answer.contains("content-type: application/x-amz-json-1.0\r\n"),
        "{answer}"
    );
    assert!(answer.contains("x-amzn-requestid: "), "{answer}");
    let header = "x-amzn-query-error: AWS.SimpleQueueService.NonExistentQueue;Sender\r\n";
    assert!(answer.contains(header), "{answer}");
    let body = r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."}"#;
    assert!(answer.ends_with(body), "{answer}");

    let answer = post(&local, "/", "AmazonSQS.CreateQueue", "{}").await;
    assert!(answer.contains("com.amazon.coral.service#MissingRequiredParameterException"));
    assert!(
        answer.contains("x-amzn-query-error: MissingParameter;Sender\r\n"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_queue_url_names_the_host_of_the_request_and_works_as_its_path() {
    let local = local().await;
    let answer = post(&local, "/", "AmazonSQS.CreateQueue", r#"{"QueueName":"q"}"#).await;
    assert!(
        answer.contains("http://sqs.local:9324/000000000000/q"),
        "{answer}"
    );
    let path = "/000000000000/q";
    let send = r#"{"MessageBody":"m"}"#;
    let answer = post(&local, path, "AmazonSQS.SendMessage", send).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(local.sqs.queue("q").unwrap().counts().unwrap().visible, 1);
    let answer = post(&local, "/111111111111/q", "AmazonSQS.SendMessage", send).await;
    assert!(answer.contains("QueueDoesNotExist"), "{answer}");
    let answer = post(&local, "/", "AmazonSQS.SendMessage", send).await;
    assert!(
        answer.contains("must contain the parameter QueueUrl"),
        "{answer}"
    );
}

#[tokio::test]
async fn what_is_no_request_is_refused() {
    let local = local().await;
    for target in [
        "",
        "DynamoDB_20120810.PutItem",
        "AmazonSQS.DeleteEverything",
    ] {
        let answer = post(&local, "/", target, "{}").await;
        assert!(answer.contains("#UnknownOperationException"), "{answer}");
    }
    for body in [
        "",
        "{",
        "[1]",
        r#"{"MaxNumberOfMessages":"ten"}"#,
        "\"secret\"",
    ] {
        let answer = post(&local, "/", "AmazonSQS.ReceiveMessage", body).await;
        assert!(answer.contains("#SerializationException"), "{answer}");
        assert!(!answer.contains("secret"), "{answer}");
    }
    let huge = format!(r#"{{"QueueName":"{}"}}"#, "a".repeat(13 << 20));
    let answer = post(&local, "/", "AmazonSQS.CreateQueue", &huge).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[tokio::test]
async fn a_long_poll_that_was_given_up_takes_no_message() {
    let local = local().await;
    let url = local.create("q", &[]).await;
    let poll = format!(r#"{{"QueueUrl":"{url}","WaitTimeSeconds":20}}"#);
    let call = post(&local, "/", "AmazonSQS.ReceiveMessage", &poll);
    let given_up = tokio::time::timeout(Duration::from_millis(200), call).await;
    assert!(given_up.is_err());
    tokio::time::sleep(Duration::from_millis(100)).await;
    local.send(&url, "m").await;
    assert_eq!(local.counts(&url).await, [1, 0, 0]);
}
