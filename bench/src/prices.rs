//! Use times price list: the table of what a million events cost, a line for every driver.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::outcome::Outcome;
use crate::stats::{count, round};
use crate::usage::Use;

/// `bench/prices.json`.
#[derive(Deserialize)]
pub(crate) struct Prices {
    pub(crate) as_of: String,
    pub(crate) region: String,
    per_million: BTreeMap<String, f64>,
    lambda_gb_second: BTreeMap<String, f64>,
    log_gb_ingested: f64,
    transfer_out_gb: f64,
    storage_gb_month: BTreeMap<String, f64>,
    each_month: BTreeMap<String, f64>,
    /// What every account has each month without an end.
    always_free_each_month: BTreeMap<String, f64>,
    assumptions: BTreeMap<String, f64>,
}

/// One driver of the cost.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) driver: String,
    /// Per event; in all, for what is billed by the month.
    pub(crate) quantity: f64,
    pub(crate) unit: String,
    /// Dollars per million events; a month, for what is billed by the month.
    pub(crate) dollars: f64,
}

/// What a million events cost on one architecture.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Bill {
    pub(crate) lines: Vec<Line>,
    /// Dollars per million events, all lines.
    pub(crate) total: f64,
    /// The part that is requests and write units by list price: what no code can make smaller.
    pub(crate) fixed_by_design: f64,
    /// Dollars for keeping a million events for a month: comes on top.
    pub(crate) storage_month: f64,
}

const GIGABYTE: f64 = 1_073_741_824.0;
const MILLION: f64 = 1e6;

impl Prices {
    pub(crate) fn read() -> Outcome<Self> {
        Ok(serde_json::from_str(include_str!("../prices.json"))?)
    }

    pub(crate) fn assumption(&self, name: &str) -> Outcome<f64> {
        known(&self.assumptions, name)
    }

    /// How full the consumer's batches are assumed to be.
    pub(crate) fn deliveries_per_batch(&self) -> Outcome<usize> {
        Ok(format!("{:.0}", self.assumption("deliveries_per_batch")?).parse()?)
    }

    /// The bill for a million events that use this much each.
    pub(crate) fn bill(&self, used: &Use, architecture: &str) -> Outcome<Bill> {
        let mut lines = self.requests(used)?;
        let fixed_by_design = lines.iter().map(|line| line.dollars).sum::<f64>();
        lines.extend(self.time(used, architecture)?);
        lines.extend(self.bytes(used)?);
        let total = lines.iter().map(|line| line.dollars).sum::<f64>();
        Ok(Bill {
            lines,
            total: round(total),
            fixed_by_design: round(fixed_by_design),
            storage_month: round(self.storage_month(used)?),
        })
    }

    /// Everything with a price of its own.
    fn requests(&self, used: &Use) -> Outcome<Vec<Line>> {
        let (requests, units) = ("requests", "write units");
        [
            (
                "HTTP API request",
                used.webhooks,
                requests,
                "http_api_request",
            ),
            (
                "receiver invocation",
                used.webhooks,
                requests,
                "lambda_request",
            ),
            (
                "queue: send, per 64 KiB",
                used.queue_sends,
                requests,
                "sqs_request",
            ),
            (
                "queue: fair-queue surcharge",
                used.queue_sends,
                requests,
                "sqs_fair_queue_surcharge",
            ),
            (
                "queue: receive, per 64 KiB",
                used.queue_receives,
                requests,
                "sqs_request",
            ),
            ("queue: delete", used.queue_deletes, requests, "sqs_request"),
            (
                "consumer invocation",
                used.consumer_runs,
                requests,
                "lambda_request",
            ),
            (
                "table: event and its indexes",
                used.event_write_units,
                units,
                "dynamodb_write_unit",
            ),
            (
                "table: suppression",
                used.suppression_write_units,
                units,
                "dynamodb_write_unit",
            ),
            (
                "table: first sight of an event",
                used.first_sight_write_units,
                units,
                "dynamodb_write_unit",
            ),
        ]
        .into_iter()
        .map(|(driver, quantity, unit, price)| {
            Ok(line(
                driver,
                quantity,
                unit,
                known(&self.per_million, price)?,
            ))
        })
        .collect()
    }

    /// Lambda's milliseconds. They are billed whole, so half of one is added to each run.
    fn time(&self, used: &Use, architecture: &str) -> Outcome<[Line; 2]> {
        let memory = self.assumption("memory_mb")?;
        // A function of 256 MB has a seventh of a processor: CPU time takes seven times as long.
        let slower = self.assumption("memory_mb_of_one_processor")? / memory;
        let receiver = used.receiver_cpu_ms * slower
            + used.webhooks * (self.assumption("sqs_send_wait_ms")? + 0.5);
        let consumer = used.consumer_cpu_ms * slower
            + used.consumer_runs * (self.assumption("dynamodb_write_wait_ms")? + 0.5);
        let gigabyte_second = known(&self.lambda_gb_second, architecture)?;
        let millisecond = gigabyte_second * MILLION * memory / 1024.0 / 1e3;
        Ok([
            line("receiver time", receiver, "ms", millisecond),
            line("consumer time", consumer, "ms", millisecond),
        ])
    }

    fn bytes(&self, used: &Use) -> Outcome<[Line; 2]> {
        let logged = self.log_gb_ingested * MILLION / GIGABYTE;
        let answer = self.transfer_out_gb * MILLION / GIGABYTE;
        let answers = used.webhooks * self.assumption("http_response_bytes")?;
        Ok([
            line("log", self.log_bytes(used)?, "bytes", logged),
            line("answers to the internet", answers, "bytes", answer),
        ])
    }

    /// Our lines. Lambda's own, and the gateway's access log, are off unless somebody asks.
    fn log_bytes(&self, used: &Use) -> Outcome<f64> {
        let overhead = self.assumption("log_overhead_bytes_per_line")?;
        Ok(used.log_bytes + used.log_lines * overhead)
    }

    /// What is billed for being there, in dollars a month; with AWS's allowances, for what is
    /// beyond them.
    pub(crate) fn month(
        &self,
        driver: &str,
        quantity: f64,
        each: &str,
        with_allowances: bool,
    ) -> Outcome<Line> {
        let billed = self.beyond(quantity, each, with_allowances);
        let price = known(&self.each_month, each)?;
        Ok(line(driver, billed, "a month", price))
    }

    /// What the queue's pollers ask of an empty queue, in dollars a month.
    pub(crate) fn polls(&self, with_allowances: bool) -> Outcome<Line> {
        let request = known(&self.per_million, "sqs_request")? / MILLION;
        let polls = self.assumption("empty_polls_per_month")?;
        let billed = self.beyond(polls, "sqs_request", with_allowances);
        Ok(line("polls of an empty queue", billed, "a month", request))
    }

    /// What receivers in use ask of Secrets Manager, in dollars a month: two versions of the secret
    /// every five minutes, if one process of each is always warm.
    pub(crate) fn secret_reads(&self, receivers: usize) -> Outcome<Line> {
        let request = known(&self.per_million, "secrets_manager_request")? / MILLION;
        let reads = self.assumption("secret_reads_per_receiver_per_month")?;
        let reads = reads * count(receivers);
        Ok(line("readings of the secrets", reads, "a month", request))
    }

    /// What is asked so often, by its price for a million.
    pub(crate) fn asked(
        &self,
        driver: &str,
        quantity: f64,
        unit: &str,
        price: &str,
    ) -> Outcome<Line> {
        let price = known(&self.per_million, price)?;
        Ok(line(driver, quantity, unit, price))
    }

    /// A million runs of so many milliseconds, of which so many are CPU at the speed of a whole
    /// processor.
    pub(crate) fn ran(
        &self,
        driver: &str,
        cpu_ms: f64,
        waited_ms: f64,
        architecture: &str,
    ) -> Outcome<Line> {
        let memory = self.assumption("memory_mb")?;
        let slower = self.assumption("memory_mb_of_one_processor")? / memory;
        let gigabyte_second = known(&self.lambda_gb_second, architecture)?;
        let millisecond = gigabyte_second * MILLION * memory / 1024.0 / 1e3;
        Ok(line(driver, cpu_ms * slower + waited_ms, "ms", millisecond))
    }

    /// So many lines of so many bytes in all, in CloudWatch.
    pub(crate) fn logged(&self, bytes: f64, lines: f64) -> Outcome<Line> {
        let overhead = self.assumption("log_overhead_bytes_per_line")?;
        let price = self.log_gb_ingested * MILLION / GIGABYTE;
        Ok(line("log", bytes + lines * overhead, "bytes", price))
    }

    /// So many bytes to the internet.
    pub(crate) fn sent_out(&self, driver: &str, bytes: f64) -> Line {
        let price = self.transfer_out_gb * MILLION / GIGABYTE;
        line(driver, bytes, "bytes", price)
    }

    fn beyond(&self, quantity: f64, each: &str, with_allowances: bool) -> f64 {
        let free = self.always_free_each_month.get(each).copied();
        let free = free.filter(|_| with_allowances).unwrap_or_default();
        (quantity - free).max(0.0)
    }

    fn storage_month(&self, used: &Use) -> Outcome<f64> {
        let gigabyte = |name: &str| known(&self.storage_gb_month, name);
        let item_bytes = used.item_bytes + 100.0; // DynamoDB's own, per item
        let dollars = (item_bytes + used.index_bytes) * gigabyte("dynamodb")?
            + item_bytes * gigabyte("point_in_time_recovery")?
            + self.log_bytes(used)? * gigabyte("logs")?;
        Ok(dollars * MILLION / GIGABYTE)
    }
}

fn line(driver: &str, quantity: f64, unit: &str, price: f64) -> Line {
    Line {
        driver: driver.to_owned(),
        quantity: round(quantity),
        unit: unit.to_owned(),
        dollars: round(quantity * price),
    }
}

fn known(prices: &BTreeMap<String, f64>, name: &str) -> Outcome<f64> {
    let price = prices.get(name).copied();
    price.ok_or_else(|| format!("bench/prices.json has no {name}").into())
}
