use std::time::Duration;

use aws_sdk_sqs::{
    operation::list_message_move_tasks::ListMessageMoveTasksError,
    operation::start_message_move_task::StartMessageMoveTaskError,
    types::{ListMessageMoveTasksResultEntry, Message, MessageSystemAttributeName as System},
};
use tokio::time::sleep;

use crate::{Local, arn, code, local, text};

async fn receive(local: &Local, url: &str) -> Option<Message> {
    let receive = local
        .client
        .receive_message()
        .queue_url(url)
        .visibility_timeout(0);
    let receive = receive.message_system_attribute_names(System::All);
    let received = receive.message_attribute_names("All").send().await.unwrap();
    received
        .messages
        .and_then(|messages| messages.into_iter().next())
}

/// Sends messages through `work` into the dead-letter queue of `pair`.
async fn bury(local: &Local, work: &str, bodies: &[&str]) {
    for body in bodies {
        local.send(work, body).await;
    }
    for _ in 0..=bodies.len() {
        receive(local, work).await;
    }
}

pub(crate) async fn finished(local: &Local) -> ListMessageMoveTasksResultEntry {
    for _ in 0..100 {
        let list = local
            .client
            .list_message_move_tasks()
            .source_arn(arn("dead"));
        let task = list.send().await.unwrap().results.unwrap().remove(0);
        if task.status() != Some("RUNNING") {
            return task;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("the task did not finish");
}

#[tokio::test]
async fn a_message_received_too_often_moves_with_its_id() {
    let local = local().await;
    let (work, dead) = local.pair(&[], 2).await;
    let message = local.client.send_message().queue_url(&work);
    let message = message.message_body("poison").message_group_id("g");
    let message = message.message_attributes("k", text("String", "v"));
    let id = message.send().await.unwrap().message_id;
    let mut sent_at = None;
    for count in ["1", "2"] {
        let message = receive(&local, &work).await.unwrap();
        let system = message.attributes.unwrap();
        assert_eq!(system[&System::ApproximateReceiveCount], count);
        assert!(!system.contains_key(&System::DeadLetterQueueSourceArn));
        sent_at = system.get(&System::SentTimestamp).cloned();
    }
    assert_eq!(local.counts(&dead).await, [0, 0, 0]);
    assert_eq!(receive(&local, &work).await, None);
    assert_eq!(local.counts(&work).await, [0, 0, 0]);

    let message = receive(&local, &dead).await.unwrap();
    assert_eq!(
        (message.message_id, message.body.as_deref()),
        (id, Some("poison"))
    );
    assert_eq!(
        message.message_attributes.unwrap()["k"],
        text("String", "v")
    );
    let system = message.attributes.unwrap();
    assert_eq!(system[&System::ApproximateReceiveCount], "3");
    assert_eq!(system[&System::DeadLetterQueueSourceArn], arn("work"));
    assert_eq!(system[&System::MessageGroupId], "g");
    assert_eq!(system.get(&System::SentTimestamp), sent_at.as_ref());
}

#[tokio::test]
async fn a_long_poll_on_the_dead_letter_queue_sees_the_move() {
    let local = local().await;
    let (work, dead) = local.pair(&[], 1).await;
    let poll = local
        .client
        .receive_message()
        .queue_url(&dead)
        .wait_time_seconds(20)
        .send();
    let start = std::time::Instant::now();
    let poison = async {
        sleep(Duration::from_millis(50)).await;
        bury(&local, &work, &["poison"]).await;
    };
    let (polled, ()) = tokio::join!(poll, poison);
    assert_eq!(polled.unwrap().messages()[0].body(), Some("poison"));
    assert!(start.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn a_move_task_brings_messages_back_as_new_ones() {
    let local = local().await;
    let (work, dead) = local.pair(&[], 1).await;
    bury(&local, &work, &["a", "b", "c"]).await;
    let dead_id = receive(&local, &dead).await.unwrap().message_id;
    assert_eq!(local.counts(&dead).await, [3, 0, 0]);
    let start = local
        .client
        .start_message_move_task()
        .source_arn(arn("dead"));
    assert!(start.send().await.unwrap().task_handle.is_some());
    let task = finished(&local).await;
    assert_eq!(task.status(), Some("COMPLETED"));
    assert_eq!(task.source_arn(), Some(arn("dead").as_str()));
    assert_eq!((task.destination_arn(), task.task_handle()), (None, None));
    assert_eq!(task.approximate_number_of_messages_moved(), 3);
    assert_eq!(task.approximate_number_of_messages_to_move(), Some(3));
    assert!(task.started_timestamp() > 1_700_000_000_000);
    assert_eq!(local.counts(&dead).await, [0, 0, 0]);
    assert_eq!(local.counts(&work).await, [3, 0, 0]);
    let back = receive(&local, &work).await.unwrap();
    assert_ne!(back.message_id, dead_id);
    let system = back.attributes.unwrap();
    assert_eq!(system[&System::ApproximateReceiveCount], "1");
    assert!(!system.contains_key(&System::DeadLetterQueueSourceArn));
}

#[tokio::test]
async fn a_move_task_keeps_its_rate_and_its_destination() {
    let local = local().await;
    let (work, dead) = local.pair(&[], 1).await;
    let other = local.create("other", &[]).await;
    bury(&local, &work, &["a", "b"]).await;
    local.send(&dead, "sent directly").await;
    let start = || {
        let start = local
            .client
            .start_message_move_task()
            .source_arn(arn("dead"));
        start
            .destination_arn(arn("other"))
            .max_number_of_messages_per_second(5)
    };
    let handle = start().send().await.unwrap().task_handle;
    assert_eq!(code(&start().send().await).0, "InvalidParameterValue");
    let list = local
        .client
        .list_message_move_tasks()
        .source_arn(arn("dead"));
    let running = list.send().await.unwrap().results.unwrap().remove(0);
    assert_eq!(running.status(), Some("RUNNING"));
    assert_eq!(running.task_handle, handle);
    assert_eq!(running.max_number_of_messages_per_second(), Some(5));
    assert_eq!(running.destination_arn(), Some(arn("other").as_str()));
    assert!(running.approximate_number_of_messages_moved() < 3);
    assert_eq!(
        finished(&local)
            .await
            .approximate_number_of_messages_moved(),
        3
    );
    assert_eq!(local.counts(&other).await, [3, 0, 0]);

    start().send().await.unwrap();
    finished(&local).await;
    let list = local
        .client
        .list_message_move_tasks()
        .source_arn(arn("dead"));
    let all = list.max_results(10).send().await.unwrap().results.unwrap();
    assert_eq!(all.len(), 2);
    assert_eq!(all[0].approximate_number_of_messages_to_move(), Some(0));
}

#[tokio::test]
async fn a_move_task_fails_where_no_source_is_known() {
    let local = local().await;
    let (_, dead) = local.pair(&[], 1).await;
    local.send(&dead, "sent directly").await;
    let start = local
        .client
        .start_message_move_task()
        .source_arn(arn("dead"));
    start.send().await.unwrap();
    let task = finished(&local).await;
    assert_eq!(task.status(), Some("FAILED"));
    assert_eq!(
        task.failure_reason(),
        Some("CouldNotDetermineMessageSource")
    );
    assert_eq!(local.counts(&dead).await, [1, 0, 0]);
}

#[tokio::test]
async fn a_move_task_is_checked() {
    let local = local().await;
    local.pair(&[], 1).await;
    let start = |source: &str| local.client.start_message_move_task().source_arn(source);
    for source in [
        arn("absent"),
        "x".into(),
        arn("dead").replace("eu-west-1", "us-east-1"),
    ] {
        let refused = start(&source).send().await;
        refused!(
            refused,
            StartMessageMoveTaskError::ResourceNotFoundException
        );
        let list = local
            .client
            .list_message_move_tasks()
            .source_arn(source)
            .send()
            .await;
        refused!(list, ListMessageMoveTasksError::ResourceNotFoundException);
    }
    let absent = start(&arn("dead"))
        .destination_arn(arn("absent"))
        .send()
        .await;
    refused!(absent, StartMessageMoveTaskError::ResourceNotFoundException);
    let not_dead = start(&arn("work")).send().await;
    let expected = "Source queue must be configured as a Dead Letter Queue.";
    assert_eq!(code(&not_dead), ("InvalidParameterValue", expected));
    let same = start(&arn("dead"))
        .destination_arn(arn("dead"))
        .send()
        .await;
    assert_eq!(code(&same).0, "InvalidParameterValue");
    for rate in [0, 501] {
        let refused = start(&arn("dead")).max_number_of_messages_per_second(rate);
        assert_eq!(code(&refused.send().await).0, "InvalidParameterValue");
    }
    let list = local
        .client
        .list_message_move_tasks()
        .source_arn(arn("dead"));
    assert_eq!(
        code(&list.clone().max_results(11).send().await).0,
        "InvalidParameterValue"
    );
    assert!(
        list.send()
            .await
            .unwrap()
            .results
            .unwrap_or_default()
            .is_empty()
    );
}
