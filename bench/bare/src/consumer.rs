//! The consumer of both providers: read, normalize, write in batches, log.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::address::canonical;
use crate::delivery::{Delivery, read};
use crate::environment::{needed, now};
use crate::item::{Facts, Puts, Take};
use crate::lambda::Lambda;
use crate::outcome::Outcome;
use crate::sign::Service;
use crate::{customerio, insider, line};

/// The most puts in one request.
const BATCH: usize = 25;
const SECONDS_PER_DAY: i64 = 24 * 60 * 60;

/// Reads one provider's event.
type Read = fn(&str, &mut Take<'_>) -> Outcome<()>;

/// Consumes batches until it is stopped.
pub(crate) async fn run() -> Outcome<()> {
    let target = "DynamoDB_20120810.BatchWriteItem";
    let mut table = Service::connect("AWS_ENDPOINT_URL_DYNAMODB", "dynamodb", target).await?;
    let name = needed("TABLE_NAME")?;
    let retention = needed("RETENTION_DAYS")?.parse::<i64>()? * SECONDS_PER_DAY;
    let mut lambda = Lambda::connect().await?;
    loop {
        let (event, id) = lambda.next().await?;
        let writes = Writes::new(&name, retention)?;
        let requests = consume(&event, writes)?;
        for request in requests {
            let answer = table.call(request).await?;
            let answer: Written<'_> = read("the table's answer", &answer)?;
            if answer.unprocessed_items.get() != "{}" {
                return Err("something was left unprocessed".into());
            }
        }
        let done = br#"{"batchItemFailures":[]}"#;
        lambda.answer(&id, done.to_vec()).await?;
    }
}

/// Normalizes a batch and logs it. Returns the requests that store it.
fn consume(event: &[u8], mut writes: Writes<'_>) -> Outcome<Vec<Vec<u8>>> {
    let batch: Batch<'_> = read("a batch", event)?;
    let mut lines = BTreeMap::new();
    for record in &batch.records {
        let delivery: Delivery<'_> = read("a message", record.body.as_bytes())?;
        let body = delivery.unpacked()?;
        let line = match &*delivery.provider {
            "customerio" => Line::of("customerio", &mut lines),
            "insider" => Line::of("insider", &mut lines),
            other => return Err(format!("no provider of ours: {other}").into()),
        };
        line.messages.push(&record.message_id);
        let event: Read = match line.provider {
            "insider" => insider::read,
            _ => customerio::read,
        };
        for element in elements(&body)? {
            event(element, &mut |facts| {
                line.add(facts);
                writes.add(facts)
            })?;
        }
    }
    for line in lines.into_values() {
        line::write(&line.ended(now()))?;
    }
    Ok(writes.requests())
}

/// Returns the objects of a body, verbatim: one, or those of an array.
fn elements(body: &str) -> Outcome<Vec<&str>> {
    if !body.starts_with('[') {
        return Ok(vec![body]);
    }
    let elements: Vec<&RawValue> = read("an array", body.as_bytes())?;
    Ok(elements.into_iter().map(RawValue::get).collect())
}

/// What a batch writes.
struct Writes<'a> {
    table: &'a str,
    retention: i64,
    keys: HashSet<(String, String)>,
    full: Vec<Puts>,
    puts: Puts,
}

impl<'a> Writes<'a> {
    fn new(table: &'a str, retention: i64) -> Outcome<Self> {
        Ok(Self {
            table,
            retention,
            keys: HashSet::new(),
            full: Vec::new(),
            puts: Puts::new(table)?,
        })
    }

    /// Adds an event's item, unless the batch has it already.
    fn add(&mut self, facts: &Facts<'_>) -> Outcome<()> {
        let pk = format!("email#{}", canonical(facts.recipient)?);
        let sk = format!("{:.3}#{}", facts.occurred_at, facts.id);
        let key = (pk, sk);
        if self.keys.contains(&key) {
            return Ok(());
        }
        if self.puts.count == BATCH {
            let full = std::mem::replace(&mut self.puts, Puts::new(self.table)?);
            self.full.push(full);
        }
        self.puts.add(&key, facts, self.retention)?;
        self.keys.insert(key);
        Ok(())
    }

    fn requests(mut self) -> Vec<Vec<u8>> {
        if self.puts.count > 0 {
            self.full.push(self.puts);
        }
        self.full.into_iter().map(Puts::end).collect()
    }
}

/// What Lambda passes, with the fields that are needed.
#[derive(Deserialize)]
struct Batch<'a> {
    #[serde(borrow, rename = "Records")]
    records: Vec<Record<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    #[serde(borrow)]
    message_id: Cow<'a, str>,
    #[serde(borrow)]
    body: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Written<'a> {
    #[serde(borrow)]
    unprocessed_items: &'a RawValue,
}

/// The line of what was stored of one provider.
#[derive(Serialize)]
struct Line<'a> {
    timestamp: String,
    level: &'static str,
    outcome: &'static str,
    provider: &'static str,
    messages: Vec<&'a str>,
    events: usize,
    kinds: BTreeMap<&'static str, usize>,
    ingest_lag_ms: i64,
    #[serde(skip)]
    oldest: Option<Timestamp>,
}

impl Line<'_> {
    fn of<'l>(provider: &'static str, lines: &'l mut BTreeMap<&'static str, Self>) -> &'l mut Self {
        lines.entry(provider).or_insert_with(|| Self {
            timestamp: String::new(),
            level: "info",
            outcome: "stored",
            provider,
            messages: Vec::new(),
            events: 0,
            kinds: BTreeMap::new(),
            ingest_lag_ms: 0,
            oldest: None,
        })
    }

    fn add(&mut self, facts: &Facts<'_>) {
        self.events += 1;
        *self.kinds.entry(facts.kind).or_default() += 1;
        let oldest = self.oldest.into_iter().chain([facts.occurred_at]);
        self.oldest = oldest.min();
    }

    fn ended(self, now: Timestamp) -> Self {
        let oldest = self.oldest.unwrap_or(now);
        Self {
            timestamp: format!("{now:.3}"),
            ingest_lag_ms: now.as_millisecond() - oldest.as_millisecond(),
            ..self
        }
    }
}
