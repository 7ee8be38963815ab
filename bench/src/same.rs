//! Checks that the functions by hand do the job of ours, before the two are compared: `bare` and
//! the real ones must write the same message and the same items, attribute by attribute.

use std::collections::BTreeMap;

use bytes::Bytes;
use operator::events::Events as Table;
use operator::services::Services as Ways;
use sqs::Message;
use table::item::Item;
use table::keys::Key;
use table::store::key_of;

use crate::measure::{invoke, payload};
use crate::outcome::Outcome;
use crate::services::Services;
use crate::subject::{BARE_CONSUMER, BARE_RECEIVER, CONSUMER, RECEIVER, Subject, find};
use crate::workload::{self, Events, Mix};

/// How many events of each provider are compared: every kind of [`Mix::Ordinary`] is among them.
const EVENTS: usize = 60;

/// A message: its body and its fair queue's group.
type Said = (String, Option<String>);

/// Checks both pairs. The table must not have an event yet.
pub(crate) async fn check(services: &Services, subjects: &[Subject]) -> Outcome<()> {
    let (ours, bare) = (find(subjects, RECEIVER)?, find(subjects, BARE_RECEIVER)?);
    let webhook = payload(ours)?;
    let ours = messages(services, ours, &webhook).await?;
    let bare = messages(services, bare, &webhook).await?;
    if ours.len() != 1 || ours != bare {
        return Err(format!("ours enqueues {ours:?}, but `bare` {bare:?}").into());
    }
    let batch = batch()?;
    // `bare` first: if it wrote too little, our items would hide it.
    let bare = items(services, find(subjects, BARE_CONSUMER)?, &batch).await?;
    let ours = items(services, find(subjects, CONSUMER)?, &batch).await?;
    if let Some(different) = ours.keys().find(|key| ours.get(key) != bare.get(key)) {
        let (ours, bare) = (ours.get(different), bare.get(different));
        return Err(format!("ours is {ours:?}, but `bare` writes {bare:?}").into());
    }
    if ours.len() != 2 * EVENTS || bare.len() != ours.len() {
        return Err(format!("{} items, but `bare` writes {}", ours.len(), bare.len()).into());
    }
    Ok(())
}

/// Returns what a receiver puts into the queue for one webhook.
async fn messages(services: &Services, subject: &Subject, webhook: &Bytes) -> Outcome<Vec<Said>> {
    let queue = services.sqs.queue("DeliveriesQueue").ok_or("no queue")?;
    let before = queue.contents()?.len();
    let (lambda, _, _) = subject.start().await?;
    invoke(&lambda, webhook).await?;
    let contents = queue.contents()?;
    let new = contents.iter().skip(before);
    let said = |message: &Message| (message.body.clone(), message.group_id.clone());
    Ok(new.map(|content| said(content.message())).collect())
}

/// Returns what is in the table after a consumer had this batch.
async fn items(
    services: &Services,
    subject: &Subject,
    batch: &Bytes,
) -> Outcome<BTreeMap<Key, Item>> {
    let (lambda, _, _) = subject.start().await?;
    invoke(&lambda, batch).await?;
    let name = services.template.tables.keys().next();
    let name = name.ok_or("the template has no table")?.clone();
    let ways = Ways::local(&format!("http://{}", services.table_address));
    let table = Table::named(ways, name);
    let scan = table.client().scan().table_name(table.table());
    let items = scan.send().await?.items.unwrap_or_default();
    let keyed = items.into_iter().map(|item| Some((key_of(&item)?, item)));
    keyed
        .collect::<Option<_>>()
        .ok_or_else(|| "an item without a key".into())
}

/// One by one of the one provider, an array of the other.
fn batch() -> Outcome<Bytes> {
    let mut events = Events::new("customerio", Mix::Ordinary)?;
    let message = |_| workload::message("customerio", &events.one().to_string());
    let messages: Outcome<Vec<String>> = (0..EVENTS).map(message).collect();
    let mut messages = messages?;
    let array = Events::new("insider", Mix::Ordinary)?.array(EVENTS);
    messages.push(workload::message("insider", &array)?);
    Ok(workload::batch(&messages))
}
