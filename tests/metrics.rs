//! What the functions write, the template's filters count: the lines are those of a running stack.

use std::collections::BTreeMap;

use registry::sender;
use serde_json::Value;
use tests::cases;
use tests::metrics::{Filter, counted, filters};
use tests::stack::Running;
use tests::template::as_expanded;

const PROVIDER: &str = "mailpanda";

fn lines(running: &Running) -> Vec<Value> {
    let lines = running.lines.lock().expect("lines");
    let lines = lines.iter().map(|line| serde_json::from_str(line));
    lines.filter_map(Result::ok).collect()
}

/// One webhook that is stored, one that is refused by its receiver, one without an event, and a
/// queue that is down.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_functions_write_is_what_the_filters_count() {
    let running = Running::new().await;
    let provider = sender(PROVIDER).expect("a provider");
    let (body, _) = &cases(provider)[0];
    let body = std::fs::read(body).expect("a sample");
    let path = format!("/webhooks/{PROVIDER}");
    let answers = [
        running.send(PROVIDER, &body).await.status.as_u16(),
        running.post(&path, &[], &body).await.status.as_u16(),
        running.send(PROVIDER, b"[]").await.status.as_u16(),
    ];
    assert_eq!(answers, [200, 401, 200]);
    let nowhere = ("QUEUE_URL", "http://127.0.0.1:9/000000000000/nowhere");
    let without_a_queue = running.function(PROVIDER, &[nowhere]).await;
    let without_a_queue = without_a_queue.expect("a function");
    let event = std::fs::read(stack::build::root().join(format!("events/{PROVIDER}/request.json")));
    let answer = without_a_queue
        .invoke(event.expect("a request").into())
        .await;
    let answer: Value = serde_json::from_slice(&answer.expect("an answer")).expect("JSON");
    assert_eq!(answer["statusCode"], 503);
    running
        .logged(1, |running| {
            let lines = lines(running).into_iter();
            lines
                .filter(|line| line["outcome"] == "stored")
                .collect::<Vec<_>>()
        })
        .await;

    let template = as_expanded();
    let filters = filters(&template).expect("filters");
    let logs = [format!("{PROVIDER}Logs"), "ConsumerLogs".to_owned()];
    let own: Vec<&Filter> = filters
        .iter()
        .filter(|filter| logs.contains(&filter.group))
        .collect();
    let by_provider = |name: &str| (name.to_owned(), vec![PROVIDER.to_owned()]);
    let of_all = |name: &str| (name.to_owned(), vec![]);
    let wanted = BTreeMap::from([
        (by_provider("accepted"), 1),
        (by_provider("rejected"), 2),
        (of_all("refused"), 1),
        (of_all("ingest_lag_ms"), 1),
    ]);
    assert_eq!(counted(&own, &lines(&running)), wanted);
}
