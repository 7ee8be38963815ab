//! Each fault as its victim meets it: what the SDK's client of a function sees, and what was done
//! all the same.

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::io::ErrorKind;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use aws_sdk_sqs::config::retry::RetryConfig;
use aws_sdk_sqs::config::timeout::TimeoutConfig;
use aws_sdk_sqs::error::SdkError;
use operator::send::Poster;
use operator::services::Services;
use registry::SENDERS;
use serde_json::{Value, json};
use stack::faults::{Endpoint, Fault, Injection, Post};
use stack::lambda::InvokeError;
use table::read::text;
use tests::stack::Running;
use tokio::net::TcpListener;
use tokio::time::{Instant, timeout};

fn fault(text: &str) -> Injection {
    text.parse().expect("a fault")
}

/// A stack, and the clients of a function that tries once and waits for a second.
struct Victim {
    running: Running,
    queue: aws_sdk_sqs::Client,
    table: aws_sdk_dynamodb::Client,
}

impl Victim {
    async fn of(faults: &[&str]) -> Self {
        Self::on(Running::new().await, faults)
    }

    fn on(running: Running, faults: &[&str]) -> Self {
        let retries = RetryConfig::disabled();
        let timeouts = TimeoutConfig::builder()
            .operation_timeout(Duration::from_secs(1))
            .build();
        let queue = Services::local(&format!("http://{}", running.stack.faulty_sqs)).sqs();
        let queue = queue.config().to_builder();
        let queue = queue
            .retry_config(retries.clone())
            .timeout_config(timeouts.clone());
        let table =
            Services::local(&format!("http://{}", running.stack.faulty_dynamodb)).dynamodb();
        let table = table.config().to_builder();
        let table = table.retry_config(retries).timeout_config(timeouts);
        let faults = faults.iter().map(|text| fault(text)).collect();
        running.stack.faults.set(faults);
        Self {
            queue: aws_sdk_sqs::Client::from_conf(queue.build()),
            table: aws_sdk_dynamodb::Client::from_conf(table.build()),
            running,
        }
    }

    /// Sends one message to the dead-letter queue, which nobody receives from.
    async fn send(
        &self,
    ) -> Result<(), SdkError<aws_sdk_sqs::operation::send_message::SendMessageError>> {
        let url = format!(
            "http://{}/000000000000/DeadLetterQueue",
            self.running.stack.sqs
        );
        let sending = self.queue.send_message().queue_url(url).message_body("m");
        sending.send().await.map(|_| ())
    }

    async fn sent(&self) -> usize {
        self.running.dead().await.len()
    }

    /// Puts this many items and returns how many the table says that it has left out.
    async fn put(
        &self,
        count: usize,
    ) -> Result<usize, SdkError<aws_sdk_dynamodb::operation::batch_write_item::BatchWriteItemError>>
    {
        let writes = (0..count).map(|n| {
            let item = HashMap::from([
                ("pk".to_owned(), AttributeValue::S(format!("p{n}"))),
                ("sk".to_owned(), AttributeValue::S("s".to_owned())),
            ]);
            let put = PutRequest::builder().set_item(Some(item)).build();
            let put = put.expect("an item");
            WriteRequest::builder().put_request(put).build()
        });
        let writing = self.table.batch_write_item();
        let writing = writing.request_items(self.running.events.table(), writes.collect());
        let left_out = writing.send().await?.unprocessed_items.unwrap_or_default();
        Ok(left_out.values().map(Vec::len).sum())
    }

    async fn written(&self) -> usize {
        self.running.events.scan().await.expect("a table").len()
    }
}

fn is_reset(error: &(dyn Error + 'static)) -> bool {
    let mut error = error;
    loop {
        let io = error.downcast_ref::<std::io::Error>();
        if io.is_some_and(|io| io.kind() == ErrorKind::ConnectionReset) {
            return true;
        }
        match error.source() {
            Some(source) => error = source,
            None => return false,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_throttles_or_fails_says_so_in_its_own_words_and_does_nothing() {
    let victim = Victim::of(&["queue:throttle=1", "table:throttle=1"]).await;
    let refusal = victim.send().await.expect_err("throttled");
    assert_eq!(
        refusal.raw_response().expect("an answer").status().as_u16(),
        400
    );
    assert_eq!(refusal.code(), Some("RequestThrottled"));
    assert!(refusal.into_service_error().is_request_throttled());
    let refusal = victim.put(2).await.expect_err("throttled");
    assert_eq!(
        refusal.raw_response().expect("an answer").status().as_u16(),
        400
    );
    let refusal = refusal.into_service_error();
    assert!(refusal.is_provisioned_throughput_exceeded_exception());

    let faults = ["queue:error=1", "table:error=1"];
    let faults = faults.into_iter().map(fault).collect();
    victim.running.stack.faults.set(faults);
    let refusal = victim.send().await.expect_err("failed");
    assert_eq!(
        refusal.raw_response().expect("an answer").status().as_u16(),
        500
    );
    assert_eq!(refusal.code(), Some("InternalFailure"));
    let refusal = victim.put(2).await.expect_err("failed");
    assert_eq!(
        refusal.raw_response().expect("an answer").status().as_u16(),
        500
    );
    assert!(refusal.into_service_error().is_internal_server_error());

    assert_eq!((victim.sent().await, victim.written().await), (0, 0));
    victim.running.stack.faults.clear();
    victim.send().await.expect("sent");
    assert_eq!(victim.put(2).await.expect("put"), 0);
    assert_eq!((victim.sent().await, victim.written().await), (1, 2));
    let struck = victim.running.stack.faults.struck();
    assert_eq!(struck.into_values().collect::<Vec<_>>(), [1, 1, 1, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_does_nothing_and_a_dropped_answer_has_done_its_work() {
    let victim = Victim::of(&["queue:reset=1", "table:reset=1"]).await;
    for done in [0, 1] {
        let error = victim.send().await.expect_err("reset");
        assert!(
            matches!(error, SdkError::DispatchFailure(_)) && is_reset(&error),
            "{error:?}"
        );
        let error = victim.put(1).await.expect_err("reset");
        assert!(
            matches!(error, SdkError::DispatchFailure(_)) && is_reset(&error),
            "{error:?}"
        );
        assert_eq!((victim.sent().await, victim.written().await), (done, done));
        let faults = ["queue:drop=1", "table:drop=1"];
        let faults = faults.into_iter().map(fault).collect();
        victim.running.stack.faults.set(faults);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_hangs_never_answers_and_one_that_is_slow_answers_late() {
    let victim = Victim::of(&["queue:hang=1", "table:hang=1"]).await;
    let error = victim.send().await.expect_err("no answer");
    assert!(matches!(error, SdkError::TimeoutError(_)), "{error:?}");
    let error = victim.put(1).await.expect_err("no answer");
    assert!(matches!(error, SdkError::TimeoutError(_)), "{error:?}");
    assert_eq!((victim.sent().await, victim.written().await), (0, 0));
    let faults = ["queue:slow=1,300", "table:slow=1,300"];
    let faults = faults.into_iter().map(fault).collect();
    victim.running.stack.faults.set(faults);
    let started = Instant::now();
    victim.send().await.expect("sent");
    victim.put(1).await.expect("put");
    assert!(started.elapsed() >= Duration::from_millis(600));
    assert_eq!((victim.sent().await, victim.written().await), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn part_of_a_batch_comes_back_and_the_rest_is_written() {
    let victim = Victim::of(&["table:partial=1"]).await;
    let left_out = victim.put(25).await.expect("put in part");
    assert!((1..25).contains(&left_out), "{left_out}");
    assert_eq!(victim.written().await, 25 - left_out);
    let alone = victim.put(1).await.expect_err("nothing to leave out");
    let alone = alone.into_service_error();
    assert!(alone.is_provisioned_throughput_exceeded_exception());
}

fn open(n: usize) -> Vec<u8> {
    let event = json!({"type": "open", "email_id": format!("m{n}"), "recipient": format!("p{n}@mail.test"), "timestamp": "2026-01-02T03:04:05Z"});
    event.to_string().into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_delivered_twice_is_stored_once() {
    let victim = Victim::of(&["queue:duplicate=1"]).await;
    for n in 0..5 {
        assert_eq!(victim.running.send("mailpanda", &open(n)).await.status, 200);
    }
    assert_eq!(victim.running.stored().await.len(), 5);
    let lines = victim.running.lines.lock().expect("lines").clone();
    let lines = lines
        .iter()
        .filter_map(|line| serde_json::from_str(line).ok());
    let stored = lines.filter(|line: &Value| line["outcome"] == "stored");
    let messages = stored.filter_map(|line| line["messages"].as_array().map(Vec::len));
    assert_eq!(messages.sum::<usize>(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_held_back_comes_after_later_ones() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&seen);
    let running = Running::with(|options| {
        // One batch of all of them: several batches are under way at once.
        let window = ("BatchWindow".to_owned(), "1".to_owned());
        options.parameters.push(window);
        options.observer = Arc::new(move |handled| {
            assert_eq!((handled.stored, handled.attempt), (true, 1));
            told.lock().expect("seen").push(handled.body.to_owned());
        });
    })
    .await;
    let sent: Vec<String> = (0..10)
        .map(|n| {
            let provider = registry::sender("mailpanda").expect("a provider");
            tests::deliver(provider, &open(n))
                .encode()
                .expect("a message")
        })
        .collect();
    let queue = running
        .stack
        .queues
        .queue("DeliveriesQueue")
        .expect("a queue");
    for faults in [vec![], vec![fault("queue:reorder=0.5,2000")]] {
        running.stack.faults.set(faults.clone());
        for message in &sent {
            queue.send(message.clone()).expect("sent");
        }
        assert_eq!(running.stored().await.len(), 10);
        let order = std::mem::take(&mut *seen.lock().expect("seen"));
        let mut sorted = order.clone();
        sorted.sort();
        assert_eq!(sorted, sent);
        assert_eq!(order == sent, faults.is_empty(), "{faults:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_is_killed_in_its_request_is_a_500_and_the_next_one_lives() {
    let victim = Victim::of(&["function:kill=1,0"]).await;
    // Of no kind that anybody knows; Mailgun's has a name, without which nothing is made of it.
    let unknown = br#"{"event-data":{"event":"a word"}}"#;
    for provider in SENDERS {
        let reply = victim.running.send(provider.name(), unknown).await;
        assert_eq!(reply.status, 500);
    }
    let lambda = &victim.running.stack.functions["consumer"];
    let killed = lambda.invoke(r#"{"Records":[]}"#.into()).await;
    assert_eq!(killed, Err(InvokeError::Died("killed".to_owned())));
    victim.running.stack.faults.clear();
    for provider in SENDERS {
        let reply = victim.running.send(provider.name(), unknown).await;
        assert_eq!(reply.status, 200);
    }
    let stored = victim.running.stored().await;
    assert_eq!(stored.len(), SENDERS.len());
    assert!(stored.iter().all(|item| text(item, "kind") == "unknown"));
    // What a receiver has sent before it was killed reaches the consumer, which is killed, too.
    let struck = victim.running.stack.faults.struck();
    assert!(
        struck[&Fault::FunctionKill] > SENDERS.len() as u64,
        "{struck:?}"
    );
}

/// The receivers' limit is in `end_to_end.rs`.
#[tokio::test(flavor = "multi_thread")]
async fn with_a_table_that_hangs_the_consumer_reports_every_message_before_lambda_stops_it() {
    let victim = Victim::of(&["table:hang=1"]).await;
    // an event with a time, one without, and one that suppresses: every way to the table hangs
    let bodies = [
        open(1),
        br#"{"type":"open","recipient":"a@mail.test"}"#.to_vec(),
        br#"{"type":"complaint","email_id":"m","recipient":"a@mail.test","timestamp":"2026-01-02T03:04:05Z"}"#.to_vec(),
    ];
    let provider = registry::sender("mailpanda").expect("a provider");
    let records: Vec<_> = bodies
        .iter()
        .enumerate()
        .map(|(n, body)| {
            let message = tests::deliver(provider, body).encode();
            json!({"messageId": n.to_string(), "body": message.expect("a message")})
        })
        .collect();
    let consumer = &victim.running.stack.functions["consumer"];
    assert_eq!(consumer.settings().timeout, Duration::from_secs(30));
    let started = Instant::now();
    let answer = consumer.invoke(json!({"Records": records}).to_string().into());
    // an invocation that Lambda has to stop has no answer
    let answer = answer.await.expect("an answer");
    assert!(
        started.elapsed() < Duration::from_secs(29),
        "{:?}",
        started.elapsed()
    );
    let answer: serde_json::Value = serde_json::from_slice(&answer).expect("JSON");
    let failed = (0..bodies.len()).map(|n| json!({"itemIdentifier": n.to_string()}));
    let failed: Vec<_> = failed.collect();
    assert_eq!(answer, json!({"batchItemFailures": failed}));
}

/// What an endpoint with a fault answers to a POST, and which statuses it has kept. `None` is no
/// answer within a second.
async fn told(endpoint_fault: &str, hour: Duration) -> (Option<u16>, Vec<Option<u16>>) {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&kept);
    let receive = move |post: Post| keep.lock().expect("statuses").push(post.status);
    let endpoint = Endpoint::new(204, 1, hour, Arc::new(receive));
    endpoint.set(&[fault(endpoint_fault)]);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let serving = tokio::spawn(endpoint.clone().serve(listener));
    let poster = Poster::new("127.0.0.1:1", BTreeMap::new());
    let posting = poster.post(&url, "application/json", &[], b"{}".to_vec());
    let answer = timeout(Duration::from_secs(1), posting).await;
    serving.abort();
    let struck = endpoint.struck();
    assert_eq!(struck.len(), 1, "{endpoint_fault} {struck:?}");
    let status = answer
        .ok()
        .and_then(Result::ok)
        .map(|reply| reply.status.as_u16());
    let kept = kept.lock().expect("statuses").clone();
    (status, kept)
}

#[tokio::test]
async fn an_endpoint_ails_as_it_is_told() {
    let hour = Duration::from_hours(1);
    for (fault, status, kept) in [
        ("endpoint:error=1", Some(500), vec![Some(500)]),
        ("endpoint:redirect=1", Some(307), vec![Some(307)]),
        ("endpoint:slow=1,50", Some(204), vec![Some(204)]),
        ("endpoint:drop=1", None, vec![None]),
        ("endpoint:hang=1", None, vec![None]),
        ("endpoint:reset=1", None, vec![]),
        ("endpoint:down=1h", None, vec![]),
    ] {
        assert_eq!(told(fault, hour).await, (status, kept), "{fault}");
    }
}
