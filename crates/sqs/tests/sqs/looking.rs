//! What this process sees of a queue without receiving, and the one message that it moves.

use std::time::Duration;

use sqs::{QueueHandle, QueueSettings, Receive, Sqs, SqsError};

use crate::policy;

/// A service with a queue, and a dead-letter queue of its own or of others, too.
fn service(sources: &[&str]) -> (Sqs, QueueHandle) {
    let sqs = Sqs::new("eu-west-1");
    let dead = sqs.create(QueueSettings::new("dead")).unwrap();
    for source in sources {
        let mut settings = QueueSettings::new(*source);
        let redrive = settings.set("eu-west-1", "RedrivePolicy", &policy("dead", 1));
        redrive.unwrap();
        sqs.create(settings).unwrap();
    }
    (sqs, dead)
}

fn bodies(queue: &QueueHandle) -> Vec<String> {
    let kept = queue.kept().unwrap().into_iter();
    kept.map(|kept| kept.content.message().body.clone())
        .collect()
}

async fn receive(queue: &QueueHandle, visibility: Duration) -> usize {
    let ask = Receive {
        max: 10,
        visibility: Some(visibility),
        wait: Some(Duration::ZERO),
    };
    queue.receive(&ask).await.unwrap().len()
}

#[tokio::test]
async fn who_looks_receives_nothing() {
    let (_, dead) = service(&["work"]);
    let first = dead.send("first").unwrap();
    dead.send("second").unwrap();
    for _ in 0..3 {
        assert_eq!(bodies(&dead), ["first", "second"]);
    }
    let kept = dead.kept().unwrap();
    assert_eq!(kept[0].message_id, first.message_id);
    assert!(kept.iter().all(|kept| kept.is_visible));
    let counts = dead.counts().unwrap();
    assert_eq!((counts.visible, counts.in_flight), (2, 0));
    assert_eq!(receive(&dead, Duration::from_secs(30)).await, 2);
    assert!(dead.kept().unwrap().iter().all(|kept| !kept.is_visible));
}

#[tokio::test]
async fn one_message_moves_and_its_neighbours_stay() {
    let (sqs, dead) = service(&["work"]);
    let work = sqs.queue("work").unwrap();
    for body in ["first", "second", "third"] {
        dead.send(body).unwrap();
    }
    let second = dead.kept().unwrap()[1].message_id.clone();
    assert!(sqs.move_one("dead", &second).unwrap());
    assert_eq!(bodies(&dead), ["first", "third"]);
    assert_eq!(bodies(&work), ["second"]);
    assert_ne!(work.kept().unwrap()[0].message_id, second, "a new message");
    assert!(!sqs.move_one("dead", &second).unwrap(), "it is gone");
    // What somebody is reading stays.
    let first = dead.kept().unwrap()[0].message_id.clone();
    receive(&dead, Duration::from_secs(30)).await;
    assert!(!sqs.move_one("dead", &first).unwrap());
    assert_eq!(bodies(&dead), ["first", "third"]);
    let unknown = sqs.move_one("nothing", &first);
    assert_eq!(unknown, Err(SqsError::ResourceNotFound("SourceArn")));
}

/// Of several queues that put messages aside here, each message goes back to its own. One that
/// came from none stays.
#[tokio::test]
async fn a_message_goes_back_to_where_it_came_from() {
    let (sqs, dead) = service(&["one", "two"]);
    let two = sqs.queue("two").unwrap();
    two.send("of two").unwrap();
    receive(&two, Duration::ZERO).await;
    receive(&two, Duration::ZERO).await;
    assert_eq!(bodies(&dead), ["of two"]);
    let id = dead.kept().unwrap()[0].message_id.clone();
    assert!(sqs.move_one("dead", &id).unwrap());
    assert_eq!((bodies(&dead).len(), bodies(&two).len()), (0, 1));
    let sent = dead.send("of nobody").unwrap();
    let refused = sqs.move_one("dead", &sent.message_id);
    assert!(
        matches!(refused, Err(SqsError::InvalidParameterValue(_))),
        "{refused:?}"
    );
    assert_eq!(bodies(&dead), ["of nobody"]);
}
