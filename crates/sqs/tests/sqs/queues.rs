use aws_sdk_sqs::{
    operation::{
        create_queue::CreateQueueError, get_queue_attributes::GetQueueAttributesError,
        get_queue_url::GetQueueUrlError,
        list_dead_letter_source_queues::ListDeadLetterSourceQueuesError,
        purge_queue::PurgeQueueError, receive_message::ReceiveMessageError,
        send_message::SendMessageError, set_queue_attributes::SetQueueAttributesError,
    },
    types::QueueAttributeName as Name,
};

use crate::{code, local, policy};

#[tokio::test]
async fn creating_twice_gives_the_same_queue() {
    let local = local().await;
    let create = || local.client.create_queue().queue_name("q");
    let delayed = || create().attributes(Name::DelaySeconds, "5");
    let first = delayed().send().await.unwrap().queue_url.unwrap();
    assert_eq!(first, format!("http://{}/000000000000/q", local.address));
    assert_eq!(
        delayed().send().await.unwrap().queue_url.as_ref(),
        Some(&first)
    );
    assert_eq!(create().send().await.unwrap().queue_url, Some(first));
    let other = create().attributes(Name::DelaySeconds, "6").send().await;
    refused!(other, CreateQueueError::QueueNameExists);
}

#[tokio::test]
async fn settings_are_checked() {
    let local = local().await;
    let create = |name: Name, value: &str| {
        let create = local.client.create_queue().queue_name("q");
        create.attributes(name, value).send()
    };
    for (name, value) in [
        (Name::DelaySeconds, "901"),
        (Name::VisibilityTimeout, "43201"),
        (Name::VisibilityTimeout, "-1"),
        (Name::MessageRetentionPeriod, "59"),
        (Name::MaximumMessageSize, "1048577"),
        (Name::MaximumMessageSize, "1023"),
        (Name::ReceiveMessageWaitTimeSeconds, "21"),
        (Name::ReceiveMessageWaitTimeSeconds, "x"),
    ] {
        refused!(
            create(name, value).await,
            CreateQueueError::InvalidAttributeValue
        );
    }
    refused!(
        create(Name::from("Colour"), "red").await,
        CreateQueueError::InvalidAttributeName
    );
    refused!(
        create(Name::FifoQueue, "true").await,
        CreateQueueError::UnsupportedOperation
    );
    for policy in [
        "{",
        "{}",
        &policy("absent", 3),
        &policy("q", 0),
        &policy("q", 1001),
    ] {
        let refused = create(Name::RedrivePolicy, policy).await;
        assert_eq!(code(&refused).0, "InvalidParameterValue", "{policy}");
    }
    for name in ["", "a b", "ä", &"a".repeat(81)] {
        let refused = local.client.create_queue().queue_name(name).send().await;
        assert_eq!(code(&refused).0, "InvalidParameterValue", "{name}");
    }
    let fifo = local
        .client
        .create_queue()
        .queue_name("q.fifo")
        .send()
        .await;
    refused!(fifo, CreateQueueError::UnsupportedOperation);
}

#[tokio::test]
async fn queues_are_found_and_listed() {
    let local = local().await;
    for name in ["b1", "a2", "a1", "a3"] {
        local.create(name, &[]).await;
    }
    let find = |name: &str| local.client.get_queue_url().queue_name(name).send();
    let url = find("a1").await.unwrap().queue_url.unwrap();
    assert!(url.ends_with("/000000000000/a1"), "{url}");
    refused!(find("a4").await, GetQueueUrlError::QueueDoesNotExist);
    let foreign = local.client.get_queue_url().queue_name("a1");
    let foreign = foreign
        .queue_owner_aws_account_id("123456789012")
        .send()
        .await;
    refused!(foreign, GetQueueUrlError::QueueDoesNotExist);

    let all = local.client.list_queues().send().await.unwrap();
    assert_eq!(all.queue_urls().len(), 4);
    let list = || {
        local
            .client
            .list_queues()
            .queue_name_prefix("a")
            .max_results(2)
    };
    let page = list().send().await.unwrap();
    assert_eq!(page.queue_urls().len(), 2);
    let rest = list().set_next_token(page.next_token).send().await.unwrap();
    assert_eq!(rest.queue_urls().len(), 1);
    assert!(rest.queue_urls()[0].ends_with("/a3"));
    assert_eq!(rest.next_token, None);
    assert_eq!(
        code(&list().max_results(1001).send().await).0,
        "InvalidParameterValue"
    );
    assert_eq!(
        code(&list().next_token("?").send().await).0,
        "InvalidParameterValue"
    );
}

#[tokio::test]
async fn an_unknown_queue_is_refused_by_every_kind_of_action() {
    let local = local().await;
    let client = &local.client;
    let url = format!("http://{}/000000000000/absent", local.address);
    let send = client.send_message().queue_url(&url).message_body("m");
    refused!(send.send().await, SendMessageError::QueueDoesNotExist);
    let receive = client.receive_message().queue_url(&url);
    refused!(receive.send().await, ReceiveMessageError::QueueDoesNotExist);
    let attributes = client.get_queue_attributes().queue_url(&url);
    refused!(
        attributes.send().await,
        GetQueueAttributesError::QueueDoesNotExist
    );
    let sources = client.list_dead_letter_source_queues().queue_url(&url);
    refused!(
        sources.send().await,
        ListDeadLetterSourceQueuesError::QueueDoesNotExist
    );
    let purge = client.purge_queue().queue_url(&url);
    refused!(purge.send().await, PurgeQueueError::QueueDoesNotExist);
    let purge = client.purge_queue().queue_url("http://here");
    refused!(purge.send().await, PurgeQueueError::InvalidAddress);
}

#[tokio::test]
async fn attributes_are_returned_and_set() {
    let local = local().await;
    let (work, dead) = local.pair(&[("VisibilityTimeout", "90")], 5).await;
    for (name, value) in [
        ("VisibilityTimeout", "90"),
        ("MessageRetentionPeriod", "345600"),
        ("MaximumMessageSize", "1048576"),
        ("ReceiveMessageWaitTimeSeconds", "0"),
        ("DelaySeconds", "0"),
        ("SqsManagedSseEnabled", "true"),
        ("QueueArn", "arn:aws:sqs:eu-west-1:000000000000:work"),
        ("RedrivePolicy", &policy("dead", 5)),
        ("ApproximateNumberOfMessages", "0"),
    ] {
        assert_eq!(
            local.attribute(&work, name).await.as_deref(),
            Some(value),
            "{name}"
        );
    }
    let created: u64 = local
        .attribute(&work, "CreatedTimestamp")
        .await
        .unwrap()
        .parse()
        .unwrap();
    assert!(created > 1_700_000_000);
    assert_eq!(local.attribute(&dead, "RedrivePolicy").await, None);

    let set = |name: Name, value: &str| {
        let set = local.client.set_queue_attributes().queue_url(&work);
        set.attributes(name, value).send()
    };
    set(Name::RedrivePolicy, "").await.unwrap();
    set(Name::VisibilityTimeout, "60").await.unwrap();
    set(Name::Policy, "{}").await.unwrap();
    assert_eq!(local.attribute(&work, "RedrivePolicy").await, None);
    assert_eq!(
        local.attribute(&work, "VisibilityTimeout").await.as_deref(),
        Some("60")
    );
    assert_eq!(
        local.attribute(&work, "Policy").await.as_deref(),
        Some("{}")
    );
    refused!(
        set(Name::DelaySeconds, "901").await,
        SetQueueAttributesError::InvalidAttributeValue
    );
    refused!(
        set(Name::from("Colour"), "").await,
        SetQueueAttributesError::InvalidAttributeName
    );
    assert_eq!(
        local.attribute(&work, "DelaySeconds").await.as_deref(),
        Some("0")
    );

    let get = || local.client.get_queue_attributes().queue_url(&work);
    assert!(
        get()
            .send()
            .await
            .unwrap()
            .attributes
            .unwrap_or_default()
            .is_empty()
    );
    let some = get()
        .attribute_names(Name::QueueArn)
        .attribute_names(Name::KmsMasterKeyId);
    assert_eq!(some.send().await.unwrap().attributes.unwrap().len(), 1);
    let unknown = get().attribute_names(Name::from("Colour")).send().await;
    refused!(unknown, GetQueueAttributesError::InvalidAttributeName);
}

#[tokio::test]
async fn a_purge_empties_the_queue_once_a_minute() {
    let local = local().await;
    let url = local.create("q", &[]).await;
    local.send(&url, "a").await;
    local.send(&url, "b").await;
    local
        .client
        .receive_message()
        .queue_url(&url)
        .send()
        .await
        .unwrap();
    assert_eq!(local.counts(&url).await, [1, 1, 0]);
    let purge = || local.client.purge_queue().queue_url(&url).send();
    purge().await.unwrap();
    assert_eq!(local.counts(&url).await, [0, 0, 0]);
    refused!(purge().await, PurgeQueueError::PurgeQueueInProgress);
}

#[tokio::test]
async fn a_dead_letter_queue_knows_its_sources() {
    let local = local().await;
    let (work, dead) = local.pair(&[], 5).await;
    let sources = |url: &str| {
        local
            .client
            .list_dead_letter_source_queues()
            .queue_url(url)
            .send()
    };
    assert_eq!(
        sources(&dead).await.unwrap().queue_urls,
        std::slice::from_ref(&work)
    );
    assert!(sources(&work).await.unwrap().queue_urls.is_empty());
}
