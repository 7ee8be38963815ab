//! Tests the in-process calls under tokio's paused clock, so that hours pass at once.

use std::time::Duration;

use sqs::{Message, QueueHandle, QueueSettings, Receive, Received, Redrive, Sqs, SqsError};
use tokio::time::{Instant, advance};

fn queue(settings: QueueSettings) -> QueueHandle {
    Sqs::new("eu-west-1").create(settings).unwrap()
}

fn waiting(seconds: u64) -> Receive {
    Receive {
        wait: Some(Duration::from_secs(seconds)),
        ..Receive::default()
    }
}

async fn one(queue: &QueueHandle) -> Option<Received> {
    queue.receive(&Receive::default()).await.unwrap().pop()
}

fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

#[tokio::test(start_paused = true)]
async fn a_long_poll_ends_at_its_deadline() {
    let queue = queue(QueueSettings::new("q"));
    let start = Instant::now();
    assert!(queue.receive(&waiting(20)).await.unwrap().is_empty());
    let waited = start.elapsed();
    assert!((secs(20)..secs(21)).contains(&waited), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn a_long_poll_wakes_when_visibility_ends_or_is_given_back() {
    let queue = queue(QueueSettings {
        visibility_timeout: secs(7),
        ..QueueSettings::new("q")
    });
    queue.send("m").unwrap();
    one(&queue).await.unwrap();
    let start = Instant::now();
    let again = queue.receive(&waiting(20)).await.unwrap();
    assert_eq!(again[0].receive_count, 2);
    assert!((secs(7)..secs(8)).contains(&start.elapsed()));
    let start = Instant::now();
    let give_back = async {
        tokio::time::sleep(secs(2)).await;
        let handle = &again[0].receipt_handle;
        queue.change_visibility(handle, Duration::ZERO).unwrap();
    };
    let poll = waiting(20);
    let (third, ()) = tokio::join!(queue.receive(&poll), give_back);
    assert_eq!(third.unwrap()[0].receive_count, 3);
    assert!((secs(2)..secs(3)).contains(&start.elapsed()));
}

#[tokio::test(start_paused = true)]
async fn a_longer_visibility_keeps_a_long_poll_waiting() {
    let queue = queue(QueueSettings {
        visibility_timeout: secs(5),
        ..QueueSettings::new("q")
    });
    queue.send("m").unwrap();
    let held = one(&queue).await.unwrap();
    let start = Instant::now();
    let extend = async {
        tokio::time::sleep(secs(4)).await;
        queue
            .change_visibility(&held.receipt_handle, secs(10))
            .unwrap();
    };
    let poll = waiting(20);
    let (received, ()) = tokio::join!(queue.receive(&poll), extend);
    assert_eq!(received.unwrap().len(), 1);
    assert!((secs(14)..secs(15)).contains(&start.elapsed()));
}

#[tokio::test(start_paused = true)]
async fn every_waiting_receiver_gets_one_message() {
    let queue = queue(QueueSettings::new("q"));
    let polls: Vec<_> = (0..5)
        .map(|_| {
            let queue = queue.clone();
            tokio::spawn(async move { queue.receive(&waiting(20)).await.unwrap() })
        })
        .collect();
    tokio::task::yield_now().await;
    let start = Instant::now();
    for n in 0..5 {
        queue.send(n.to_string()).unwrap();
    }
    let mut bodies = Vec::new();
    for poll in polls {
        let received = poll.await.unwrap();
        assert_eq!(received.len(), 1);
        bodies.push(received[0].content.message().body.clone());
    }
    bodies.sort();
    assert_eq!(bodies, ["0", "1", "2", "3", "4"]);
    assert!(start.elapsed() < secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_message_expires_after_its_retention() {
    let queue = queue(QueueSettings {
        message_retention: secs(100),
        ..QueueSettings::new("q")
    });
    queue.send("old").unwrap();
    advance(secs(60)).await;
    queue.send("new").unwrap();
    assert_eq!(queue.oldest_age().unwrap(), Some(secs(60)));
    advance(secs(40)).await;
    assert_eq!(queue.counts().unwrap().visible, 1);
    assert_eq!(queue.oldest_age().unwrap(), Some(secs(40)));
    assert_eq!(one(&queue).await.unwrap().content.message().body, "new");
    advance(secs(60)).await;
    assert_eq!(queue.oldest_age().unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_keeps_its_send_time_and_gets_a_new_age() {
    let sqs = Sqs::new("eu-west-1");
    let dead = sqs.create(QueueSettings::new("dead")).unwrap();
    let work = sqs
        .create(QueueSettings {
            redrive: Some(Redrive {
                dead_letter_queue: "dead".into(),
                max_receive_count: 1,
            }),
            ..QueueSettings::new("work")
        })
        .unwrap();
    work.send("m").unwrap();
    one(&work).await.unwrap();
    advance(secs(3600)).await;
    assert!(one(&work).await.is_none());
    advance(secs(10)).await;
    assert_eq!(dead.oldest_age().unwrap(), Some(secs(10)));
    // The four days count from the send, not from the move.
    advance(secs(345_600 - 3611)).await;
    assert_eq!(dead.counts().unwrap().visible, 1);
    advance(secs(1)).await;
    assert_eq!(dead.counts().unwrap().visible, 0);
}

#[tokio::test(start_paused = true)]
async fn a_chain_of_dead_letter_queues_counts_receives_per_queue() {
    let sqs = Sqs::new("eu-west-1");
    let last = sqs.create(QueueSettings::new("last")).unwrap();
    let create = |name: &str, next: &str| {
        let redrive = Some(Redrive {
            dead_letter_queue: next.into(),
            max_receive_count: 2,
        });
        sqs.create(QueueSettings {
            redrive,
            visibility_timeout: Duration::ZERO,
            ..QueueSettings::new(name)
        })
        .unwrap()
    };
    let middle = create("middle", "last");
    let first = create("first", "middle");
    first.send("m").unwrap();
    for (queue, expected) in [(&first, [1, 2]), (&middle, [3, 4])] {
        for count in expected {
            assert_eq!(one(queue).await.unwrap().receive_count, count);
        }
        assert!(one(queue).await.is_none());
    }
    let message = one(&last).await.unwrap();
    assert_eq!(message.receive_count, 5);
    assert_eq!(message.dead_letter_source.as_deref(), Some("middle"));
}

#[tokio::test(start_paused = true)]
async fn one_receive_hands_a_message_out_once() {
    let queue = queue(QueueSettings {
        visibility_timeout: Duration::ZERO,
        ..QueueSettings::new("q")
    });
    queue.send("a").unwrap();
    queue.send("b").unwrap();
    let all = Receive {
        max: 10,
        ..Receive::default()
    };
    assert_eq!(queue.receive(&all).await.unwrap().len(), 2);
    assert_eq!(queue.receive(&all).await.unwrap().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn timestamps_follow_the_clock() {
    let queue = queue(QueueSettings::new("q"));
    queue.send("m").unwrap();
    advance(secs(90)).await;
    let received = one(&queue).await.unwrap();
    let system = queue.system_attributes(&received);
    let millis = |name: &str| system[name].parse::<u64>().unwrap();
    let waited = millis("ApproximateFirstReceiveTimestamp") - millis("SentTimestamp");
    assert_eq!(waited, 90_000);
}

#[tokio::test(start_paused = true)]
async fn a_message_is_hidden_for_twelve_hours_at_most() {
    let queue = queue(QueueSettings::new("q"));
    queue.send("m").unwrap();
    let held = one(&queue).await.unwrap();
    advance(secs(20)).await;
    let change = |seconds| queue.change_visibility(&held.receipt_handle, secs(seconds));
    change(43_180).unwrap();
    assert!(matches!(
        change(43_181),
        Err(SqsError::InvalidParameterValue(_))
    ));
    assert!(matches!(
        change(43_201),
        Err(SqsError::InvalidParameterValue(_))
    ));
}

#[tokio::test(start_paused = true)]
async fn a_purge_is_refused_for_a_minute() {
    let queue = queue(QueueSettings::new("q"));
    queue.purge().unwrap();
    advance(secs(59)).await;
    assert_eq!(
        queue.purge(),
        Err(SqsError::PurgeQueueInProgress("q".into()))
    );
    advance(secs(1)).await;
    queue.purge().unwrap();
}

#[tokio::test(start_paused = true)]
async fn callers_in_process_keep_the_same_limits() {
    let sqs = Sqs::new("eu-west-1");
    let queue = sqs.create(QueueSettings::new("q")).unwrap();
    assert!(sqs.create(QueueSettings::new("q")).is_ok());
    let other = QueueSettings {
        delay: secs(1),
        ..QueueSettings::new("q")
    };
    assert_eq!(
        sqs.create(other).unwrap_err(),
        SqsError::QueueNameExists("DelaySeconds".into())
    );
    assert_eq!(sqs.names(), ["q"]);
    assert!(sqs.queue("p").is_none());
    for ask in [
        Receive {
            max: 0,
            ..Receive::default()
        },
        Receive {
            max: 11,
            ..Receive::default()
        },
        Receive {
            visibility: Some(secs(43_201)),
            ..Receive::default()
        },
        waiting(21),
    ] {
        let refused = queue.receive(&ask).await;
        assert!(
            matches!(refused, Err(SqsError::InvalidParameterValue(_))),
            "{ask:?}"
        );
    }
    let late = Message {
        delay: Some(secs(901)),
        ..Message::from("m")
    };
    assert!(matches!(
        queue.send(late),
        Err(SqsError::InvalidParameterValue(_))
    ));
    assert_eq!(queue.delete("x"), Err(SqsError::ReceiptHandleIsInvalid));
    assert_eq!(queue.arn(), "arn:aws:sqs:eu-west-1:000000000000:q");
    assert_eq!(queue.url("h:1"), "http://h:1/000000000000/q");
}

#[tokio::test(start_paused = true)]
async fn a_handle_of_an_earlier_run_deletes_no_message_of_this_one() {
    let before = queue(QueueSettings::new("q"));
    before.send("before").unwrap();
    let handle = one(&before).await.unwrap().receipt_handle;
    let after = queue(QueueSettings::new("q"));
    after.send("after").unwrap();
    after.delete(&handle).unwrap();
    assert_eq!(after.counts().unwrap().visible, 1);
}
