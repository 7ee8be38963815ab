//! What holds a stack back, and what moves it.

use std::collections::BTreeMap;

/// A limit that was hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cause {
    Route,
    Stage,
    Gateway,
    Requests,
    Concurrency,
    Environments,
    Consumers,
    Pollers,
    InFlight,
    Outage,
    TableQuota,
    TableWarm,
    TablePartition,
    NobodyKey,
    MessageWarm,
    MessagePartition,
    ProblemWarm,
    ProblemPartition,
    ProblemKey,
    Shards,
    Deliverers,
    ParkedKey,
    Pace,
}

/// In how many steps of the clock a limit must have been hit until it counts: a second's worth.
const COUNTS_FROM: u64 = 10;

impl Cause {
    /// Returns the limit, and the parameter or quota that moves it.
    pub(crate) fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::Route => (
                "throttle of one route",
                "parameters RouteThrottleRate, RouteThrottleBurst",
            ),
            Self::Stage => (
                "throttle of all routes",
                "parameters ThrottleRate, ThrottleBurst",
            ),
            Self::Gateway => (
                "API Gateway's bucket of the account",
                "quota of API Gateway: throttle rate",
            ),
            Self::Requests => (
                "Lambda's requests a second, ten for each of the concurrency",
                "quota of Lambda: concurrent executions",
            ),
            Self::Concurrency => (
                "Lambda's concurrency of the account",
                "quota of Lambda: concurrent executions",
            ),
            Self::Environments => (
                "Lambda's new environments of one function",
                "nothing: only time, or warm environments that are paid for",
            ),
            Self::Consumers => (
                "consumers at work at once",
                "parameters MaximumConcurrency, then BatchSize with BatchWindow",
            ),
            Self::Pollers => (
                "how fast Lambda polls a queue with more consumers",
                "nothing: only time, or provisioned pollers",
            ),
            Self::InFlight => (
                "SQS's messages in flight",
                "quota of SQS: in-flight messages",
            ),
            Self::Outage => ("the table is down", "nothing: the queue keeps everything"),
            Self::TableQuota => (
                "DynamoDB's quota of a table and of an index",
                "quota of DynamoDB: table-level write throughput",
            ),
            Self::TableWarm => (
                "on-demand's growth of the table",
                "parameter WarmWriteUnits, or half an hour for each doubling",
            ),
            Self::TablePartition => (
                "a partition of the table",
                "nothing: DynamoDB splits it for heat",
            ),
            Self::NobodyKey => (
                "a shard of the events that name nobody",
                "table::shard::SHARDS, in the product",
            ),
            Self::MessageWarm => (
                "on-demand's growth of the index by_message",
                "parameter WarmWriteUnits, or half an hour for each doubling",
            ),
            Self::MessagePartition => (
                "a partition of the index by_message",
                "nothing: DynamoDB splits it for heat",
            ),
            Self::ProblemWarm => (
                "on-demand's growth of the index by_problem",
                "parameter WarmWriteUnits, or half an hour for each doubling",
            ),
            Self::ProblemPartition => (
                "several shards of by_problem in one partition",
                "parameter WarmWriteUnits, or its split for heat",
            ),
            Self::ProblemKey => (
                "a shard of the index by_problem",
                "table::shard::SHARDS, in the product",
            ),
            Self::Shards => (
                "the stream's shards",
                "ParallelizationFactor or BatchSize of fanout, in the template",
            ),
            Self::Deliverers => ("deliverers at work at once", "parameter DeliverConcurrency"),
            Self::ParkedKey => (
                "the partitions of what is parked for one endpoint",
                "outlets::parked::SHARDS, in the product",
            ),
            Self::Pace => (
                "how fast an endpoint that is back gets what was parked",
                "outlets::pace::MOST, in the product",
            ),
        }
    }
}

/// How often each limit was hit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hits {
    now: u64,
    /// Cause -> what was refused, steps in which it was hit, the latest of them, and since when it
    /// counts.
    all: BTreeMap<Cause, Hit>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Hit {
    refused: u64,
    steps: u64,
    latest: Option<u64>,
    since: Option<u64>,
}

impl Hits {
    /// Sets the clock.
    pub(crate) fn at(&mut self, step: u64) {
        self.now = step;
    }

    /// Notes that so many requests or writes were held back by a limit.
    pub(crate) fn hit(&mut self, cause: Cause, refused: u64) {
        if refused == 0 {
            return;
        }
        let now = self.now;
        let hit = self.all.entry(cause).or_default();
        hit.refused += refused;
        if hit.latest != Some(now) {
            hit.latest = Some(now);
            hit.steps += 1;
            if hit.steps == COUNTS_FROM {
                hit.since = Some(now);
            }
        }
    }

    /// Returns what these refused in all.
    pub(crate) fn refused(&self, causes: &[Cause]) -> u64 {
        let those = causes.iter().filter_map(|cause| self.all.get(cause));
        those.map(|hit| hit.refused).sum()
    }

    /// Returns what counts, in the order in which it was hit: cause, since which step, what was
    /// refused in all.
    pub(crate) fn in_order(&self) -> Vec<(Cause, u64, u64)> {
        let counting = self.all.iter();
        let mut order: Vec<_> = counting
            .filter_map(|(cause, hit)| Some((*cause, hit.since?, hit.refused)))
            .collect();
        order.sort_by_key(|(cause, since, _)| (*since, *cause));
        order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_counts_once_it_was_hit_for_a_second_and_the_first_comes_first() {
        let mut hits = Hits::default();
        for step in 0..40 {
            hits.at(step);
            hits.hit(Cause::Stage, 2);
            hits.hit(Cause::Stage, 1);
            hits.hit(Cause::Route, u64::from(step > 20));
            hits.hit(Cause::InFlight, u64::from(step == 0));
        }
        let order = [(Cause::Stage, 9, 120), (Cause::Route, 30, 19)];
        assert_eq!(hits.in_order(), order);
    }
}
