//! What holds a stack back, and what moves it.

use std::collections::BTreeMap;

/// A limit that was hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cause {
    Route,
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

/// In how many steps of the clock a limit must have been hit until it counts: a second's worth. One
/// that was hit in fewer is brief.
const COUNTS_FROM: u64 = 10;

impl Cause {
    /// Returns the limit, and the parameter or quota that moves it.
    pub(crate) fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::Route => (
                "throttle of one route",
                "parameters RouteThrottleRate, RouteThrottleBurst",
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
                "parameter WarmWriteUnits, or its split for heat",
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
                "parameter WarmWriteUnits, or its split for heat",
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
    all: BTreeMap<Cause, Hit>,
}

/// A limit that was hit, as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) cause: Cause,
    /// The step since which it counts, or in which it was hit first if it was brief.
    pub(crate) since: u64,
    /// What it held back in all.
    pub(crate) refused: u64,
    pub(crate) is_brief: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Hit {
    refused: u64,
    /// In how many steps it was hit, and the first and the latest of them.
    steps: u64,
    first: Option<u64>,
    latest: Option<u64>,
    /// Since when it counts.
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
            hit.first = hit.first.or(Some(now));
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

    /// Returns every limit that was hit, in that order. What was brief comes last.
    pub(crate) fn in_order(&self) -> Vec<Told> {
        let told = self.all.iter().filter_map(|(cause, hit)| {
            Some(Told {
                cause: *cause,
                since: hit.since.or(hit.first)?,
                refused: hit.refused,
                is_brief: hit.since.is_none(),
            })
        });
        let mut order: Vec<_> = told.collect();
        order.sort_by_key(|told| (told.is_brief, told.since, told.cause));
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
            hits.hit(Cause::Gateway, 2);
            hits.hit(Cause::Gateway, 1);
            hits.hit(Cause::Route, u64::from(step > 20));
            hits.hit(Cause::InFlight, u64::from(step == 3));
        }
        let told = |cause, since, refused, is_brief| Told {
            cause,
            since,
            refused,
            is_brief,
        };
        let order = [
            told(Cause::Gateway, 9, 120, false),
            told(Cause::Route, 30, 19, false),
            told(Cause::InFlight, 3, 1, true),
        ];
        assert_eq!(hits.in_order(), order);
    }
}
