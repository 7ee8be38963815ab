//! What the benchmark has measured, as the simulation needs it.

use std::time::Duration;

use consumer::RESERVE;
use consumer::queues::TIME;
use table::store::{BATCH_ITEMS, CONCURRENCY};

use super::chance::{length, number, whole};
use super::limits::Limits;
use super::setting::Setting;
use crate::outcome::Outcome;
use crate::prices::Prices;
use crate::results::Results;
use crate::subject::{CONSUMER, RECEIVER};

/// The recorded series of batches: how many deliveries, and its name.
const BATCHES: [(f64, &str); 4] = [
    (1.0, "1 delivery"),
    (10.0, "10 deliveries"),
    (100.0, "100 deliveries"),
    (1_000.0, "1,000 deliveries"),
];

/// Times in milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct Figures {
    /// How much longer CPU time takes on a function's share of a processor.
    pub(crate) slower: f64,
    /// One call to the queue, and one to the table.
    pub(crate) queue_ms: f64,
    pub(crate) table_ms: f64,
    /// What it takes besides to hand a batch over.
    pub(crate) hand_over_ms: f64,
    /// An environment's start.
    pub(crate) start_ms: f64,
    /// Messages of a batch, and the consumer's CPU for it.
    consumer_cpu_ms: Vec<(f64, f64)>,
    pub(crate) deliver_cpu_ms: f64,
    pub(crate) endpoint_ms: f64,
    pub(crate) endpoint_timeout: Duration,
    /// How long the consumer works on a batch at most.
    pub(crate) deadline: Duration,
    /// How long it waits for a table that does not answer.
    pub(crate) gives_up: Duration,
    /// How often the SDK makes a call that the table refuses, and its first back-off, which
    /// doubles.
    pub(crate) sdk: (u32, Duration),
}

/// What a batch is made of, on average, in messages.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Batch {
    pub(crate) signed: f64,
    pub(crate) unsigned: f64,
    /// Those that the consumer looks a token up for, before it reads a body.
    pub(crate) tokens: f64,
    /// Those that need a first sight.
    pub(crate) sights: f64,
}

impl Figures {
    pub(crate) fn of(
        results: &Results,
        prices: &Prices,
        limits: &Limits,
        setting: &Setting,
    ) -> Outcome<Self> {
        let slower = prices.assumption("memory_mb_of_one_processor")? / setting.memory_mb;
        let consumer = BATCHES.iter().map(|(messages, name)| {
            let rates = results.consume.get(*name);
            let rate = rates.and_then(|rates| rates.get(CONSUMER));
            let rate = rate.ok_or_else(|| format!("bench/results.json has no {name}"))?;
            Ok((*messages, messages / rate.median * 1_000.0))
        });
        let consumer_cpu_ms: Outcome<Vec<_>> = consumer.collect();
        let told = results.told.as_ref().map(|told| &told.used);
        let assumed_deliver = limits.assumed("deliver_cpu_ms_per_message")?;
        let start_ms = results.median("start_ms", RECEIVER);
        Ok(Self {
            slower,
            queue_ms: prices.assumption("sqs_send_wait_ms")?,
            table_ms: prices.assumption("dynamodb_write_wait_ms")?,
            hand_over_ms: 0.0,
            start_ms: limits.assumed("cold_start_ms")? + start_ms,
            consumer_cpu_ms: consumer_cpu_ms?,
            deliver_cpu_ms: told.map_or(assumed_deliver, |told| told.deliver_cpu_ms),
            endpoint_ms: prices.assumption("endpoint_answer_ms")?,
            endpoint_timeout: Duration::from_secs_f64(limits.assumed("endpoint_timeout_seconds")?),
            deadline: setting.consumer_timeout.saturating_sub(TIME + RESERVE),
            gives_up: Duration::from_secs_f64(limits.assumed("table_gives_up_seconds")?),
            sdk: (
                u32::try_from(whole(limits.assumed("sdk_attempts")?))?,
                Duration::from_secs_f64(limits.assumed("sdk_throttled_back_off_seconds")?),
            ),
        })
    }

    /// Returns how long a receiver takes for a webhook.
    pub(crate) fn receiver_ms(&self, cpu_ms: f64) -> f64 {
        cpu_ms * self.slower + self.queue_ms
    }

    /// Returns the consumer's CPU for a batch, on a whole processor: between two measured sizes it
    /// is on the line between them.
    pub(crate) fn consumer_cpu_ms(&self, messages: f64) -> f64 {
        let all = &self.consumer_cpu_ms;
        let mut pairs = all.iter().zip(all.iter().skip(1));
        let larger = pairs.clone().find(|(_, (larger, _))| messages <= *larger);
        // More than was ever measured is on the last line.
        let Some((one, other)) = larger.or_else(|| pairs.next_back()) else {
            return 0.0;
        };
        let part = (messages - one.0) / (other.0 - one.0);
        (one.1 + (other.1 - one.1) * part).max(one.1.min(other.1) * messages.min(1.0))
    }

    /// Returns how long a batch takes if nothing is refused: its CPU, and the calls that it waits
    /// for one after the other.
    pub(crate) fn consumer_ms(&self, batch: &Batch) -> f64 {
        let at_once = number(length(CONCURRENCY));
        let waves = |calls: f64| (calls / at_once).ceil();
        let puts = (batch.signed / number(length(BATCH_ITEMS))).ceil();
        let writes = waves(puts).max(waves(batch.unsigned));
        // A share of a first sight is a batch that has none more often than not.
        let sights = waves(batch.sights).min(batch.sights);
        let calls = writes + sights + waves(batch.tokens);
        let messages = batch.signed + batch.unsigned;
        self.consumer_cpu_ms(messages) * self.slower + calls * self.table_ms
    }
}

#[cfg(test)]
mod tests {
    use stack::build::root;

    use super::*;
    use crate::scale::setting::Opened;

    fn figures() -> (Figures, Results) {
        let results = Results::read(&root().join("bench/results.json")).unwrap();
        let (prices, limits) = (Prices::read().unwrap(), Limits::read().unwrap());
        let setting = Opened::Shipped.setting(&limits).unwrap();
        let figures = Figures::of(&results, &prices, &limits, &setting).unwrap();
        (figures, results)
    }

    fn is_near(one: f64, other: f64) -> bool {
        (one / other - 1.0).abs() < 1e-9
    }

    #[test]
    fn a_batch_takes_the_cpu_that_was_recorded_and_what_lies_between() {
        let (figures, results) = figures();
        let rate = results.consume["100 deliveries"]["consumer"].median;
        assert!(is_near(figures.consumer_cpu_ms(100.0), 100_000.0 / rate));
        let (ten, hundred) = (
            figures.consumer_cpu_ms(10.0),
            figures.consumer_cpu_ms(100.0),
        );
        assert!(is_near(
            figures.consumer_cpu_ms(55.0),
            f64::midpoint(ten, hundred)
        ));
    }

    #[test]
    fn unsigned_messages_are_put_one_by_one_and_tokens_looked_up_before() {
        let (figures, _) = figures();
        let ms = |signed, unsigned, tokens| {
            let batch = Batch {
                signed,
                unsigned,
                tokens,
                sights: 0.0,
            };
            let cpu = figures.consumer_cpu_ms(signed + unsigned) * figures.slower;
            ((figures.consumer_ms(&batch) - cpu) / figures.table_ms).round()
        };
        let calls = [ms(100.0, 0.0, 0.0), ms(0.0, 100.0, 0.0), ms(0.0, 8.0, 8.0)];
        assert!(
            calls
                .iter()
                .zip([1.0, 13.0, 2.0])
                .all(|(one, other)| is_near(*one, other)),
            "{calls:?}"
        );
        assert_eq!(figures.deadline, Duration::from_secs(26));
    }
}
