//! Who may reach the table, the queues and the secrets of a running stack.
#![expect(clippy::expect_used, reason = "a test that fails may panic")]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use stack::faults::Injection;
use stack::live::Live;
use stack::{Options, Stack};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const TABLES: &str = "DynamoDB_20120810.ListTables";
const QUEUES: &str = "AmazonSQS.ListQueues";
const SECRETS: &str = "secretsmanager.GetSecretValue";
const PUT: &str = "AWSEvents.PutEvents";
const ARN: &str = "arn:aws:events:eu-west-1:000000000000:event-bus/local";

/// A stack without functions: a list of packages finds no program.
async fn stack(faults: Vec<Injection>) -> Stack {
    let options = Options {
        port: 0,
        sqs_port: 0,
        dynamodb_port: 0,
        secrets: BTreeMap::from([("resend".to_owned(), "whsec_c2VjcmV0".to_owned())]),
        parameters: [("Outlets", "yes"), ("EventBusArn", ARN)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        data: None,
        retry_after: Duration::from_secs(1),
        launcher: Arc::new(|_| Ok(BTreeMap::new())),
        output: Arc::new(|_, _| {}),
        observer: Arc::new(|_| {}),
        live: Live::default(),
        page: None,
        bus_at: None,
        faults,
        seed: 1,
        hour: None,
    };
    Stack::start(options).await.expect("a stack")
}

/// Returns the services, each with what it is asked and what shows that it answers.
fn services(stack: &Stack) -> [(SocketAddr, &'static str, &'static str); 6] {
    [
        (stack.dynamodb, TABLES, "EventsTable"),
        (stack.faulty_dynamodb, TABLES, "EventsTable"),
        (stack.sqs, QUEUES, "DeliveriesQueue"),
        (stack.faulty_sqs, QUEUES, "DeliveriesQueue"),
        (stack.secrets_manager, SECRETS, "whsec_c2VjcmV0"),
        (stack.faulty_bus, PUT, "EventId"),
    ]
}

/// Sends a request with these headers, and returns the whole answer.
async fn ask(address: SocketAddr, start: &str, target: &str, headers: &[&str]) -> String {
    let body = match target {
        SECRETS => r#"{"SecretId":"local/resend"}"#,
        PUT => r#"{"Entries":[{"Source":"a","DetailType":"b","Detail":"{}"}]}"#,
        _ => "{}",
    };
    let headers = headers.join("\r\n");
    let length = body.len();
    let request = format!(
        "{start}\r\n{headers}\r\nconnection: close\r\nx-amz-target: {target}\r\n\
         content-type: application/x-amz-json-1.0\r\n\
         authorization: AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature=00\r\nx-amz-date: 20260101T000000Z\r\n\
         content-length: {length}\r\n\r\n{body}"
    );
    let mut stream = TcpStream::connect(address).await.expect("connected");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    String::from_utf8(answer).expect("text")
}

#[tokio::test]
async fn a_program_of_this_machine_reaches_every_service_by_every_name() {
    let stack = stack(Vec::new()).await;
    for (address, target, shown) in services(&stack) {
        for name in ["127.0.0.1", "localhost", "[::1]"] {
            let host = format!("host: {name}:{}", address.port());
            let answer = ask(address, "POST / HTTP/1.1", target, &[&host]).await;
            assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
            assert!(answer.contains(shown), "{answer}");
        }
    }
}

#[tokio::test]
async fn a_page_a_proxy_and_a_name_that_leads_here_reach_no_service() {
    // A fault that always strikes is an answer of its own: nobody who is refused may meet it.
    let faults = ["table:error=1", "queue:error=1", "bus:error=1"];
    let faults = faults.map(|fault| fault.parse().expect("a fault"));
    let stack = stack(faults.into()).await;
    for (address, target, shown) in services(&stack) {
        let host = format!("host: {address}");
        let other = format!("host: rebind.example.test:{}", address.port());
        for headers in [
            &[&*host, "origin: https://page.example.test"][..],
            &[&host, "origin: null"],
            &[&host, "sec-fetch-site: cross-site"],
            &[&host, "sec-fetch-site: same-site"],
            &[&host, "x-forwarded-for: 192.0.2.1"],
            &[&host, "x-real-ip: 192.0.2.1"],
            &[&other],
            &["host: 127.0.0.1"],
            &["host: 127.0.0.1:1"],
        ] {
            for method in ["POST", "GET", "OPTIONS"] {
                let start = format!("{method} / HTTP/1.1");
                let answer = ask(address, &start, target, headers).await;
                let is_refused = answer.starts_with("HTTP/1.1 403 Forbidden\r\n");
                assert!(is_refused, "{target} {method} {headers:?}: {answer}");
                assert!(!answer.contains("access-control-"), "{answer}");
                assert!(!answer.contains(shown), "{answer}");
            }
        }
        let answer = ask(address, "POST / HTTP/1.0", target, &[&host]).await;
        assert!(answer.starts_with("HTTP/1.0 403 Forbidden\r\n"), "{answer}");
        let unknown = ask(address, "POST /no/such/path HTTP/1.1", target, &[&other]).await;
        assert!(
            unknown.starts_with("HTTP/1.1 403 Forbidden\r\n"),
            "{unknown}"
        );
    }
}
