//! The stack as it is deployed from `template.yaml`, by the same checks as the one on this machine.
//! `.ci/deploy` deploys it, says where it is, and runs this.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::timeout::TimeoutConfig;
use aws_sdk_sqs::types::QueueAttributeName;
use operator::events::Events;
use operator::send::Poster;
use operator::services::Services;
use registry::SENDERS;
use shared::rejection::Rejection;
use shared::sender::Sender;
use tests::checks;
use tokio::time::{Instant, sleep};

/// How long the queue may take to empty itself. What nobody can read is tried five times.
const PATIENCE: Duration = Duration::from_mins(5);
/// How long a running function may take to use a key that was made: it asks once a minute at most.
const ROTATION: Duration = Duration::from_secs(90);

/// An output of the deployed stack. The endpoint, the credentials and the region are in the SDK's
/// own variables.
#[expect(
    clippy::disallowed_methods,
    reason = "a test is told where the stack is"
)]
fn output(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: .ci/deploy sets it"))
}

#[tokio::test]
#[ignore = "needs a deployed stack: .ci/deploy"]
async fn the_deployed_stack_does_what_the_local_one_does() {
    let sender = Poster::to(&output("POSTERN_API"), BTreeMap::new());
    let services = Services::account().await;
    let queues = services.sqs();
    let (queue, dead) = (
        output("POSTERN_QUEUE_URL"),
        output("POSTERN_DEAD_LETTER_QUEUE_URL"),
    );
    let events = Events::named(services, output("POSTERN_TABLE"));
    be_impatient(&queues, &queue).await;

    for provider in SENDERS {
        let busy = provider.answers().status(Rejection::KeyUnavailable);
        assert_eq!(status(&sender, *provider).await, busy, "no key is made yet");
    }
    make_keys(&output("POSTERN_STACK")).await;
    for provider in SENDERS {
        let deadline = Instant::now() + ROTATION;
        while status(&sender, *provider).await != 200 {
            let name = provider.name();
            assert!(Instant::now() < deadline, "{name} does not take its key");
            sleep(Duration::from_secs(1)).await;
        }
    }

    let wanted = checks::send_every_sample_twice(&sender).await;
    drained(&queues, &queue).await;
    wanted.are(&events.all().await.expect("events"));
    assert_eq!(messages(&queues, &dead).await, wanted.poison);

    checks::every_outcome_has_its_answer(&sender).await;
}

/// The answer to one of a provider's samples, signed: no handshake, which needs no key.
async fn status(sender: &Poster, provider: &dyn Sender) -> u16 {
    let clicked = |(body, expected)| {
        let expected = std::fs::read_to_string(expected).ok()?;
        let is_plain = expected.contains("\"clicked\"") && !expected.contains("\"malformed\"");
        is_plain.then(|| std::fs::read(body).expect("a sample"))
    };
    let body = tests::cases(provider).into_iter().find_map(clicked);
    let body = body.expect("a sample of a click");
    let reply = sender.send(provider, body).await.expect("an answer");
    reply.status.as_u16()
}

/// Makes each provider's secret, with its sample key, as an operator would with the real one.
async fn make_keys(stack: &str) {
    let config = runtime::aws::config(TimeoutConfig::disabled());
    let client = aws_sdk_secretsmanager::Client::new(&config);
    for provider in SENDERS {
        let key = operator::secrets::for_receiver(*provider, &BTreeMap::new()).expect("a key");
        let name = format!("{stack}/{}", provider.name());
        let create = client.create_secret().name(name).secret_string(key);
        create.send().await.expect("a secret");
    }
}

/// What nobody can read is tried again after the visibility timeout, which is minutes.
async fn be_impatient(queues: &Client, url: &str) {
    let set = queues.set_queue_attributes().queue_url(url);
    let set = set.attributes(QueueAttributeName::VisibilityTimeout, "1");
    set.send().await.expect("a queue");
}

/// Waits until nothing waits in a queue, and nothing is in flight.
async fn drained(queues: &Client, url: &str) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let left = messages(queues, url).await;
        if left == 0 {
            return;
        }
        assert!(Instant::now() < deadline, "{left} messages are left");
        sleep(Duration::from_millis(200)).await;
    }
}

async fn messages(queues: &Client, url: &str) -> usize {
    let attributes = queues
        .get_queue_attributes()
        .queue_url(url)
        .attribute_names(QueueAttributeName::ApproximateNumberOfMessages)
        .attribute_names(QueueAttributeName::ApproximateNumberOfMessagesNotVisible)
        .send()
        .await
        .expect("a queue");
    let counts = attributes.attributes.unwrap_or_default().into_values();
    counts
        .map(|count| count.parse::<usize>().expect("a count"))
        .sum()
}
